"""Fit on the road: where it means something, and absent with a reason where it does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.fitting import Fitting
from domain.run import Run
from providers.sketch.draw import draw
from storage.artifacts import LocalArtifacts
from tests.pipeline.given import finished, planned
from tests.providers.given import Here
from tests.providers.sketch.given import order

LINE = "imagine a lighthouse :: in the snow at night --count 2"


@pytest.fixture
async def fitting(tmp_path: Path) -> AsyncIterator[Fitting]:
    made = Fitting(Here(), LocalArtifacts(tmp_path))
    yield made
    await asyncio.to_thread(made.close)


async def stored(tmp_path: Path, line: str = LINE, *drawn: str) -> Run:
    """Return a finished run whose pictures lie in the store."""
    store = LocalArtifacts(tmp_path)
    run = finished(planned(line))
    sketches = [await asyncio.to_thread(draw, order(words)) for words in drawn]
    digests = [await store.put(sketch.png, "image/png") for sketch in sketches]
    artworks = [
        made.model_copy(update={"digest": digest})
        for made, digest in zip(run.artworks, digests, strict=True)
    ]
    return run.model_copy(update={"artworks": tuple(artworks)})


async def test_sketches_have_a_fit_by_segment(tmp_path: Path, fitting: Fitting) -> None:
    own, other = "a lighthouse :: in the snow at night", "a castle :: on a beach at noon"
    run = await stored(tmp_path, LINE, own, other)
    found = await fitting.fitted(run)
    assert found[1].scores["fit"] > found[2].scores["fit"]
    assert {"fit_subject", "fit_environment", "fit_rank"} <= found[1].scores.keys()
    assert found[1].version.startswith("fit-1:sketch-small-")


async def test_pictures_of_other_providers_are_not_measured(
    tmp_path: Path, fitting: Fitting
) -> None:
    run = await stored(tmp_path, LINE, "a lighthouse", "a lighthouse")
    route = run.route.model_copy(update={"model": "replicate:black-forest-labs/flux-dev"})
    found = await fitting.fitted(run.model_copy(update={"route": route}))
    assert {one.missing for one in found.values()} == {
        "not measured: the shipped weights know sketches only"
    }
    assert not any(one.failed or one.scores for one in found.values())


async def test_a_picture_that_is_gone_fails_alone(tmp_path: Path, fitting: Fitting) -> None:
    run = await stored(tmp_path, LINE, "a lighthouse", "a castle")
    gone = run.artworks[1].model_copy(update={"digest": f"sha256:{'0' * 64}"})
    found = await fitting.fitted(run.model_copy(update={"artworks": (run.artworks[0], gone)}))
    assert found[1].scores
    assert found[2].failed
    assert found[2].missing.startswith("fit: ")


async def test_a_brief_that_no_word_is_known_of_is_neutral(
    tmp_path: Path, fitting: Fitting
) -> None:
    run = await stored(tmp_path, "imagine 雪の中の赤い狐 --count 1", "a fox")
    found = await fitting.fitted(run)
    assert found[1].missing == "no word of the brief is known to the weights"
    assert not found[1].failed
