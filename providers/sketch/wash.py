"""Ink and wash: colour that runs and does not register, a lively line, paper that shows."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from providers.sketch import backdrop, finish, layers, noise, shade
from providers.sketch.finish import Mood
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene

PAPER = (250, 244, 230)
SLOW = ((6, 1.0), (14, 0.5), (40, 0.22), (110, 0.1))
"""Octaves of the noise that moves pigment."""
HALF = 2


def wash(scene: Scene, wanted: Mood) -> Image.Image:
    """Paint in watercolour under an ink drawing."""
    colour = shade.multiplied(backdrop.backdrop(scene), shade.shadows(scene))
    colour = finish.behind(scene, colour)
    if {"shallow", "macro"} & set(scene.brief.framing):
        colour = colour.filter(ImageFilter.BoxBlur(0.012 * scene.unit))
    things = layers.coloured(scene, lines=False)
    alpha = things.getchannel("A")
    colour.paste(shade.modelled(scene, things.convert("RGB"), alpha), (0, 0), alpha)
    colour = finish.graded(finish.weather(scene, colour), wanted)
    colour = finish.vignetted(scene, colour, 0.0, wanted)
    colour = finish.tilted(scene, colour)
    run = _field(scene, "run")
    other = _field(scene, "run+")
    colour = _displaced(colour, run, other, 0.0075 * scene.unit, 0.004 * scene.unit)
    painted = _pooled(scene, colour, run, other)
    sheet = paper(scene, PAPER)
    sheet.paste(painted, (0, 0), _sheet_mask(scene, run, other, 0.0))
    ink = ImageChops.multiply(
        finish.tilted(scene, ink_lines(scene, 1.0)), _sheet_mask(scene, run, other, -0.004)
    )
    sheet.paste(_inked(scene, wanted), (0, 0), ink)
    return finish.grained(scene, sheet, 4.0 * (1 + wanted.get("grain", 0)))


def paper(scene: Scene, colour: tuple[int, int, int]) -> Image.Image:
    """Return a sheet with its tooth."""
    tooth = noise.grain(scene.width, scene.height).point(lambda level: 255 - abs(level - 128) // 5)
    return ImageChops.multiply(
        Image.new("RGB", tooth.size, colour), Image.merge("RGB", (tooth,) * 3)
    )


def ink_lines(scene: Scene, lively: float, fine: float = 0.34) -> Image.Image:
    """Return the ink as a mask: hidden lines gone, the pen's pressure changing along the way."""
    drawn = layers.inked(scene)
    on_white = Image.new("L", drawn.size, 255)
    on_white.paste(drawn.convert("L"), (0, 0), drawn.getchannel("A"))
    press = _field(scene, "press")
    if lively:
        on_white = _displaced(
            on_white, press, _field(scene, "press+"), 0.0022 * scene.unit * lively, 0.0
        )
    soft = np.asarray(on_white.filter(ImageFilter.BoxBlur(0.0011 * scene.unit)), np.float32)
    ink = (255 - soft) * np.float32(1 / 255)
    limit = np.float32(fine) + 0.13 * lively * _enlarged(scene, press)
    edge = ((ink - limit.clip(0.10, 0.62)) * np.float32(4.5)).clip(0, 1)
    dry = np.asarray(noise.grain(scene.width, scene.height), np.float32) * np.float32(
        0.0032 * lively
    ) + np.float32(0.93 - 0.41 * lively)
    return Image.fromarray((edge * dry.clip(0.55, 1) * 255).astype(np.uint8))


def _field(scene: Scene, key: str) -> Floats:
    """Return a noise field at half the size; pigment does not need more."""
    return noise.field(scene.chance, key, scene.width // HALF, scene.height // HALF, SLOW)


def _enlarged(scene: Scene, field: Floats) -> Floats:
    image = Image.fromarray(field).resize((scene.width, scene.height), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32)


def _displaced(
    image: Image.Image, across: Floats, down: Floats, reach: float, offset: float
) -> Image.Image:
    """Move pixels by two fields of noise, and all by an offset: colour beside its line."""
    width, height = image.size
    size = (width, height)
    x, y = (
        np.asarray(
            Image.fromarray(field * np.float32(reach) + np.float32(offset)).resize(
                size, Image.Resampling.BILINEAR
            )
        )
        for field in (across, down)
    )
    columns = (x + np.arange(width, dtype=np.float32)[None, :]).astype(np.int32).clip(0, width - 1)
    rows = (y + np.arange(height, dtype=np.float32)[:, None]).astype(np.int32).clip(0, height - 1)
    flat: npt.NDArray[np.int32] = rows * np.int32(width) + columns
    if image.mode == "L":
        return Image.fromarray(np.asarray(image).ravel().take(flat))
    packed = np.asarray(image.convert("RGBX")).view(np.uint32).ravel().take(flat)
    return Image.fromarray(packed.view(np.uint8).reshape(height, width, 4)[..., :3].copy())


def _pooled(scene: Scene, colour: Image.Image, run: Floats, other: Floats) -> Image.Image:
    """Let pigment pool and dry: paper shows through where it thinned, an edge where it stopped."""
    size = (scene.width // HALF, scene.height // HALF)
    fine = noise.field(scene.chance, "pool", *size, ((60, 0.6), (150, 0.5)))
    light = noise.field(scene.chance, "dapple", *size, shade.LOOSE)
    thin = 0.12 + 0.085 * light + 0.06 * run + 0.05 * other + 0.03 * fine
    paler = Image.fromarray((thin.clip(0.02, 0.5) * 255).astype(np.uint8)).resize(
        colour.size, Image.Resampling.BILINEAR
    )
    washed = colour.copy()
    washed.paste(PAPER, (0, 0), paler)
    bloom = np.exp(-(((run - other * 0.6) * 3.2) ** 2)) * 0.035
    dried = np.exp(-((_edge(scene, run, other) / (0.0045 * scene.unit)) ** 2)) * 0.24
    dark = ((1 - bloom - dried).clip(0, 1) * 255).astype(np.uint8)
    grey = Image.fromarray(dark).resize(colour.size, Image.Resampling.BILINEAR)
    return shade.multiplied(washed, grey)


def _edge(scene: Scene, run: Floats, other: Floats) -> Floats:
    """Return how far inside the painted area a point lies, pixels of the half size."""
    width, height = scene.width // HALF, scene.height // HALF
    x = np.minimum(np.arange(width), width - 1 - np.arange(width)).astype(np.float32)[None, :]
    y = np.minimum(np.arange(height), height - 1 - np.arange(height)).astype(np.float32)[:, None]
    ragged = (0.031 + 0.0115 * run + 0.006 * other) * (scene.unit / HALF)
    edge: Floats = (np.minimum(x, y) - ragged).astype(np.float32)
    return edge


def _sheet_mask(scene: Scene, run: Floats, other: Floats, margin: float) -> Image.Image:
    """Return where the brush went, with a ragged edge; *margin* widens it, shares of the side."""
    edge = _edge(scene, run, other) + np.float32(margin * scene.unit / HALF)
    mask = Image.fromarray(((edge * 0.8).clip(0, 1) * 255).astype(np.uint8))
    return mask.resize((scene.width, scene.height), Image.Resampling.BILINEAR)


def _inked(scene: Scene, wanted: Mood) -> Image.Image:
    return finish.graded(
        Image.new("RGB", (scene.width, scene.height), scene.palette.ink),
        {"fade": wanted.get("fade", 0) * 0.5},
    )
