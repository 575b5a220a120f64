"""Ink and wash: colour that runs and does not register, a lively line, paper that shows."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from providers.sketch import backdrop, finish, layers, noise
from providers.sketch.finish import Mood
from providers.sketch.noise import Floats
from providers.sketch.scene import Scene

PAPER = (250, 244, 230)
SLOW = ((6, 1.0), (14, 0.5), (40, 0.22), (110, 0.1))
"""Octaves of the noise that moves pigment."""
HALF = 2


def wash(scene: Scene, wanted: Mood) -> Image.Image:
    """Paint in watercolour under an ink drawing."""
    colour = backdrop.multiplied(backdrop.backdrop(scene), backdrop.shadows(scene))
    if {"shallow", "macro"} & set(scene.brief.framing):
        colour = colour.filter(ImageFilter.BoxBlur(0.012 * scene.unit))
    things = layers.coloured(scene, lines=False)
    colour.paste(things.convert("RGB"), (0, 0), things.getchannel("A"))
    colour = finish.graded(finish.weather(scene, colour), wanted)
    run = _field(scene, "run")
    other = _field(scene, "run+")
    colour = _displaced(colour, run, other, 0.0075 * scene.unit, 0.004 * scene.unit)
    painted = _pooled(scene, colour, run, other)
    sheet = paper(scene, PAPER)
    sheet.paste(painted, (0, 0), _sheet_mask(scene, run, other, wanted))
    ink = ImageChops.multiply(ink_lines(scene, 1.0), _sheet_mask(scene, run, other, wanted, inner=False))
    sheet.paste(_inked(scene, wanted), (0, 0), ink)
    return finish.grained(scene, finish.vignetted(scene, sheet, 0.0, wanted), 4.0 * (1 + wanted.get("grain", 0)))


def paper(scene: Scene, colour: tuple[int, int, int]) -> Image.Image:
    """Return a sheet with its tooth."""
    tooth = noise.grain(scene.width, scene.height).point(lambda level: 255 - abs(level - 128) // 5)
    return ImageChops.multiply(Image.new("RGB", tooth.size, colour), Image.merge("RGB", (tooth,) * 3))


def ink_lines(scene: Scene, lively: float) -> Image.Image:
    """Return the ink as a mask: hidden lines gone, the pen's pressure changing along the way."""
    drawn = layers.inked(scene)
    on_white = Image.new("L", drawn.size, 255)
    on_white.paste(drawn.convert("L"), (0, 0), drawn.getchannel("A"))
    press = _field(scene, "press")
    if lively:
        on_white = _displaced(on_white, press, _field(scene, "press+"), 0.0022 * scene.unit * lively, 0.0)
    soft = np.asarray(on_white.filter(ImageFilter.BoxBlur(0.0011 * scene.unit)), np.float32)
    ink = (255 - soft) * np.float32(1 / 255)
    limit = 0.34 + 0.13 * lively * _enlarged(scene, press)
    edge = ((ink - limit.clip(0.12, 0.62)) * np.float32(4.5)).clip(0, 1)
    dry = np.asarray(noise.grain(scene.width, scene.height), np.float32) * np.float32(0.0032 * lively) + np.float32(0.93 - 0.41 * lively)
    return Image.fromarray((edge * dry.clip(0.55, 1) * 255).astype(np.uint8))


def _field(scene: Scene, key: str) -> Floats:
    """Return a noise field at half the size; pigment does not need more."""
    return noise.field(scene.chance, key, scene.width // HALF, scene.height // HALF, SLOW)


def _enlarged(scene: Scene, field: Floats) -> Floats:
    image = Image.fromarray(field).resize((scene.width, scene.height), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32)


def _displaced(image: Image.Image, across: Floats, down: Floats, reach: float, offset: float) -> Image.Image:
    """Move pixels by two fields of noise, and all by an offset: colour beside its line."""
    width, height = image.size
    size = (width, height)
    x, y = (
        np.asarray(Image.fromarray(field * np.float32(reach) + np.float32(offset)).resize(size, Image.Resampling.BILINEAR))
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
    """Let pigment pool and dry: lighter and darker by noise, paper showing through."""
    fine = noise.field(scene.chance, "pool", scene.width // HALF, scene.height // HALF, ((60, 0.6), (150, 0.5)))
    thick = (0.92 + 0.055 * run + 0.03 * other + 0.022 * fine).clip(0.70, 1.0)
    grey = Image.fromarray((thick * 255).astype(np.uint8)).resize(colour.size, Image.Resampling.BILINEAR)
    pale = Image.blend(colour, Image.new("RGB", colour.size, PAPER), 0.13)
    return backdrop.multiplied(pale, grey)


def _sheet_mask(scene: Scene, run: Floats, other: Floats, wanted: Mood, *, inner: bool = True) -> Image.Image:
    """Return where the brush went: a ragged edge, a darker rim where it dried."""
    width, height = scene.width // HALF, scene.height // HALF
    x = np.minimum(np.arange(width), width - 1 - np.arange(width)).astype(np.float32)[None, :]
    y = np.minimum(np.arange(height), height - 1 - np.arange(height)).astype(np.float32)[:, None]
    unit = scene.unit / HALF
    edge = np.minimum(x, y) - (0.042 + 0.011 * run + 0.007 * other) * unit
    margin = np.float32(0.0 if inner else 0.012 * unit)
    mask = ((edge + margin) * 0.8).clip(0, 1)
    return Image.fromarray((mask * 255).astype(np.uint8)).resize((scene.width, scene.height), Image.Resampling.BILINEAR)


def _inked(scene: Scene, wanted: Mood) -> Image.Image:
    return finish.graded(Image.new("RGB", (scene.width, scene.height), scene.palette.ink), {"fade": wanted.get("fade", 0) * 0.5})
