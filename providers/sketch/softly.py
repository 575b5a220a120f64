"""Soft things painted small and enlarged: gradients, pools of light, masks along a line."""

import numpy as np
from PIL import Image

from providers.sketch import colour as tint
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene

SMALL = 4
"""Gradients are painted at a quarter of the size."""


def small(scene: Scene) -> tuple[int, int]:
    """Return width and height of what is enlarged later."""
    return max(8, scene.width // SMALL), max(8, scene.height // SMALL)


def large(scene: Scene, colours: Floats) -> Image.Image:
    """Enlarge (h, w, 3) float32 in [0, 1] to the whole picture."""
    levels = (colours * 255).clip(0, 255).astype(np.uint8)
    return Image.fromarray(levels).resize((scene.width, scene.height), Image.Resampling.BICUBIC)


def stops(codes: tuple[str, ...], at: Floats) -> Floats:
    """Return colours along a gradient of evenly spaced stops, *at* in [0, 1]; adds an axis of 3."""
    table = np.array([tint.rgb(code) for code in codes], np.float32)
    place = np.linspace(0, 1, len(codes), dtype=np.float32)
    return np.stack([np.interp(at, place, table[:, band]) for band in range(3)], axis=-1).astype(
        np.float32
    )


def pool(scene: Scene, wide: int, high: int, radius: float) -> Floats:
    """Return light falling off around its source, (h, w) in [0, 1]."""
    x = np.arange(wide, dtype=np.float32)[None, :] * SMALL - np.float32(scene.light[0])
    y = np.arange(high, dtype=np.float32)[:, None] * SMALL - np.float32(scene.light[1])
    reach = np.float32(radius * max(scene.width, scene.height))
    return np.exp(-(x * x + y * y) / (reach * reach))


def soft(value: Floats, low: float, high: float, sharp: float) -> Floats:
    """Return 1 where a value is between two limits, with a soft step at each."""
    inside: Floats = ((value - low) * sharp).clip(0, 1) * ((high - value) * sharp).clip(0, 1)
    return inside.astype(np.float32)


def below(tops: Floats, height: int) -> Image.Image:
    """Return a mask of all below a line, antialiased."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return Image.fromarray(((rows - tops[None, :] + 0.5).clip(0, 1) * 255).astype(np.uint8))


def fill_below(image: Image.Image, code: str, tops: Floats, foot: float) -> None:
    """Paint all between a line and *foot* in one colour, touching no other rows."""
    top = max(0, int(tops.min()) - 1)
    high = min(image.height, int(foot) + 1) - top
    if high > 0:
        image.paste(code, (0, top), below(tops - np.float32(top), high))
