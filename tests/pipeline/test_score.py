"""Fit informs and never rejects; where it failed, people look."""

import asyncio
from collections.abc import Mapping

from domain.fit import Fitted
from domain.policy import Measured, PixelPolicy
from domain.run import Artwork, Run
from pipeline.score import Fits, score
from tests.pipeline.given import finished, planned

SOUND = {
    "lightness_range": 200.0, "lightness_std": 50.0, "entropy_bits": 6.0, "sharpness_p90": 300.0,
    "grain_p10": 1.0, "noise_entropy_bits": 6.0, "noise_p90": 300.0, "clipped_low": 0.0,
    "clipped_high": 0.0, "saturation_mean": 0.2, "saturated_fraction": 0.0, "border_top": 0.0,
    "border_bottom": 0.0, "border_left": 0.0, "border_right": 0.0,
}  # fmt: skip


async def sound(artwork: Artwork) -> Measured:
    return Measured(
        number=artwork.index, scores=SOUND, phash=f"{0x5A3C << 8 * artwork.index:016x}",
        width=artwork.width, height=artwork.height, black=False, media_type="image/png",
    )  # fmt: skip


def given(found: Mapping[int, Fitted]) -> Fits:
    async def fits(_run: Run) -> dict[int, Fitted]:
        await asyncio.sleep(0)
        return dict(found)

    return fits


async def scored(fits: Fits | None) -> list[tuple[str, tuple[str, ...], dict[str, float], str]]:
    run = finished(planned("imagine a fox --count 2"))
    said = await score(run, measure=sound, policy=PixelPolicy(), version="p", fits=fits)
    return [(one.verdict, one.reasons, one.scores, one.version) for one in said.judged]


async def test_fit_stands_beside_the_figures_with_its_version_and_judges_nothing() -> None:
    low = Fitted(scores={"fit": -0.9}, version="fit-1:w")
    first, second = await scored(given({1: low}))
    assert first == ("pass", (), SOUND | {"fit": -0.9}, "p fit-1:w")
    assert second == ("pass", (), SOUND, "p")


async def test_what_is_not_measured_for_a_known_reason_is_neutral() -> None:
    found = await scored(given({1: Fitted(missing="not measured: …")}))
    assert found == await scored(None)


async def test_a_fit_that_failed_sends_to_review_with_its_reason() -> None:
    first, second = await scored(given({1: Fitted(missing="fit took too long", failed=True)}))
    assert first[:2] == ("review", ("fit took too long",))
    assert second[0] == "pass"


async def test_a_scorer_that_breaks_ends_no_run() -> None:
    async def broken(_run: Run) -> dict[int, Fitted]:
        raise ZeroDivisionError

    assert [one[:2] for one in await scored(broken)] == [("review", ("fit failed",))] * 2
