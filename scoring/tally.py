"""Votes become a rating: the mean over people of their latest vote; machine scores never enter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Opinion(Protocol):
    """A vote, as far as it is counted."""

    @property
    def person_key(self) -> str:
        """Whose it is."""

    @property
    def number(self) -> int:
        """Of which tile."""

    @property
    def kind(self) -> str:
        """``pick`` and ``rate`` count; a favourite is no rating."""

    @property
    def value(self) -> float:
        """In [0, 1]."""

    @property
    def at(self) -> Any:
        """When it was said, as something that has an order."""


def tally(votes: Sequence[Opinion], numbers: Iterable[int]) -> dict[int, float | None]:
    """Return the rating in [0, 1] of each artwork of a run, None where nobody has an opinion.

    While a person has a pick on the grid, each tile they picked counts 1 from them and each other
    tile 0; a later vote on one tile alone (thumb or stars) overrides that for the tile.
    """
    return {number: _mean(heard) for number, heard in opinions(votes, numbers).items()}


def opinions(votes: Sequence[Opinion], numbers: Iterable[int]) -> dict[int, list[float]]:
    """Return what each person who has an opinion thinks of each artwork of a run, in [0, 1]."""
    people: dict[str, _Said] = defaultdict(_Said)
    for vote in votes:
        people[vote.person_key].hear(vote)
    found: dict[int, list[float]] = {number: [] for number in numbers}
    for said in people.values():
        for number, heard in found.items():
            opinion = said.of(number)
            if opinion is not None:
                heard.append(opinion)
    return found


class _Said:
    """What one person said of a grid."""

    __slots__ = ("_picked", "_picked_at", "_rated")

    def __init__(self) -> None:
        self._picked: set[int] = set()
        self._picked_at: Any = None
        self._rated: dict[int, tuple[Any, float]] = {}

    def hear(self, vote: Opinion) -> None:
        if vote.kind == "pick":
            self._picked.add(vote.number)
            self._picked_at = max(self._picked_at or vote.at, vote.at)
        elif vote.kind == "rate":
            rated = (vote.at, vote.value)
            self._rated[vote.number] = max(self._rated.get(vote.number, rated), rated)

    def of(self, number: int) -> float | None:
        """Return the latest vote on one tile."""
        rated = self._rated.get(number)
        if self._picked_at is None:
            return rated[1] if rated else None
        picked = (self._picked_at, 1.0 if number in self._picked else 0.0)
        return max(rated or picked, picked)[1]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
