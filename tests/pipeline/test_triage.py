from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy import Judgement, Measured, PixelPolicy
from domain.spec import TaskType
from pipeline.triage import triage

SOUND = {
    "sharpness_p90": 300.0,
    "grain_p10": 20.0,
    "entropy_bits": 7.0,
    "lightness_std": 60.0,
    "lightness_range": 240.0,
    "noise_entropy_bits": 7.0,
    "noise_p90": 300.0,
    "clipped_low": 0.0,
    "clipped_high": 0.0,
    "saturation_mean": 0.3,
    "saturated_fraction": 0.0,
    "border_top": 0.0,
    "border_bottom": 0.0,
    "border_left": 0.0,
    "border_right": 0.0,
}


def measured(number: int = 1, *, phash: str = "", **scores: float) -> Measured:
    return Measured(
        number=number,
        scores=SOUND | scores,
        phash=phash or f"{number * 0x1111111111111111:016x}",
        width=1024,
        height=1024,
        black=False,
        media_type="image/png",
    )


def judge(*those: Measured, task: TaskType = "environment", **asked: Any) -> tuple[Judgement, ...]:
    values: dict[str, Any] = {"asked_size": None, "asked_ratio": None, **asked}
    return triage(those, policy=PixelPolicy(), task=task, **values)


def test_a_sound_picture_passes() -> None:
    assert judge(measured()) == (Judgement(verdict="pass"),)


def test_what_could_not_be_measured_goes_to_people_and_is_never_rejected() -> None:
    absent = measured().model_copy(update={"scores": {}, "missing": "technical checks failed"})
    assert judge(absent) == (Judgement(verdict="review", reasons=("technical checks failed",)),)


def test_white_grounds_are_no_fault_of_a_product_shot() -> None:
    assert judge(measured(clipped_high=0.6), task="product")[0].verdict == "pass"
    assert judge(measured(clipped_high=0.6), task="character")[0].verdict == "review"


@pytest.mark.parametrize(
    ("phash", "reason"),
    [
        ("f" * 15 + "e", "the same as #1: 1 of 64 bits differ"),
        ("f" * 14 + "c0", "the same as #1: 6 of 64 bits differ"),
        ("f" * 14 + "80", "nearly the same as #1: 7 of 64 bits differ"),
        ("f" * 13 + "c00", "nearly the same as #1: 10 of 64 bits differ"),
        ("f" * 13 + "800", ""),
    ],
)
def test_of_two_near_duplicates_the_later_one_goes_to_people(phash: str, reason: str) -> None:
    first, second = judge(measured(1, phash="f" * 16), measured(2, phash=phash))
    assert first.verdict == "pass"
    assert second.reasons == ((reason,) if reason else ())
    assert second.verdict == ("review" if reason else "pass")


def test_a_picture_is_no_duplicate_of_one_that_was_rejected() -> None:
    blurred = measured(1, phash="f" * 16, sharpness_p90=4.0, grain_p10=0.0)
    first, second = judge(blurred, measured(2, phash="f" * 16))
    assert (first.verdict, second.verdict) == ("reject", "pass")


