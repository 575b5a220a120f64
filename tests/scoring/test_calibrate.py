"""Thresholds from votes keep their promise; the plain quantile does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.calibrate import above, below, beta_sf, least_needed, lower_bound, order_of

A, D = 0.05, 0.1
TRIALS = 2000


@pytest.mark.parametrize(
    ("n", "k"),
    [(0, 0), (19, 0), (44, 0), (45, 1), (50, 1), (100, 2), (200, 6), (500, 19), (1000, 41)],
)
def test_the_order_is_that_of_the_published_table(n: int, k: int) -> None:
    assert order_of(n, A, D) == k


@pytest.mark.parametrize(("a", "n"), [(0.05, 45), (0.02, 114)])
def test_so_many_approved_pictures_are_needed_before_anything_is_rejected(a: float, n: int) -> None:
    assert least_needed(a, D) == n
    assert (order_of(n - 1, a, D), order_of(n, a, D)) == (0, 1)


@pytest.mark.parametrize(
    ("x", "k", "m", "scipy"),
    [
        (0.05, 1, 50, 0.0769449752767133),
        (0.05, 6, 195, 0.06234249504229524),
        (0.02, 3, 198, 0.23514813577270635),
        (0.5, 10, 10, 0.5),
    ],
)
def test_the_tail_of_the_beta_distribution_is_scipy_s(
    x: float, k: int, m: int, scipy: float
) -> None:
    assert beta_sf(x, k, m) == pytest.approx(scipy, rel=1e-9)


@given(st.integers(0, 300), st.floats(0.005, 0.3), st.floats(0.01, 0.3))
def test_the_order_is_the_largest_that_keeps_the_promise(n: int, a: float, d: float) -> None:
    k = order_of(n, a, d)
    assert 0 <= k <= n
    if k:
        assert beta_sf(a, k, n + 1 - k) <= d + 1e-9
    if k < n:
        assert beta_sf(a, k + 1, n - k) > d - 1e-9


@pytest.mark.parametrize(("n", "naive_misses"), [(50, 0.55), (200, 0.5), (500, 0.5)])
def test_the_false_reject_rate_holds_and_the_naive_quantile_s_does_not(
    n: int, naive_misses: float
) -> None:
    dice = np.random.default_rng(7)
    misses, naive, rates = 0, 0, []
    for _ in range(TRIALS):
        scores = dice.random(n)  # of uniform scores the rate below t is t itself
        rate = below(list(scores), A, D).threshold or 0.0
        rates.append(rate)
        misses += rate > A
        naive += float(np.quantile(scores, A)) > A
    assert misses / TRIALS <= D + 0.02
    assert naive / TRIALS >= naive_misses
    assert float(np.mean(rates)) <= A


def test_the_marginal_threshold_is_right_on_the_average_alone() -> None:
    dice = np.random.default_rng(8)
    found = [below(list(dice.random(200)), A, D).marginal or 0.0 for _ in range(TRIALS)]
    assert float(np.mean(found)) == pytest.approx(10 / 201, abs=0.002)
    assert float(np.mean([rate > A for rate in found])) > 0.4


def test_labels_of_what_passed_alone_would_move_the_threshold_and_explored_ones_do_not() -> None:
    dice = np.random.default_rng(9)
    broken, kept = 0, 0
    for _ in range(300):
        first = below(list(dice.random(200)), A, D).threshold or 0.0
        later = dice.random(4000)
        seen = later[later >= first][:200]  # nobody sees what was rejected, so nobody votes on it
        explored = later[dice.random(4000) < 0.05][:200]
        broken += (below(list(seen), A, D).threshold or 0.0) > A
        kept += (below(list(explored), A, D).threshold or 0.0) > A
    assert broken / 300 > D + 0.05
    assert kept / 300 <= D + 0.03


def test_restored_pictures_beside_them_only_make_it_more_careful() -> None:
    dice = np.random.default_rng(10)
    for _ in range(300):
        scores = list(dice.random(200))
        plain = below(scores, A, D).threshold or 0.0
        restored = [plain * dice.random() for _ in range(5)]
        assert (below([*scores, *restored], A, D).threshold or 0.0) <= plain


def test_the_mirror_image_passes_few_of_what_people_reject() -> None:
    dice = np.random.default_rng(11)
    passed = [1 - (above(list(dice.random(200)), 0.02, D).threshold or 1.0) for _ in range(TRIALS)]
    assert float(np.mean([rate > 0.02 for rate in passed])) <= D + 0.02
    assert above([0.5] * 113, 0.02, D).threshold is None


@pytest.mark.parametrize(
    ("hits", "of", "scipy"),
    [
        (0, 20, 0.0),
        (3, 20, 0.05641789624311603),
        (10, 60, 0.1062520970913318),
        (20, 20, 0.8912509381337456),
    ],
)
def test_the_lower_bound_is_clopper_and_pearson_s(hits: int, of: int, scipy: float) -> None:
    assert lower_bound(hits, of, 0.1) == pytest.approx(scipy, rel=1e-9)
