"""Lettering and safety on the road: absent with a reason, and a process that hangs is replaced."""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from bot.seeing import Seeing, watched
from bot.world import PixelPool
from domain.run import Run
from domain.seen import Lettering, LetteringWanted, Safety, Seen
from scoring import lettering, safety
from storage.artifacts import LocalArtifacts
from tests.pipeline.given import finished, planned
from tests.scoring.given import png, scene
from tests.scoring.test_lettering import SIGN, sign

P = ParamSpec("P")
T = TypeVar("T")
WANTED = LetteringWanted(texts=(SIGN,))


class Breaking:
    """A process that does something else than what it is asked for."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.fault:
            raise self.fault
        await asyncio.Event().wait()
        return function(*args, **kwargs)

    def close(self) -> None:
        self.closed = True


async def stored(folder: Path, data: bytes) -> Run:
    digest = await LocalArtifacts(folder).put(data, "image/png")
    run = finished(planned("imagine a fox --count 1"))
    return run.model_copy(
        update={"artworks": (run.artworks[0].model_copy(update={"digest": digest}),)}
    )


async def look(seeing: Seeing, run: Run) -> Seen:
    return (await seeing.seen(run, WANTED, sure=0.8, safety=True))[1]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "PACKAGE", "numpy")
    monkeypatch.setattr(safety, "PACKAGE", "numpy")


async def test_what_is_not_installed_is_neutral_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lettering, "PACKAGE", "no_such_reader")
    monkeypatch.setattr(safety, "PACKAGE", "no_such_network")
    seeing = Seeing(Breaking(), LocalArtifacts(tmp_path))
    found = await look(seeing, await stored(tmp_path, png(scene())))
    assert found == Seen(
        lettering=Lettering(missing=lettering.MISSING), safety=Safety(missing=safety.MISSING)
    )
    assert "ai-handler[ocr]" in lettering.MISSING
    assert "ai-handler[safety]" in safety.MISSING


async def test_what_does_not_matter_is_not_looked_for(tmp_path: Path) -> None:
    seeing = Seeing(Breaking(AssertionError()), LocalArtifacts(tmp_path))
    run = await stored(tmp_path, png(scene()))
    assert await seeing.seen(run, None, sure=0.8, safety=False) == {1: Seen()}


@pytest.mark.usefixtures("installed")
async def test_a_scorer_that_hangs_is_absent_after_its_time(tmp_path: Path) -> None:
    seeing = Seeing(Breaking(), LocalArtifacts(tmp_path), seen_s=0.01)
    found = await look(seeing, await stored(tmp_path, png(scene())))
    assert found.lettering == Lettering(missing="lettering took too long", failed=True)
    assert found.safety == Safety(missing="safety took too long", failed=True)


@pytest.mark.usefixtures("installed")
async def test_a_process_that_dies_costs_the_figures_alone(tmp_path: Path) -> None:
    seeing = Seeing(Breaking(BrokenProcessPool()), LocalArtifacts(tmp_path))
    found = await look(seeing, await stored(tmp_path, png(scene())))
    assert found.lettering == Lettering(missing="lettering failed", failed=True)
    assert found.safety == Safety(missing="safety failed", failed=True)


@pytest.mark.usefixtures("installed")
async def test_a_picture_that_is_gone_or_damaged_is_absent_with_its_reason(tmp_path: Path) -> None:
    pool = PixelPool(1)
    seeing = Seeing(pool, LocalArtifacts(tmp_path))
    run = await stored(tmp_path, b"\x89PNG\r\n\x1a\nhalf")
    found = await look(seeing, run)
    assert found.lettering is not None
    assert found.lettering.failed
    assert found.lettering.missing.startswith("lettering: ")
    await asyncio.to_thread(seeing.close)


async def test_a_process_that_hangs_ends_itself_and_another_takes_its_place() -> None:
    pool = PixelPool(1)
    with pytest.raises(BrokenProcessPool):
        await pool.run(watched, 0.2, signal.pause)
    assert await pool.run(watched, 60, abs, -3) == 3
    await asyncio.to_thread(pool.close)


@pytest.mark.extras
async def test_a_real_picture_is_read_and_judged_in_the_process(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr", reason="make test-torch installs it")
    seeing = Seeing(PixelPool(1), LocalArtifacts(tmp_path))
    found = await look(seeing, await stored(tmp_path, png(sign(SIGN))))
    await asyncio.to_thread(seeing.close)
    assert found.scores["lettering"] == 1.0
    assert found.scores["unsafe"] < 0.2
