"""What a platform's adapter is handed: pictures, small memories, links, time."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.chat.heard import Heard
from bot.chat.pictures import Pictures
from bot.sighting import Seen
from domain.card import Card, Choice, Panel
from domain.event import Person
from domain.ports import (
    Chance,
    Clock,
)
from domain.questions import Order
from storage.keepsakes import Keepsakes

ORDERS: Final[dict[Order, str]] = {
    "close": "Closest calls",
    "disagree": "Disagreement",
    "age": "Oldest",
}
"""The orders of the review queue, as switches name them."""
Hear = Callable[[Heard], Coroutine[Any, Any, None]]
"""What an adapter calls with everything that it hears. It tells a person their own mistakes through
the event's ``reply``, and raises nothing but what is our fault."""


@dataclass(frozen=True, slots=True)
class Home:
    """A person's own page: what waits for a decision, and their newest runs."""

    waiting: int
    """How many artworks wait for a decision."""
    review: tuple[Panel, ...]
    """The first of them."""
    mine: tuple[Card, ...]
    """This person's newest runs."""
    by: Order = "age"
    """The order in which what waits is shown."""


async def _to_nobody(_seen: Seen) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Handed to every adapter."""

    pictures: Pictures
    keepsakes: Keepsakes
    clock: Clock
    chance: Chance
    data_dir: Path
    max_file_bytes: int
    """Of one file, beside the platform's own limit."""
    vote_reactions: bool
    """Whether the bot puts 1️⃣, 2️⃣, … under a grid."""
    link: Callable[[str], str]
    """Where the originals of a run are to be had: ``http://127.0.0.1:8787/runs/01J…``."""
    home: Callable[[Person, Order], Awaitable[Home]]
    sighted: Callable[[Seen], Awaitable[None]] = field(default=_to_nobody, kw_only=True)
    """Told of what Midjourney's own bot posts."""
    complete: Callable[[str, str], Awaitable[list[Choice]]]
    """At most 25 choices for an option (``task``, ``model``) that begin with what was typed."""
