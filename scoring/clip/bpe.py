"""OpenAI's byte-pair words, as its CLIP and most others read them; standard library only.

The rules are those of ``simple_tokenizer.py`` in openai/CLIP (MIT). What open_clip has ftfy mend
(text decoded twice over) is not mended: nobody types it.
"""

import html
import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.clip.tokens import spoken

MERGES: Final = "merges.txt"
COUNT: Final = 49_152 - 256 - 2
END_OF_WORD: Final = "</w>"
SHORT: Final = ("'re", "'ve", "'ll", "'s", "'t", "'m", "'d")
KINDS: Final = {"L": "letters", "N": "figure"}


class Pairs:
    """A vocabulary of merged pairs of letters; every text has numbers in it."""

    def __init__(self, merges: Sequence[tuple[str, str]], length: int) -> None:
        letters = list(_letters().values())
        joined = [one + other for one, other in merges]
        spelt = [*letters, *(f"{one}{END_OF_WORD}" for one in letters), *joined]
        self._numbers = {name: number for number, name in enumerate(spelt)}
        self._places = {pair: place for place, pair in enumerate(merges)}
        self.length = length

    @classmethod
    def read(cls, path: Path, length: int) -> "Pairs":
        """Read ``merges.txt``: a heading, then a pair a line."""
        return cls(pairs_in(path.read_text("utf-8")), length)

    @property
    def size(self) -> int:
        """How many numbers there are, both marks among them."""
        return len(self._numbers) + 2

    def unknown(self, text: str) -> list[str]:
        """Return the words in other than Latin letters: read by the byte, and hardly understood."""
        return [word for word in dict.fromkeys(spoken(text)) if not _latin(word)]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return (n, length) int64: the start mark, the text, the end mark, zeros."""
        start, end = self.size - 2, self.size - 1
        rows = np.zeros((len(texts), self.length), np.int64)
        for row, text in zip(rows, texts, strict=True):
            inside = itertools.chain.from_iterable(self._word(word) for word in _split(text))
            kept = list(itertools.islice(inside, self.length - 2))
            row[: len(kept) + 2] = [start, *kept, end]
        return rows

    def _word(self, word: str) -> list[int]:
        spelling = "".join(_letters()[byte] for byte in word.encode())
        return [self._numbers[part] for part in self._merged(spelling)]

    def _merged(self, spelling: str) -> list[str]:
        parts = [*spelling[:-1], f"{spelling[-1]}{END_OF_WORD}"]
        while len(parts) > 1:
            pairs = set(itertools.pairwise(parts))
            best = min(pairs, key=lambda pair: self._places.get(pair, COUNT))
            if best not in self._places:
                break
            parts = _joined(parts, best)
        return parts


def pairs_in(text: str) -> list[tuple[str, str]]:
    """Return the pairs of a ``merges.txt``, or of open_clip's longer list, that CLIP uses."""
    lines = text.split("\n")[1 : COUNT + 1]
    split = (line.split() for line in lines)
    return [(parts[0], parts[1]) for parts in split if len(parts) == 2]  # noqa: PLR2004  a pair


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        # A part that was joined already is longer than the first of the pair, so it is not taken.
        if found and (found[-1], part) == pair:
            found[-1] += part
        else:
            found.append(part)
    return found


def _split(text: str) -> Iterator[str]:
    """Yield runs of letters, single figures, the short forms, and runs of everything else."""
    plain = " ".join(html.unescape(html.unescape(text)).split()).lower()
    at = 0
    while at < len(plain):
        short = next((one for one in SHORT if plain.startswith(one, at)), "")
        kind = _kind(plain[at])
        end = at + max(len(short), 1)
        while not short and kind in ("letters", "else") and _goes_on(plain, end, kind):
            end += 1
        if kind != "space":
            yield plain[at:end]
        at = end


def _goes_on(plain: str, at: int, kind: str) -> bool:
    return at < len(plain) and _kind(plain[at]) == kind


def _kind(letter: str) -> str:
    return "space" if letter.isspace() else KINDS.get(unicodedata.category(letter)[0], "else")


def _latin(word: str) -> bool:
    letters = (letter for letter in word if letter.isalpha())
    return all("LATIN" in unicodedata.name(letter, "") for letter in letters)


@lru_cache(1)
def _letters() -> dict[int, str]:
    """Return a printable letter for each byte: the printable ones first, in OpenAI's order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {
        byte: chr(256 + place) for place, byte in enumerate(hidden)
    }
