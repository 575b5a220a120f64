"""The ground, water on it, its nearest bank, and surfaces seen from above."""

import numpy as np
from PIL import Image

from providers.sketch import colour as tint
from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene
from providers.sketch.softly import SMALL, below, large, pool, small, stops


def surface(scene: Scene) -> Image.Image:
    """Paint a table or a ground seen from above."""
    wide, high = small(scene)
    tones = [np.array(tint.rgb(code), np.float32) for code in scene.palette.ground]
    grain = noise.field(scene.chance, "surface", wide, high, ((3, 1.0), (60, 0.3)))
    base = tones[1] + grain[..., None] * np.float32(0.022)
    glow = pool(scene, wide, high, 0.75)
    return large(scene, base * (0.82 + 0.30 * glow[..., None]))


def bank(scene: Scene, image: Image.Image) -> None:
    """Let the nearest ground rise darker at one lower corner: it leads the eye in."""
    if scene.place.get("open_water"):
        return
    rise = np.linspace(1, 0, scene.width, dtype=np.float32) ** 2
    if scene.light[0] > scene.width / 2:
        rise = rise[::-1]
    line = scene.height * np.float32(1.0) - (rise * 0.105 + 0.012) * np.float32(scene.height)
    line += noise.ridge(scene.chance, "bank", scene.width, 9) * np.float32(0.008 * scene.unit)
    image.paste(
        tint.shaded(scene.palette.ground[2], 0.80),
        (0, 0),
        below(line.astype(np.float32), scene.height),
    )


def mask(scene: Scene) -> Image.Image:
    """Return where the ground is."""
    line = np.full(scene.width, scene.horizon, np.float32)
    if (
        scene.kind == "land"
        and not scene.place.get("open_water")
        and not scene.place.get("skyline")
    ):
        line += noise.ridge(scene.chance, "ground", scene.width, 4) * np.float32(0.012 * scene.unit)
    return below(line, scene.height)


def painted(scene: Scene) -> Image.Image:
    """Paint the ground, lighter toward the horizon and where the light falls."""
    wide, high = small(scene)
    rows = np.arange(high, dtype=np.float32) * SMALL
    depth = ((rows - scene.horizon) / max(1.0, scene.height - scene.horizon)).clip(0, 1)
    base = stops(scene.palette.ground, depth)[:, None, :] + np.zeros((1, wide, 1), np.float32)
    bands: tuple[tuple[int, float], ...] = ((4, 1.0), (11, 0.5), (30, 0.2))
    drift = noise.field(scene.chance, "soil", wide, high, bands)
    base *= 1 + drift[..., None] * np.float32(0.03 if scene.kind != "land" else 0.05)
    lit = pool(scene, wide, high, 0.60)[..., None] * np.float32(0.20)
    sun = np.array(tint.rgb(scene.palette.sun), np.float32)
    base += (sun - base) * lit
    if scene.place.get("open_water") or scene.place.get("water"):
        base = _glints(scene, base, depth, sun)
    return large(scene, base)


def _glints(scene: Scene, base: Floats, depth: Floats, sun: Floats) -> Floats:
    """Lay the light's path and lines of waves on water; a beach has it at the far side only."""
    high, wide = base.shape[:2]
    water = depth[:, None] < (2.0 if scene.place.get("open_water") else 0.26)
    if scene.place.get("water"):
        sea = np.array(tint.rgb(str(scene.place["water"])), np.float32) * np.array(
            scene.palette.ambient, np.float32
        )
        shore = depth[:, None] + noise.ridge(scene.chance, "shore", wide, 5)[None, :] * 0.03
        water = shore < 0.26  # noqa: PLR2004  the shore's share of the ground
        base = np.where(water[..., None], sea, base).astype(np.float32)
    streaks = noise.field(scene.chance, "waves", wide, max(2, high // 1), ((9, 0.4),))
    rows = np.sin(depth[:, None] ** 0.6 * 120 + streaks * 2.2)
    x = np.arange(wide, dtype=np.float32)[None, :] * SMALL
    path = np.exp(-(((x - scene.light[0]) / (scene.unit * (0.10 + 0.3 * depth[:, None]))) ** 2))
    shine = (rows.clip(0.35, 1) - 0.35) * (0.16 + 0.75 * path) * water
    return (base + (sun - base) * shine[..., None]).astype(np.float32)
