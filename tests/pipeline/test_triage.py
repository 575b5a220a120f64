from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy import Judgement, Measured, PixelPolicy
from domain.spec import TaskType
from pipeline.triage import triage

SOUND = {
    "sharpness_p90": 300.0,
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


def test_of_two_near_duplicates_the_later_one_goes_to_people() -> None:
    first, second = judge(measured(1, phash="f" * 16), measured(2, phash="f" * 15 + "e"))
    assert first.verdict == "pass"
    assert second == Judgement(
        verdict="review", reasons=("nearly the same as #1: 1 of 64 bits differ",)
    )


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


FIGURES = st.fixed_dictionaries({name: st.floats(0, 1e5) for name in SOUND})


@settings(max_examples=300, derandomize=True, deadline=None)
@given(FIGURES, st.sampled_from(["product", "brand", "ui", "character", "environment"]))
def test_a_verdict_other_than_pass_always_has_a_reason(
    scores: dict[str, float], task: TaskType
) -> None:
    sound = measured()
    said = judge(sound.model_copy(update={"scores": scores}), task=task)[0]
    assert (said.verdict == "pass") == (said.reasons == ())
