"""The last coat: mood as one colour table, vignette, grain, weather in front of things."""

import functools
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from providers.sketch import colour as tint
from providers.sketch import noise, vocabulary
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene

TILT, TILT_ZOOM = 6.0, 1.22
"""Degrees of a tilted camera, and the enlargement that hides the corners of a 2:1 picture."""
GRID = 17
"""Points to a side of the colour table."""
LUMA = np.array((0.2126, 0.7152, 0.0722), np.float32)
Mood: TypeAlias = dict[str, float]


def mood(scene: Scene, strength: float) -> Mood:
    """Return what all words of mood add up to."""
    table = vocabulary.tables("scenes")["moods"]
    total: Mood = {}
    for name in scene.brief.moods:
        for key, value in table[name].items():
            total[key] = total.get(key, 0.0) + float(value) * strength
    return total


def graded(image: Image.Image, wanted: Mood) -> Image.Image:
    """Return a picture with its colours moved by the mood."""
    if not any(
        value for key, value in wanted.items() if key not in {"vignette", "grain", "sparse"}
    ):
        return image
    return image.filter(_table(tuple(sorted(wanted.items()))))


@functools.lru_cache(maxsize=64)
def _table(items: tuple[tuple[str, float], ...]) -> ImageFilter.Color3DLUT:
    wanted = dict(items)
    axis = np.linspace(0, 1, GRID, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    colours = _moved(np.stack([red, green, blue], axis=-1).reshape(-1, 3), wanted)
    return ImageFilter.Color3DLUT(GRID, colours.clip(0, 1).ravel().tolist())


def _moved(colours: Floats, wanted: Mood) -> Floats:
    get = wanted.get
    out = colours ** np.float32(2 ** (-1.5 * get("light", 0.0)))
    out = 0.5 + (out - 0.5) * np.float32(1 + max(-0.6, get("contrast", 0.0)))
    grey = (out @ LUMA)[:, None]
    out = grey + (out - grey) * np.float32(max(0.0, 1 + get("saturation", 0.0)))
    warm, pink = get("warmth", 0.0), get("magenta", 0.0)
    out *= np.array(
        (1 + 0.16 * warm, 1 + 0.02 * warm - 0.10 * pink, 1 - 0.22 * warm + 0.10 * pink), np.float32
    )
    teal = np.float32(get("teal", 0.0))
    out += teal * (1 - grey) * np.array((-0.07, 0.015, 0.06), np.float32)
    out += teal * grey * np.array((0.06, 0.012, -0.06), np.float32)
    glow = np.float32(0.18 * get("glow", 0.0))
    out += glow * grey**3
    fade = np.float32(get("fade", 0.0))
    moved: Floats = (out * (1 - fade) + fade * np.array((0.60, 0.55, 0.50), np.float32)).astype(
        np.float32
    )
    return moved


@functools.lru_cache(maxsize=12)
def vignette(width: int, height: int, percent: int) -> Image.Image:
    """Return a grey picture, dark to the corners by so many percent."""
    x = np.linspace(-1, 1, max(8, width // 4), dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, max(8, height // 4), dtype=np.float32)[:, None]
    fall = ((x * x + y * y) / 2).clip(0, 1) ** np.float32(1.25) * (percent / 100)
    small = Image.fromarray(((1 - fall) * 255).clip(0, 255).astype(np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def vignetted(scene: Scene, image: Image.Image, base: float, wanted: Mood) -> Image.Image:
    """Darken the corners."""
    if "vignette" in scene.brief.without:
        return image
    percent = int(100 * max(0.0, min(0.75, base + wanted.get("vignette", 0.0))))
    grey = vignette(scene.width, scene.height, percent - percent % 2)
    return ImageChops.multiply(image, Image.merge("RGB", (grey,) * 3))


def grained(scene: Scene, image: Image.Image, amount: float) -> Image.Image:
    """Add grain: *amount* is its deviation in levels."""
    if "grain" in scene.brief.without:
        amount = min(amount, 2.0)
    grain = noise.grain(scene.width, scene.height).point(_gain(amount / 24))
    return ImageChops.add(image, Image.merge("RGB", (grain,) * 3), 1, -128)


@functools.lru_cache(maxsize=32)
def _gain(factor: float) -> list[int]:
    return [max(0, min(255, round(128 + (level - 128) * factor))) for level in range(256)]


def tilted(scene: Scene, image: Image.Image) -> Image.Image:
    """Turn the camera a little, if the brief asks for it; the corners stay filled."""
    if "tilt" not in scene.brief.framing:
        return image
    angle = TILT if scene.chance.seed % 2 else -TILT
    wide, high = image.size
    larger = image.resize(
        (round(wide * TILT_ZOOM), round(high * TILT_ZOOM)), Image.Resampling.BICUBIC
    )
    turned = larger.rotate(angle, Image.Resampling.BICUBIC)
    left, top = (turned.width - wide) // 2, (turned.height - high) // 2
    return turned.crop((left, top, left + wide, top + high))


def weather(scene: Scene, image: Image.Image) -> Image.Image:
    """Let snow, rain or fog fall in front of the things."""
    if scene.kind in {"board", "sheet"}:
        return image
    kinds = set(scene.brief.weather)
    if "fog" in kinds and scene.brief.style not in {"outline", "blueprint"}:
        fog(scene, image, 0.16)
    if kinds & {"rain", "storm"}:
        _rain(scene, image)
    if "snow" in kinds and scene.kind == "land":
        _snow(scene, image)
    if "wind" in kinds and scene.kind == "land":
        _wind(scene, image)
    return image


def behind(scene: Scene, image: Image.Image) -> Image.Image:
    """Lay what parts the subject from its ground: fog, and at night a breath of light."""
    if scene.kind != "land":
        return image
    if "fog" in scene.brief.weather:
        fog(scene, image, 0.52)
    lead = next((thing for thing in scene.placed if thing.lead), None)
    if scene.night and lead:
        wide, high = max(8, scene.width // 8), max(8, scene.height // 8)
        x = (np.arange(wide, dtype=np.float32) * 8 - lead.x) / (
            0.30 * scene.unit + lead.width * 0.4
        )
        y = (np.arange(high, dtype=np.float32) * 8 - lead.foot + lead.height * 0.5) / (
            0.62 * lead.height
        )
        glow = np.exp(-(x[None, :] ** 2 + y[:, None] ** 2)) * 62
        mask = Image.fromarray(glow.astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
        image.paste(tint.mixed(scene.palette.sun, scene.palette.haze, 0.25), (0, 0), mask)
    return image


def fog(scene: Scene, image: Image.Image, share: float) -> None:
    """Lay a bank of fog along the horizon, *share* its thickness."""
    wide, high = max(8, scene.width // 8), max(8, scene.height // 8)
    field = noise.field(scene.chance, "fog", wide, high, ((3, 1.0), (8, 0.5)))
    rows = (np.arange(high, dtype=np.float32) * 8 - scene.horizon) / (0.34 * scene.height)
    veil = np.exp(-rows * rows)[:, None] * (share + 0.16 * field)
    mask = Image.fromarray((veil.clip(0, 0.86) * 255).astype(np.uint8))
    image.paste(
        tint.mixed(scene.palette.haze, "#ffffff", 0.2),
        (0, 0),
        mask.resize(image.size, Image.Resampling.BICUBIC),
    )


def _rain(scene: Scene, image: Image.Image) -> None:
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    lean = scene.chance.steady("rain", 0.10, 0.30)
    for number in range(150):
        x = scene.chance.number(f"drop:{number}:x", -0.1, 1.1) * scene.width
        y = scene.chance.number(f"drop:{number}:y", -0.1, 1.0) * scene.height
        size = scene.chance.number(f"drop:{number}:l", 0.03, 0.075) * scene.unit
        pen.line(
            (x, y, x - lean * size, y + size),
            fill=90 + number % 60,
            width=max(1, round(scene.unit / 520)),
        )
    image.paste("#e9eef2", (0, 0), mask)


def _snow(scene: Scene, image: Image.Image) -> None:
    flakes = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(flakes)
    for number in range(130):
        x = scene.chance.number(f"flake:{number}:x") * scene.width
        y = scene.chance.number(f"flake:{number}:y") * scene.height
        size = (0.0016 + 0.0052 * scene.chance.number(f"flake:{number}:r") ** 3) * scene.unit
        pen.ellipse((x - size, y - size, x + size, y + size), fill=150 + number % 90)
    image.paste("#ffffff", (0, 0), flakes.filter(ImageFilter.BoxBlur(scene.unit / 1400)))


def _wind(scene: Scene, image: Image.Image) -> None:
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    for number in range(16):
        x = scene.chance.number(f"gust:{number}:x", -0.1, 0.9) * scene.width
        y = scene.chance.number(f"gust:{number}:y", 0.1, 0.9) * scene.height
        size = scene.chance.number(f"gust:{number}:l", 0.10, 0.26) * scene.width
        pen.arc(
            (x, y, x + size, y + size * 0.16),
            190,
            340,
            fill=120,
            width=max(1, round(scene.unit / 420)),
        )
    image.paste("#ffffff", (0, 0), mask)
