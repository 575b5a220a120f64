"""Words into numbers: a short list of whole words, the same that the drawings are made from."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
GLUE: Final = frozenset(
    """
a an the in on at of with and by to from under over near beside behind before for as is are its his
her their this that some into onto between next against
""".split()  # noqa: SIM905  a list of words reads better so
)
"""Words that say nothing a picture could show; they are passed over."""
PADDING: Final = 0
FIRST: Final = 1


def spoken(text: str) -> list[str]:
    """Return the words of a text that may mean something, lower case."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return [word for word in TOKEN.findall(plain) if word not in GLUE]


class Words:
    """A vocabulary of whole words; its end mark has the highest number, as open_clip expects."""

    def __init__(self, words: Sequence[str], length: int) -> None:
        self.words = tuple(words)
        self.length = length
        self._numbers = {word: number for number, word in enumerate(self.words, start=FIRST)}

    @classmethod
    def read(cls, path: Path, length: int) -> "Words":
        """Read a list of words, one a line."""
        return cls(path.read_text("utf-8").split("\n"), length)

    @property
    def size(self) -> int:
        """How many numbers there are, padding and the end mark among them."""
        return len(self.words) + 2

    def knows(self, word: str) -> bool:
        """Say whether a word, or its singular, is in the list."""
        return self._number(word) is not None

    def unknown(self, text: str) -> list[str]:
        """Return the words of a text that are passed over although they may mean something."""
        return [word for word in dict.fromkeys(spoken(text)) if not self.knows(word)]

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return (n, length) int64: the known words, the end mark, padding."""
        end = self.size - 1
        rows = np.full((len(texts), self.length), PADDING, dtype=np.int64)
        for row, text in zip(rows, texts, strict=True):
            numbers = [self._number(word) for word in spoken(text)]
            kept = [number for number in numbers if number is not None][: self.length - 1]
            row[: len(kept) + 1] = [*kept, end]
        return rows

    def _number(self, word: str) -> int | None:
        for form in _forms(word):
            if form in self._numbers:
                return self._numbers[form]
        return None


def _forms(word: str) -> list[str]:
    """Return a word and what it may be the plural of, likeliest first."""
    forms = [word]
    if word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
        if word.endswith("es"):
            forms.append(word[:-2])
        if word.endswith("ies"):
            forms.append(f"{word[:-3]}y")
    return forms
