"""A wall and the light on it: a window's panes, shadows of leaves, a painted form."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from providers.sketch import colour as tint
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene
from providers.sketch.softly import SMALL, large, pool, small, stops

RAMP = 0.20
"""How much brighter the wall is on the light's side than in its middle."""


def painted(scene: Scene) -> Image.Image:
    """Paint a wall, brighter toward the light."""
    wide, high = small(scene)
    rows = np.arange(high, dtype=np.float32) * SMALL / np.float32(max(1.0, scene.horizon))
    base = stops(scene.palette.sky, rows.clip(0, 1))[:, None, :] * _ramp(scene, wide)
    base = base * (0.93 + 0.13 * pool(scene, wide, high, 0.42)[..., None])
    image = large(scene, base.astype(np.float32))
    (_window, _leaves, _form)[(scene.chance.seed + scene.chance.seed // 3) % 3](scene, image)
    return image


def _ramp(scene: Scene, wide: int) -> Floats:
    toward = -1.0 if scene.light[0] < scene.width / 2 else 1.0
    x = np.linspace(-1, 1, wide, dtype=np.float32)
    ramp: Floats = (1 + toward * RAMP * x)[None, :, None].astype(np.float32)
    return ramp


def _window(scene: Scene, image: Image.Image) -> None:
    """Let a window's light fall aslant."""
    chance, wide, high = scene.chance, scene.width, scene.horizon
    mask, pen = _blank(image)
    away = 1.0 if scene.light[0] < scene.width / 2 else -1.0
    columns, rows = 2 + chance.seed % 2, 2 + chance.seed // 2 % 2
    pane = wide * chance.steady("window:w", 0.30, 0.50) / columns
    tall = high * chance.steady("window:h", 0.50, 0.80) / rows
    left = (
        scene.light[0] - pane * columns * 0.5 + away * wide * chance.steady("window:x", -0.02, 0.12)
    )
    top, lean = (
        high * chance.steady("window:y", 0.02, 0.16),
        away * chance.steady("window:lean", 0.15, 0.5),
    )
    for column in range(columns):
        for row in range(rows):
            x, y = left + column * pane + row * tall * lean, top + row * tall
            right, foot = x + pane * 0.92, y + tall * 0.93
            slant = tall * 0.93 * lean
            pen.polygon([(x, y), (right, y), (right + slant, foot), (x + slant, foot)], fill=150)
    _lay(scene, image, mask, scene.palette.sun)


def _leaves(scene: Scene, image: Image.Image) -> None:
    """Let a branch outside throw its shadow."""
    chance, unit = scene.chance, scene.unit
    mask, pen = _blank(image)
    away = 1.0 if scene.light[0] < scene.width / 2 else -1.0
    corner = scene.width * (0.5 - away * 0.52)
    for twig in range(4):
        angle = math.radians(12 + twig * 21 + chance.steady(f"twig:{twig}", -8, 8))
        length = unit * chance.steady(f"twig:{twig}:l", 0.50, 0.95)
        for leaf in range(9):
            along = length * (0.18 + leaf * 0.1)
            x = corner + away * math.cos(angle) * along
            y = -0.04 * unit + math.sin(angle) * along * 0.9
            _leaf(pen, (x, y), angle * away + (0.9 if leaf % 2 else -0.9), unit * 0.085)
    _lay(scene, image, mask, tint.mixed(scene.palette.sky[0], scene.palette.ink, 0.42))


def _leaf(pen: ImageDraw.ImageDraw, root: tuple[float, float], angle: float, size: float) -> None:
    points = []
    for step in range(13):
        turn = step / 12 * math.tau
        along, across = size * (0.5 - 0.5 * math.cos(turn)), size * 0.20 * math.sin(turn)
        points.append(
            (
                root[0] + along * math.cos(angle) - across * math.sin(angle),
                root[1] + along * math.sin(angle) + across * math.cos(angle),
            )
        )
    pen.polygon(points, fill=105)


def _form(scene: Scene, image: Image.Image) -> None:
    """Paint an arch or a disc on the wall, behind the subject."""
    chance = scene.chance
    mask, pen = _blank(image)
    lead = scene.width - scene.light[0]
    x = lead + scene.width * chance.steady("form:x", -0.10, 0.10)
    r = scene.unit * chance.steady("form:r", 0.24, 0.36)
    if chance.seed // 2 % 2:
        y = scene.horizon - r * chance.steady("form:y", 0.9, 1.25)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=190)
    else:
        y = max(r * 1.05, scene.horizon * chance.steady("form:y", 0.40, 0.62))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=190)
        pen.rectangle((x - r, y, x + r, scene.horizon + 4), fill=190)
    tone = tint.mixed(scene.palette.sky[0], scene.palette.ground[1], 0.45)
    dark = chance.seed // 4 % 2
    _lay(
        scene,
        image,
        mask,
        tint.shaded(tone, 0.82) if dark else tint.mixed(tone, scene.palette.sun, 0.72),
        0.0008,
    )


def _blank(image: Image.Image) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    mask = Image.new("L", image.size, 0)
    return mask, ImageDraw.Draw(mask)


def _lay(
    scene: Scene, image: Image.Image, mask: Image.Image, code: str, blur: float = 0.005
) -> None:
    image.paste(code, (0, 0), mask.filter(ImageFilter.BoxBlur(blur * scene.unit)))
