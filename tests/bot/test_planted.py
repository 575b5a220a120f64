"""Sketches with planted faults: four of five are stopped, six of seven sound ones are not."""

import pytest

from bot import planted, planting
from bot.fitting import Choice
from domain.judging import Policy
from scoring.clip.fit import Fit, bank_of
from scoring.clip.ort import OrtEmbedder
from scoring.clip.weights import opened

NEVER_SEEN = 404


@pytest.fixture(scope="module")
def report() -> planted.Report:
    weights = opened(Choice().folder)
    embedder = OrtEmbedder(weights)
    fit = Fit(embedder, bank_of(weights))
    return planted.examined(fit, embedder, Policy(), count=200, seed=NEVER_SEEN)


def test_of_the_faulty_four_fifths_are_stopped_and_of_the_sound_few(report: planted.Report) -> None:
    assert report.caught >= planted.LEAST_CAUGHT, report
    assert report.disturbed <= planted.MOST_DISTURBED, report
    assert report.good_enough


def test_every_kind_of_fault_is_planted_alike_and_counted(report: planted.Report) -> None:
    assert [one.name for one in report.kinds] == list(planting.KINDS)
    assert {one.count for one in report.kinds} == {6}
    assert report.sound.count == 140


def test_nothing_but_a_hard_rule_rejects_before_votes_have_calibrated_it(
    report: planted.Report,
) -> None:
    soft = {"bordered", "wrong size", "near-duplicate", "missing subject", "forbidden thing"}
    assert {one.name for one in report.kinds if one.rejected} <= set(planting.KINDS) - soft
    assert report.sound.rejected == 0


def test_the_same_seed_plans_the_same_faults_and_another_seed_others() -> None:
    assert planting.planned(40, 0.3, 5) == planting.planned(40, 0.3, 5)
    assert planting.planned(40, 0.3, 5) != planting.planned(40, 0.3, 6)


def test_a_spoiled_drawing_is_spoiled_in_its_own_way() -> None:
    plan = planting.planned(40, 0.0, 3)[0]
    kinds = ("sound", "near-duplicate", "wrong size", "blank")
    seen = planting.developed(plan_of(plan, kinds))
    first, second, third, fourth = (one.measured for one in seen)
    assert (int(first.phash, 16) ^ int(second.phash, 16)).bit_count() < 20
    assert (third.width, third.height) != (first.width, first.height)
    assert fourth.scores["lightness_range"] < 8


def plan_of(plan: planting.Planned, kinds: tuple[str, ...]) -> planting.Planned:
    return planting.Planned(
        plan.asked, plan.forbidden, plan.other, kinds=kinds, shape=plan.shape, seed=plan.seed
    )
