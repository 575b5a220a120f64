"""A threshold from the team's own votes that keeps what it promises, however few they are.

Of *n* scores of pictures that people approved, the k-th lowest is taken, with *k* so small that the
share of approved pictures below it is at most *a* with confidence 1 - *d*: the tail of the beta
distribution of an order statistic (David and Nagaraja, *Order Statistics*, 2.2), which is a sum of
binomial terms. The plain quantile of the scores breaks that promise in more than half of all cases.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EXACT = 1e-9
BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What a sample of scores yields."""

    n: int
    k: int
    threshold: float | None
    """The k-th lowest; None while there are too few."""
    marginal: float | None
    """The same without a margin: right on the average alone, for display."""


def below(scores: Sequence[float], a: float, d: float) -> Found:
    """Return the threshold under which at most *a* of all lies, but for a risk of *d*."""
    ordered = sorted(scores)
    n = len(ordered)
    k, plain = order_of(n, a, d), math.floor(a * (n + 1) + EXACT)
    return Found(
        n=n,
        k=k,
        threshold=ordered[k - 1] if k else None,
        marginal=ordered[plain - 1] if plain else None,
    )


def above(scores: Sequence[float], a: float, d: float) -> Found:
    """Return the mirror image: the threshold over which at most *a* of the population lies."""
    found = below([-score for score in scores], a, d)
    mirrored = [None if one is None else -one for one in (found.threshold, found.marginal)]
    return Found(n=found.n, k=found.k, threshold=mirrored[0], marginal=mirrored[1])


def order_of(n: int, a: float, d: float) -> int:
    """Return the largest *k* with P(Beta(k, n + 1 - k) > a) <= d; 0 if there is none.

    P(Beta(k, n + 1 - k) > a) is the chance that fewer than *k* of *n* fall below the a-quantile.
    """
    sums = itertools.accumulate(_binomial(n, a))
    return next((k for k, chance in enumerate(sums) if chance > d), n)


def least_needed(a: float, d: float) -> int:
    """Return how many approved pictures it takes before anything is rejected."""
    return math.ceil(math.log(d) / math.log1p(-a) - EXACT)


def beta_sf(x: float, k: int, m: int) -> float:
    """Return P(Beta(k, m) > x) for whole *k* and *m*."""
    terms = _binomial(k + m - 1, x)
    return min(1.0, sum(next(terms) for _ in range(k)))


def lower_bound(hits: int, of: int, d: float) -> float:
    """Return the one-sided lower Clopper-Pearson bound of a share, with confidence 1 - *d*."""
    if hits == 0:
        return 0.0
    low, high = 0.0, hits / of
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        # P(at least so many hits) at this share; it grows with the share.
        if 1 - beta_sf(middle, hits, of - hits + 1) < d:
            low = middle
        else:
            high = middle
    return low


def _binomial(n: int, p: float) -> Iterator[float]:
    """Yield P(X = 0), P(X = 1), … of a binomial distribution."""
    if not 0 < p < 1:
        yield from (float(j == (0 if p <= 0 else n)) for j in range(n + 1))
        return
    yes, no, whole = math.log(p), math.log1p(-p), math.lgamma(n + 1)
    for j in range(n + 1):
        ways = whole - math.lgamma(j + 1) - math.lgamma(n - j + 1)
        yield math.exp(ways + j * yes + (n - j) * no)
