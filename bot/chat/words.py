"""What a card says, in pieces that each platform writes in its own markup."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from domain.card import Alternative, Card, Section

Look = Literal["plain", "strong", "quiet", "code"]
MAX_PROMPT_CHARS: Final = 1200
"""Of a card's prompt, over all segments: the rest is behind Details."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line. They may be a person's own: no markup in them means anything."""

    text: str
    look: Look = "plain"


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class CardWords:
    """A card's text, from top to bottom; each line may be empty."""

    head: Pieces
    """``r2 · Ana · branched from r1 #2``."""
    prompt: tuple[Pieces, ...]
    """One line per segment."""
    status: str
    facts: str
    notes: tuple[str, ...]
    """Adjustments, warnings, decisions, the line against the baseline."""
    error: str
    hint: str
    paste: str = ""
    """A line to be copied: it stands in a block of its own, where nothing in it is markup."""


def words_of(card: Card) -> CardWords:
    """Return what a card says; one that was taken down says only that."""
    head = (Piece(card.ref, "strong"), Piece(f" · {card.by}"), *_titled(card))
    if card.taken_down:
        said = f"Taken down by {card.taken_down}. The record stays in the log."
        return CardWords(head[:2], (), said, "", (), "", "")
    return CardWords(
        head=head,
        prompt=tuple(_prompt(card)),
        status=card.status,
        facts=" · ".join(card.facts),
        notes=tuple(filter(None, _notes(card))),
        error=card.error,
        hint=card.hint,
        paste=card.paste,
    )


def plain(card: Card) -> str:
    """Return a card in one line, for notifications and for those who see no blocks."""
    said = words_of(card)
    prompt = " · ".join("".join(piece.text for piece in line) for line in said.prompt)
    parts = (f"{card.ref} {card.by}", prompt, said.status or said.error or "done")
    return " – ".join(filter(None, parts))[:1500]


def _notes(card: Card) -> Iterable[str]:
    yield from map(_alternative, card.alternatives)
    yield from map(_said_of, card.sections)
    yield from card.adjustments
    yield from card.warnings
    yield _voted(card)
    yield from card.decided
    yield from card.asked
    yield card.baseline


def _said_of(section: Section) -> str:
    """Say of one run of a family what the sheet does not show: ``r2 Flux: seed …; failed``."""
    lacks = (*section.adjustments, section.status, section.error)
    facts = " · ".join(section.facts)
    return f"{section.ref} {section.label} · {facts}" + "".join(f"; {one}" for one in lacks if one)


def _alternative(one: Alternative) -> str:
    """Write a prompt that can be chosen: ``1. Dawn: a kettle :: on slate``."""
    words = " :: ".join(words.text for words in one.words if words.segment != "negative")
    without = next((words.text for words in one.words if words.segment == "negative"), "")
    title = f"{one.title}: " if one.title else ""
    return f"{one.number}. {title}{words}" + (f" (without {without})" if without else "")


def _voted(card: Card) -> str:
    """Say how many people picked each image: ``#2 has 3 votes, #4 has 1``."""
    voted = [f"#{tile.number} has {tile.picks}" for tile in card.tiles if tile.picks]
    if not voted:
        return ""
    first = next(tile.picks for tile in card.tiles if tile.picks)
    word = "vote" if first == 1 else "votes"
    return ", ".join([f"{voted[0]} {word}", *voted[1:]])


def _titled(card: Card) -> Pieces:
    return (Piece(f" · {card.title}"),) if card.title else ()


def _prompt(card: Card) -> Iterable[Pieces]:
    left = MAX_PROMPT_CHARS
    for words in card.words:
        text = words.text if len(words.text) <= left else f"{words.text[: max(left - 1, 0)]}…"
        left -= len(text)
        weight = "" if words.weight == 1 else f" ×{words.weight:g}"
        yield (Piece(f"{words.segment}{weight} ", "quiet"), Piece(text))
        if left <= 0:
            return
