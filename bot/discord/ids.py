"""The ids that buttons, menus and forms carry: a line of our grammar, never anything trusted."""

import re
from dataclasses import dataclass
from typing import Final

from domain.card import Button, Form

BUTTON: Final = r"ah(?P<mark>:|\?(?:edit|reject):)(?P<line>[\x20-\x7e]{1,90})"
"""``ah:`` says the line; ``ah?edit:`` opens a form first. Doubts are asked later."""
MENU: Final = r"ah=(?P<row>[0-9])"
MODAL: Final = re.compile(r"ah#(imagine|edit|reject):([0-9A-Z/]{0,40})")
_BUTTON: Final = re.compile(BUTTON)
_MENU: Final = re.compile(MENU)


@dataclass(frozen=True, slots=True)
class Said:
    """What an id says."""

    line: str
    form: str = ""


def button_id(button: Button) -> str:
    """Return a button's id; at most 100 characters, as Discord takes."""
    return f"ah?{button.form}:{button.line}" if button.form else f"ah:{button.line}"


def said_by(custom_id: str) -> Said | None:
    """Return what an id says; None if it is none of ours."""
    found = _BUTTON.fullmatch(custom_id)
    if found is None:
        return None
    mark = found["mark"]
    return Said(found["line"], form=mark[1:-1] if mark[0] == "?" else "")


def is_ours(custom_id: str) -> bool:
    """Tell whether a button's or menu's id has one of our forms."""
    return bool(_BUTTON.fullmatch(custom_id) or _MENU.fullmatch(custom_id))


def modal_id(form: Form) -> str:
    """Return a form's id."""
    return f"ah#{form.id}:{form.about}"
