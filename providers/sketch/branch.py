"""Branching: our own sketches are known by a chunk; of other pictures the pixels count."""

import json
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageOps, ImageStat

from domain.picture import Picture
from providers.sketch import noise
from providers.sketch.chance import HISTORY, MASK, Chance
from providers.sketch.order import SketchOrder

CHUNK: Final = "ai-handler-sketch"
DEFAULT_STRENGTH: Final = 0.55
REVEAL: Final = ((5, 1.0), (13, 0.6), (40, 0.25))


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
    """Return the drawing in a foreign picture's colours, growing out of it like wet paint.

    What is drawn shows first where noise lets it, everywhere at full strength; at strength 0 the
    picture is kept as it is.
    """
    if parent.foreign is None:
        return image
    own = np.asarray(_retoned(image, parent.foreign, 1 - parent.strength), np.float32)
    given = np.asarray(parent.foreign, np.float32)
    reach = noise.field(parent.chance, "reveal", *image.size, REVEAL)
    limit = np.float32(parent.strength * 3.6 - 1.8)
    ramp = ((limit - reach * np.float32(0.55)) * np.float32(0.9) + 0.5).clip(0, 1)
    strength = np.float32(parent.strength)
    share = strength ** np.float32(0.6) * (ramp * (1 - strength) + strength)
    mixed = given + (own - given) * share[..., None]
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def _retoned(image: Image.Image, like: Image.Image, share: float) -> Image.Image:
    """Move mean and spread of each channel toward another picture's (Reinhard et al. 2001)."""
    own, other = ImageStat.Stat(image), ImageStat.Stat(like)
    table: list[int] = []
    for mean, spread, to_mean, to_spread in zip(
        own.mean, own.stddev, other.mean, other.stddev, strict=True
    ):
        gain = 1 + (min(2.0, to_spread / max(4.0, spread)) - 1) * share
        middle = mean + (to_mean - mean) * share
        table += [max(0, min(255, round(middle + (level - mean) * gain))) for level in range(256)]
    return image.point(table)


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
