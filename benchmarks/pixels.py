"""The technical checks: milliseconds of CPU for one picture of 1024², each check on its own."""

import io
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from domain.picture import Picture
from scoring import pixels
from scoring.phash import phash

ROUNDS = 9


def main() -> None:
    data = scene(1)
    rgb = pixels.flattened(Picture.open(data).image)
    grey = rgb.convert("L")
    levels = np.asarray(rgb)
    checks: dict[str, Callable[[], object]] = {
        "decode PNG": lambda: Picture.open(data),
        "sharpness": lambda: pixels.sharpness(pixels._at_512(grey)),
        "entropy": grey.entropy,
        "noise": lambda: pixels._noise(grey),
        "clipping": lambda: pixels._clipping(rgb),
        "saturation": lambda: pixels._saturation(rgb),
        "borders": lambda: pixels._borders(levels),
        "perceptual hash": lambda: phash(rgb),
        "all of them": lambda: pixels.measure_artwork(data, 1),
    }
    for name, check in checks.items():
        print(f"{name:<20} {_median_ms(check):6.1f} ms CPU")


def scene(seed: int, side: int = 1024) -> bytes:
    """A picture with edges, shades and a little noise, as PNG."""
    chance = np.random.default_rng(seed)
    ground = np.linspace(210, 90, side)[:, None, None] * np.array([0.8, 0.9, 1.0])
    noisy = np.repeat(ground, side, axis=1) + chance.normal(0, 2, (side, side, 1))
    image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, reach = (int(value) for value in chance.integers(20, side, 3))
        colour = tuple(int(value) for value in chance.integers(30, 220, 3))
        draw.ellipse((x - reach // 6, y - reach // 6, x + reach // 6, y + reach // 6), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _median_ms(check: Callable[[], object]) -> float:
    check()
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        check()
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1000
