"""Pictures that a loopback vendor makes: the same for the same words, and never blank or flat."""

import hashlib
import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

FORMATS: Final = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}
SHAPES: Final = 14
NOISE: Final = 3.0
TILE_PX: Final = 128


def draw(words: str, width: int, height: int, kind: str = "png") -> bytes:
    """Return a picture of *width* × *height* pixels that depends on *words* alone."""
    digest = hashlib.sha256(words.encode()).digest()
    chance = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    image = _ground(chance, width, height)
    _shapes(chance, image)
    soft = image.filter(ImageFilter.GaussianBlur(0.6))
    pixels = np.asarray(soft, dtype=np.int16) + _grain(chance, width, height)
    out = io.BytesIO()
    picture = Image.fromarray(np.clip(pixels, 8, 247).astype(np.uint8))
    picture.save(out, FORMATS[kind], **({"compress_level": 1} if kind == "png" else {}))
    return out.getvalue()


def _grain(chance: np.random.Generator, width: int, height: int) -> NDArray[np.int16]:
    tile = chance.normal(0.0, NOISE, (TILE_PX, TILE_PX)).astype(np.int16)
    times = (height // TILE_PX + 1, width // TILE_PX + 1)
    return np.tile(tile, times)[:height, :width, None]


def _ground(chance: np.random.Generator, width: int, height: int) -> Image.Image:
    corners = chance.integers(80, 190, (2, 2, 3)).astype(np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


def _shapes(chance: np.random.Generator, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    for number in range(SHAPES):
        x, y = (float(chance.uniform(0.1, 0.9)) * side for side in image.size)
        reach = float(chance.uniform(0.04, 0.22)) * min(image.size)
        red, green, blue = (int(value) for value in chance.integers(60, 230, 3))
        box = (x - reach, y - reach, x + reach, y + reach)
        if number % 2:
            pen.ellipse(box, fill=(red, green, blue), outline=(30, 30, 40), width=3)
        else:
            pen.rectangle(box, fill=(red, green, blue), outline=(235, 230, 220), width=3)
