"""Sketches with planted faults: what triage is held against, with no key and no download.

Each run is a made-up brief and four drawings of it; some of them are spoiled on purpose, each in
one way. Everything follows from the seed alone.
"""

import io
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from bot import lessons
from domain.picture import Picture
from domain.policy import Measured
from providers.sketch.draw import draw
from providers.sketch.order import SketchOrder
from scoring.clip.pixels import squared
from scoring.pixels import measure

IN_A_RUN: Final = 4
LONG_SIDE_PX: Final = 384
SQUARE_PX: Final = 64
SHAPES: Final = ((1, 1), (4, 3), (3, 4), (16, 9))
KINDS: Final = (
    "blank",
    "blurred",
    "noise",
    "clipped",
    "over-saturated",
    "bordered",
    "wrong size",
    "near-duplicate",
    "missing subject",
    "forbidden thing",
)
SOUND: Final = "sound"
SECOND: Final = 1
"""A near-duplicate needs one before it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A run that will be drawn: its brief, what it forbids, and what is wrong with each drawing."""

    asked: lessons.Asked
    forbidden: str
    """A thing that must not be in it; empty where none is named."""
    other: str
    """Another subject, for drawings that miss their own."""
    kinds: tuple[str, ...]
    shape: tuple[int, int]
    seed: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that are asked for, in pixels."""
        across, down = self.shape
        unit = LONG_SIDE_PX / max(across, down)
        return round(across * unit), round(down * unit)


@dataclass(frozen=True, slots=True)
class Seen:
    """One drawing, as far as it is needed to judge it."""

    measured: Measured
    square: npt.NDArray[np.uint8]
    """(64, 64, 3), for the embedder."""


def planned(count: int, share: float, seed: int) -> list[Planned]:
    """Plan *count* drawings of which *share* are faulty, evenly over the kinds."""
    dice = random.Random(seed)  # noqa: S311  planted faults, no secrets
    kinds = _spread(count, round(count * share), dice)
    briefs = lessons.briefs(seed, held_out=True)
    return [_planned(next(briefs), of_run, dice) for of_run in kinds]


def _spread(count: int, faulty: int, dice: random.Random) -> list[tuple[str, ...]]:
    """Deal the kinds out to the runs; a near-duplicate comes after a sound drawing."""
    dealt = [KINDS[at % len(KINDS)] for at in range(faulty)] + [SOUND] * (count - faulty)
    dice.shuffle(dealt)
    runs = [dealt[at : at + IN_A_RUN] for at in range(0, count, IN_A_RUN)]
    return [tuple(sorted(run, key=lambda kind: kind != SOUND)) for run in runs]


def _planned(asked: lessons.Asked, kinds: tuple[str, ...], dice: random.Random) -> Planned:
    forbids = "forbidden thing" in kinds or dice.random() < 0.5  # noqa: PLR2004  every other brief
    return Planned(
        asked=asked,
        forbidden=_another(asked, dice) if forbids else "",
        other=_another(asked, dice),
        kinds=kinds,
        shape=dice.choice(SHAPES),
        seed=dice.randrange(2**32),
    )


def _another(asked: lessons.Asked, dice: random.Random) -> str:
    """Return a thing that is drawn otherwise than all that the brief names."""
    return lessons.another(asked, dice)


def developed(plan: Planned) -> list[Seen]:
    """Draw a run, spoil what is to be spoiled, and measure it; for the pixel pool."""
    seen: list[Seen] = []
    first: Image.Image | None = None
    for number, kind in enumerate(plan.kinds, 1):
        dice = random.Random(plan.seed + number)  # noqa: S311  planted faults, no secrets
        if kind == "near-duplicate" and first is not None:
            image = _nearly(first, dice)
        else:
            image = _spoiled(_drawn(plan, kind, number), kind, dice)
        first = image if first is None and kind == SOUND else first
        seen.append(_seen(image, number))
    return seen


def _seen(image: Image.Image, number: int) -> Seen:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    picture = Picture.open(out.getvalue())
    return Seen(measure(picture, number), squared(picture.image, SQUARE_PX))


def _drawn(plan: Planned, kind: str, number: int) -> Image.Image:
    asked, (width, height) = plan.asked, plan.size
    subject = asked.subject
    if kind == "missing subject":
        subject = "" if asked.environment and number % 2 else plan.other
    elif kind == "forbidden thing":
        subject = f"{subject} and a {plan.forbidden}"
    order = SketchOrder(
        subject=subject, environment=asked.environment, technical="", style=asked.style,
        negative="", seed=(plan.seed + number) % 2**32, width_px=width, height_px=height,
    )  # fmt: skip
    return Image.open(io.BytesIO(draw(order).png)).convert("RGB")


def _spoiled(image: Image.Image, kind: str, dice: random.Random) -> Image.Image:
    return SPOILERS[kind](image, dice) if kind in SPOILERS else image


def _blank(image: Image.Image, dice: random.Random) -> Image.Image:
    colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256))
    plain = Image.new("RGB", image.size, dice.choice((colour, (0, 0, 0), (255, 255, 255))))
    return Image.blend(plain, image, dice.choice((0.0, 0.01)))


def _blurred(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(4, 8)))


def _noise(image: Image.Image, dice: random.Random) -> Image.Image:
    levels = np.random.default_rng(dice.randrange(2**32))
    drowned = levels.integers(0, 256, (image.height, image.width, 3), dtype=np.uint8)
    return Image.blend(Image.fromarray(drowned), image, dice.choice((0.0, 0.15, 0.3)))


def _clipped(image: Image.Image, dice: random.Random) -> Image.Image:
    brighter, gain = dice.random() < 0.5, dice.uniform(2.5, 4)  # noqa: PLR2004  either way alike
    end = 255 if brighter else 0
    return image.point(
        [_level(end + (level - end + (60 if brighter else -60)) * gain) for level in range(256)] * 3
    )


def _level(value: float) -> int:
    return max(0, min(255, round(value)))


def _over_saturated(image: Image.Image, dice: random.Random) -> Image.Image:
    return ImageEnhance.Color(image).enhance(dice.uniform(5, 9))


def _bordered(image: Image.Image, dice: random.Random) -> Image.Image:
    colour = dice.choice(((0, 0, 0), (255, 255, 255), (128, 128, 128)))
    across, down = dice.choice(((0.0, 0.1), (0.1, 0.0), (0.08, 0.08)))
    bars = (round(image.width * across), round(image.height * down))
    inner = image.resize((image.width - 2 * bars[0], image.height - 2 * bars[1]))
    return ImageOps.expand(inner, (*bars, *bars), fill=colour)


def _wrong_size(image: Image.Image, dice: random.Random) -> Image.Image:
    width, height = image.size
    if dice.random() < 0.5:  # noqa: PLR2004  either way alike
        return image.resize((width // 2, height // 2))
    return image.resize((width, round(height * 1.25)))


def _nearly(image: Image.Image, dice: random.Random) -> Image.Image:
    """Return what a model that ignores its seed gives: the same, hardly changed."""
    changed = ImageEnhance.Brightness(image).enhance(dice.uniform(0.9, 1.1))
    cut = dice.randrange(0, 8)
    width, height = changed.size
    return changed.crop((cut, cut, width - cut, height - cut)).resize(image.size)


SPOILERS: Final[Mapping[str, Callable[[Image.Image, random.Random], Image.Image]]] = {
    "blank": _blank,
    "blurred": _blurred,
    "noise": _noise,
    "clipped": _clipped,
    "over-saturated": _over_saturated,
    "bordered": _bordered,
    "wrong size": _wrong_size,
}
