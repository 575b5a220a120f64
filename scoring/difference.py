"""How two pictures differ, pixel by pixel: as a figure, and as a picture of the difference."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.record import Record
from scoring.phash import phash
from scoring.pixels import flattened

Floats = npt.NDArray[np.float32]
SIDE_PX: Final = 768
"""Both are compared at this size of their long side at most."""
FULL: Final = 50.0
"""A difference in ΔE that is drawn at its strongest."""
SEEN: Final = 2.3
"""From about here on eyes see a difference between colours beside each other."""
SHAPE: Final = 0.01
"""Pictures whose ratio differs by more are not laid over each other."""
COLD: Final = (0.11, 0.10, 0.14)
WARM: Final = (
    (0.0, COLD),
    (0.25, (0.42, 0.21, 0.79)),
    (0.6, (0.93, 0.42, 0.26)),
    (1.0, (1.0, 0.95, 0.75)),
)
"""Nothing differs in the dark; what differs most is the brightest."""
WHITE: Final = np.array((0.95047, 1.0, 1.08883), dtype=np.float32)
TO_XYZ: Final = np.array(
    (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    ),
    dtype=np.float32,
)


class Figures(Record):
    """How far two pictures are apart."""

    phash_bits: int
    """Of 64: up to about 10 are the same picture to the eye."""
    mean_delta_e: float
    """Of all pixels, in CIE 1976: from 2.3 on eyes see it."""
    changed: float
    """The share of pixels whose difference eyes see."""


class Differs(Record):
    """Figures and their picture, as WebP; no picture where the shapes differ."""

    figures: Figures
    data: bytes = b""


def differ(old: bytes, new: bytes) -> Differs:
    """Compare two pictures; for the pixel pool.

    Raises:
        PictureError: One of them is no picture, or damaged.
    """
    sides = [flattened(Picture.open(one, max_bytes=MAX_VENDOR_BYTES).image) for one in (old, new)]
    bits = (int(phash(sides[0]), 16) ^ int(phash(sides[1]), 16)).bit_count()
    ratios = [one.width / one.height for one in sides]
    same_shape = abs(ratios[0] / ratios[1] - 1) <= SHAPE
    size = _size(sides[0])
    labs = [_lab(one.resize(size, Image.Resampling.BOX, reducing_gap=2.0)) for one in sides]
    apart = np.sqrt(((labs[0] - labs[1]) ** 2).sum(axis=-1))
    figures = Figures(
        phash_bits=bits,
        mean_delta_e=round(float(apart.mean()), 2),
        changed=round(float((apart > SEEN).mean()), 4),
    )
    return Differs(figures=figures, data=_drawn(apart) if same_shape else b"")


def _size(image: Image.Image) -> tuple[int, int]:
    scale = min(1.0, SIDE_PX / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _lab(image: Image.Image) -> Floats:
    """Return CIE L*a*b* of every pixel, under D65."""
    levels = np.asarray(image, dtype=np.float32) / np.float32(255)
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    xyz = (linear @ TO_XYZ.T) / WHITE
    bent = np.where(xyz > 216 / 24389, np.cbrt(xyz), 24389 / 27 / 116 * xyz + 16 / 116)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), axis=-1).astype(np.float32)


def _drawn(apart: Floats) -> bytes:
    strength = np.clip(apart / FULL, 0.0, 1.0)
    at = [place for place, _ in WARM]
    channels = [np.interp(strength, at, [colour[one] for _, colour in WARM]) for one in range(3)]
    levels = (np.stack(channels, axis=-1) * 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "WEBP", quality=85, method=2)
    return out.getvalue()
