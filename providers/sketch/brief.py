"""Reading a brief: which things, where, when, how framed, in which style and mood, without what."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from providers.sketch import vocabulary, words
from providers.sketch.order import SketchOrder
from providers.sketch.vocabulary import Entry

MOST_THINGS = 7
MOST_WORDS = 24
WORD_CHARACTERS = 40
REACH = 4
"""How many words a colour or a number may stand before its thing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing to draw."""

    name: str
    entry: Entry
    colour: str | None
    """As #rrggbb; None keeps the drawing's own."""
    count: int
    leading: bool
    """Of the subject segment; otherwise of the environment."""


@dataclass(slots=True)
class Brief:
    """What a brief asks for, in the artist's terms."""

    things: list[Wanted] = field(default_factory=list)
    place: str = ""
    time: str = ""
    material: str = ""
    tint: str | None = None
    style: str = ""
    subject_place: str = ""
    weather: list[str] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)
    framing: list[str] = field(default_factory=list)
    without: frozenset[str] = frozenset()
    """Names of the table ``negatives`` that the negative segment holds."""
    banned_art: frozenset[str] = frozenset()
    acted: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def allows(self, art: str) -> bool:
        """Say whether the negative segment lets this drawing in."""
        if art in self.banned_art:
            return False
        groups = vocabulary.tables("scenes")["groups"]
        return not any(
            art.startswith(tuple(groups[name])) for name in self.without if name in groups
        )


def read(order: SketchOrder) -> Brief:
    """Read the five segments."""
    brief = Brief()
    refused = _refuse(brief, order.negative)
    _Reader(brief, refused, ("places", "materials", "times", "weather"), "lead").read(order.subject)
    brief.subject_place = brief.place
    scene = ("places", "materials", "times", "weather", "moods")
    _Reader(brief, refused, scene, "around").read(order.environment)
    _Reader(brief, refused, ("framing", "moods", "times", "weather"), "").read(order.technical)
    _Reader(brief, refused, ("styles", "moods", "times"), "").read(order.style)
    brief.acted = _distinct(word for word in brief.acted if not _holds(word, refused))
    drawn = {part for word in brief.acted for part in (word, *word.split())}
    brief.missed = _distinct(w[:WORD_CHARACTERS] for w in brief.missed if w not in drawn)[
        :MOST_WORDS
    ]
    return brief


class _Reader:
    """Goes through one segment once, longest phrases first."""

    def __init__(
        self, brief: Brief, refused: frozenset[str], kinds: tuple[str, ...], role: str
    ) -> None:
        self.brief = brief
        self.refused = refused
        self.kinds = kinds
        self.role = role
        self.colour: tuple[str, int] | None = None
        self.count: tuple[int, int] | None = None

    def read(self, text: str) -> None:
        listed = words.tokens(text)
        at = 0
        while at < len(listed):
            at += self._step(listed, at)

    def _step(self, listed: list[str], at: int) -> int:
        looks = (self._thing, self._scene) if self.role == "lead" else (self._scene, self._thing)
        for length, phrase in words.phrases(listed, at):
            if any(look(phrase, at) for look in looks):
                return length
        self._other(listed[at], at)
        return 1

    def _thing(self, phrase: list[str], at: int) -> bool:
        if not self.role:
            return False
        found = words.thing(phrase)
        if found is None:
            return False
        name, entry = found
        if self._refuses(name, entry) or len(self.brief.things) >= MOST_THINGS:
            self.brief.missed.extend(phrase)
            return True
        colour, count = self._taken(at)
        self.brief.things.append(
            Wanted(name, entry, colour, count or _plural(phrase, name), self.role == "lead")
        )
        self.brief.acted.append(name)
        return True

    def _refuses(self, name: str, entry: Entry) -> bool:
        return _holds(name, self.refused) or not self.brief.allows(entry.art)

    def _taken(self, at: int) -> tuple[str | None, int]:
        colour = self.colour[0] if self.colour and at - self.colour[1] <= REACH else None
        count = self.count[0] if self.count and at - self.count[1] <= REACH else 0
        if colour:
            self.brief.acted.append(colour)
        self.colour, self.count = None, None
        return (vocabulary.tables("scenes")["colours"][colour] if colour else None), count

    def _scene(self, phrase: list[str], at: int) -> bool:
        found = dict(reversed(words.meanings(phrase)))
        if "colours" in found and self.role and "materials" not in found:
            if not _holds(found["colours"], self.refused):
                self.colour = self.colour or (found["colours"], at)
            return True
        for kind in self.kinds:
            if kind in found and self._set(kind, found[kind], at):
                self.brief.acted.append(" ".join(phrase))
                return True
        return False

    def _set(self, kind: str, name: str, at: int) -> bool:
        """Let a scene word act; False if its office is taken, so that a thing may be meant."""
        brief = self.brief
        if name in self.refused or name in brief.without or (kind, name) in _snowy(self.refused):
            return False
        if kind in {"weather", "moods", "framing"}:
            kept: list[str] = getattr(brief, kind)
            if name not in kept:
                kept.append(name)
            return True
        slot = {"places": "place", "materials": "material", "times": "time", "styles": "style"}[
            kind
        ]
        if getattr(brief, slot):
            return False
        setattr(brief, slot, name)
        if kind in {"places", "materials"} and self.colour:
            brief.tint = self._taken(at)[0]
        return True

    def _other(self, word: str, at: int) -> None:
        if not self.role:
            return
        count = words.number(word)
        if count is not None:
            self.count = (count, at) if count > 1 or word.isdigit() else None
        elif word not in words.stop_words() and not word.endswith("ly") and not word.isdigit():
            self.brief.missed.append(word)


def _refuse(brief: Brief, negative: str) -> frozenset[str]:
    """Take up the negative segment: words, drawings and parts of the scene to leave out."""
    listed = words.tokens(negative)
    refused = {form for word in listed for form in vocabulary.singulars(word)}
    table: dict[str, list[str]] = vocabulary.tables("scenes")["negatives"]
    text = f" {' '.join(listed)} "
    brief.without = frozenset(
        name for name, spelled in table.items() if any(f" {word} " in text for word in spelled)
    )
    for at in range(len(listed)):
        for _, phrase in words.phrases(listed, at):
            refused.update(name for kind, name in words.meanings(phrase) if kind != "places")
    refused -= words.glue()
    brief.banned_art = frozenset(
        entry.art for name, entry in vocabulary.entries().items() if _last_words(name) & refused
    )
    return frozenset(refused)


@functools.lru_cache(maxsize=4096)
def _last_words(name: str) -> frozenset[str]:
    """Return what a name is a kind of: "palm tree" is a tree, "money bag" a bag."""
    parts = name.split()
    return frozenset(" ".join(parts[at:]) for at in range(len(parts)))


def _snowy(refused: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return (("places", "snowfield"),) if "snow" in refused else ()


def _holds(name: str, refused: frozenset[str]) -> bool:
    forms = {form for part in name.split() for form in vocabulary.singulars(part)}
    return bool(refused & (forms | {name}))


def _plural(phrase: list[str], name: str) -> int:
    own = {name, name.rsplit(maxsplit=1)[-1]}
    return 3 if phrase[-1] not in own and phrase[-1].endswith("s") else 1


def _distinct(found: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(found))
