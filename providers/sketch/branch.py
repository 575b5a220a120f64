"""Branching: our own sketches are known by a chunk; of other pictures the pixels count."""

import json
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from domain.picture import Picture
from providers.sketch.chance import HISTORY, MASK, Chance
from providers.sketch.order import SketchOrder

CHUNK: Final = "ai-handler-sketch"
DEFAULT_STRENGTH: Final = 0.55


@dataclass(frozen=True, slots=True)
class Parent:
    """What a drawing starts from."""

    chance: Chance
    foreign: Image.Image | None
    """A picture that is none of ours, at the size of the drawing, RGB."""
    strength: float


def opened(order: SketchOrder) -> Parent:
    """Return the chance of a drawing: its own, or its parent's with a step of its own."""
    seed = order.seed & MASK
    if order.init_image is None:
        return Parent(Chance(((seed, 1.0),)), None, 1.0)
    asked = DEFAULT_STRENGTH if order.denoising_strength is None else order.denoising_strength
    strength = max(0.0, min(1.0, asked))
    image = Picture.open(order.init_image).image
    lineage = _lineage(image.info.get(CHUNK))
    if lineage:
        return Parent(Chance(lineage).child(seed, strength), None, strength)
    size = (order.width_px, order.height_px)
    fitted = ImageOps.fit(image.convert("RGB"), size, Image.Resampling.BICUBIC)
    return Parent(Chance(((seed, 1.0),)), fitted, strength)


def blended(image: Image.Image, parent: Parent) -> Image.Image:
    """Return the drawing with a foreign picture's palette and, by strength, its pixels."""
    if parent.foreign is None:
        return image
    return Image.blend(parent.foreign, image, parent.strength)


def _lineage(text: object) -> tuple[tuple[int, float], ...]:
    """Read a chunk that anyone may have written: what is not exactly ours is nothing."""
    if not isinstance(text, str) or len(text) > 4096:  # noqa: PLR2004  ours are a tenth of it
        return ()
    try:
        rows = json.loads(text)["lineage"]
        found = tuple((int(seed) & MASK, max(0.0, min(1.0, float(share)))) for seed, share in rows)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()
    return found if 0 < len(found) <= HISTORY + 2 else ()
