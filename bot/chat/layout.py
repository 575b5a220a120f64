"""Buttons in rows that both platforms take: at most five rows, five buttons each, else a menu."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from domain.card import Button

PER_ROW: Final = 5
ROWS: Final = 5
MENUS: Final = {
    "pick": "Pick an image…",
    "branch": "Branch from…",
    "approve": "Approve…",
    "reject": "Reject because of…",
    "more": "Restore…",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: buttons side by side, or, with a *menu*, things to choose from."""

    buttons: tuple[Button, ...]
    menu: str = ""
    """What stands on the closed menu; empty for a row of buttons."""


def rows(buttons: Sequence[Button]) -> tuple[Row, ...]:
    """Lay out a card's buttons: a row per group, a menu where a group is wider than a row.

    Buttons of one image that belong to no group (``Restore 3``) stand before the general ones.
    """
    made = [_row(key[0], tuple(group)) for key, group in groupby(buttons_in_order(buttons), _key)]
    return tuple(made[:ROWS])


def buttons_in_order(buttons: Iterable[Button]) -> list[Button]:
    """Return buttons by group, and within a group by the image's number."""
    return sorted(buttons, key=lambda one: (*_key(one), one.number or 0))


def _key(button: Button) -> tuple[str, bool]:
    order = ("pick", "branch", "approve", "reject", "more")
    return f"{order.index(button.group)}{button.group}", button.number is None


def _row(key: str, buttons: tuple[Button, ...]) -> Row:
    general = buttons[0].number is None
    if len(buttons) <= PER_ROW or general:
        return Row(buttons[:PER_ROW])
    return Row(buttons, MENUS[key[1:]])
