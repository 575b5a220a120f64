"""Which words can be drawn: our own list first, then the names and aliases of package emoji."""

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import emoji

FLAG_LETTERS = range(0x1F1E6, 0x1F200)
SKINS = range(0x1F3FB, 0x1F400)
TAGS = range(0xE0020, 0xE0080)
FULLY_QUALIFIED = 2
SHORTEST = 3
LONGEST_NAME = 4
"""Words in the longest name that is looked for."""

IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse",
    "geese": "goose", "feet": "foot", "teeth": "tooth", "wolves": "wolf", "leaves": "leaf",
    "knives": "knife", "shelves": "shelf", "loaves": "loaf", "wives": "wife", "elves": "elf",
    "oxen": "ox", "cacti": "cactus", "heroes": "hero",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """How a word is drawn."""

    art: str
    """An emoji, or ``own:name``, ``sit:emoji``, ``stand:emoji``."""
    section: str
    """The task type whose noun it is; ``thing`` for names that only emoji has."""
    metres: float
    """How tall it is in life: what is drawn together keeps its scale."""


@functools.cache
def tables(name: str) -> dict[str, Any]:
    """Return one of our TOML files, read once."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


@functools.cache
def entries() -> dict[str, Entry]:
    """Return every drawable name with its drawing."""
    found = {name: _entry(art, "thing") for name, art in _emoji_names().items()}
    words = tables("words")
    for section in ("product", "brand", "ui", "character", "environment"):
        for name, art in words[section].items():
            found[name] = _entry(art, section)
    return found


def names() -> list[str]:
    """Return all names that are drawn, sorted."""
    return sorted(entries())


def known(word: str) -> bool:
    """Say whether a word, or its singular, is drawn."""
    return find(word.lower().split()) is not None


def find(words: list[str]) -> tuple[str, Entry] | None:
    """Return the name and drawing of exactly these words; plurals count."""
    stem = words[:-1]
    for last in singulars(words[-1]) if words else ():
        name = " ".join([*stem, last])
        entry = entries().get(name)
        if entry:
            return name, entry
    return None


def singulars(word: str) -> list[str]:
    """Return the word and what it may be the plural of, likeliest first."""
    forms = [word]
    if word in IRREGULAR:
        forms.append(IRREGULAR[word])
    if len(word) > SHORTEST and word.endswith("s") and not word.endswith("ss"):
        forms.append(word[:-1])
        if word.endswith("ies"):
            forms.append(word[:-3] + "y")
        if word.endswith("es"):
            forms.append(word[:-2])
    return forms


def _entry(art: str, section: str) -> Entry:
    scenes = tables("words")
    for pose in ("sit", "stand"):
        if art in scenes["poses"][pose]:
            art = f"{pose}:{art}"
    metres = scenes["metres"].get(art, scenes["metres"][section])
    if art.startswith("sit:"):
        section = "character"
    return Entry(art, section, float(metres))


def _emoji_names() -> dict[str, str]:
    ignored = frozenset(tables("words")["ignored"]["names"])
    named: dict[str, str] = {}
    for art, data in emoji.EMOJI_DATA.items():
        if data["status"] != FULLY_QUALIFIED or not _is_thing(art):
            continue
        for raw in (data["en"], *data.get("alias", ())):
            name = raw.strip(":").lower().replace("_", " ").replace("’", "'")
            if len(name) >= SHORTEST and name not in ignored:
                named.setdefault(name, art)
    return named


def _is_thing(art: str) -> bool:
    """Leave out flags, skin tones, keycaps and signs: they are lettering or doublets."""
    marks = [ord(mark) for mark in art]
    if any(mark in FLAG_LETTERS or mark in TAGS or mark in SKINS for mark in marks):
        return False
    signs = (range(0x1F500, 0x1F505), range(0x1F170, 0x1F252), range(0x1F519, 0x1F525))
    first = marks[0]
    plain = first < 0x2300 or 0x2648 <= first <= 0x2653 or 0x27A0 <= first < 0x2B50  # noqa: PLR2004  Unicode blocks
    return not plain and not any(first in block for block in signs)
