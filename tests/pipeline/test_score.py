"""Fit informs and never rejects; where it failed, people look."""

import asyncio
from collections.abc import Mapping

from domain.fit import Fitted
from domain.look import Lookalike
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


async def test_a_check_that_hangs_or_breaks_sends_its_picture_to_people() -> None:
    async def measure(artwork: Artwork) -> Measured:
        if artwork.index == 1:
            raise ZeroDivisionError
        if artwork.index == 2:
            raise TimeoutError
        return await sound(artwork)

    run = finished(planned("imagine a fox --count 3"))
    said = await score(run, measure=measure, policy=PixelPolicy(), version="p")
    assert [(one.verdict, one.reasons, one.scores) for one in said.judged] == [
        ("review", ("technical checks failed",), {}),
        ("review", ("technical checks took too long",), {}),
        ("pass", (), SOUND),
    ]


async def likely(bits: int) -> list[tuple[str, tuple[str, ...]]]:
    async def alike(_run: Run, hashes: Mapping[int, str]) -> dict[int, Lookalike]:
        await asyncio.sleep(0)
        assert sorted(hashes) == [1, 2]
        return {1: Lookalike(run_id="01M85HPDQN06ZV887RD0GM3B54", number=3, bits=bits)}

    run = finished(planned("imagine a fox --count 2"))
    said = await score(run, measure=sound, policy=PixelPolicy(), version="p", alike=alike)
    return [(one.verdict, one.reasons) for one in said.judged]


async def test_what_looks_like_an_approved_asset_goes_to_people() -> None:
    named = "#3 of 01M85HPDQN06ZV887RD0GM3B54, which is approved"
    near = f"nearly the same as {named}: 9 of 64 bits differ"
    assert await likely(9) == [("review", (near,)), ("pass", ())]
    assert (await likely(2))[0] == ("review", (f"the same as {named}: 2 of 64 bits differ",))
    assert await likely(11) == [("pass", ()), ("pass", ())]


async def test_a_comparison_with_approved_work_that_breaks_ends_no_run() -> None:
    async def alike(_run: Run, _hashes: Mapping[int, str]) -> dict[int, Lookalike]:
        raise ZeroDivisionError

    run = finished(planned("imagine a fox --count 1"))
    said = await score(run, measure=sound, policy=PixelPolicy(), version="p", alike=alike)
    reason = "it was not compared with approved work: that failed"
    assert [(one.verdict, one.reasons) for one in said.judged] == [("review", (reason,))]
