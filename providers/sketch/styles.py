"""The styles: how a scene becomes a picture. Ink and wash when none is named."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

from providers.sketch import backdrop, finish, layers, shade
from providers.sketch import colour as tint
from providers.sketch.finish import Mood
from providers.sketch.scene import Scene
from providers.sketch.wash import ink_lines, paper, wash

PRINTABLE: Final = [3 + round(level * 249 / 255) for level in range(256)]
"""No ink is black and no paper white: nothing is clipped, whatever the mood."""
SHALLOW_BLUR = 0.0085
"""Of the short side: how far behind the subject a shallow depth of field blurs."""


def paint(scene: Scene, wanted: Mood) -> Image.Image:
    """Paint a scene in its style, RGB."""
    image = STYLES.get(scene.brief.style, wash)(scene, wanted)
    if STYLES.get(scene.brief.style, wash) is not wash:
        image = finish.tilted(scene, image)
    return image.point(PRINTABLE * 3)


def flat(scene: Scene, wanted: Mood) -> Image.Image:
    """Clean shapes, thin lines, one light."""
    image = composed(scene)
    image = finish.graded(finish.weather(scene, image), wanted)
    image = finish.vignetted(scene, image, 0.14, wanted)
    return finish.grained(scene, image, 3.0 * (1 + wanted.get("grain", 0.0)))


def composed(scene: Scene) -> Image.Image:
    """Lay the things, shaded on the side away from the light, over the backdrop."""
    image = finish.behind(scene, shade.multiplied(backdrop.backdrop(scene), shade.shadows(scene)))
    if "shallow" in scene.brief.framing or "macro" in scene.brief.framing:
        image = image.filter(ImageFilter.BoxBlur(SHALLOW_BLUR * scene.unit))
    things = layers.coloured(scene, lines=True)
    alpha = things.getchannel("A")
    image.paste(shade.modelled(scene, things.convert("RGB"), alpha), (0, 0), alpha)
    return image


def night(scene: Scene, wanted: Mood) -> Image.Image:
    """Flat, in moonlight, with a lit rim."""
    image = composed(scene)
    alpha = layers.coloured(scene, lines=False).getchannel("A")
    reach = max(1, round(0.005 * scene.unit))
    toward = -reach if scene.light[0] < scene.width / 2 else reach
    rim = ImageChops.subtract(alpha, ImageChops.offset(alpha, -toward, reach))
    image.paste("#f6e9c4", (0, 0), rim.point(lambda level: level * 0.62))
    image = finish.graded(finish.weather(scene, image), {"contrast": 0.10, "light": -0.06} | wanted)
    return finish.grained(scene, finish.vignetted(scene, image, 0.34, wanted), 3.5)


def duotone(scene: Scene, wanted: Mood) -> Image.Image:
    """Two inks of one print, with the grain of a risograph."""
    pairs = (
        ("#1f2a6b", "#ffb38a"),
        ("#3b1d5e", "#ffd27d"),
        ("#0f4c5c", "#f9c6a8"),
        ("#7a1f3d", "#f6dcae"),
        ("#17406d", "#f2a7b5"),
    )
    dark, light = pairs[scene.chance.seed % len(pairs)]
    grey = finish.graded(finish.weather(scene, composed(scene)), {"contrast": 0.16} | wanted)
    grey = finish.grained(scene, finish.vignetted(scene, grey, 0.2, wanted), 7.5)
    toned = ImageOps.colorize(
        ImageOps.autocontrast(grey.convert("L"), 1), dark, light, tint.mixed(dark, light, 0.52)
    )
    return finish.grained(scene, finish.graded(toned, wanted), 4.0)


def outline(scene: Scene, wanted: Mood) -> Image.Image:
    """Ink on paper: lines and hatching, one breath of tone."""
    sheet = paper(scene, (251, 247, 238))
    image = shade.multiplied(backdrop.backdrop(scene), shade.shadows(scene)).convert("L")
    edges = ImageChops.invert(image.filter(ImageFilter.FIND_EDGES)).point(
        lambda level: 255 - 5 * min(13, 255 - level)
    )
    tone = _hatched(scene, image)
    lines = ink_lines(scene, 0.7, 0.22)
    alpha = layers.coloured(scene, lines=False).getchannel("A")
    behind = ImageChops.multiply(edges, tone)
    behind.paste(255, (0, 0), alpha)
    sheet.paste(tint.mixed(scene.palette.ink, "#f7f3ea", 0.45), (0, 0), ImageChops.invert(behind))
    sheet.paste("#fdfbf5", (0, 0), alpha.point(lambda level: level * 0.72))
    sheet.paste(scene.palette.ink, (0, 0), lines)
    image = finish.graded(finish.weather(scene, sheet), wanted)
    return finish.grained(scene, finish.vignetted(scene, image, 0.05, wanted), 3.0)


def _hatched(scene: Scene, grey: Image.Image) -> Image.Image:
    """Return hatching, closer where the picture is darker."""
    y, x = np.mgrid[0 : scene.height, 0 : scene.width].astype(np.float32)
    step = np.float32(scene.unit / 130)
    wave = np.abs(((x + y * 0.6) / step) % 2 - 1)
    level = np.asarray(ImageOps.autocontrast(grey, 2), np.float32) / 255
    ink = (wave < (0.52 - level) * 0.75).astype(np.uint8)
    return Image.fromarray(255 - ink * 84)


def blueprint(scene: Scene, wanted: Mood) -> Image.Image:
    """White lines on cyanotype paper, with its grid."""
    image = paper(scene, (52, 88, 130))
    grid = Image.new("L", image.size, 0)
    for part, light in ((32, 26), (8, 44)):
        step = scene.unit / part
        columns = np.zeros(scene.width, np.uint8)
        columns[(np.arange(0, scene.width, step)).astype(int)] = light
        rows = np.zeros(scene.height, np.uint8)
        rows[(np.arange(0, scene.height, step)).astype(int)] = light
        grid = ImageChops.lighter(
            grid, Image.fromarray(np.maximum(columns[None, :], rows[:, None]))
        )
    back = (
        backdrop.backdrop(scene)
        .convert("L")
        .filter(ImageFilter.FIND_EDGES)
        .point(lambda v: min(150, v * 5))
    )
    alpha = layers.coloured(scene, lines=False).getchannel("A")
    if scene.kind in {"board", "sheet"}:
        back.paste(0, (0, 0, *back.size))
    back.paste(0, (0, 0), alpha)
    image.paste("#dbe8f5", (0, 0), ImageChops.lighter(grid, back))
    image.paste("#9fc0e0", (0, 0), alpha.point(lambda level: level * 0.16))
    image.paste("#f4f8fc", (0, 0), ink_lines(scene, 0.15))
    calm = wanted | {"contrast": wanted.get("contrast", 0.0) * 0.4}
    calm["saturation"] = min(0.0, wanted.get("saturation", 0.0))
    image = finish.graded(finish.weather(scene, image), calm)
    return finish.grained(scene, finish.vignetted(scene, image, 0.25, wanted), 3.0)


STYLES: Final[dict[str, Callable[[Scene, Mood], Image.Image]]] = {
    "wash": wash,
    "flat": flat,
    "outline": outline,
    "night": night,
    "duotone": duotone,
    "blueprint": blueprint,
}
