"""How sure a figure is: shares with Wilson's interval, differences of means with Student's."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

Z_95: Final = 1.959964
"""Two-sided, 95 %."""
T_95: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""Student's t for 1 to 30 degrees of freedom, two-sided, 95 %; beyond, ``1.96 + 2.4 / df``."""
SEVERAL: Final = 2


class Interval(NamedTuple):
    """Where a figure lies with 95 % confidence."""

    low: float
    high: float


class Difference(NamedTuple):
    """How far two means lie apart, and how sure that is."""

    mean: float
    """The second mean less the first."""
    plus_minus: float | None
    """Half the 95 % interval; None where too little was measured for one."""

    @property
    def noise(self) -> bool:
        """Whether the interval holds 0: nothing follows from the difference."""
        return self.plus_minus is not None and abs(self.mean) <= self.plus_minus


def wilson(successes: float, many: int) -> Interval:
    """Return Wilson's 95 % interval of a share; of nothing at all it is all of [0, 1].

    Args:
        successes: In [0, many]; a vote of half a star counts as half of one.
        many: Of how many.
    """
    if many == 0:
        return Interval(0.0, 1.0)
    share, square = successes / many, Z_95**2
    middle = (share + square / (2 * many)) / (1 + square / many)
    half = math.sqrt(share * (1 - share) / many + square / (4 * many**2))
    half *= Z_95 / (1 + square / many)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def paired(differences: Sequence[float]) -> Difference:
    """Return the mean of differences of pairs, with Student's interval."""
    many = len(differences)
    mean = sum(differences) / many
    if many < SEVERAL:
        return Difference(mean, None)
    return Difference(mean, t_95(many - 1) * math.sqrt(_variance(differences, mean) / many))


def welch(old: Sequence[float], new: Sequence[float]) -> Difference:
    """Return the difference of two means that have nothing to do with each other (Welch 1947)."""
    means = [sum(side) / len(side) for side in (old, new)]
    mean = means[1] - means[0]
    if min(len(old), len(new)) < SEVERAL:
        return Difference(mean, None)
    parts = [
        _variance(side, middle) / len(side) for side, middle in zip((old, new), means, strict=True)
    ]
    spread = sum(parts)
    if spread == 0:
        return Difference(mean, 0.0)
    freedom = spread**2 / sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, (old, new), strict=True)
    )
    return Difference(mean, t_95(freedom) * math.sqrt(spread))


def t_95(freedom: float) -> float:
    """Return Student's t, two-sided, 95 %; between whole degrees that of the lower, the wider."""
    whole = max(1, math.floor(freedom + 1e-9))
    return T_95[whole - 1] if whole <= len(T_95) else Z_95 + 2.4 / whole


def _variance(values: Sequence[float], mean: float) -> float:
    return sum((one - mean) ** 2 for one in values) / (len(values) - 1)
