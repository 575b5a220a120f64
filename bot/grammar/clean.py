"""Hygiene of typed text: white space made plain, what is invisible and harmful refused.

Letters stay as typed: nothing is normalised (no NFKC). The joiners U+200C and U+200D stay, because
Persian, Indic scripts and emoji are spelled with them.
"""

import re
import unicodedata
from typing import Final

from bot.grammar.faults import Faults

MAX_LINE_CHARS: Final = 100_000
"""A longer line is refused unread: the longest prompt fits in it many times over."""
_MOST_NAMED: Final = 5

_REFUSED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_INVISIBLE: Final = re.compile("[\u200b\u2060\ufeff]")
_LINE_END: Final = re.compile("\r\n|[\r\u2028\u2029]")
_GAP: Final = re.compile(r"[^\S\n]+")


def clean(text: str, faults: Faults) -> str:
    """Return *text* with only single spaces and line feeds between words; note what is refused."""
    if refused := sorted(set(_REFUSED.findall(text))):
        _refuse(refused, faults)
        text = _REFUSED.sub(" ", text)
    plain = _LINE_END.sub("\n", _INVISIBLE.sub("", text))
    return _GAP.sub(" ", plain).strip()


def squeeze(text: str) -> str:
    """Return *text* without white space at its ends and with single spaces inside."""
    return " ".join(text.split())


def _refuse(refused: list[str], faults: Faults) -> None:
    for character in refused[:_MOST_NAMED]:
        faults.add("text", f"U+{ord(character):04X}", _why(character))


def _why(character: str) -> str:
    kind = {
        "Cc": "a control character",
        "Cs": "half of a broken character",
    }.get(unicodedata.category(character), "an invisible mark that turns the writing direction")
    return f"{kind} cannot be part of a line; delete it"
