"""The tables of the compare page: every value as it is shown."""

from typing import Any

import pytest

from bot.console.contrast import Pair
from bot.console.figures import Row, making, parameters, people, scores
from domain.card import Tile
from domain.run import Approval, Run
from tests.pipeline.given import FLUX, NOON, artwork, finished, planned

FIRST = finished(planned())
WIDE = "\u2008\u2007\u2007\u2007"


def measured(*figures: dict[str, float], **more: Any) -> Run:
    made = [artwork(FIRST, n, scores=those, **more) for n, those in enumerate(figures, 1)]
    return FIRST.model_copy(update={"artworks": tuple(made)})


def test_means_stand_beside_their_difference_with_points_aligned() -> None:
    old = measured({"noise": 0.25, "sharp_p90": 600.4}, {"noise": 0.75, "sharp_p90": 601.0})
    new = measured({"noise": 0.25, "sharp_p90": 80.0})
    assert scores(old, new) == [
        Row("noise", "0.500", "0.250", "−0.250"),
        Row("sharp p90", f"601{WIDE}", f"80{WIDE}", f"−521{WIDE}"),
    ]


def test_a_figure_of_one_side_has_no_difference_and_none_is_minus_zero() -> None:
    assert scores(measured({"a": 1.0, "b": 0.0001}), measured({"b": 0.0})) == [
        Row("a", "1.000", "–", "–"),
        Row("b", "0.000", "0.000", "0.000"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (0.02, 0.05, Row("cost", "$0.020", "$0.050", "+0.030 $")),
        (0.05, 0.0, Row("cost", "$0.050", "free", "−0.050 $")),
        (None, 0.05, Row("cost", "not known", "$0.050")),
        (0.0, 0.0, Row("cost", "free", "free")),
    ],
)
def test_cost_is_known_or_said_not_to_be(old: float | None, new: float | None, wanted: Row) -> None:
    sides = [FIRST.model_copy(update={"cost_usd": usd}) for usd in (old, new)]
    assert wanted in making(*sides)


def test_times_that_read_the_same_do_not_differ() -> None:
    sides = [FIRST.model_copy(update={"timings_s": {"total": one}}) for one in (1.01, 1.02)]
    assert Row("time", "1.0 s", "1.0 s") in making(*sides)


def test_another_model_brings_other_parameters() -> None:
    other = finished(planned(f"edit --model {FLUX}", FLUX, parent=FIRST))
    differing, same = parameters(FIRST, other)
    names = {row.name for row in differing}
    assert {"model", "aspect ratio"} <= names
    assert all(row.old == row.new for row in same)
    assert not names & {row.name for row in same}
    assert not names & {"prompt", "seed"}


def test_a_picture_is_named_short() -> None:
    digest = f"sha256:{'ab' * 32}"
    given = FIRST.parameters.model_copy(update={"init_image": digest})
    differing, _ = parameters(FIRST, FIRST.model_copy(update={"parameters": given}))
    assert differing == [Row("init image", "–", "picture abababab")]


def test_an_approval_that_is_not_enough_is_said_so() -> None:
    approval = Approval(
        by="Ana", at=NOON, surface="x", assurance="local", digest="sha256:" + "0" * 64
    )
    few = measured({}, approvals=(approval,), approved=False, rejected_by=("Lee",))
    assert people(FIRST, few) == [
        Row("approved", "–", "#1 by Ana (not enough yet)"),
        Row("rejected", "–", "#1 by Lee"),
    ]


def test_shapes_are_said_only_if_they_differ() -> None:
    square, larger, wide = (
        Tile(number=1, digest=None, alt="", width=width, height=height)
        for width, height in ((512, 512), (1024, 1024), (1024, 512))
    )
    assert Pair(1, square, larger).shapes == ""
    assert Pair(1, square, wide).shapes == "512 × 512 and 1024 × 512 pixels"
    assert Pair(1, None, wide).shapes == ""
