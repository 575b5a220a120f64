"""Sky, hills, ground and wall as pixels: soft things small and enlarged, edges at full size."""

from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from providers.sketch import colour as tint
from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene

SMALL = 4
"""Gradients are painted at a quarter of the size."""


def backdrop(scene: Scene) -> Image.Image:
    """Paint all that lies behind the things, RGB."""
    if scene.kind == "lay":
        return surface(scene)
    image = _sky(scene)
    _stars(scene, image)
    if scene.kind == "land":
        _disc(scene, image)
        _ridges(scene, image)
    image.paste(_ground(scene), (0, 0), _ground_mask(scene))
    return image


def surface(scene: Scene) -> Image.Image:
    """Paint a table or a ground seen from above."""
    wide, high = _small(scene)
    ground = [np.array(tint.rgb(code), np.float32) for code in scene.palette.ground]
    grain = noise.field(scene.chance, "surface", wide, high, ((3, 1.0), (60, 0.3)))
    base = ground[1] + grain[..., None] * np.float32(0.022)
    pool = _pool(scene, wide, high, 0.75)
    return _large(scene, base * (0.82 + 0.30 * pool[..., None]))


def _small(scene: Scene) -> tuple[int, int]:
    return max(8, scene.width // SMALL), max(8, scene.height // SMALL)


def _large(scene: Scene, small: Floats) -> Image.Image:
    levels = (small * 255).clip(0, 255).astype(np.uint8)
    return Image.fromarray(levels).resize((scene.width, scene.height), Image.Resampling.BICUBIC)


def stops(codes: tuple[str, ...], at: Floats) -> Floats:
    """Return colours along a gradient of evenly spaced stops, *at* in [0, 1]; adds an axis of 3."""
    table = np.array([tint.rgb(code) for code in codes], np.float32)
    place = np.linspace(0, 1, len(codes), dtype=np.float32)
    return np.stack([np.interp(at, place, table[:, band]) for band in range(3)], axis=-1).astype(
        np.float32
    )


def _pool(scene: Scene, wide: int, high: int, radius: float) -> Floats:
    """Return light falling off around its source, (h, w) in [0, 1]."""
    x = np.arange(wide, dtype=np.float32)[None, :] * SMALL - np.float32(scene.light[0])
    y = np.arange(high, dtype=np.float32)[:, None] * SMALL - np.float32(scene.light[1])
    reach = np.float32(radius * max(scene.width, scene.height))
    return np.exp(-(x * x + y * y) / (reach * reach))


def _sky(scene: Scene) -> Image.Image:
    wide, high = _small(scene)
    rows = np.arange(high, dtype=np.float32) * SMALL / np.float32(max(1.0, scene.horizon))
    base = stops(scene.palette.sky, rows.clip(0, 1))[:, None, :] + np.zeros((1, wide, 1), np.float32)
    sun = np.array(tint.rgb(scene.palette.sun), np.float32)
    indoors = scene.kind != "land"
    glow = _pool(scene, wide, high, 0.42 if indoors else 0.30)[..., None]
    strength = np.float32(0.34 if scene.night else 0.62)
    if not indoors:
        base = _clouded(scene, base, sun)
        base += (sun - base) * glow * strength
    else:
        base *= 0.84 + 0.22 * glow
        base = _windowed(scene, base)
    return _large(scene, base)


def _clouded(scene: Scene, base: Floats, sun: Floats) -> Floats:
    """Lay banks of cloud over the sky, lit from the light's side."""
    high, wide = base.shape[:2]
    if scene.place.get("deep"):
        return _rays(scene, base)
    field = noise.field(scene.chance, "cloud", wide, high, ((3, 1.0), (7, 0.75), (17, 0.34), (40, 0.16)))
    heavy = {"storm", "rain", "clouds"} & set(scene.brief.weather)
    cover = (field * 0.55 + (0.35 if heavy else -0.12)).clip(0, 1) * (0.9 if heavy else 0.62)
    if "clouds" in scene.brief.without:
        cover *= 0
    shade = np.array(tint.rgb(scene.palette.haze), np.float32)
    lit = shade + (sun - shade) * np.float32(0.25 if scene.night else 0.55)
    body = lit if not heavy else shade * np.float32(0.72)
    return base + (body - base) * cover[..., None].astype(np.float32)


def _rays(scene: Scene, base: Floats) -> Floats:
    high, wide = base.shape[:2]
    x = np.arange(wide, dtype=np.float32)[None, :] / wide
    y = np.arange(high, dtype=np.float32)[:, None] / high
    slant = x + y * (0.35 if scene.light[0] < scene.width / 2 else -0.35)
    phase = scene.chance.steady("rays", 0, 6.28)
    shafts = (np.sin(slant * 17 + phase) + np.sin(slant * 29 + phase * 2.3)) * (1 - y) * 0.11
    return base * (1 + shafts.clip(-0.05, 0.3)[..., None])


def _windowed(scene: Scene, base: Floats) -> Floats:
    """Let a window's light fall aslant on the wall."""
    high, wide = base.shape[:2]
    chance = scene.chance
    left = scene.light[0] < scene.width / 2
    x = np.arange(wide, dtype=np.float32)[None, :] / wide
    y = np.arange(high, dtype=np.float32)[:, None] * SMALL / np.float32(max(1.0, scene.horizon))
    lean = chance.steady("window:lean", 0.16, 0.42) * (1 if left else -1)
    across = x - (chance.steady("window:x", 0.10, 0.34) if left else 1 - chance.steady("window:x", 0.44, 0.68)) - y * lean * 0.5
    span = chance.steady("window:w", 0.26, 0.40)
    panes = 2 + chance.seed // 2 % 2
    cell = (across / span * panes) % 1.0
    edge = 26.0
    inside = _soft(across, 0.0, span, edge) * _soft(cell, 0.06, 0.94, edge * span / panes)
    top = chance.steady("window:y", 0.02, 0.26)
    rows = _soft(y, top, top + chance.steady("window:h", 0.46, 0.66), edge) * _soft((y - top) % 0.30, 0.012, 0.30, edge)
    light = inside * rows * np.float32(0.26 if not scene.night else 0.34)
    sun = np.array(tint.rgb(scene.palette.sun), np.float32)
    return base * 0.93 + (sun - base * 0.93) * light[..., None]


def _soft(value: Floats, low: float, high: float, sharp: float) -> Floats:
    soft: Floats = ((value - low) * sharp).clip(0, 1) * ((high - value) * sharp).clip(0, 1)
    return soft.astype(np.float32)


def _stars(scene: Scene, image: Image.Image) -> None:
    if not scene.night or scene.kind != "land" or "stars" in scene.brief.without:
        return
    pen = ImageDraw.Draw(image, "RGBA")
    for number in range(150 if scene.place.get("stars") else 90):
        x = scene.chance.number(f"star:{number}:x") * scene.width
        y = scene.chance.number(f"star:{number}:y") ** 1.4 * scene.horizon
        size = (0.7 + 1.5 * scene.chance.number(f"star:{number}:size") ** 3) * scene.unit / 1024
        light = 90 + int(150 * scene.chance.number(f"star:{number}:light"))
        pen.ellipse((x - size, y - size, x + size, y + size), fill=(250, 246, 228, light))


def _disc(scene: Scene, image: Image.Image) -> None:
    """Draw sun or moon, antialiased on a small square."""
    hidden = {"rain", "storm", "fog"} & set(scene.brief.weather)
    if hidden or "sun" in scene.brief.without or scene.place.get("deep") or scene.place.get("stars"):
        return
    radius = scene.unit * (0.045 if scene.night else 0.058)
    side = int(radius * 2 + 4)
    x, y = scene.light
    grid = np.hypot(np.arange(side) - side / 2, (np.arange(side) - side / 2)[:, None])
    mask = ((radius - grid).clip(0, 1) * 235).astype(np.uint8)
    image.paste(scene.palette.sun, (int(x - side / 2), int(y - side / 2)), Image.fromarray(mask))


def _ridges(scene: Scene, image: Image.Image) -> None:
    if "hills" in scene.brief.without or scene.place.get("open_water") and scene.chance.seed % 3 == 0:
        return
    tones = scene.palette.hills
    rows = ((tint.mixed(tones[0], scene.palette.haze, 0.55), 0.20, 5, "far"), (tones[0], 0.13, 6, "middle"), (tones[1], 0.07, 8, "near"))
    for code, lift, cells, key in rows:
        line = noise.ridge(scene.chance, f"hill:{key}", scene.width, cells) * 0.5 + 0.5
        if scene.place.get("peaks"):
            line = _peaked(scene, key, lift)
        if scene.place.get("skyline"):
            line = _roofs(scene, key)
        lift = lift * (1.9 if scene.place.get("peaks") else 1.5 if scene.place.get("skyline") else 1.0)
        tops = scene.horizon - line.clip(0, 1.4) * lift * scene.unit
        image.paste(code, (0, 0), _below(tops.astype(np.float32), scene.height))


def _peaked(scene: Scene, key: str, lift: float) -> Floats:
    sharp = 1 - np.abs(noise.ridge(scene.chance, f"peak:{key}", scene.width, 7 if lift > 0.1 else 10))  # noqa: PLR2004
    fine = noise.ridge(scene.chance, f"peak+:{key}", scene.width, 40) * 0.07
    return (sharp + fine).astype(np.float32)


def _roofs(scene: Scene, key: str) -> Floats:
    line = np.zeros(scene.width, np.float32)
    at, number = 0, 0
    while at < scene.width:
        wide = int(scene.unit * scene.chance.steady(f"roof:{key}:{number}:w", 0.04, 0.10)) + 1
        line[at : at + wide] = scene.chance.steady(f"roof:{key}:{number}", 0.25, 1.15)
        at, number = at + wide, number + 1
    return line


def _below(tops: Floats, height: int) -> Image.Image:
    """Return a mask of all below a line, antialiased."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return Image.fromarray(((rows - tops[None, :] + 0.5).clip(0, 1) * 255).astype(np.uint8))


def _ground_mask(scene: Scene) -> Image.Image:
    line = np.full(scene.width, scene.horizon, np.float32)
    if scene.kind == "land" and not scene.place.get("open_water") and not scene.place.get("skyline"):
        line += noise.ridge(scene.chance, "ground", scene.width, 4) * np.float32(0.012 * scene.unit)
    return _below(line, scene.height)


def _ground(scene: Scene) -> Image.Image:
    wide, high = _small(scene)
    rows = np.arange(high, dtype=np.float32) * SMALL
    depth = ((rows - scene.horizon) / max(1.0, scene.height - scene.horizon)).clip(0, 1)
    base = stops(scene.palette.ground, depth)[:, None, :] + np.zeros((1, wide, 1), np.float32)
    bands: tuple[tuple[int, float], ...] = ((4, 1.0), (11, 0.5), (30, 0.2))
    drift = noise.field(scene.chance, "soil", wide, high, bands)
    base *= 1 + drift[..., None] * np.float32(0.03 if scene.kind != "land" else 0.05)
    lit = _pool(scene, wide, high, 0.60)[..., None] * np.float32(0.20)
    sun = np.array(tint.rgb(scene.palette.sun), np.float32)
    base += (sun - base) * lit
    if scene.place.get("open_water") or scene.place.get("water"):
        base = _glints(scene, base, depth, sun)
    return _large(scene, base)


def _glints(scene: Scene, base: Floats, depth: Floats, sun: Floats) -> Floats:
    """Lay the light's path and lines of waves on water; a beach has it at the far side only."""
    high, wide = base.shape[:2]
    water = depth[:, None] < (2.0 if scene.place.get("open_water") else 0.26)
    if scene.place.get("water"):
        sea = np.array(tint.rgb(str(scene.place["water"])), np.float32) * np.array(scene.palette.ambient, np.float32)
        shore = depth[:, None] + noise.ridge(scene.chance, "shore", wide, 5)[None, :] * 0.03
        water = shore < 0.26  # noqa: PLR2004  the shore's share of the ground
        base = np.where(water[..., None], sea, base).astype(np.float32)
    streaks = noise.field(scene.chance, "waves", wide, max(2, high // 1), ((9, 0.4),))
    rows = np.sin(depth[:, None] ** 0.6 * 120 + streaks * 2.2)
    x = np.arange(wide, dtype=np.float32)[None, :] * SMALL
    path = np.exp(-(((x - scene.light[0]) / (scene.unit * (0.10 + 0.3 * depth[:, None]))) ** 2))
    shine = (rows.clip(0.35, 1) - 0.35) * (0.16 + 0.75 * path) * water
    return (base + (sun - base) * shine[..., None]).astype(np.float32)


def shadows(scene: Scene) -> Image.Image | None:
    """Return the shadows where things stand, as a grey picture to multiply with."""
    if "shadow" in scene.brief.without:
        return None
    wide, high = _small(scene)
    total = np.ones((high, wide), np.float32)
    for thing in scene.placed:
        if thing.grounded:
            _shadow(scene, total, thing)
    grey = Image.fromarray((total * 255).astype(np.uint8))
    return grey.resize((scene.width, scene.height), Image.Resampling.BICUBIC)


def _shadow(scene: Scene, total: Floats, thing: Any) -> None:
    """Darken a soft ellipse at the foot, drawn out away from the light."""
    away = 1.0 if thing.x > scene.light[0] else -1.0
    if scene.kind in {"lay", "board", "sheet"}:
        middle, reach = (thing.x - away * -0.05 * thing.height, thing.foot - thing.height * 0.45), (thing.width * 0.62, thing.height * 0.62)
        strength = 0.34
    else:
        middle = (thing.x + away * thing.width * 0.16, thing.foot - 0.004 * scene.unit)
        reach = (thing.width * 0.66, max(0.012 * scene.unit, min(thing.height, thing.width) * 0.105))
        strength = 0.52 * (1 - thing.depth)
    left, right = (int((middle[0] + sign * reach[0] * 1.6) / SMALL) for sign in (-1, 1))
    top, bottom = (int((middle[1] + sign * reach[1] * 1.9) / SMALL) for sign in (-1, 1))
    high, wide = total.shape
    left, top, right, bottom = max(0, left), max(0, top), min(wide, right + 1), min(high, bottom + 1)
    if left >= right or top >= bottom:
        return
    x = (np.arange(left, right, dtype=np.float32) * SMALL - middle[0]) / reach[0]
    y = (np.arange(top, bottom, dtype=np.float32) * SMALL - middle[1]) / reach[1]
    fall = np.exp(-1.6 * (x[None, :] ** 2 + y[:, None] ** 2)) * strength
    core = np.exp(-5.0 * (((x[None, :] * reach[0] + middle[0] - thing.x) / (thing.width * 0.5)) ** 2 + (y[:, None] * 1.9) ** 2)) * strength * 0.7
    total[top:bottom, left:right] *= (1 - fall) * (1 - core)


def multiplied(image: Image.Image, grey: Image.Image | None) -> Image.Image:
    """Darken a picture by a grey one."""
    return image if grey is None else ImageChops.multiply(image, Image.merge("RGB", (grey,) * 3))
