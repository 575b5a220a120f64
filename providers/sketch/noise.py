"""Soft fields of noise: few random cells, enlarged; a branch blends its parent's with its own."""

import functools
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from providers.sketch.chance import Chance, unit

Floats: TypeAlias = npt.NDArray[np.float32]
Levels: TypeAlias = npt.NDArray[np.uint8]

OCTAVES = ((6, 1.0), (14, 0.5), (40, 0.22), (110, 0.1))
"""Cells across, and weight."""


def field(
    chance: Chance,
    key: str,
    width: int,
    height: int,
    octaves: tuple[tuple[int, float], ...] = OCTAVES,
) -> Floats:
    """Return smooth noise of mean 0 and deviation 1, (h, w) float32."""
    total = np.zeros((height, width), np.float32)
    for cells, weight in octaves:
        total += np.float32(weight) * _octave(chance, f"{key}:{cells}", cells, (width, height))
    total -= total.mean(dtype=np.float32)
    deviation = float(total.std(dtype=np.float32))
    return total / np.float32(max(deviation, 1e-6))


def ridge(chance: Chance, key: str, width: int, cells: int) -> Floats:
    """Return a line of hills, (w,) float32 in about [-1, 1]."""
    rough = _cells(chance, key, (1, cells + 4))
    fine = _cells(chance, key + "+", (1, cells * 3))
    shapes = [
        Image.fromarray(row).resize((width, 1), Image.Resampling.BICUBIC) for row in (rough, fine)
    ]
    slow, quick = (np.asarray(shape, dtype=np.float32)[0] for shape in shapes)
    line: Floats = slow + np.float32(0.18) * quick
    return line


@functools.lru_cache(maxsize=6)
def grain(width: int, height: int) -> Image.Image:
    """Return fine paper grain about 128, one for each size."""
    random = np.random.default_rng(20261122)
    fine = random.normal(0, 1, (height, width)).astype(np.float32)
    soft = (fine[:, :-1] + fine[:, 1:]) * np.float32(0.5)
    fine[:, 1:] = fine[:, 1:] * np.float32(0.5) + soft * np.float32(0.6)
    return Image.fromarray((fine * 24 + 128).clip(0, 255).astype(np.uint8))


def _octave(chance: Chance, key: str, cells: int, size: tuple[int, int]) -> Floats:
    width, height = size
    across = max(2, min(cells, width))
    down = max(2, min(height, round(cells * height / width)))
    small = Image.fromarray(_cells(chance, key, (down, across)))
    return np.asarray(small.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)


def _cells(chance: Chance, key: str, shape: tuple[int, int]) -> Floats:
    total = np.zeros(shape, np.float32)
    for number, (seed, strength) in enumerate(chance.fields()):
        own = _uniform(seed, key, shape)
        total = own if number == 0 else total + (own - total) * np.float32(strength)
    return total


def _uniform(seed: int, key: str, shape: tuple[int, int]) -> Floats:
    random = np.random.default_rng(int(unit(seed, key) * 2**52))
    return random.uniform(-1, 1, shape).astype(np.float32)
