"""Fit on the road: where it means something, and absent with a reason where it does not."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.fitting import Choice, Fitting
from domain.run import Run
from providers.sketch.draw import draw
from scoring.aesthetic import Head, Origin
from scoring.clip.arrival import arrived
from scoring.clip.weights import shipped
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


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Return weights that know every picture, with an aesthetic head beside them."""
    weights = arrived(bare(tmp_path), tmp_path / "in", "ours", source="a test", licence="MIT",
                      valid_for=("*",))  # fmt: skip
    origin = Origin(name="aesthetic_v2", backbone_id=weights.backbone_id, source_sha256="b" * 64)
    Head(origin, np.ones(weights.manifest.dim), 5.0).write(weights.folder / "aesthetic_v2.npz")
    return weights.folder


def bare(tmp_path: Path) -> Path:
    folder = tmp_path / "bare"
    shutil.copytree(shipped(), folder)
    (folder / "manifest.json").unlink()
    return folder


async def test_an_installed_head_says_its_figure_beside_fit(tmp_path: Path, beside: Path) -> None:
    fitting = Fitting(Here(), LocalArtifacts(tmp_path), Choice(folder=beside))
    found = await fitting.fitted(await stored(tmp_path, LINE, "a lighthouse", "a castle"))
    await asyncio.to_thread(fitting.close)
    assert {"fit", "aesthetic_v2"} <= found[1].scores.keys()
    assert "aesthetic_v1" not in found[1].scores
    assert found[1].version.endswith("aesthetic_v2:bbbbbbbb")


async def test_a_head_of_other_weights_is_left_out_and_the_run_goes_on(
    tmp_path: Path, beside: Path
) -> None:
    origin = Origin(name="aesthetic_v2", backbone_id="vit-l-14", source_sha256="b" * 64)
    foreign = Head(origin, np.ones(128), 5.0)
    await asyncio.to_thread(foreign.write, beside / "aesthetic_v2.npz")
    fitting = Fitting(Here(), LocalArtifacts(tmp_path), Choice(folder=beside))
    found = await fitting.fitted(await stored(tmp_path, LINE, "a lighthouse", "a castle"))
    await asyncio.to_thread(fitting.close)
    assert "fit" in found[1].scores
    assert "aesthetic_v2" not in found[1].scores
    assert not found[1].failed


async def test_weights_that_are_not_here_are_neutral_and_named(tmp_path: Path) -> None:
    fitting = Fitting(Here(), LocalArtifacts(tmp_path), Choice(folder=tmp_path / "vit-l-14"))
    found = await fitting.fitted(await stored(tmp_path, LINE, "a lighthouse", "a castle"))
    await asyncio.to_thread(fitting.close)
    assert "no weights in" in found[1].missing
    assert not found[1].failed


async def test_an_engine_without_its_files_is_neutral_and_named(
    tmp_path: Path, beside: Path
) -> None:
    choice = Choice(folder=beside, engine="torch")
    fitting = Fitting(Here(), LocalArtifacts(tmp_path), choice)
    found = await fitting.fitted(await stored(tmp_path, LINE, "a lighthouse", "a castle"))
    await asyncio.to_thread(fitting.close)
    assert "open_clip_model.safetensors" in found[1].missing
    assert not found[1].failed
