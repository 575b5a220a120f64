"""Where pictures stand in the review queue: by how near figures lie to thresholds, and by votes."""

import pytest

from domain.closeness import FAR, Held, closest_call, disagreement
from domain.policy import PixelPolicy

POLICY = PixelPolicy()


def test_the_nearest_threshold_is_said_in_words() -> None:
    call = closest_call({"sharpness_p90": 31.0, "saturation_mean": 0.2}, POLICY, "product")
    assert call.says == "sharpness 31, review under 30"
    assert call.margin == pytest.approx(0.033, abs=0.001)


def test_a_figure_near_zero_is_near_nothing() -> None:
    call = closest_call({"grain_p10": 1.0, "sharpness_p90": 900.0}, POLICY, "product")
    assert call.says.startswith("no figure is near a threshold; the nearest: sharpness")


def test_what_a_task_type_ignores_is_no_threshold_of_it() -> None:
    scores = {"clipped_high": 0.26, "sharpness_p90": 60.0}
    assert closest_call(scores, POLICY, "character").says == "clipped 26%, review over 25%"
    assert "clipped" not in closest_call(scores, POLICY, "product").says


def test_fit_beside_its_threshold_may_be_the_closest_call() -> None:
    scores = {"sharpness_p90": 36.0}
    near = [Held("calibrated fit", 0.32, 0.31), Held("subject", 0.4, -0.07)]
    assert closest_call(scores, POLICY, "product", near).says == "fit 0.32, rejected under 0.31"
    far = [Held("subject", 0.4, -0.07)]
    assert closest_call(scores, POLICY, "product", far).says == "sharpness 36, review under 30"
    alone = closest_call({}, POLICY, "product", far)
    assert alone.says.endswith("the nearest: subject 0.40, review under -0.07")


@pytest.mark.parametrize("scores", [{}, {"sharpness_p90": 0.0}, {"other": 3.0}])
def test_what_was_not_measured_stands_last(scores: dict[str, float]) -> None:
    assert closest_call(scores, POLICY, "ui").margin == FAR


def test_people_against_each_other_stand_first() -> None:
    call = disagreement([1.0, 0.0, 1.0, 0.0], 0.3, [0.3, 0.2])
    assert (call.margin, call.says) == (0.0, "2 for it, 2 against")
    assert disagreement([1.0, 0.75], None, []).margin > 0.9


def test_people_against_figures_are_told_with_the_rank() -> None:
    call = disagreement([1.0, 1.0], 0.1, [0.1, 0.2, 0.3, 0.4])
    assert (call.margin, call.says) == (0.0, "people rate it 1.00, its fit is the worst of 4")
    assert disagreement([1.0], 0.4, [0.1, 0.4]).margin == 1.0


def test_without_votes_nobody_disagrees() -> None:
    call = disagreement([], 0.4, [0.1, 0.4])
    assert (call.margin, call.says) == (1.0, "no votes")
