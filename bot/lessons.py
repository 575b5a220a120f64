"""Lessons for the small CLIP: briefs made up from the sketch provider's words, and their drawings.

A brief comes with a sibling that lacks one of its words, drawn from the same seed: what tells the
two pictures apart is then that word alone.
"""

import hashlib
import io
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from PIL import Image

from providers.sketch import board, vocabulary
from providers.sketch.brief import Brief, read
from providers.sketch.draw import draw
from providers.sketch.order import SketchOrder
from scoring.clip.lesson import Lesson
from scoring.clip.pixels import squared
from scoring.clip.tokens import spoken

SIDE_PX: Final = 64
DRAWN_PX: Final = 128
"""Long enough that a drawing squeezed from it looks like one squeezed from 1024 pixels."""
HELD_OUT: Final = 8
"""One in so many pairs of a thing and its scene is never taught, and kept for the evaluation."""
SAME_LEVELS: Final = 1.2
"""Two drawings that differ by less on average are the same drawing."""
SHAPES: Final = ((1, 1), (1, 1), (1, 1), (4, 3), (3, 4), (16, 9), (9, 16))


@dataclass(frozen=True, slots=True)
class Asked:
    """A made-up brief, in pieces that can be left out one by one."""

    things: tuple[tuple[str, str, str], ...]
    """Number, colour and name of each thing."""
    scene: str = ""
    time: str = ""
    weather: str = ""
    style: str = ""

    @property
    def subject(self) -> str:
        """The subject segment."""
        named = [" ".join(part for part in thing if part) for thing in self.things]
        return " and ".join(named)

    @property
    def environment(self) -> str:
        """The environment segment."""
        return " ".join(part for part in (self.scene, self.time, self.weather) if part)

    @property
    def whole(self) -> str:
        """The brief."""
        return ", ".join(part for part in (self.subject, self.environment, self.style) if part)

    @property
    def held_out(self) -> bool:
        """Whether it holds a combination of a thing and its scene that is never taught."""
        return any(_held_out(*combination) for combination in self.combinations)

    @property
    def combinations(self) -> tuple[tuple[str, str], ...]:
        """Each thing with the last word of its scene."""
        where = self.scene.rpartition(" ")[2]
        return tuple((name.rstrip("s"), where) for _, _, name in self.things)


@dataclass(frozen=True, slots=True)
class Pair:
    """A brief, its sibling that lacks a word, and the drawings of both."""

    full: Lesson
    lacking: Lesson
    lost: str
    """What the sibling lacks: thing, colour, scene, time, weather or style."""


def words() -> list[str]:
    """Return every word that the lessons may hold, sorted."""
    names = [*_names(), *_scenes(), *_times(), *_weathers(), *_styles(), *_colours(), *_numbers()]
    from_scenes = vocabulary.tables("scenes")
    names += [name for kind in ("materials", "moods", "framing") for name in from_scenes[kind]]
    return sorted({word for name in names for word in spoken(name)})


def pairs(first_seed: int, *, held_out: bool = False) -> Iterator[Pair]:
    """Yield pairs without end, the same for the same seed; held-out ones hold new combinations."""
    dice = random.Random(first_seed)  # noqa: S311  made-up briefs, no secrets
    for asked, lost, lacking in _briefs(dice, held_out=held_out):
        seed, shape = dice.randrange(2**32), dice.choice(SHAPES)
        one, other = _lesson(asked, seed, shape), _lesson(lacking, seed, shape)
        if _differ(one, other):
            yield Pair(one, other, lost)


def briefs(first_seed: int, *, held_out: bool = False) -> Iterator[Asked]:
    """Yield briefs without end, undrawn."""
    dice = random.Random(first_seed)  # noqa: S311  made-up briefs, no secrets
    yield from (asked for asked, _, _ in _briefs(dice, held_out=held_out))


def _briefs(dice: random.Random, *, held_out: bool) -> Iterator[tuple[Asked, str, Asked]]:
    while True:
        asked = _asked(dice)
        lost, lacking = _without_one(asked, dice)
        if asked.held_out == held_out and (held_out or not lacking.held_out):
            yield asked, lost, lacking


def another(asked: Asked, dice: random.Random) -> str:
    """Return the name of a thing that is drawn otherwise than all that a brief names."""
    by_art = _by_art()
    named = {_art(name) for _, _, name in asked.things}
    fitting = [art for art in by_art if art not in named and not any(map(_is_flat, by_art[art]))]
    return dice.choice(by_art[dice.choice(fitting)])


def _art(name: str) -> str:
    found = vocabulary.find(name.split())
    return found[1].art if found else name


def bank(size: int = 64, seed: int = 77) -> dict[str, list[str]]:
    """Return made-up texts by part: the other briefs that a picture's own is held against."""
    dice = random.Random(seed)  # noqa: S311  made-up briefs, no secrets
    found: dict[str, dict[str, None]] = {"whole": {}, "subject": {}, "environment": {}}
    while len(found["environment"]) < size:
        asked = _asked(dice)
        found["whole"][asked.whole] = None
        found["subject"][asked.subject] = None
        if asked.environment:
            found["environment"][asked.environment] = None
    return {part: list(texts)[:size] for part, texts in found.items()}


def chunk(seed: int, size: int) -> list[Pair]:
    """Return so many pairs that are taught; for a pool of processes."""
    return list(itertools.islice(pairs(seed), size))


