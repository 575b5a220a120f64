"""The one loop that sends what the outbox plans: the latest wins, the final state always goes."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from bot.bus import Bus
from bot.cards import Cards
from domain.errors import HandlerError
from domain.ports import NoteLine, Surface
from domain.run import Run
from storage.outbox import Letter, Outbox
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
COALESCE_S = 0.08
"""News that come within this time are told at once."""
LOOK_AGAIN_S = 5.0
"""What could not be sent is tried again after this time."""


class Postman:
    """Sends planned messages to the surfaces that are on."""

    def __init__(
        self, outbox: Outbox, log: RunLog, cards: Cards, bus: Bus, surfaces: Mapping[str, Surface]
    ) -> None:
        self._outbox = outbox
        self._log = log
        self._cards = cards
        self._bus = bus
        self._surfaces = surfaces
        self._refs: dict[str, str] = {}
        """What the surface calls the cards of the runs that are under way."""

    async def walk(self) -> None:
        """Send until cancelled."""
        with self._bus.listening() as news:
            changed: set[str] = set()
            while True:
                await self.round(changed)
                changed = await _gathered(news)

    async def round(self, changed: set[str]) -> None:
        """Send all that is due, and redraw cards whose progress has moved."""
        for name, surface in self._surfaces.items():
            for letter in await self._outbox.due(name):
                await self._send(surface, letter)
            for run_id in changed:
                await self._redraw(surface, run_id)

    async def _send(self, surface: Surface, letter: Letter) -> None:
        try:
            run = await self._log.run(letter.run_id)
            ref, revision = await self._deliver(surface, letter, run)
            await self._outbox.sent(letter, revision, ref)
            if run.ended:
                self._bus.forget(run.id)
                self._refs.pop(run.id, None)
            elif letter.kind == "card":
                self._refs[run.id] = ref
        except HandlerError as error:
            logger.warning("not sent key=%s: %s", letter.key, error.message)
            await self._outbox.failed(letter, error.message)

    async def _deliver(self, surface: Surface, letter: Letter, run: Run) -> tuple[str, int]:
        if letter.kind == "note":
            return await surface.note(note_line(letter, run)), letter.wanted
        card = await self._cards.card(run)
        if letter.message_ref is None:
            return await surface.post(card, key=letter.key), card.revision
        await surface.edit(letter.message_ref, card)
        return letter.message_ref, card.revision

    async def _redraw(self, surface: Surface, run_id: str) -> None:
        ref = self._refs.get(run_id)
        if ref is None or not self._bus.progress(run_id):
            return
        run = await self._log.run(run_id)
        if run.ended or run.place.surface != surface.name:
            return
        try:
            await surface.edit(ref, await self._cards.card(run))
        except HandlerError as error:
            logger.warning("progress not shown run=%s: %s", run_id, error.message)


def note_line(letter: Letter, run: Run) -> NoteLine:
    """Make the line that a thread shows from its letter."""
    artwork = run.artwork(letter.number) if letter.number else None
    return NoteLine(
        key=letter.key,
        run_id=run.id,
        root_id=run.root,
        text=letter.text,
        by=letter.by,
        at=datetime.fromisoformat(letter.at),
        number=letter.number,
        digest=artwork.digest if artwork else None,
    )


async def _gathered(news: asyncio.Queue[str]) -> set[str]:
    """Wait for news, and a moment longer for more of it; look again after a while without any."""
    try:
        async with asyncio.timeout(LOOK_AGAIN_S):
            changed = {await news.get()}
    except TimeoutError:
        return set()
    await asyncio.sleep(COALESCE_S)
    while not news.empty():
        changed.add(news.get_nowait())
    return changed
