"""Cuts a grid of four into its images; for the pixel pool."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from domain.errors import PictureError
from domain.picture import MAX_VENDOR_BYTES, Picture

MIN_TILE_PX: Final = 256
SEAM: Final = 1.5
"""By how many times the step over a seam exceeds those beside it; in an image alone it does not."""
SEAMS: Final = 4.0
"""Both of them, multiplied: a horizon in the middle of an image alone is one line, not two."""


def split(data: bytes) -> tuple[bytes, ...]:
    """Return the four images of a grid as PNG: left to right, then the second row.

    Raises:
        PictureError: It is no picture, or does not split into four equal parts.
    """
    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image
    width, height = image.size
    if width % 2 or height % 2 or min(width, height) < 2 * MIN_TILE_PX:
        raise PictureError(
            f"{width}×{height} pixels do not split into four",
            hint="Hand in the grid as Midjourney made it, or single images: attach single.",
        )
    half, middle = width // 2, height // 2
    corners = ((0, 0), (half, 0), (0, middle), (half, middle))
    return tuple(_png(image.crop((x, y, x + half, y + middle))) for x, y in corners)


def looks_like_grid(data: bytes) -> bool:
    """Tell whether a picture is a grid of four, by the two seams in its middle.

    Four images on the same plain ground have none: then it must be said (``attach grid``).

    Raises:
        PictureError: It is no picture.
    """
    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image
    width, height = image.size
    if width % 2 or height % 2 or min(width, height) < 2 * MIN_TILE_PX:
        return False
    grey = np.asarray(image.convert("L"), dtype=np.int16)
    across, down = _seam(grey), _seam(grey.T)
    return min(across, down) >= SEAM and across * down >= SEAMS


def _seam(grey: npt.NDArray[np.int16]) -> float:
    """Return how much the step over the middle column exceeds those around it."""
    middle = grey.shape[1] // 2
    near = grey[:, middle - 17 : middle + 17]
    steps = np.abs(np.diff(near, axis=1)).mean(axis=0)
    usual = float(np.median(steps)) + 0.5
    return float(steps[16]) / usual


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    has_alpha = image.mode in {"RGBA", "LA", "PA"}
    image.convert("RGBA" if has_alpha else "RGB").save(out, "PNG", compress_level=3)
    return out.getvalue()
