"""Words into phrases: tokens of a segment, and what the scene's vocabulary says of them."""

import functools
import re
import unicodedata
from collections.abc import Iterator

import emoji

from providers.sketch import vocabulary

READ_CHARACTERS = 6000
"""Of a segment; nobody draws what stands on its third page."""
READ_TOKENS = 700
TOKEN = re.compile(r"[fF]/\d+(?:\.\d+)?|[^\W_]+(?:['’\-_][^\W_]+)*")
BEYOND_TEXT = re.compile("[\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff]")
KINDS = ("times", "weather", "places", "materials", "colours", "moods", "styles", "framing")

Meaning = tuple[str, str]
"""A kind of scene word, and the name of what it sets."""


def tokens(text: str) -> list[str]:
    """Return the words of a text, lower case; a pasted emoji stands as its name."""
    cut = text[:READ_CHARACTERS]
    if BEYOND_TEXT.search(cut):
        cut = emoji.demojize(cut, delimiters=(" ", " "))
    plain = unicodedata.normalize("NFKC", cut).lower().replace("’", "'")
    return TOKEN.findall(plain)[:READ_TOKENS]


def phrases(words: list[str], at: int) -> Iterator[tuple[int, list[str]]]:
    """Yield how many tokens from *at* on make a phrase, and its words, longest first."""
    for length in range(min(vocabulary.LONGEST_NAME, len(words) - at), 0, -1):
        yield length, words[at : at + length]


def meanings(phrase: list[str]) -> list[Meaning]:
    """Return what a phrase sets in the scene, over all kinds."""
    name = " ".join(phrase)
    return _meanings().get(name, []) or _meanings().get(name.replace("-", " "), [])


def thing(phrase: list[str]) -> tuple[str, vocabulary.Entry] | None:
    """Return the thing that exactly this phrase names."""
    found = vocabulary.find(phrase)
    if found or len(phrase) > 1:
        return found
    parts = re.split(r"[-_]", phrase[0])
    return vocabulary.find(parts) if len(parts) > 1 else None


def number(word: str) -> int | None:
    """Return how many a word says; more than nine are nine."""
    if word.isascii() and word.isdigit():
        return max(1, min(9, int(word[:3])))
    found: int | None = vocabulary.tables("scenes")["numbers"].get(word)
    return found


@functools.cache
def stop_words() -> frozenset[str]:
    """Return words that are never reported as not drawn."""
    return frozenset(vocabulary.tables("scenes")["stop"]["words"].split())


@functools.cache
def glue() -> frozenset[str]:
    """Return words that refuse nothing when they stand in the negative segment."""
    return frozenset(vocabulary.tables("scenes")["stop"]["glue"].split())


@functools.cache
def _meanings() -> dict[str, list[Meaning]]:
    scenes = vocabulary.tables("scenes")
    found: dict[str, list[Meaning]] = {}
    for kind in KINDS:
        for name, value in scenes[kind].items():
            listed = value["words"] if kind in {"times", "places"} else value
            spelled = (
                listed if kind in {"times", "weather", "places", "styles", "framing"} else [name]
            )
            for word in spelled:
                found.setdefault(word, []).append((kind, name))
    return found
