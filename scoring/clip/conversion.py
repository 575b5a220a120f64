"""ONNX files for weights that are here already, let in only if their vectors hardly turn."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.clip.embedder import Embedder
from scoring.clip.exporting import computed, towers
from scoring.clip.fit import BANK
from scoring.clip.openclip import OpenClipEmbedder
from scoring.clip.ort import OrtEmbedder
from scoring.clip.weights import MANIFEST, Weights, WeightsError, opened, sealed

MOST_DRIFT: Final = 0.005
"""Of a cosine between picture and text, at the 95th percentile."""
PICTURES: Final = 56


def converted(
    folder: Path, pictures: Callable[[int, int], npt.NDArray[np.uint8]], *, int8: bool
) -> tuple[Weights, float]:
    """Add both ONNX towers to a folder; its name stays, its backbone id changes.

    Args:
        folder: Whole weights with open_clip's tensors.
        pictures: Draws so many pictures of such a side, (n, side, side, 3).
        int8: Store large arrays as int8.

    Returns:
        The weights as they are now, and how much they drift.

    Raises:
        WeightsError: They drift more than 0.005, and nothing was changed.
        ImportError: torch is not installed.
    """
    weights = opened(folder)
    reference = OpenClipEmbedder(weights)
    squares = pictures(PICTURES, reference.side_px)
    texts = _texts(weights)
    wanted = reference.images(squares) @ reference.texts(texts).T
    aside = folder.with_name(f".{folder.name}.exporting")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        # Heads are held to the weights as they were; they are folded anew for the new ones.
        heads = shutil.ignore_patterns("*.npz")
        shutil.copytree(folder, aside, copy_function=_linked, ignore=heads)
        towers(weights.folder, aside, int8=int8, shrink=computed)
        (aside / MANIFEST).unlink()
        told = weights.manifest.model_dump(exclude={"form", "files"})
        sealed(aside, **told)
        drift = drifted(OrtEmbedder(opened(aside)), squares, texts, wanted)
        if not drift <= MOST_DRIFT:
            said = f"the export drifts by {drift:.4f} at the 95th percentile"
            hint = "At most 0.005 is let in. Try without --int8."
            raise WeightsError(said, hint=hint)
        _swapped(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return opened(folder), drift


def drifted(
    embedder: Embedder,
    squares: npt.NDArray[np.uint8],
    texts: list[str],
    wanted: npt.NDArray[np.float32],
) -> float:
    """Return how much the cosines differ from those wanted, at the 95th percentile."""
    cosines = embedder.images(squares) @ embedder.texts(texts).T
    return float(np.percentile(np.abs(cosines - wanted), 95))


def _texts(weights: Weights) -> list[str]:
    banked: dict[str, list[str]] = json.loads(weights.path(BANK).read_text("utf-8"))
    return banked["whole"][:16]


def _linked(source: str, target: str) -> None:
    """Link a file rather than copy it: weights are large, and never changed in place."""
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _swapped(aside: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old)
