"""The ground, water on it, its nearest bank, and surfaces seen from above."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from providers.sketch import colour as tint
from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene
from providers.sketch.softly import SMALL, below, fill_below, large, pool, small, stops


def surface(scene: Scene) -> Image.Image:
    """Paint a table or a ground seen from above."""
    wide, high = small(scene)
    tones = [np.array(tint.rgb(code), np.float32) for code in scene.palette.ground]
    grain = noise.field(scene.chance, "surface", wide, high, ((3, 1.0), (60, 0.3)))
    base = tones[1] + grain[..., None] * np.float32(0.022)
    glow = pool(scene, wide, high, 0.75)
    image = large(scene, base * (0.82 + 0.30 * glow[..., None]))
    _cloth(scene, image)
    return image


def _cloth(scene: Scene, image: Image.Image) -> None:
    """Lay a cloth, a board or a tray under the things, in a tone of the ground."""
    chance, kind = scene.chance, (scene.chance.seed + scene.chance.seed // 3) % 3
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    x, y = (chance.steady(f"cloth:{axis}", 0.30, 0.70) for axis in "xy")
    middle, r = (
        (x * scene.width, y * scene.height),
        scene.unit * chance.steady("cloth:r", 0.36, 0.5),
    )
    if kind == 0:
        pen.ellipse((middle[0] - r, middle[1] - r, middle[0] + r, middle[1] + r), fill=255)
    else:
        pen.regular_polygon(
            (*middle, r * 1.5), 4, rotation=chance.steady("cloth:turn", 0, 90), fill=255
        )
    lift = chance.seed // 2 % 2
    base = scene.palette.ground[1]
    tone = tint.mixed(base, "#fffaf0", 0.46) if lift else tint.shaded(base, 0.72)
    image.paste(tone, (0, 0), mask.filter(ImageFilter.BoxBlur(0.7)))


def bank(scene: Scene, image: Image.Image) -> None:
    """Let the nearest ground rise darker at one lower corner: it leads the eye in."""
    if scene.place.get("open_water"):
        return
    rise = np.linspace(1, 0, scene.width, dtype=np.float32) ** 2
    if scene.chance.spread(3) < 0.5:  # noqa: PLR2004  left or right
        rise = rise[::-1]
    high = (0.07, 0.12, 0.17, 0.09)[scene.chance.seed % 4]
    line = scene.height * np.float32(1.0) - (rise * high + 0.012) * np.float32(scene.height)
    line += noise.ridge(scene.chance, "bank", scene.width, 9) * np.float32(0.008 * scene.unit)
    code = tint.shaded(scene.palette.ground[2], 0.80)
    fill_below(image, code, line.astype(np.float32), scene.height)


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
    streaks = noise.field(scene.chance, "waves", wide, high, ((9, 0.4),))
    rows = np.sin(depth[:, None] ** 0.6 * 120 + streaks * 2.2)
    x = np.arange(wide, dtype=np.float32)[None, :] * SMALL
    path = np.exp(-(((x - scene.light[0]) / (scene.unit * (0.10 + 0.3 * depth[:, None]))) ** 2))
    shine = (rows.clip(0.35, 1) - 0.35) * (0.16 + 0.75 * path) * water
    glinting: Floats = (base + (sun - base) * shine[..., None]).astype(np.float32)
    return glinting
