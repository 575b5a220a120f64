"""Ranges on the horizon: hills, peaks under snow, the roofs of a town."""

import numpy as np
from PIL import Image, ImageChops

from providers.sketch import colour as tint
from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene
from providers.sketch.softly import below, fill_below


def ridges(scene: Scene, image: Image.Image) -> None:
    """Draw three ranges, paler with distance."""
    if "hills" in scene.brief.without or (
        scene.place.get("open_water") and scene.chance.seed % 3 == 0
    ):
        return
    tones = scene.palette.hills
    far = tint.mixed(tones[0], scene.palette.haze, 0.55)
    rows = ((far, 0.20, 5, "far"), (tones[0], 0.13, 6, "middle"), (tones[1], 0.07, 8, "near"))
    for code, lift, cells, key in rows:
        line, high = _ridge(scene, key, cells, lift)
        tops = (scene.horizon - line.clip(0, 1.5) * high * scene.unit).astype(np.float32)
        fill_below(image, code, tops, scene.horizon + 0.04 * scene.unit)
        if scene.place.get("peaks") and key != "near":
            _capped(scene, image, tops, key)


def _ridge(scene: Scene, key: str, cells: int, lift: float) -> tuple[Floats, float]:
    if scene.place.get("peaks"):
        return _peaked(scene, key), lift * 2.0
    if scene.place.get("skyline"):
        return _roofs(scene, key), lift * 1.5
    return noise.ridge(scene.chance, f"hill:{key}", scene.width, cells) * np.float32(
        0.5
    ) + np.float32(0.5), lift


def _peaked(scene: Scene, key: str) -> Floats:
    """Return a range: the upper edge of overlapping triangles, a little rough."""
    x = np.arange(scene.width, dtype=np.float32) / np.float32(scene.unit)
    span = scene.width / scene.unit
    line = np.zeros(scene.width, np.float32)
    for number in range(max(3, round(5 * span))):
        middle = (number + scene.chance.steady(f"peak:{key}:{number}:x")) / 5 - 0.1
        tall = scene.chance.steady(f"peak:{key}:{number}", 0.45, 1.15)
        slope = scene.chance.steady(f"peak:{key}:{number}:s", 2.6, 4.2)
        line = np.maximum(
            line, np.float32(tall) - np.abs(x - np.float32(middle)) * np.float32(slope)
        )
    rough = noise.ridge(scene.chance, f"peak+:{key}", scene.width, 46)
    return (line + rough * np.float32(0.045)).astype(np.float32)


def _capped(scene: Scene, image: Image.Image, tops: Floats, key: str) -> None:
    """Lay snow on what reaches high, with a ragged lower edge."""
    ragged = noise.ridge(scene.chance, f"cap:{key}", scene.width, 60) * np.float32(
        0.016 * scene.unit
    )
    line = np.float32(tops.min() + 0.115 * scene.unit) + ragged
    snow = ImageChops.subtract(
        below(tops, scene.height), below(line.astype(np.float32), scene.height)
    )
    image.paste(tint.mixed("#f7f6f2", scene.palette.haze, 0.35), (0, 0), snow)


def _roofs(scene: Scene, key: str) -> Floats:
    line = np.zeros(scene.width, np.float32)
    at, number = 0, 0
    while at < scene.width:
        wide = int(scene.unit * scene.chance.steady(f"roof:{key}:{number}:w", 0.04, 0.10)) + 1
        line[at : at + wide] = scene.chance.steady(f"roof:{key}:{number}", 0.25, 1.15)
        at, number = at + wide, number + 1
    return line
