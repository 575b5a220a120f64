"""Differences with their uncertainty, what is never subtracted, and when a run is worse."""

from typing import Any

import pytest

from domain.run import Run
from pipeline.apart import scorer_of, scores_apart
from pipeline.gate import gate, gate_text
from pipeline.replay import baseline_line, scores_in_words
from tests.pipeline.given import artwork, finished, planned

BASE = finished(planned())
VERSION = "pixels-2 fit-1:abc"


def fitted(*fits: float, version: str = VERSION, like: Run = BASE, **changes: Any) -> Run:
    made = tuple(
        artwork(
            like,
            number,
            verdict="pass",
            scores={"fit": fit},
            score_versions={"fit": version},
        )
        for number, fit in enumerate(fits, start=1)
    )
    return like.model_copy(update={"artworks": made, "id": f"01J{'B' * 23}", "ref": "r2"} | changes)


REFERENCE = fitted(0.30, 0.40, 0.50, 0.60, id=BASE.id, ref="r1")


def test_the_same_seeds_are_compared_pair_by_pair() -> None:
    run = fitted(0.33, 0.44, 0.53, 0.64)
    apart, refused = scores_apart(run, REFERENCE)
    assert refused == {}
    assert apart["fit"].paired
    assert apart["fit"].difference.mean == pytest.approx(0.035)
    assert apart["fit"].difference.plus_minus == pytest.approx(0.00919, abs=1e-4)
    assert baseline_line(run, REFERENCE).endswith("same seeds, fit +0.04 ± 0.01")


def test_other_seeds_are_compared_by_their_means_and_noise_is_called_so() -> None:
    other = finished(planned("reroll", parent=BASE))
    run = fitted(0.33, 0.44, 0.53, 0.64, like=other)
    apart, _ = scores_apart(run, REFERENCE)
    assert not apart["fit"].paired
    assert apart["fit"].difference.noise
    assert baseline_line(run, REFERENCE).endswith("other seeds, fit +0.04 ± 0.24, within noise")


def test_one_image_has_no_interval() -> None:
    said = baseline_line(fitted(0.33), REFERENCE)
    assert said.endswith("fit −0.12 (one image: no interval)")


def test_a_tiny_interval_has_a_decimal_more() -> None:
    run = fitted(0.301, 0.402, 0.501, 0.602)
    assert "fit +0.002 ± 0.001" in baseline_line(run, REFERENCE)


def test_figures_of_other_scorers_are_never_subtracted() -> None:
    run = fitted(0.9, 0.9, 0.9, 0.9, version="pixels-2 fit-2:abc")
    apart, refused = scores_apart(run, REFERENCE)
    assert apart == {}
    assert refused == {"fit": "measured by other versions of the scorer"}
    said = "fit not compared (measured by other versions of the scorer)"
    assert said in baseline_line(run, REFERENCE)
    assert scores_in_words(run, REFERENCE) == [said]


def test_another_version_of_the_pixels_leaves_fit_comparable() -> None:
    apart, _ = scores_apart(fitted(0.9, 0.9, 0.9, 0.9, version="pixels-3 fit-1:abc"), REFERENCE)
    assert list(apart) == ["fit"]
    assert scorer_of("fit_word:snow", VERSION) == "fit-1:abc"
    assert scorer_of("sharpness_p90", VERSION) == "pixels-2"
    assert scorer_of("fit", "") == ""


@pytest.mark.parametrize(
    ("candidate", "worse"),
    [
        (fitted(0.20, 0.30, 0.41, 0.50), ["fit"]),
        (fitted(0.29, 0.41, 0.49, 0.61), []),
        (fitted(0.90, 0.90, 0.90), ["images made"]),
        (fitted(0.9, 0.9, 0.9, 0.9, version="fit-9"), []),
        (fitted(state="failed"), ["images made"]),
    ],
)
def test_a_run_is_worse_only_where_that_is_sure(candidate: Run, worse: list[str]) -> None:
    said = gate(candidate, REFERENCE)
    assert [one["measure"] for one in said["reasons"]] == worse
    assert said["worse"] == bool(worse)
    assert (said["reference"], said["candidate"]) == (REFERENCE.id, candidate.id)


def test_more_that_triage_rejects_is_worse() -> None:
    run = fitted(0.3, 0.4, 0.5, 0.6)
    bad = (*run.artworks[:3], run.artworks[3].model_copy(update={"verdict": "reject"}))
    said = gate(run.model_copy(update={"artworks": bad}), REFERENCE)
    assert said["reasons"] == [
        {"measure": "verdicts", "says": "1 of 4 rejected by triage, before 0 of 4"}
    ]


@pytest.mark.parametrize(("wins", "worse"), [((0, 4), True), ((1, 3), False), ((0, 0), False)])
def test_blind_votes_count_once_their_interval_is_below_half(
    wins: tuple[int, int], *, worse: bool
) -> None:
    assert gate(REFERENCE, REFERENCE, wins)["worse"] is worse


def test_what_could_not_be_judged_is_named() -> None:
    ui = finished(planned("imagine a red fox --task ui"))
    said = gate(ui, REFERENCE)
    assert [one["measure"] for one in said["not_judged"]] == ["fit", "blind votes"]
    assert "not comparable" in said["not_judged"][0]["says"]
    text = gate_text(said, ("r2", "r1"))
    assert text.startswith("r2 is no worse than r1\n  ✓ images made: 4 of 4")
