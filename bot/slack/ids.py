"""The ids of buttons, menus and forms, and how they are read back: what does not parse is refused.

A button's line travels in its ``value``; it is parsed and authorised as if it had been typed.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from domain.card import MAX_LINE_CHARS, Button

FORM_CALLBACK: Final = "ah:form"
WHERE: Final = "ah_where"
"""The field of a form that asks for the channel, where no channel is known."""
_ACTION: Final = re.compile(r"ah:(?:say|menu|form:(edit|reject|imagine)):(\d{1,3})")
_OPTION: Final = re.compile(r"(?:\?(edit|reject):)?([\x20-\x7e]{1,140})")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button or a choice says."""

    line: str
    form: str
    confirmed: bool


def action_id(button: Button, number: int) -> str:
    """Return a button's id: *number* makes it the only one in its block."""
    return f"ah:form:{button.form}:{number}" if button.form else f"ah:say:{number}"


def menu_id(number: int) -> str:
    """Return a menu's id."""
    return f"ah:menu:{number}"


def option_value(button: Button) -> str:
    """Return what a button says when it stands in a menu."""
    return f"?{button.form}:{button.line}" if button.form else button.line


def pressed(action: dict[str, Any]) -> Pressed | None:
    """Read an action of a payload; None if it is none of ours, whoever made it up."""
    ours = _ACTION.fullmatch(str(action.get("action_id", "")))
    if ours is None:
        return None
    if "selected_option" in action:
        chosen = _OPTION.fullmatch(str((action["selected_option"] or {}).get("value", "")))
        return Pressed(chosen[2], chosen[1] or "", confirmed=False) if chosen else None
    line = str(action.get("value", ""))
    if not line.isascii() or not line.isprintable() or not 0 < len(line) <= MAX_LINE_CHARS:
        return None
    return Pressed(line, ours[1] or "", confirmed=bool(action.get("confirm")))