def _asked(dice: random.Random) -> Asked:
    how_many = dice.choices((1, 2, 3), (0.55, 0.37, 0.08))[0]
    things = tuple(_thing(dice) for _ in range(how_many))
    flat = any(_is_flat(name) for _, _, name in things)
    style = dice.choice(_styles()) if dice.random() < 0.4 else ""  # noqa: PLR2004
    if flat:
        return Asked(things[:2], style=style)
    return Asked(
        things,
        scene=_scene(dice),
        time=f"at {dice.choice(_times())}" if dice.random() < 0.55 else "",  # noqa: PLR2004
        weather=f"in the {dice.choice(_weathers())}" if dice.random() < 0.25 else "",  # noqa: PLR2004
        style=style,
    )


def _scene(dice: random.Random) -> str:
    chosen = dice.random()
    if chosen < 0.12:  # noqa: PLR2004
        return ""
    if chosen < 0.22:  # noqa: PLR2004
        return f"on {dice.choice(list(vocabulary.tables('scenes')['materials']))}"
    places: dict[str, Any] = vocabulary.tables("scenes")["places"]
    place = places[dice.choice(list(places))]
    return f"{dice.choice(('in a', 'in the', 'on the', 'at the'))} {dice.choice(place['words'])}"


def _thing(dice: random.Random) -> tuple[str, str, str]:
    number = dice.choices(("a", "two", "three", "four"), (0.82, 0.08, 0.07, 0.03))[0]
    colour = dice.choice(_colours()) if dice.random() < 0.4 else ""  # noqa: PLR2004
    # Arts first, then one of their names: a thing with many names is not seen more often.
    by_art = _by_art()
    name = dice.choice(by_art[dice.choice(list(by_art))])
    return number, colour, name if number == "a" else f"{name}s"


def _without_one(asked: Asked, dice: random.Random) -> tuple[str, Asked]:
    """Leave out one piece of a brief."""
    less: list[tuple[str, Asked]] = []
    if len(asked.things) > 1:
        at = dice.randrange(len(asked.things))
        less.append(("thing", replace(asked, things=asked.things[:at] + asked.things[at + 1 :])))
    for at, (number, colour, name) in enumerate(asked.things):
        if colour:
            things = (*asked.things[:at], (number, "", name), *asked.things[at + 1 :])
            less.append(("colour", replace(asked, things=things)))
    less += [("scene", replace(asked, scene=""))] if asked.scene else []
    less += [("time", replace(asked, time=""))] if asked.time else []
    less += [("weather", replace(asked, weather=""))] if asked.weather else []
    less += [("style", replace(asked, style=""))] if asked.style else []
    if less:
        return dice.choice(less)
    return "thing", replace(asked, things=(_thing(dice),))


def _lesson(asked: Asked, seed: int, shape: tuple[int, int]) -> Lesson:
    across, down = shape
    unit = DRAWN_PX / max(across, down)
    order = SketchOrder(
        subject=asked.subject, environment=asked.environment, technical="", style=asked.style,
        negative="", seed=seed, width_px=round(across * unit), height_px=round(down * unit),
    )  # fmt: skip
    image = squared(Image.open(io.BytesIO(draw(order).png)), SIDE_PX)
    brief = read(order)
    subject, scene = _things_of(brief), _scene_of(brief)
    return Lesson(
        image=image,
        texts={"whole": asked.whole, "subject": asked.subject, "environment": asked.environment},
        meanings={
            "whole": f"{subject}|{scene}|{brief.style}",
            "subject": subject,
            "environment": scene,
        },
    )


def _things_of(brief: Brief) -> str:
    return "+".join(sorted(f"{one.count} {one.colour} {one.entry.art}" for one in brief.things))


def _scene_of(brief: Brief) -> str:
    return f"{brief.place} {brief.material} {brief.time} {sorted(brief.weather)}"


def _differ(one: Lesson, other: Lesson) -> bool:
    apart = np.abs(one.image.astype(np.int16) - other.image.astype(np.int16))
    return float(apart.mean()) > SAME_LEVELS


def _held_out(name: str, where: str) -> bool:
    listed = [where] if where else []
    digest = hashlib.sha256(f"{name}|{listed}".encode()).digest()
    return digest[0] % HELD_OUT == 0


def _is_flat(name: str) -> bool:
    """Say whether a thing is drawn without any scene: screens, logos."""
    found = vocabulary.find(name.split())
    if found is None:
        return False
    entry = found[1]
    return (entry.section == "ui" and entry.art.startswith("own:")) or entry.art in board.MARKS


def _names() -> list[str]:
    own = vocabulary.tables("words")
    sections = ("product", "brand", "ui", "character", "environment")
    return [name for section in sections for name in own[section]]


def _by_art() -> dict[str, list[str]]:
    arts: dict[str, list[str]] = {}
    for name in _names():
        found = vocabulary.find(name.split())
        if found is not None:
            arts.setdefault(found[1].art, []).append(name)
    return arts


def _scenes() -> list[str]:
    return [
        word for place in vocabulary.tables("scenes")["places"].values() for word in place["words"]
    ]


def _times() -> list[str]:
    return [
        word for time in vocabulary.tables("scenes")["times"].values() for word in time["words"]
    ]


def _weathers() -> list[str]:
    return [word for listed in vocabulary.tables("scenes")["weather"].values() for word in listed]


def _styles() -> list[str]:
    return [word for listed in vocabulary.tables("scenes")["styles"].values() for word in listed]


def _colours() -> list[str]:
    return list(vocabulary.tables("scenes")["colours"])


def _numbers() -> list[str]:
    return list(vocabulary.tables("scenes")["numbers"])
