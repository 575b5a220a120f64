"""Pictures made to pass or to fail a check; seeded, so that they are the same for ever."""

import io

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


def bordered(part: float) -> Image.Image:
    image = scene()
    bar = round(image.height * part)
    image.paste((12, 12, 12), (0, 0, image.width, bar))
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