@pytest.mark.parametrize(
    ("scores", "verdict", "reason"),
    [
        ({"lightness_range": 7.0}, "reject", "blank: 7 levels of 255"),
        ({"lightness_std": 2.9}, "reject", "blank: 240 levels of 255"),
        ({"entropy_bits": 0.4}, "reject", "blank: 240 levels of 255"),
        ({"sharpness_p90": 1.5, "grain_p10": 0.0}, "reject", "nothing in it: a plain gradient"),
        ({"sharpness_p90": 7.9, "grain_p10": 0.0}, "reject", "blurred: sharpness 7.9, under 8"),
        ({"sharpness_p90": 8.0, "grain_p10": 0.0}, "review", "soft: sharpness 8, under 30"),
        ({"sharpness_p90": 62.0, "grain_p10": 58.0}, "review", "soft under its grain: 4 of"),
        ({"grain_p10": 2500.0, "sharpness_p90": 5000.0}, "review", "grainy: 2500 even where"),
        ({"noise_entropy_bits": 7.8, "noise_p90": 50_000.0}, "reject", "noise: 7.8 bits"),
        ({"noise_entropy_bits": 7.4, "noise_p90": 50_000.0}, "pass", ""),
        ({"clipped_low": 0.26}, "review", "clipped: 26% of a channel is pure black"),
        ({"saturation_mean": 0.71}, "review", "over-saturated: 0.71 on the whole"),
        ({"saturated_fraction": 0.26}, "review", "over-saturated: 26% of it"),
        ({"border_left": 0.05}, "review", "border: one colour at the left, 5% of a side"),
        ({"border_bottom": 0.30}, "pass", ""),
        ({"border_top": 0.3, "border_bottom": 0.3}, "review", "border: one colour at the top and"),
    ],
)
def test_each_threshold_decides_where_the_policy_puts_it(
    scores: dict[str, Any], verdict: str, reason: str
) -> None:
    said = judge(measured(**scores))[0]
    assert said.verdict == verdict
    assert (said.reasons[0] if said.reasons else "").startswith(reason)


def test_all_black_is_a_reason_of_its_own() -> None:
    black = measured(lightness_range=0.0).model_copy(update={"black": True})
    assert judge(black)[0].reasons[0].startswith("all black")


def test_two_blank_pictures_are_blank_not_duplicates() -> None:
    blank = {"lightness_range": 0.0, "phash": "0" * 16}
    both = judge(measured(1, **blank), measured(2, **blank))  # type: ignore[arg-type]  # str and float
    assert all(len(one.reasons) == 1 and "blank" in one.reasons[0] for one in both)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"asked_size": (1024, 1024)}, ""),
        ({"asked_size": (2048, 2048)}, "too small"),
        ({"asked_ratio": "1:1"}, ""),
        ({"asked_ratio": "16:9"}, "wrong ratio"),
    ],
)
def test_size_and_ratio_are_held_against_what_was_asked(asked: dict[str, Any], word: str) -> None:
    said = judge(measured(), **asked)[0]
    assert said.verdict == ("review" if word else "pass")
    assert word in " ".join(said.reasons)


def test_a_policy_of_the_team_s_own_decides_instead() -> None:
    strict = PixelPolicy(blur_review_p90=500.0)
    said = triage([measured()], policy=strict, task="product", asked_size=None, asked_ratio="1:1")
    assert said[0].reasons == ("soft: sharpness 300, under 500",)


FIGURES = st.fixed_dictionaries({name: st.floats(0, 1e5) for name in SOUND})


@settings(max_examples=300, derandomize=True, deadline=None)
@given(FIGURES, st.sampled_from(["product", "brand", "ui", "character", "environment"]))
def test_a_verdict_other_than_pass_always_has_a_reason(
    scores: dict[str, float], task: TaskType
) -> None:
    sound = measured()
    said = judge(sound.model_copy(update={"scores": scores}), task=task)[0]
    assert (said.verdict == "pass") == (said.reasons == ())


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(FIGURES, max_size=8), st.integers(0, 2**64 - 1))
def test_the_same_measurements_get_the_same_verdicts_in_their_order(
    many: list[dict[str, float]], bits: int
) -> None:
    those = [
        measured(number, phash=f"{bits:016x}").model_copy(update={"scores": scores})
        for number, scores in enumerate(many, 1)
    ]
    before = [one.model_copy(deep=True) for one in those]
    said = judge(*those)
    assert said == judge(*those)
    assert those == before
    assert len(said) == len(those)
    assert [one.verdict for one in said].count("pass") <= 1
    alone = [judge(one)[0].verdict == "reject" for one in those]
    assert [one.verdict == "reject" for one in said] == alone
