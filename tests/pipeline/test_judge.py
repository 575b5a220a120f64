"""Fit in triage: defaults only ask people, a calibrated threshold rejects, chance looks at both."""

from domain.fit import Fitted
from domain.judging import (
    EXPLORED,
    UNCALIBRATED,
    Calibrated,
    Explained,
    FitPolicy,
    Policy,
    explored,
)
from domain.policy import Measured, PixelPolicy
from pipeline.fitting import NO_HEAD
from pipeline.triage import judge, reasons
from tests.pipeline.test_triage import measured

VERSION = "fit-1:sketch-small-abc"
NEVER, ALWAYS = 0.0, 1.0


def fitted(version: str = VERSION, **scores: float) -> Fitted:
    return Fitted(scores=scores, version=version)


def calibrated(
    threshold: float | None = 0.31, *, explore: float = NEVER, **said: object
) -> Calibrated:
    values = {"number": 7, "task": "environment", "version": VERSION, "n": 200, "k": 6} | said
    return Calibrated.model_validate(
        values | {"a": 0.05, "d": 0.1, "threshold": threshold, "explore": explore}
    )


def judged(
    *fits: Fitted, by: Calibrated | None = None, policy: Policy | None = None
) -> tuple[Explained, ...]:
    pictures: list[Measured] = [measured(number) for number in range(1, len(fits) + 1)]
    return judge(
        pictures,
        policy=policy or Policy(),
        task="environment",
        asked_size=None,
        asked_ratio=None,
        fits=dict(enumerate(fits, 1)),
        calibrated=by,
        run_id="01JRUN",
    )


def test_before_calibration_a_low_fit_sends_to_people_and_never_rejects() -> None:
    low, best = judged(fitted(fit=-0.4, fit_subject=-0.2), fitted(fit=0.6, fit_subject=0.5))
    assert low.verdict == "review"
    assert reasons(low) == ("subject hardly seen: -0.20, under -0.07",)
    assert {one.source for one in low.checks if one.failed} == {UNCALIBRATED}
    assert best.verdict == "pass"


def test_a_picture_whose_subject_is_seen_far_less_than_in_its_best_sibling_is_looked_at() -> None:
    low, _ = judged(fitted(fit=0.3, fit_subject=0.2), fitted(fit=0.6, fit_subject=0.5))
    assert reasons(low) == ("subject seen less than in the best of the run, by 0.30",)


def test_a_forbidden_thing_is_named() -> None:
    scores = {"fit": 0.5, "fit_present:cat": 0.1, "fit_present:dog": 0.0}
    (found,) = judged(Fitted(scores=scores, version=VERSION))
    assert reasons(found) == ("perhaps there, though forbidden: cat",)


def test_defaults_of_other_weights_judge_nothing() -> None:
    (found,) = judged(fitted("fit-1:vit-b-32-abc", fit=-0.4, fit_subject=-0.2))
    assert (found.verdict, reasons(found)) == ("pass", ())


def test_what_was_not_measured_is_neutral_and_what_failed_goes_to_people() -> None:
    absent, failed = judged(
        Fitted(missing="not measured: …"), Fitted(missing="fit took too long", failed=True)
    )
    assert (absent.verdict, failed.verdict) == ("pass", "review")
    sources = [one.source for one in absent.checks if one.rule == "fit"]
    assert sources == ["neutral: not measured: …"]


def test_a_calibrated_threshold_rejects_with_what_it_promises() -> None:
    low, high = judged(fitted(fit=0.30), fitted(fit=0.31), by=calibrated())
    assert (low.verdict, high.verdict) == ("reject", "pass")
    assert reasons(low) == (
        "fit 0.30, under 0.31: 200 votes; at most 5% of what people approve lies there",
    )
    check = next(one for one in low.checks if one.rule == "calibrated fit")
    said = "rejects < 0.31; 200 votes; FRR ≤ 5% with 90% confidence"
    assert check.source == f"calibrated no. 7: {said}"
    assert (low.calibration, low.explored) == (7, False)


def test_too_few_votes_or_a_suspended_threshold_reject_nothing() -> None:
    for one in (calibrated(None), calibrated(suspended="it lost too many")):
        (found,) = judged(fitted(fit=-0.9), by=one)
        assert (found.verdict, found.calibration) == ("pass", None)


def test_what_chance_picks_goes_to_people_whichever_side_it_lay_on_and_does_not_say() -> None:
    low, high = judged(fitted(fit=0.1), fitted(fit=0.9), by=calibrated(explore=ALWAYS))
    assert (low.verdict, high.verdict) == ("review", "review")
    assert reasons(low) == reasons(high) == (EXPLORED,)
    assert [one.failed for one in low.checks if one.rule == "calibrated fit"] == [True]
    assert low.explored
    assert high.explored


def test_chance_never_brings_back_what_a_hard_rule_rejects() -> None:
    blank = measured(1, lightness_range=1.0)
    (found,) = judge(
        [blank],
        policy=Policy(),
        task="environment",
        asked_size=None,
        asked_ratio=None,
        fits={1: fitted(fit=0.9)},
        calibrated=calibrated(explore=ALWAYS),
        run_id="01JRUN",
    )
    assert (found.verdict, found.explored) == ("reject", False)


def test_a_fit_over_the_other_threshold_waives_the_defaults_doubts() -> None:
    low = fitted(fit=0.7, fit_subject=-0.2)
    (found,) = judged(low, by=calibrated(None, passes=0.6))
    assert found.verdict == "pass"
    assert [one.source for one in found.checks if one.rule == "subject"] == [
        "waived: fit 0.70, 0.60 or more passes"
    ]


def test_one_in_twenty_is_picked_by_its_name_and_the_same_one_again() -> None:
    names = [(f"01J{at:023d}", number) for at in range(2500) for number in (1, 2, 3, 4)]
    picked = [name for name in names if explored(*name, 0.05)]
    assert 0.04 < len(picked) / len(names) < 0.06
    assert [name for name in names if explored(*name, 0.05)] == picked


def test_every_check_stands_there_with_its_value_threshold_and_source() -> None:
    (found,) = judged(fitted(fit=0.5, fit_subject=0.5))
    rules = {one.rule for one in found.checks}
    assert {"blank", "flat", "noise", "blurred", "soft", "grainy", "clipped", "border"} <= rules
    assert all(one.source for one in found.checks)
    assert {one.rule for one in found.checks if one.value is None} == {"aesthetic"}


def test_beauty_is_shown_and_judges_nothing() -> None:
    (without,) = judged(fitted(fit=0.5))
    (ugly,) = judged(fitted(fit=0.5, aesthetic_v2=1.2))
    (absent,) = [one for one in without.checks if one.rule == "aesthetic"]
    assert (absent.value, absent.source) == (None, NO_HEAD)
    (seen,) = [one for one in ugly.checks if one.rule == "aesthetic"]
    assert (seen.figure, seen.value, seen.failed) == ("aesthetic_v2", 1.2, False)
    assert ugly.verdict == without.verdict == "pass"


def test_a_policy_has_another_version_for_every_other_threshold() -> None:
    plain, other = Policy(), Policy(pixels=PixelPolicy(border_fraction=0.1))
    third = Policy(fit=FitPolicy(present=0.2))
    assert len({plain.version, other.version, third.version}) == 3
    assert plain.changed({"border_fraction": 0.1, "present": 0.07}) == other
    assert Policy().version == plain.version
    assert {one.policy for one in judged(fitted(fit=0.5), policy=other)} == {other.version}
