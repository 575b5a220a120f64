"""What differs between two runs, by name; what is handed out of one, with its record beside it."""

import json
from typing import Any

import pytest

from domain.run import Approval, Run
from pipeline.deliver import chosen, file_name, parcel
from pipeline.replay import baseline_delta, baseline_line, changed, compare
from tests.pipeline.given import CARDS, FLARE, FLUX, NOON, artwork, finished, planned

FIRST = finished(planned())


def child(line: str, *on: str, **changes: Any) -> Run:
    return finished(planned(line, *on, parent=FIRST), ref="r2", **changes)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("style: more cinematic", ["segments.style"]),
        ("subject: a cat :: style: dark", ["segments.subject", "segments.style"]),
        ("edit --ar 16:9", ["width", "height"]),
        ("branch 2", ["denoising_strength", "init_image", "seed"]),
        ("branch 2 style: dark", ["segments.style", "count", "seed"]),
        ("reroll", ["seed"]),
        ("again", []),
    ],
)
def test_what_changed_is_named(line: str, names: list[str]) -> None:
    assert list(changed(child(line), FIRST)) == names


def test_another_model_is_a_change_with_what_it_brings() -> None:
    names = changed(child(f"edit --model {FLUX}", FLUX), FIRST)
    assert {"model", "steps", "aspect_ratio", "settings"} <= set(names)


def test_the_delta_says_changes_seeds_scores_and_cost() -> None:
    ours = tuple(artwork(FIRST, n, scores={"sharp": 4.0, "only ours": 1.0}) for n in (1, 2))
    theirs = (artwork(FIRST, 1, scores={"sharp": 3.0, "only theirs": 1.0}),)
    run = child("style: dark", artworks=ours, cost_usd=0.05)
    base = FIRST.model_copy(update={"artworks": theirs, "cost_usd": 0.02})
    assert baseline_delta(run, base) == {
        "baseline": FIRST.id,
        "ref": "r1",
        "changed": ["segments.style"],
        "same_seeds": True,
        "scores": {"sharp": 1.0},
        "intervals": {
            "sharp": {
                "difference": 1.0,
                "plus_minus": None,
                "within_noise": None,
                "paired": False,
                "images": [2, 1],
            }
        },
        "not_compared": {},
        "cost_usd": 0.03,
    }
    assert baseline_line(run, base) == "Against r1: style changed, same seeds, +0.030 $"


def test_a_cost_that_nobody_knows_is_no_difference() -> None:
    assert baseline_delta(child("reroll", cost_usd=None), FIRST)["cost_usd"] is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("style: dark", "Against r1: style changed, same seeds"),
        (
            "subject: a cat :: style: dark :: negative: blur",
            "Against r1: subject, style and negative changed, same seeds",
        ),
        ("reroll", "Against r1: nothing changed, other seeds"),
        ("again", "Against r1: nothing changed, same seeds"),
    ],
)
def test_the_line_against_the_baseline(line: str, said: str) -> None:
    assert baseline_line(child(line), FIRST) == said


def test_a_comparison_holds_both_values_of_what_differs_and_is_json() -> None:
    run = child("edit style: dark ::2 --ar 16:9")
    found = compare(run, FIRST)
    assert found["runs"] == [run.id, FIRST.id]
    assert found["segments"] == {"style": ["dark ::2", "flat illustration"]}
    assert found["parameters"] == {"width": [1368, 1024], "height": [768, 1024]}
    assert found["seeds"] == [[7, 8, 9, 10], [7, 8, 9, 10]]
    assert json.loads(json.dumps(found))["changed"] == ["segments.style", "width", "height"]


def test_ratings_and_approvals_of_both_are_compared() -> None:
    artworks = (artwork(FIRST, 1, rating=0.5), artwork(FIRST, 2, approved=True))
    found = compare(child("again", artworks=artworks), FIRST)
    assert found["ratings"][0] == {1: 0.5, 2: None}
    assert found["approved"] == [[2], []]


# --- what is handed out ---


def test_only_what_is_approved_is_handed_out_unless_all_is_asked_for() -> None:
    artworks = (artwork(FIRST, 1), artwork(FIRST, 2, approved=True))
    run = FIRST.model_copy(update={"artworks": artworks})
    assert [one.index for one in chosen(run, everything=False)] == [2]
    assert [one.index for one in chosen(run, everything=True)] == [1, 2]


@pytest.mark.parametrize(
    ("media_type", "suffix"),
    [("image/png", ".png"), ("image/jpeg", ".jpg"), ("image/webp", ".webp")],
)
def test_a_file_is_named_by_run_number_and_digest(media_type: str, suffix: str) -> None:
    made = artwork(FIRST, 2, media_type=media_type, digest=f"sha256:{'ab12' * 16}")
    assert file_name(FIRST, made) == f"{FIRST.id}-2-ab12ab12{suffix}"


def test_a_sidecar_holds_everything_that_is_needed_to_make_it_again() -> None:
    digest = FIRST.artworks[1].digest
    approval = Approval(by="Ana", at=NOON, surface="console", assurance="local", digest=digest)
    made = artwork(FIRST, 2, rating=1.0, approvals=(approval,), notes=("could not draw: x",))
    one = parcel(FIRST, made, card=CARDS[FIRST.route.model], command_line="ai-handler imagine …")
    said = json.loads(json.dumps(one.sidecar))
    assert one.name == said["file"] == file_name(FIRST, made)
    assert (said["run"], said["number"], said["digest"]) == (FIRST.id, 2, digest)
    assert (said["seed"], said["parameters"]["seed"], said["parameters"]["count"]) == (8, 8, 1)
    assert said["spec"]["segments"]["subject"]["text"] == "a red fox"
    assert said["approvals"][0]["by"] == "Ana"
    assert said["rating"] == 1.0
    assert said["command"] == "ai-handler imagine …"
    assert "OpenMoji" in said["attribution"]
    assert said["created_at"].endswith("Z")
    assert said["digital_source_type"] == "algorithmicMedia"


def test_what_a_trained_model_made_says_so_and_a_lost_card_costs_nothing() -> None:
    run = finished(planned("imagine a fox --task ui", FLARE))
    said = parcel(run, run.artworks[0], card=None, command_line="").sidecar
    assert said["digital_source_type"] == "trainedAlgorithmicMedia"
    assert said["attribution"] == ""
    assert said["parent"] is None
    assert parcel(child("branch 2"), artwork(FIRST, 1), card=None, command_line="").sidecar[
        "parent"
    ] == {"run": FIRST.id, "number": 2}
