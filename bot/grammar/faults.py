"""What is wrong with one line, gathered so that all of it is told at once."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from domain.errors import CommandError, Fault

LONGEST_SHOWN: Final = 60
"""Longer values are cut in what is told; the text itself stays with the person who typed it."""
MOST_TOLD: Final = 20
"""More faults than this are no help to anyone, and finding the nearest match of each takes time."""
HINT: Final = "Correct what is named and send the line again; the rest of it is fine."


class Faults:
    """The faults of one line, in the order found, each once, at most ``MOST_TOLD``."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def full(self) -> bool:
        """Whether no more faults are kept."""
        return len(self._found) >= MOST_TOLD

    def add(self, flag: str, value: str = "", allowed: str = "", nearest: str = "") -> None:
        """Note one thing that is wrong, with what would be right."""
        if not self.full:
            self._found.setdefault(Fault(short(flag), short(value), allowed, nearest), None)

    def tell(self, hint: str = HINT) -> None:
        """Raise CommandError with everything noted, if anything was."""
        if self._found:
            found = tuple(self._found)
            more = "; and more" if self.full else ""
            raise CommandError("; ".join(map(str, found)) + more, faults=found, hint=hint)


def short(text: str) -> str:
    """Cut a long value for the telling."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return the choice that comes nearest to *word*, or nothing."""
    return _nearest(word[:LONGEST_SHOWN].lower(), tuple(choices))


@lru_cache(maxsize=4096)
def _nearest(word: str, choices: tuple[str, ...]) -> str:
    near = get_close_matches(word, choices, n=1, cutoff=0.6)
    return near[0] if near else ""
