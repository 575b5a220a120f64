"""Makes the edge map that a canny ControlNet is fed with, from a photo.

J. Canny, "A Computational Approach to Edge Detection", IEEE TPAMI 8(6), 1986: smooth, gradient,
thin to ridges, keep weak edges that touch strong ones. Thresholds and the L1 gradient are those of
the ControlNet authors' annotator (lllyasviel/ControlNet, gradio_canny2image.py: 100 and 200 over
OpenCV's 3 × 3 Sobel). Runs in the pixel pool: nothing but Pillow, numpy and the picture.
"""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from domain.picture import MAX_VENDOR_BYTES, Picture

LOW: Final = 100.0
HIGH: Final = 200.0
SMOOTH_PX: Final = 1.0
"""Radius of the Gaussian; the annotator leaves it to the caller's picture, photos have grain."""
TAN_22: Final = float(np.tan(np.pi / 8))

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def canny_map(photo: bytes) -> bytes:
    """Return a PNG of the photo's size: white edges, one pixel wide, on black.

    Raises:
        PictureError: It is no picture.
    """
    image = Picture.open(photo, max_bytes=MAX_VENDOR_BYTES).image.convert("L")
    grey = np.asarray(image.filter(ImageFilter.GaussianBlur(SMOOTH_PX)), dtype=np.float32)
    edges = _joined(*_ridges(grey))
    out = io.BytesIO()
    Image.fromarray(edges.astype(np.uint8) * 255).convert("RGB").save(out, "PNG")
    return out.getvalue()


def _ridges(grey: Floats) -> tuple[Mask, Mask]:
    """Return the weak and the strong pixels that are the top of their slope."""
    across, down = _sobel(grey)
    slope = np.abs(across) + np.abs(down)
    top = slope * _is_top(slope, across, down)
    return top > LOW, top > HIGH


def _sobel(grey: Floats) -> tuple[Floats, Floats]:
    """Return the gradient to the right and downwards, 3 × 3, borders repeated."""
    near = np.pad(grey, 1, mode="edge")
    tall = near[:-2] + 2 * near[1:-1] + near[2:]
    wide = near[:, :-2] + 2 * near[:, 1:-1] + near[:, 2:]
    return tall[:, 2:] - tall[:, :-2], wide[2:] - wide[:-2]


def _is_top(slope: Floats, across: Floats, down: Floats) -> Mask:
    """Tell where a pixel is not lower than both its neighbours along the gradient."""
    flat = np.abs(down) <= np.abs(across) * TAN_22
    steep = np.abs(across) <= np.abs(down) * TAN_22
    rising = (across * down > 0) & ~flat & ~steep
    falling = ~(flat | steep | rising)
    near = np.pad(slope, 1)
    kept = np.zeros(slope.shape, dtype=np.bool_)
    for where, step_y, step_x in (
        (flat, 0, 1),
        (steep, 1, 0),
        (rising, 1, 1),
        (falling, 1, -1),
    ):
        after, before = _shifted(near, step_y, step_x), _shifted(near, -step_y, -step_x)
        kept |= where & (slope >= after) & (slope > before)
    return kept


def _shifted(padded: Floats, step_y: int, step_x: int) -> Floats:
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    return padded[1 + step_y : 1 + step_y + height, 1 + step_x : 1 + step_x + width]


def _joined(weak: Mask, strong: Mask) -> Mask:
    """Return the strong edges and every weak one that is joined to them, by eight neighbours."""
    kept = strong
    while True:
        grown = np.asarray(Image.fromarray(kept).convert("L").filter(ImageFilter.MaxFilter(3))) > 0
        grown &= weak
        grown |= kept
        if np.array_equal(grown, kept):
            return kept
        kept = grown
