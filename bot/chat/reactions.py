"""Emoji as lines: the same verbs as buttons and typed words (DESIGN 9)."""

from collections.abc import Collection
from typing import Final

DIGITS: Final = {f"{number}\u20e3": number for number in range(1, 9)}
"""1️⃣ to 8️⃣, without U+FE0F."""
_SINGLE: Final = {
    "👍": ("rate {n} up", "rate {n} none"),
    "👎": ("rate {n} down", "rate {n} none"),
    "⭐": ("favourite {n}", "unfavourite {n}"),
}
"""Only on one image alone: what adding says, what taking away says."""
_DECIDES: Final = {"✅": "approve", "🚫": "reject"}
TAKE_DOWN: Final = "❌"


def line_of(emoji: str, *, added: bool, number: int | None, picked: Collection[int]) -> str | None:
    """Return what a reaction says; None if it says nothing to us.

    Args:
        emoji: Without U+FE0F and skin tones.
        added: False when it was taken away.
        number: The one image that the message shows; None for a grid.
        picked: The tiles that this person has picked: a digit added again changes nothing.
    """
    if emoji in DIGITS:
        return _pick(DIGITS[emoji], added=added, picked=picked)
    if emoji in _DECIDES:
        verb = _DECIDES[emoji] if added else "withdraw"
        return f"{verb} {number}" if number else verb
    if emoji == TAKE_DOWN:
        return "takedown" if added else None
    if emoji in _SINGLE and number:
        return _SINGLE[emoji][not added].format(n=number)
    return None


def plain_emoji(emoji: str) -> str:
    """Return an emoji without its variation selector and skin tone."""
    return "".join(
        sign for sign in emoji if sign != "\ufe0f" and not "\U0001f3fb" <= sign <= "\U0001f3ff"
    )


def _pick(tile: int, *, added: bool, picked: Collection[int]) -> str | None:
    if added == (tile in picked):
        return None
    return f"pick {tile}" if added else f"unpick {tile}"
