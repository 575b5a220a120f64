"""The console as a surface: what the postman tells it, open pages hear; nothing is stored here."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from domain.card import Card
from domain.surface import (
    Address,
    NoteLine,
)

KEPT: Final = 256
"""How many messages are kept for pages that come back; who missed more fetches the page anew."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message as it was last told: a card, or a line of a thread."""

    number: int
    """Grows with every message of this process."""
    what: Card | NoteLine


class ConsoleSurface:
    """Implements the port ``Surface``; the message's name is its key."""

    name = "console"
    edit_every_s = 0.0

    def __init__(self) -> None:
        self._boot = secrets.token_hex(4)
        self._told: OrderedDict[str, Told] = OrderedDict()
        self._count = 0
        self._forgotten = 0
        self._news = asyncio.Event()
        self._closed = False

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:
        """Show a card; a second time under the same key redraws it."""
        self._tell(key, card)
        return key

    async def edit(self, ref: str, card: Card) -> None:
        """Redraw a card in place."""
        self._tell(ref, card)

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:
        """Show a line in its thread; pages show one of each key."""
        self._tell(line.key, line)
        return line.key

    async def retract(self, ref: str) -> None:
        """Nothing stays here: pages are drawn from the log, which knows what was taken down."""

    @property
    def count(self) -> int:
        """How much was told by now."""
        return self._count

    @property
    def cursor(self) -> str:
        """Where a page that is drawn now stands: it misses nothing told after it."""
        return f"{self._boot}:{self._count}"

    def at(self, told: Told) -> str:
        """Return where a page stands that has drawn a message."""
        return f"{self._boot}:{told.number}"

    @property
    def closed(self) -> bool:
        """Whether the service stops: streams end, waiting calls answer."""
        return self._closed

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self._wake()

    def since(self, cursor: str) -> int | None:
        """Return the number that a cursor stands at; None if what it missed is not known here."""
        boot, _, number = cursor.partition(":")
        if boot != self._boot or not (number.isascii() and number.isdecimal()) or len(number) > 18:  # noqa: PLR2004  below 2**63
            return None
        return int(number) if self._forgotten <= int(number) <= self._count else None

    async def listen(self, number: int, *, beat_s: float) -> AsyncIterator[list[Told]]:
        """Yield what is told after *number*; an empty list when nothing was for *beat_s*."""
        while not self._closed:
            news = self._news
            fresh = [one for one in self._told.values() if one.number > number]
            if not fresh:
                await _within(news, beat_s)
                fresh = [one for one in self._told.values() if one.number > number]
            number = max([number, *(one.number for one in fresh)])
            yield fresh

    def _tell(self, key: str, what: Card | NoteLine) -> None:
        self._count += 1
        self._told[key] = Told(self._count, what)
        self._told.move_to_end(key)
        if len(self._told) > KEPT:
            self._forgotten = self._told.popitem(last=False)[1].number
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def _within(news: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await news.wait()
    except TimeoutError:
        return
