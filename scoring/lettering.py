"""What is written in a picture, read by RapidOCR: the extra ``[ocr]``, in a process of its own.

Its networks come inside its wheel. They are named to it one by one, because it would fetch from
its makers what it does not find.
"""

import logging
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.seen import Lettering
from scoring.pixels import flattened
from scoring.wording import likeness

logger = logging.getLogger(__name__)
PACKAGE: Final = "rapidocr"
MISSING: Final = "not installed: pip install 'ai-handler[ocr]' adds what reads lettering"
SIDE_PX: Final = 1280
"""The long side that is read: lettering that is lost at this size nobody reads on a page."""
SMALLEST_PX: Final = 12
"""In a picture with a side below this there is nothing to read."""
SLIMMEST: Final = 4
"""Slimmer pictures get a margin: the detector would blow their short side up, and them with it."""
NETWORKS: Final = {"Det": "*_det_*.onnx", "Rec": "*_rec_*.onnx", "Cls": "*_cls_*.onnx"}


def installed() -> bool:
    """Say whether the extra is there."""
    return find_spec(PACKAGE) is not None


def lettering_of(data: bytes, wanted: tuple[str, ...], sure: float) -> Lettering:
    """Read a picture, and compare with what is wanted; for a pool of processes.

    Args:
        data: A picture file.
        wanted: Texts that are to be read in it.
        sure: How sure, in [0, 1], the reader must be of a line for it to be listed.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    pixels = readable(Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image)
    try:
        lines = _read(pixels) if pixels is not None else []
    except Exception:
        # Its own exceptions do not cross between processes.
        logger.exception("lettering was not read")
        return Lettering(missing="lettering: reading failed", failed=True)
    texts = [text for text, _ in lines]
    return Lettering(
        likeness={text: likeness(text, texts) for text in wanted},
        lines=tuple(text for text, how_sure in lines if how_sure >= sure),
        version=f"{PACKAGE}-{version(PACKAGE)}",
    )


def readable(image: Image.Image) -> npt.NDArray[np.uint8] | None:
    """Return a picture as the reader takes it, (high, wide, 3) BGR; None if it is too small.

    What is transparent is shown on white, as a page would.
    """
    if min(image.size) < SMALLEST_PX:
        return None
    flat = flattened(image).copy()
    flat.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    least = max(flat.size) // SLIMMEST
    if min(flat.size) < least:
        size = (max(flat.width, least), max(flat.height, least))
        flat = ImageOps.pad(flat, size, color="white", method=Image.Resampling.LANCZOS)
    return np.ascontiguousarray(np.asarray(flat)[..., ::-1])


def _read(pixels: npt.NDArray[np.uint8]) -> list[tuple[str, float]]:
    found = _reader()(pixels)
    return list(zip(found.txts or (), map(float, found.scores or ()), strict=True))


@cache
def _reader() -> Any:
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    named = {f"{part}.model_path": str(_only(folder, glob)) for part, glob in NETWORKS.items()}
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_type": "max",
            "Det.limit_side_len": SIDE_PX,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            **named,
        }
    )


def _only(folder: Path, glob: str) -> Path:
    found = sorted(folder.glob(glob))
    if len(found) != 1:
        raise FileNotFoundError(f"{len(found)} files {glob} in {folder}: install it anew")
    return found[0]
