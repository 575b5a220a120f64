"""Intervals against published and independently computed figures."""

import math

import pytest

from domain.uncertainty import paired, t_95, welch, wilson


@pytest.mark.parametrize(
    ("successes", "many", "low"), [(1, 1, 0.21), (3, 3, 0.44), (9, 10, 0.60), (90, 100, 0.83)]
)
def test_wilsons_lower_bound_has_the_known_figures(successes: int, many: int, low: float) -> None:
    assert wilson(successes, many).low == pytest.approx(low, abs=0.005)


def test_wilson_of_nothing_is_everything_and_never_leaves_the_unit() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 5).low == pytest.approx(0.0)
    assert wilson(5, 5).high == pytest.approx(1.0)
    assert wilson(2.5, 5) == pytest.approx((0.1705, 0.8295), abs=1e-3)


def test_student_is_that_of_the_tables_and_nears_the_normal() -> None:
    assert t_95(3) == 3.182
    assert t_95(3.9) == 3.182, "between two degrees the wider one"
    assert t_95(60) == pytest.approx(2.000, abs=0.001)
    assert t_95(1e6) == pytest.approx(1.960, abs=0.001)


def test_pairs_of_equal_differences_are_sure() -> None:
    found = paired([0.1, 0.1, 0.1, 0.1])
    assert found.mean == pytest.approx(0.1)
    assert found.plus_minus == pytest.approx(0.0)
    assert not found.noise


def test_pairs_have_students_interval() -> None:
    found = paired([0.02, 0.04, 0.03, 0.05])
    assert found.mean == pytest.approx(0.035)
    assert found.plus_minus == pytest.approx(3.182 * 0.0129099 / 2, rel=1e-4)
    assert not found.noise
    assert paired([-0.1, 0.1, 0.2, -0.15]).noise


def test_one_pair_has_no_interval_and_is_not_called_noise() -> None:
    assert paired([0.3]) == (0.3, None)
    assert not paired([0.3]).noise


def test_welch_has_the_figures_of_scipy() -> None:
    # Welch and Satterthwaite give 4.41 degrees of freedom; the interval is that of 4.
    old, new = [1.0, 2.0, 3.0, 4.0], [4.0, 4.5, 5.0, 5.5]
    found = welch(old, new)
    assert found.mean == 2.25
    error = math.sqrt(1.6666667 / 4 + 0.4166667 / 4)
    assert found.plus_minus == pytest.approx(2.776 * error, rel=1e-4)
    assert welch([1.0], new).plus_minus is None
    assert welch([1.0, 1.0], [2.0, 2.0]) == (1.0, 0.0)
