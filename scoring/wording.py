"""How much of a text stands among the lines that were read in a picture: pure."""

import unicodedata
from collections.abc import Sequence
from typing import Final

DECIMALS: Final = 4
MOST_READ: Final = 2000
"""Characters that are compared; a picture with more is a page."""
_FOLDED: Final = str.maketrans("01|’‘“”–—", "oll''\"\"--")
"""What looks alike in a picture, and what is one sign to whoever types."""
SHORT: Final = 3
"""A text whose words are all shorter than this is only looked for as a whole."""


def plain(text: str) -> str:
    """Return a text as it is compared: without case and spaces, look-alikes made one."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    return "".join(folded.split())


def likeness(wanted: str, lines: Sequence[str]) -> float:
    """Return how much of *wanted* was read, in [0, 1]: 1 - edits / its length.

    It may be part of a line, run over several, or stand with its words apart, as layouts do.
    """
    read = plain("".join(lines))[:MOST_READ]
    whole = _found(plain(wanted), read)
    words = [plain(word) for word in wanted.split()]
    if len(words) == 1 or max(map(len, words), default=0) < SHORT:
        return whole
    length = sum(map(len, words))
    apart = sum(_found(word, read) * len(word) for word in words) / length
    return round(max(whole, apart), DECIMALS)


def _found(wanted: str, read: str) -> float:
    if not wanted:
        return 1.0
    return round(1 - _edits(wanted, read) / len(wanted), DECIMALS)


def _edits(wanted: str, read: str) -> int:
    """Return the fewest edits that make *wanted* of any part of *read* (Sellers)."""
    row = [0] * (len(read) + 1)
    for i, letter in enumerate(wanted, 1):
        above, row = row, [i]
        for j, other in enumerate(read, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other)))
    return min(row)
