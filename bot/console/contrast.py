"""Two runs as a page sets them against each other: their pictures by number, their words.

``new`` is the run, ``old`` what it is set against. Nothing is asked of the database here.
"""

from dataclasses import dataclass

from domain.card import Card, Tile
from domain.run import Run
from domain.spec import SEGMENTS, Segment
from pipeline.worddiff import Piece, word_diff
from scoring.difference import Differs


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs."""

    run: Run
    card: Card
    name: str
    """What it is called on this page: its ref, made longer if the other has the same."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The pictures of one number, of which at least one was made."""

    number: int
    old: Tile | None
    new: Tile | None
    differs: Differs | None = None
    """How the two differ, where both were made and can be read."""

    @property
    def apart(self) -> str:
        """How far apart they are, in words."""
        if self.differs is None:
            return ""
        known = self.differs.figures
        if not known.phash_bits and not known.changed:
            return "the same to the eye"
        seen = f"{known.changed:.0%} of it changed"
        return f"{seen} · mean ΔE {known.mean_delta_e:.1f} · {known.phash_bits} of 64 pHash bits"

    @property
    def shapes(self) -> str:
        """Both sizes, if they are not of one shape."""
        if not (self.old and self.new):
            return ""
        alike = self.old.width * self.new.height == self.new.width * self.old.height
        return "" if alike else f"{_size(self.old)} and {_size(self.new)} pixels"


@dataclass(frozen=True, slots=True)
class Wording:
    """One segment, or a whole prompt, word by word."""

    name: str
    pieces: tuple[Piece, ...]
    weights: tuple[str, str] = ("", "")
    """Both weights, if they differ."""

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return self.weights != ("", "") or any(one.kind != "same" for one in self.pieces)


def pairs(old: Card, new: Card) -> list[Pair]:
    """Return the pictures of both, by number."""
    made = [{tile.number: tile for tile in card.tiles if tile.digest} for card in (old, new)]
    numbers = sorted({*made[0], *made[1]})
    return [Pair(number, made[0].get(number), made[1].get(number)) for number in numbers]


def wordings(old: Run, new: Run) -> list[Wording]:
    """Return the five segments, word by word."""
    both = ((name, old.spec.segments[name], new.spec.segments[name]) for name in SEGMENTS)
    return [Wording(name, word_diff(a.text, b.text), _weights(a, b)) for name, a, b in both]


def sent(old: Run, new: Run) -> list[Wording]:
    """Return what the models were really told, word by word."""
    both = (
        ("prompt", old.parameters.prompt, new.parameters.prompt),
        ("negative prompt", old.parameters.negative_prompt, new.parameters.negative_prompt),
    )
    return [Wording(name, word_diff(a or "", b or "")) for name, a, b in both if a or b]


def _weights(old: Segment, new: Segment) -> tuple[str, str]:
    return ("", "") if old.weight == new.weight else (f"×{old.weight:g}", f"×{new.weight:g}")


def _size(tile: Tile) -> str:
    return f"{tile.width} × {tile.height}"
