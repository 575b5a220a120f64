"""The sky and what is in it, the wall of a room, and the light on both."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from providers.sketch import colour as tint
from providers.sketch import noise
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene
from providers.sketch.softly import SMALL, large, pool, small, stops

CLOUD_OCTAVES = ((3, 1.0), (7, 0.75), (17, 0.34), (40, 0.12))


def painted(scene: Scene) -> Image.Image:
    """Paint the sky with its clouds and the glow of its light."""
    wide, high = small(scene)
    rows = np.arange(high, dtype=np.float32) * SMALL / np.float32(max(1.0, scene.horizon))
    base = stops(scene.palette.sky, rows.clip(0, 1))[:, None, :] + np.zeros(
        (1, wide, 1), np.float32
    )
    sun = np.array(tint.rgb(scene.palette.sun), np.float32)
    base = _clouded(scene, base, sun)
    glow = pool(scene, wide, high, 0.30)[..., None]
    base += (sun - base) * glow * np.float32(0.34 if scene.night else 0.62)
    return large(scene, base)


def _clouded(scene: Scene, base: Floats, sun: Floats) -> Floats:
    """Lay banks of cloud over the sky, lit from the light's side."""
    high, wide = base.shape[:2]
    if scene.place.get("deep"):
        return _rays(scene, base)
    heavy = bool({"storm", "rain", "clouds", "fog"} & set(scene.brief.weather))
    if "clouds" in scene.brief.without:
        return base
    field = noise.field(scene.chance, "cloud", wide, high, CLOUD_OCTAVES)
    loose = scene.brief.style in {"", "wash"}
    if loose:
        cover = (field * 0.55 + (0.35 if heavy else -0.12)).clip(0, 1) * (0.9 if heavy else 0.62)
    else:
        cover = np.float32(0.8 if heavy else 0.25) * (field * 0.5).clip(0, 1)
    shade = np.array(tint.rgb(scene.palette.haze), np.float32)
    lit = shade + (sun - shade) * np.float32(0.25 if scene.night else 0.55)
    body = lit if not heavy else shade * np.float32(0.72)
    veil = cover[..., None].astype(np.float32)
    return (base + (body - base) * veil).astype(np.float32)


def _rays(scene: Scene, base: Floats) -> Floats:
    high, wide = base.shape[:2]
    x = np.arange(wide, dtype=np.float32)[None, :] / wide
    y = np.arange(high, dtype=np.float32)[:, None] / high
    slant = x + y * (0.35 if scene.light[0] < scene.width / 2 else -0.35)
    phase = scene.chance.steady("rays", 0, 6.28)
    shafts = (np.sin(slant * 17 + phase) + np.sin(slant * 29 + phase * 2.3)) * (1 - y) * 0.11
    lit: Floats = (base * (1 + shafts.clip(-0.05, 0.3)[..., None])).astype(np.float32)
    return lit


def stars(scene: Scene, image: Image.Image) -> None:
    """Scatter stars."""
    if not scene.night or scene.kind != "land" or "stars" in scene.brief.without:
        return
    pen = ImageDraw.Draw(image, "RGBA")
    for number in range(150 if scene.place.get("stars") else 90):
        x = scene.chance.number(f"star:{number}:x") * scene.width
        y = scene.chance.number(f"star:{number}:y") ** 1.4 * scene.horizon
        size = (0.7 + 1.5 * scene.chance.number(f"star:{number}:size") ** 3) * scene.unit / 1024
        light = 90 + int(150 * scene.chance.number(f"star:{number}:light"))
        pen.ellipse((x - size, y - size, x + size, y + size), fill=(250, 246, 228, light))


def disc(scene: Scene, image: Image.Image) -> None:
    """Draw sun or moon, antialiased on a small square."""
    hidden = {"rain", "storm", "fog"} & set(scene.brief.weather)
    if (
        hidden
        or "sun" in scene.brief.without
        or scene.place.get("deep")
        or scene.place.get("stars")
    ):
        return
    _halo(scene, image)
    radius = scene.unit * (0.045 if scene.night else 0.058)
    side = int(radius * 2 + 4)
    x, y = scene.light
    grid = np.hypot(np.arange(side) - side / 2, (np.arange(side) - side / 2)[:, None])
    mask = ((radius - grid).clip(0, 1) * 235).astype(np.uint8)
    image.paste(scene.palette.sun, (int(x - side / 2), int(y - side / 2)), Image.fromarray(mask))


def _halo(scene: Scene, image: Image.Image) -> None:
    """Draw rings of light around the sun in the clean styles."""
    if scene.brief.style in {"", "wash"}:
        return
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    x, y = scene.light
    reach = (0.7 + 0.7 * scene.chance.spread(4)) * scene.unit
    for share, light in ((0.52, 16), (0.34, 34), (0.19, 58)):
        pen.ellipse(
            (x - share * reach, y - share * reach, x + share * reach, y + share * reach), fill=light
        )
    image.paste(scene.palette.sun, (0, 0), mask.filter(ImageFilter.BoxBlur(0.7)))


def clouds(scene: Scene, image: Image.Image) -> None:
    """Set a few clouds with flat feet into the sky of the clean styles."""
    if (
        scene.brief.style in {"", "wash"}
        or "clouds" in scene.brief.without
        or scene.place.get("deep")
    ):
        return
    if scene.place.get("stars"):
        return
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    chance, unit = scene.chance, scene.unit
    for number in range(
        3 + chance.seed % 3 + 3 * bool({"clouds", "storm", "rain"} & set(scene.brief.weather))
    ):
        x = (number * 0.38 + chance.spread(4)) % 1.15 * scene.width
        y = scene.horizon * (0.14 + 0.6 * ((chance.spread(4) + number * 0.618) % 1.0))
        size = unit * chance.steady(f"cloud:{number}", 0.03, 0.06) * (2.4 if number == 0 else 1.0)
        for puff in range(5):
            r = (
                size
                * (0.55 + 0.5 * chance.number(f"cloud:{number}:{puff}"))
                * (1.25 - abs(puff - 2) * 0.32)
            )
            middle = x + (puff - 2) * size * 0.95
            pen.pieslice(
                (middle - r, y - r, middle + r, y + r), 180, 360, fill=150 - 18 * (number % 3)
            )
    light = tint.mixed(scene.palette.haze, scene.palette.sun, 0.22 if scene.night else 0.7)
    image.paste(light, (0, 0), mask.filter(ImageFilter.BoxBlur(0.6)))
