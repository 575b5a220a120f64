"""Pictures that a loopback vendor makes: the same for the same words, and never blank or flat."""

import hashlib
import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FORMATS: Final = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}
SHAPES: Final = 14
NOISE: Final = 3.0


def draw(words: str, width: int, height: int, kind: str = "png") -> bytes:
    """Return a picture of *width* × *height* pixels that depends on *words* alone."""
    digest = hashlib.sha256(words.encode()).digest()
    chance = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    image = _ground(chance, width, height)
    _shapes(chance, image)
    soft = image.filter(ImageFilter.GaussianBlur(0.6))
    grain = chance.normal(0.0, NOISE, (height, width, 1))
    pixels = np.clip(np.asarray(soft, dtype=np.float32) + grain, 8, 247).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, FORMATS[kind])
    return out.getvalue()


def _ground(chance: np.random.Generator, width: int, height: int) -> Image.Image:
    corners = chance.integers(50, 200, (2, 2, 3)).astype(np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


def _shapes(chance: np.random.Generator, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    for number in range(SHAPES):
        x, y = (float(chance.uniform(0.1, 0.9)) * side for side in image.size)
        reach = float(chance.uniform(0.04, 0.22)) * min(image.size)
        red, green, blue = (int(value) for value in chance.integers(20, 235, 3))
        box = (x - reach, y - reach, x + reach, y + reach)
        if number % 2:
            pen.ellipse(box, fill=(red, green, blue), outline=(30, 30, 40), width=3)
        else:
            pen.rectangle(box, fill=(red, green, blue), outline=(235, 230, 220), width=3)
