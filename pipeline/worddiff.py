"""What differs between two texts, word by word; punctuation stands apart from its word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, Literal

Kind = Literal["same", "gone", "new"]
_APART: Final = r',;()\[\]{}"“”«»\u3001\u3002\uff0c\uff1b'
"""These never belong to a word; the last four are the comma and its like of Chinese texts."""
_CHUNK: Final = re.compile(rf"\s*(?:[{_APART}]|[^\s{_APART}]+)")
_ENDING: Final = ".:!?…"
"""These belong to a word unless they end it: f/2.8, 16:9."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of words of one kind, with the space that stands before each."""

    text: str
    kind: Kind


def word_diff(old: str, new: str) -> tuple[Piece, ...]:
    """Return both texts as one: what both say, what is gone and what is new, in reading order.

    Space does not count as a difference. What is not ``gone`` joins to *new* as it is, but for
    space at its end.
    """
    ours, theirs = _words(old), _words(new)
    bare, bare_new = ([word.strip() for word in words] for words in (ours, theirs))
    # autojunk stays on: in texts of more than 200 words it bounds the time that repeated ones take
    codes = SequenceMatcher(None, bare, bare_new).get_opcodes()
    pieces: list[Piece] = []
    for code, i, i_end, j, j_end in codes:
        same = code == "equal"
        pieces += () if same else _piece(ours[i:i_end], "gone")
        pieces += _piece(theirs[j:j_end], "same" if same else "new")
    return tuple(_joined(pieces))


def _piece(words: Sequence[str], kind: Kind) -> list[Piece]:
    return [Piece("".join(words), kind)] if words else []


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Return neighbours of one kind as one."""
    groups = groupby(pieces, key=lambda piece: piece.kind)
    return [Piece("".join(piece.text for piece in those), kind) for kind, those in groups]


def _words(text: str) -> list[str]:
    return [word for chunk in _CHUNK.findall(text) for word in _split(chunk)]


def _split(chunk: str) -> list[str]:
    """Return a word and what ends it; a word of nothing but endings stays whole."""
    word = chunk.rstrip(_ENDING)
    return [word, chunk[len(word) :]] if word.strip() and word != chunk else [chunk]
