"""Shadows where things stand."""

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Placed, Scene
from providers.sketch.softly import SMALL, small

LOOSE, CALM = ((3, 0.7), (5, 1.0), (8, 1.0)), ((2, 0.8), (4, 1.0), (6, 0.6))
"""Patches of light where colour may run, and in the clean styles."""
LOOSE_DEPTH, CALM_DEPTH = 0.05, 0.075


def shadows(scene: Scene) -> Image.Image:
    """Return the shadows where things stand, as a grey picture to multiply with."""
    wide, high = small(scene)
    total = _dappled(scene, wide, high)
    for thing in scene.placed:
        if thing.grounded and "shadow" not in scene.brief.without:
            _shadow(scene, total, thing)
    grey = Image.fromarray((total * 255).astype(np.uint8))
    return grey.resize((scene.width, scene.height), Image.Resampling.BICUBIC)


def _dappled(scene: Scene, wide: int, high: int) -> Floats:
    """Return light as it falls through leaves or clouds: no two seeds are lit alike."""
    loose = scene.brief.style in {"", "wash"}
    field = noise.field(scene.chance, "dapple", wide, high, LOOSE if loose else CALM)
    depth = np.float32(LOOSE_DEPTH if loose else CALM_DEPTH)
    return (1 - depth + depth * field).clip(0.74, 1.0).astype(np.float32)


def _shadow(scene: Scene, total: Floats, thing: Placed) -> None:
    """Darken a soft ellipse at the foot, drawn out away from the light."""
    away = 1.0 if thing.x > scene.light[0] else -1.0
    if scene.kind in {"lay", "board", "sheet"}:
        middle, reach = (
            (thing.x - away * -0.05 * thing.height, thing.foot - thing.height * 0.45),
            (thing.width * 0.62, thing.height * 0.62),
        )
        strength = 0.34
    else:
        middle = (thing.x + away * thing.width * 0.16, thing.foot - 0.004 * scene.unit)
        reach = (
            thing.width * 0.66,
            max(0.012 * scene.unit, min(thing.height, thing.width) * 0.105),
        )
        strength = 0.52 * (1 - thing.depth)
    left, right = (int((middle[0] + sign * reach[0] * 1.6) / SMALL) for sign in (-1, 1))
    top, bottom = (int((middle[1] + sign * reach[1] * 1.9) / SMALL) for sign in (-1, 1))
    high, wide = total.shape
    left, top, right, bottom = (
        max(0, left),
        max(0, top),
        min(wide, right + 1),
        min(high, bottom + 1),
    )
    if left >= right or top >= bottom:
        return
    x = (np.arange(left, right, dtype=np.float32) * SMALL - middle[0]) / reach[0]
    y = (np.arange(top, bottom, dtype=np.float32) * SMALL - middle[1]) / reach[1]
    fall = np.exp(-1.6 * (x[None, :] ** 2 + y[:, None] ** 2)) * strength
    core = (
        np.exp(
            -5.0
            * (
                ((x[None, :] * reach[0] + middle[0] - thing.x) / (thing.width * 0.5)) ** 2
                + (y[:, None] * 1.9) ** 2
            )
        )
        * strength
        * 0.7
    )
    total[top:bottom, left:right] *= (1 - fall) * (1 - core)


def multiplied(image: Image.Image, grey: Image.Image) -> Image.Image:
    """Darken a picture by a grey one."""
    return ImageChops.multiply(image, Image.merge("RGB", (grey,) * 3))


def modelled(scene: Scene, things: Image.Image, alpha: Image.Image) -> Image.Image:
    """Shade the rim that is turned from the light: a silhouette minus itself, moved."""
    reach = max(2, round(0.016 * scene.unit))
    away = reach if scene.light[0] < scene.width / 2 else -reach
    turned = ImageChops.subtract(alpha, ImageChops.offset(alpha, -away, -reach // 2))
    soft = turned.resize((scene.width // 2, scene.height // 2)).filter(
        ImageFilter.BoxBlur(reach / 4)
    )
    rim = soft.point(lambda level: 255 - level * 0.30).resize(
        things.size, Image.Resampling.BILINEAR
    )
    return multiplied(things, rim)
