"""The technical checks: figures of a picture's pixels, each with its name; no verdicts here.

Runs in the pixel pool: imports nothing but Pillow, numpy and the domain. What the figures mean, and
their thresholds, stands in ``domain/policy.py``.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.policy import Measured
from scoring.colour import palette
from scoring.phash import phash

VERSION: Final = "pixels-2"
LONG_SIDE_PX: Final = 512
"""Sharpness is measured at this size, so that it means the same for every size."""
TILES: Final = 8
MIN_TILE_PX: Final = 3
BAR_TOLERANCE: Final = 6
"""How far a bar's levels may be from its colour: JPEG leaves a span of up to 8 on a plain bar."""
BAR_BLOCK: Final = 32
"""Rows are looked at in blocks, so that a picture without bars costs only its edges."""
PERCENTILES: Final = (10, 90)
"""Of the tiles' variances: the calmest tiles tell the grain, the liveliest the sharpness."""
BAR_SAMPLES: Final = 128
"""So many pixels of a row tell whether it is plain."""
BAR_STEP: Final = 0.5
"""A bar ends where more of a row than this has another colour: a horizon with things on it, or the
top of a logo, is no end of a bar."""
BAR_SOFT_PX: Final = 16
"""So many rows before its end a bar may lose its colour: JPEG smears it over one of its blocks."""
LEVELS_16_TO_8: Final = 257
OPAQUE: Final = 255
WHITE: Final = (255, 255, 255)

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.uint8]


