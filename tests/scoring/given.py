"""Pictures made to pass or to fail a check; seeded, so that they are the same for ever."""

import io
from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int = 1, size: tuple[int, int] = (512, 512)) -> Image.Image:
    """A picture with edges, shades and colours, as an illustration has."""
    chance = np.random.default_rng(seed)
    rows = np.linspace(200, 90, size[1], dtype=np.float32)[:, None, None]
    ground = np.repeat(rows, size[0], axis=1) * np.array([0.8, 0.9, 1.0], np.float32)
    image = Image.fromarray(
        (ground + chance.normal(0, 3, ground.shape)).clip(0, 255).astype(np.uint8)
    )
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = int(chance.integers(0, size[0])), int(chance.integers(0, size[1]))
        reach = int(chance.integers(12, 90))
        colour = tuple(int(level) for level in chance.integers(40, 210, 3))
        draw.ellipse(
            (x - reach, y - reach, x + reach, y + reach), fill=colour, outline=(30, 25, 35)
        )
    return image


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def blurred(sigma: float) -> Image.Image:
    return scene().filter(ImageFilter.GaussianBlur(sigma))


def noise(seed: int = 2) -> Image.Image:
    levels = np.random.default_rng(seed).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def gradient() -> Image.Image:
    row = np.linspace(0, 255, 512, dtype=np.uint8)
    return Image.fromarray(np.repeat(row[None, :], 512, axis=0)).convert("RGB")


def grainy(image: Image.Image, sigma: float) -> Image.Image:
    levels = np.asarray(image, dtype=np.float32)
    grain = np.random.default_rng(3).normal(0, sigma, levels.shape)
    return Image.fromarray((levels + grain).clip(0, 255).astype(np.uint8))


def bordered(
    part: float,
    sides: Iterable[str] = ("top",),
    colour: tuple[int, int, int] = (12, 12, 12),
) -> Image.Image:
    image = scene()
    wide, high = image.size
    bar = round(high * part)
    boxes = {
        "top": (0, 0, wide, bar),
        "bottom": (0, high - bar, wide, high),
        "left": (0, 0, bar, high),
        "right": (wide - bar, 0, wide, high),
    }
    for side in sides:
        image.paste(colour, boxes[side])
    return image


def flat_land() -> Image.Image:
    """A flat illustration: plain sky, and a straight horizon with things that stand on it."""
    image = Image.new("RGB", (512, 512), (150, 190, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 300, 512, 512), fill=(70, 130, 80))
    for left in range(40, 460, 90):
        draw.ellipse((left, 180, left + 70, 330), fill=(200, 90, 60), outline=(20, 20, 25), width=4)
        draw.line((left, 340, left + 40, 470), fill=(40, 60, 40), width=6)
    return image


def logo() -> Image.Image:
    """A mark in the middle of plain white."""
    image = Image.new("RGB", (512, 512), "white")
    draw = ImageDraw.Draw(image)
    for reach in range(140, 20, -24):
        colour = (30, 60, 160) if reach % 48 else (240, 200, 80)
        draw.ellipse((256 - reach, 256 - reach, 256 + reach, 256 + reach), fill=colour)
    return image


def sunset() -> Image.Image:
    """A sky that changes from row to row, each of one colour, over a silhouette."""
    rows = np.linspace((60, 40, 110), (250, 150, 90), 512).astype(np.uint8)
    image = Image.fromarray(np.repeat(rows[:, None, :], 512, axis=1))
    draw = ImageDraw.Draw(image)
    for left in range(0, 512, 32):
        draw.polygon(
            [(left, 512), (left + 16, 330 + left % 96), (left + 32, 512)],
            fill=(20, 20, 30),
            outline=(90, 90, 120),
        )
    return image


def burnt() -> Image.Image:
    image = scene()
    image.paste((255, 255, 255), (0, 0, image.width, image.height // 2))
    draw = ImageDraw.Draw(image)
    for step in range(0, image.width, 40):
        draw.line((step, 0, step + 9, image.height // 2), fill=(90, 90, 90), width=3)
    return image


def saturated() -> Image.Image:
    image = scene()
    hsv = np.array(image.convert("HSV"))
    hsv[..., 1], hsv[..., 2] = 250, np.maximum(hsv[..., 2], 120)
    return Image.fromarray(hsv, "HSV").convert("RGB")
