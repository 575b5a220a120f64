"""Votes become a rating: the mean over people of their latest vote; machine scores never enter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from domain.ports import Vote


def tally(votes: Sequence[Vote], numbers: Iterable[int]) -> dict[int, float | None]:
    """Return the rating in [0, 1] of each artwork of a run, None where nobody has an opinion.

    While a person has a pick on the grid, each tile they picked counts 1 from them and each other
    tile 0; a later vote on one tile alone (thumb or stars) overrides that for the tile.
    """
    opinions: dict[int, list[float]] = defaultdict(list)
    by_person: dict[str, list[Vote]] = defaultdict(list)
    for vote in votes:
        by_person[vote.person_key].append(vote)
    wanted = tuple(numbers)
    for own in by_person.values():
        for number in wanted:
            opinion = _opinion(own, number)
            if opinion is not None:
                opinions[number].append(opinion)
    return {number: _mean(opinions[number]) for number in wanted}


def _opinion(votes: Sequence[Vote], number: int) -> float | None:
    """Return one person's latest vote on one tile."""
    rates = [vote for vote in votes if vote.kind == "rate" and vote.number == number]
    picks = [vote for vote in votes if vote.kind == "pick"]
    said = [(vote.at, vote.value) for vote in rates]
    if picks:
        picked = any(vote.number == number for vote in picks)
        said.append((max(vote.at for vote in picks), 1.0 if picked else 0.0))
    return max(said)[1] if said else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
