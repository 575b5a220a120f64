"""Votes rank images: Bradley–Terry from what each voter preferred, approval with its interval.

Pairs are made within one voter alone, of images of one brief: a voter who likes everything and one
who likes nothing say the same about which is better. Between voters, stars are made comparable by
taking a voter's own mean away, once there are enough votes to know it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from domain.uncertainty import Z_95, Interval, wilson

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
Key = tuple[str, int]
"""A run's id, and the number of its image."""
COUNTED: Final = frozenset({"pick", "rate"})
"""A favourite is no rating."""
ALPHA: Final = 0.1
"""Of the prior: as if every image had beaten, and lost to, every other a tenth of a time."""
TURNS: Final = 200
CLOSE: Final = 1e-9
ENOUGH: Final = 10
"""So many stars and thumbs of a voter make a mean that may be taken away."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as the database hands it out."""

    run_id: str
    number: int
    person_key: str
    kind: str
    value: float
    at: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How one image stands among the votes on its brief."""

    key: Key
    voters: int
    rating: float | None
    """The mean of what people think of it, in [0, 1]; None where nobody has voted."""
    adjusted: float | None
    """The same with each voter's own mean taken away, around the mean of all."""
    approval: Interval
    """Of the share that is for it: Wilson's, 95 %."""
    strength: float | None
    """Bradley–Terry, the mean image is 0; None where nobody preferred anything."""
    plus_minus: float | None
    """Half the 95 % interval of the strength."""
    place: int | None
    """1 is the best; equals share a place; None where nobody has voted."""


def ranked(
    votes: Sequence[Any],
    runs: Mapping[str, Sequence[int]],
    offsets: Mapping[str, float] | None = None,
) -> list[Standing]:
    """Return the images of one brief, the best first; those without a vote come last.

    Args:
        votes: All votes on these runs, as ``Ballot`` or as rows that have the same fields.
        runs: The numbers of the images, by run.
        offsets: What is taken off a voter's stars and thumbs, by person key.
    """
    keys = [(run_id, number) for run_id, numbers in runs.items() for number in numbers]
    table, levelled = _table(votes, runs, keys, offsets or {})
    strength, spread = _strengths(table)
    found = [
        _standing(key, table[:, at], levelled[:, at], strength[at], spread[at])
        for at, key in enumerate(keys)
    ]
    order = sorted(range(len(found)), key=lambda at: (*_merit(found[at]), at))
    return _placed([found[at] for at in order])


def offsets_of(means: Mapping[str, tuple[int, float]]) -> dict[str, float]:
    """Return what to take off each voter's stars: their mean less the mean of those voters.

    Args:
        means: How many stars and thumbs a voter gave, and their mean.
    """
    known = {key: mean for key, (many, mean) in means.items() if many >= ENOUGH}
    if not known:
        return {}
    middle = sum(known.values()) / len(known)
    return {key: mean - middle for key, mean in known.items()}


def bradley_terry(wins: Floats, alpha: float = ALPHA) -> Floats:
    """Return the strength of each item, mean 0: the maximum likelihood with a small prior.

    I-LSR of Maystre and Grossglauser 2015, "Fast and Accurate Inference of Plackett–Luce Models",
    as ``choix.ilsr_pairwise(n, pairs, alpha=0.1)`` has it.

    Args:
        wins: ``wins[a, b]``: how often *a* was preferred to *b*.
        alpha: The prior; without one an image that never lost would be infinitely strong.
    """
    many = len(wins)
    strength = np.zeros(many)
    for _ in range(TURNS):
        weights = np.exp(strength - strength.mean())
        weights *= many / weights.sum()
        chain = alpha + wins.T / (weights[:, None] + weights[None, :])
        np.fill_diagonal(chain, 0.0)
        new = np.log(_stationary(chain))
        new -= new.mean()
        if np.abs(new - strength).sum() <= CLOSE * many:
            return new
        strength = new
    return strength


def _stationary(rates: Floats) -> Floats:
    """Return where a chain with these rates dwells, as shares."""
    many = len(rates)
    flow = rates.T - np.diag(rates.sum(axis=1))
    flow[-1] = 1.0  # one balance follows from the others; the shares add up to 1
    shares = np.linalg.solve(flow, np.eye(many)[-1])
    return np.asarray(np.maximum(shares, np.finfo(np.float64).tiny), dtype=np.float64)


def _spread(wins: Floats, strength: Floats, alpha: float = ALPHA) -> Floats:
    """Return half the 95 % interval of each strength, from the curvature of the likelihood."""
    chance = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    met = wins + wins.T + 2 * alpha * (1 - np.eye(len(wins)))
    weight = met * chance * (1 - chance)
    curve = np.diag(weight.sum(axis=1)) - weight
    variance = np.diag(np.linalg.pinv(curve, hermitian=True))
    return np.asarray(Z_95 * np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)


