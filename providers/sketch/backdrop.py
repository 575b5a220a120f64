"""All that lies behind the things."""

from PIL import Image, ImageDraw, ImageFilter

from providers.sketch import colour as tint
from providers.sketch import ground, hills, sky, wall
from providers.sketch.scene import Scene

BOARDS = (
    ("#ece7dd", "#cdbfa8"),
    ("#46536e", "#394560"),
    ("#e2e9e9", "#b3c8ca"),
    ("#c9775c", "#b9674e"),
    ("#ebe2e7", "#c9b1be"),
    ("#5d7f6e", "#50705f"),
    ("#f1e5d7", "#dcb994"),
    ("#d9a94f", "#cb9a40"),
)
"""Tints of an artboard, ground and forms: light and deep ones in turn."""


def backdrop(scene: Scene) -> Image.Image:
    """Paint all that lies behind the things, RGB."""
    if scene.kind == "lay":
        return ground.surface(scene)
    if scene.kind in {"board", "sheet"}:
        return artboard(scene)
    image = sky.painted(scene) if scene.kind == "land" else wall.painted(scene)
    sky.stars(scene, image)
    if scene.kind == "land":
        sky.disc(scene, image)
        sky.clouds(scene, image)
        hills.ridges(scene, image)
    image.paste(ground.painted(scene), (0, 0), ground.mask(scene))
    if scene.kind == "land":
        ground.bank(scene, image)
    return image


def artboard(scene: Scene) -> Image.Image:
    """Paint a designer's canvas: a quiet tint, large soft forms, a grid of dots."""
    light, deep = BOARDS[int(scene.chance.spread(5) * len(BOARDS))]
    if scene.night or {"dark", "neon", "cyberpunk"} & set(scene.brief.moods):
        light, deep = "#262d42", "#1a2033"
    image = Image.new("RGB", (scene.width, scene.height), light)
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    for number in range(4):
        x = (scene.chance.steady(f"form:{number}:x", 0, 0.5) + 0.5 * (number % 2)) * scene.width
        y = scene.chance.steady(f"form:{number}:y") * scene.height
        r = scene.unit * scene.chance.steady(f"form:{number}", 0.22, 0.46)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=255 - 55 * number)
    image.paste(deep, (0, 0), mask.filter(ImageFilter.BoxBlur(1)))
    dots = Image.new("L", image.size, 0)
    pen, step = ImageDraw.Draw(dots), scene.unit / 30
    size = max(0.6, scene.unit / 700)
    for row in range(int(scene.height / step) + 1):
        for column in range(int(scene.width / step) + 1):
            x, y = (column + 0.5) * step, (row + 0.5) * step
            pen.ellipse((x - size, y - size, x + size, y + size), fill=95)
    image.paste(tint.mixed(deep, "#20263a", 0.55), (0, 0), dots)
    return image
