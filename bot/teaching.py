"""Training the small CLIP on sketches: from lessons to a folder of weights that ships."""

import itertools
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot import lessons
from scoring.clip.evaluation import Figures, evaluated
from scoring.clip.lesson import Lesson
from scoring.clip.ort import OrtEmbedder
from scoring.clip.pixels import squared
from scoring.clip.weights import SHIPPED, opened, sealed

CHUNK: Final = 100
MOST_PAIRS: Final = 20_000
"""Enough for an hour of training on two cores; 0.5 GB of memory."""
HELD_OUT_SEED: Final = 1_000_003
LICENCE: Final = "CC BY-SA 4.0"
SOURCE: Final = "trained by ai-handler on its own sketches, whose things are drawn by OpenMoji"


def drawn(workers: int = 1) -> Iterator[tuple[Lesson, Lesson]]:
    """Draw lessons in processes of their own, as fast as they are taken; ends at 20,000 pairs."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned) as pool:
        seeds = itertools.count()
        waiting: list[Future[list[lessons.Pair]]] = []
        for _ in range(MOST_PAIRS // CHUNK):
            while len(waiting) < workers * 2:
                waiting.append(pool.submit(lessons.chunk, next(seeds), CHUNK))
            yield from ((pair.full, pair.lacking) for pair in waiting.pop(0).result())
        for future in waiting:
            future.cancel()


def taught(out: Path, *, minutes: float, threads: int, going_on_from: Path | None) -> Figures:
    """Train, export to *out*, evaluate what was exported, and write the figures to its manifest.

    What torch needs to go on later is kept in *out* with ``-trained`` behind its name.
    """
    from scoring.clip.exporting import export  # noqa: PLC0415  torch: seconds, and seldom there
    from scoring.clip.training import train  # noqa: PLC0415

    trained = out.with_name(f"{out.name}-trained")
    train(
        drawn(), lessons.words(), trained,
        minutes=minutes, threads=threads, going_on_from=going_on_from,
    )  # fmt: skip
    export(trained, out, bank=lessons.bank(), **about())
    return judged(out, minutes=minutes)


def about() -> dict[str, Any]:
    """Return what the manifest says of where the weights come from."""
    return {"name": SHIPPED, "licence": LICENCE, "source": SOURCE, "valid_for": ("sketch",)}


def judged(folder: Path, **told: Any) -> Figures:
    """Evaluate a folder that was just exported, and write the figures to its manifest."""
    figures = examined(folder)
    sealed(folder, trained=figures.record() | told, **_same(folder))
    return figures


def examined(folder: Path, *, hundreds: int = 3) -> Figures:
    """Evaluate a weights folder on briefs that hold combinations it was never taught.

    Raises:
        WeightsError: The folder cannot be used.
    """
    embedder = OrtEmbedder(opened(folder))
    # A few more than asked for: briefs of equal meaning are not put into one hundred.
    many = itertools.islice(lessons.pairs(HELD_OUT_SEED, held_out=True), hundreds * 100 + 10)
    return evaluated(embedder, [(pair.full, pair.lacking, pair.lost) for pair in many])


def pictures(count: int, side_px: int) -> npt.NDArray[np.uint8]:
    """Return so many sketches, (count, side, side, 3), to hold two engines against each other."""
    many = itertools.islice(lessons.pairs(HELD_OUT_SEED, held_out=True), count)
    return np.stack([squared(Image.fromarray(pair.full.image), side_px) for pair in many])


def _same(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return {name: value for name, value in said.items() if name not in {"form", "files", "trained"}}