def measure_artwork(data: bytes, number: int) -> Measured:
    """Decode a vendor's picture once and measure it.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    return measure(Picture.open(data, max_bytes=MAX_VENDOR_BYTES), number)


def measure(picture: Picture, number: int) -> Measured:
    """Measure a decoded picture; *number* is its place in the run."""
    rgb = flattened(picture.image)
    return Measured(
        number=number,
        scores={name: round(value, 4) for name, value in figures(rgb).items()},
        phash=phash(rgb),
        width=picture.width_px,
        height=picture.height_px,
        black=not any(high for _low, high in rgb.getextrema()),  # type: ignore[misc]  # RGB: pairs
        media_type=picture.media_type,
        size_bytes=picture.size_bytes,
        transparent=_transparent(picture.image),
        palette=palette(rgb),
    )


def _transparent(image: Image.Image) -> bool:
    if image.mode not in {"RGBA", "LA", "PA"} and "transparency" not in image.info:
        return False
    lowest, _ = image.convert("RGBA").getchannel("A").getextrema()
    return bool(lowest < OPAQUE)  # type: ignore[operator]  # one channel: two figures


def flattened(image: Image.Image, ground: tuple[int, int, int] = WHITE) -> Image.Image:
    """Return any picture as 8-bit RGB; what is transparent is *ground*, 16 bits become 8."""
    if image.mode.startswith("I"):
        levels = np.asarray(image, dtype=np.float32) / np.float32(LEVELS_16_TO_8)
        return Image.fromarray(levels.clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        below = Image.new("RGBA", clear.size, ground)
        return Image.alpha_composite(below, clear).convert("RGB")
    return image.convert("RGB")


def figures(rgb: Image.Image) -> dict[str, float]:
    """Return every figure of an RGB picture, by name."""
    grey = rgb.convert("L")
    low, high = grey.getextrema()
    levels = np.asarray(grey)
    return {
        **dict(zip(("grain_p10", "sharpness_p90"), sharpness(_at_512(grey)), strict=True)),
        "entropy_bits": float(grey.entropy()),
        "lightness_std": float(levels.std()),
        "lightness_range": float(high) - float(low),  # type: ignore[arg-type]  # L: two figures
        **_noise(grey),
        **_clipping(rgb),
        **_saturation(rgb),
        **_borders(np.asarray(rgb)),
    }


def sharpness(grey: Image.Image) -> tuple[float, float]:
    """Return the 10th and the 90th percentile over 8 × 8 tiles of the Laplacian's variance.

    The 90th lets a sharp subject before a blurred ground pass, as bokeh wants. The 10th is what
    lies over the whole picture alike: grain or noise, which makes a blurred picture look sharp.
    """
    levels = np.asarray(grey, dtype=np.int16)
    if min(levels.shape) < MIN_TILE_PX:
        return 0.0, 0.0
    centre = levels[1:-1, 1:-1] * np.int16(4)
    laplacian = centre - levels[:-2, 1:-1] - levels[2:, 1:-1] - levels[1:-1, :-2] - levels[1:-1, 2:]
    tiles = [
        float(tile.var(dtype=np.float64))
        for band in np.array_split(laplacian, min(TILES, laplacian.shape[0]), axis=0)
        for tile in np.array_split(band, min(TILES, laplacian.shape[1]), axis=1)
    ]
    low, high = np.percentile(tiles, PERCENTILES)
    return float(low), float(high)


def _at_512(grey: Image.Image) -> Image.Image:
    scale = LONG_SIDE_PX / max(grey.size)
    if scale >= 1:
        return grey
    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.BOX)


def _noise(grey: Image.Image) -> dict[str, float]:
    """Measure the native centre: a smaller picture would hide the noise of a failed decoding."""
    left = max(0, (grey.width - LONG_SIDE_PX) // 2)
    top = max(0, (grey.height - LONG_SIDE_PX) // 2)
    right, bottom = min(grey.width, left + LONG_SIDE_PX), min(grey.height, top + LONG_SIDE_PX)
    centre = grey.crop((left, top, right, bottom))
    return {"noise_entropy_bits": float(centre.entropy()), "noise_p90": sharpness(centre)[1]}


def _clipping(rgb: Image.Image) -> dict[str, float]:
    counts = np.asarray(rgb.histogram(), dtype=np.float64).reshape(3, 256)
    pixels = rgb.width * rgb.height
    return {
        "clipped_low": float(counts[:, :2].sum(axis=1).max() / pixels),
        "clipped_high": float(counts[:, 254:].sum(axis=1).max() / pixels),
    }


def _saturation(rgb: Image.Image) -> dict[str, float]:
    """Saturation as in HSV; weighted by value, since that of dark pixels is noise."""
    small = rgb.copy()
    small.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.BOX)
    hsv: Floats = np.asarray(small.convert("HSV"), dtype=np.float32) / np.float32(255)
    saturation, value = hsv[..., 1], hsv[..., 2]
    weight = float(value.sum())
    strong = (saturation > 0.95) & (value > 0.2)  # noqa: PLR2004  scoring conventions, see policy
    return {
        "saturation_mean": float((saturation * value).sum()) / weight if weight else 0.0,
        "saturated_fraction": float(strong.mean()),
    }


def _borders(rgb: Levels) -> dict[str, float]:
    """Return what part of a side a bar of one colour takes, from each edge inwards."""
    rows = rgb[:, :: max(1, rgb.shape[1] // BAR_SAMPLES)]
    columns = rgb[:: max(1, rgb.shape[0] // BAR_SAMPLES)].transpose(1, 0, 2)
    return {
        "border_top": _bar(rows),
        "border_bottom": _bar(rows[::-1]),
        "border_left": _bar(columns),
        "border_right": _bar(columns[::-1]),
    }


def _bar(rows: Levels) -> float:
    """Return the part of the rows that a bar takes from the first row on; 0 if there is none.

    All of a bar has the colour of its first row, and it ends at once over most of its width: plain
    sky, and the white ground of a logo or a product, do not.
    """
    colour = np.median(rows[0], axis=0).astype(np.int16)
    for start in range(0, len(rows), BAR_BLOCK):
        other = _of_another_colour(rows[start : start + BAR_BLOCK], colour)
        ends = other.any(axis=1)
        if ends.any():
            first = start + int(ends.argmax())
            after = _of_another_colour(rows[first : first + BAR_SOFT_PX + 1], colour)
            over = after.mean(axis=1) > BAR_STEP
            return (first + int(over.argmax())) / len(rows) if over.any() else 0.0
    return 0.0


def _of_another_colour(rows: Levels, colour: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """Return (n, w) bool: where a pixel is not of a colour, (3,), as far as JPEG keeps it."""
    other: npt.NDArray[np.bool_] = (np.abs(rows - colour) > BAR_TOLERANCE).any(axis=2)
    return other