def _table(
    votes: Sequence[Any],
    runs: Mapping[str, Sequence[int]],
    keys: Sequence[Key],
    offsets: Mapping[str, float],
) -> tuple[Floats, Floats]:
    """Return what each voter (row) thinks of each image (column), NaN for nothing, and levelled.

    The same as ``scoring.tally``, of all voters at once: a pick counts 1 and the other images of
    its run 0, unless a thumb or stars were given later.
    """
    column = {key: at for at, key in enumerate(keys)}
    votes = [one for one in votes if one.kind in COUNTED and (one.run_id, one.number) in column]
    people, who = _numbered([one.person_key for one in votes])
    times = _numbered([one.at for one in votes])[1]
    at = np.array([column[one.run_id, one.number] for one in votes], dtype=np.intp)
    value = np.array([one.value for one in votes], dtype=np.float64)
    picks = np.array([one.kind == "pick" for one in votes], dtype=bool)
    shape = (len(people), len(keys))
    run_of = np.repeat(np.arange(len(runs)), [len(numbers) for numbers in runs.values()])
    picked, rated = np.zeros(shape), np.full(shape, np.nan)
    rated_at, picked_at = np.full(shape, -1), np.full((len(people), len(runs)), -1)
    picked[who[picks], at[picks]] = 1.0
    np.maximum.at(picked_at, (who[picks], run_of[at[picks]]), times[picks])
    rated[who[~picks], at[~picks]] = value[~picks]
    rated_at[who[~picks], at[~picks]] = times[~picks]
    said_at = picked_at[:, run_of]
    later = (rated_at > said_at) | ((rated_at == said_at) & (rated > picked))
    starred = (rated_at >= 0) & later
    table = np.where(starred, rated, np.where(said_at >= 0, picked, np.nan))
    off = np.array([offsets.get(person, 0.0) for person in people])
    return table, table - np.where(starred, off[:, None], 0.0)


def _numbered(texts: Sequence[str]) -> tuple[list[str], Numbers]:
    """Return the texts in order, each once, and the place of each."""
    order = sorted(set(texts))
    place = {text: at for at, text in enumerate(order)}
    return order, np.array([place[text] for text in texts], dtype=np.intp)


def _strengths(table: Floats) -> tuple[list[float | None], list[float | None]]:
    """Return strengths and their intervals; None for images of which no pair speaks."""
    many = table.shape[1]
    wins = np.zeros((many, many))
    if len(table):
        # Voters who said the same count together: of 100,000 votes few patterns are left.
        rows, counts = np.unique(np.nan_to_num(table, nan=-1.0), axis=0, return_counts=True)
        for row, count in zip(rows, counts, strict=True):
            known = row >= 0
            better = (row[:, None] > row[None, :]) & known[:, None] & known[None, :]
            wins += count * better
    spoken = np.flatnonzero((wins + wins.T).sum(axis=1))
    strengths: list[float | None] = [None] * many
    spreads: list[float | None] = [None] * many
    if len(spoken):
        met = wins[np.ix_(spoken, spoken)]
        fitted = bradley_terry(met)
        for at, one, half in zip(spoken, fitted, _spread(met, fitted), strict=True):
            strengths[at], spreads[at] = float(one), float(half)
    return strengths, spreads


def _standing(
    key: Key, opinions: Floats, levelled: Floats, strength: float | None, spread: float | None
) -> Standing:
    known = opinions[~np.isnan(opinions)]
    voters = len(known)
    level = levelled[~np.isnan(levelled)]
    return Standing(
        key=key,
        voters=voters,
        rating=float(known.mean()) if voters else None,
        adjusted=float(np.clip(level.mean(), 0.0, 1.0)) if voters else None,
        approval=wilson(float(known.sum()), voters),
        strength=strength,
        plus_minus=spread,
        place=None,
    )


def _merit(one: Standing) -> tuple[bool, float, float, float]:
    """Return what is sorted by: strength, then what approval is at least, then the rating."""
    strength = one.strength or 0.0
    return (one.voters == 0, -round(strength, 9), -one.approval.low, -(one.adjusted or 0.0))


def _placed(found: Sequence[Standing]) -> list[Standing]:
    placed: list[Standing] = []
    for at, one in enumerate(found):
        place: int | None = at + 1
        if one.voters == 0:
            place = None
        elif placed and _merit(placed[-1]) == _merit(one):
            place = placed[-1].place
        fields = {name: getattr(one, name) for name in Standing.__slots__}
        placed.append(Standing(**fields | {"place": place}))
    return placed
