"""The loop of a surface that sends what the outbox plans: the latest wins, the end always goes."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.bus import Bus
from bot.cards import Cards
from domain.card import Button
from domain.errors import HandlerError, SurfaceDownError, SurfaceGoneError
from domain.event import Place
from domain.run import Run
from domain.spec import Operation
from domain.surface import (
    Address,
    NoteLine,
    Surface,
)
from pipeline.buttons import note_buttons
from storage.outbox import Letter, Outbox
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
COALESCE_S: Final = 0.08
"""News that come within this time are told at once."""
LOOK_AGAIN_S: Final = 5.0
"""What could not be sent is tried again after this time, or after what the surface asks for."""
LONGEST_WAIT_S: Final = 60.0
ENDED_SHARE: Final = 1 / 3
"""Of the time between two redrawings, for cards that have ended: votes are shown soon."""
DRAWN: Final = frozenset({"card", "family"})
"""Letters that are posted once and redrawn after."""
BUTTONS: Final = (
    Button(label="Closest calls", line="review --by close"),
    Button(label="Disagreement", line="review --by disagree"),
    Button(label="Oldest", line="review"),
    Button(label="Mine", line="review --mine"),
)
"""What stands under a digest."""
END_S: Final = 4.0
"""How long what is being sent may take when the service stops."""


class Postman:
    """Sends one surface's planned messages: channel beside channel, in order within each."""

    def __init__(
        self, outbox: Outbox, log: RunLog, cards: Cards, bus: Bus, surface: Surface
    ) -> None:
        self._outbox = outbox
        self._log = log
        self._cards = cards
        self._bus = bus
        self._surface = surface
        self._refs: dict[str, str] = {}
        """What the surface calls the cards that show a run under way, by their keys."""
        self._open: dict[str, str] = {}
        """The runs that are under way, and the key of the card that shows each."""
        self._drawn_s: dict[str, float] = {}
        """When each card was drawn last."""
        self._busy: dict[str, asyncio.Task[None]] = {}
        """Who sends to each channel now."""
        self._not_before_s = 0.0
        self._later: dict[str, _Later] = {}
        """Messages that were not taken: when each is tried again."""

    async def walk(self) -> None:
        """Send until cancelled; what is being sent then is given a moment to arrive."""
        try:
            with self._bus.listening() as news:
                changed: set[str] = set()
                while True:
                    wait_s = await self.round(changed, news)
                    changed = await _gathered(news, wait_s)
        finally:
            if self._busy:
                await asyncio.wait(set(self._busy.values()), timeout=END_S)
            for task in list(self._busy.values()):
                task.cancel()

    async def round(self, changed: set[str], news: asyncio.Queue[str] | None = None) -> float:
        """Start to send all that is due, and to redraw cards whose progress has moved.

        Returns:
            After how many seconds to look again, if nothing happens before.
        """
        now_s = time.monotonic()
        if now_s < self._not_before_s:
            return self._not_before_s - now_s
        await self._redraw_all(changed, news)
        waits_s = [LOOK_AGAIN_S]
        letters: dict[str, list[tuple[Letter, Run]]] = defaultdict(list)
        for letter in await self._outbox.due(self._surface.name):
            run = await self._log.run(letter.run_id)
            channel = _place_of(letter, run).channel
            if channel in self._busy:
                continue
            early_s = max(self._too_early_s(letter, run, now_s), self._pause_s(letter, now_s))
            if early_s > 0:
                waits_s.append(early_s)
                continue
            letters[channel].append((letter, run))
        for channel, found in letters.items():
            self._start(channel, self._send_all(found), news)
        return min(waits_s)

    async def settled(self) -> None:
        """Wait for what is being sent."""
        while self._busy:
            await asyncio.wait(set(self._busy.values()))
            await asyncio.sleep(0)

    def _start(self, channel: str, work: object, news: asyncio.Queue[str] | None) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]  # a coroutine
        self._busy[channel] = task

        def ended(done: asyncio.Task[None]) -> None:
            self._busy.pop(channel, None)
            if not done.cancelled() and (error := done.exception()):
                logger.error("not sent", exc_info=error)
            if news is not None and not news.full():
                news.put_nowait("")  # more may have become due for this channel

        task.add_done_callback(ended)

    def _pause_s(self, letter: Letter, now_s: float) -> float:
        later = self._later.get(letter.key)
        return later.at_s - now_s if later and later.wanted == letter.wanted else 0.0

    def _try_later(self, letter: Letter) -> None:
        """Wait longer with every failure; what changes meanwhile is tried at once."""
        known = self._later.get(letter.key)
        same = known is not None and known.wanted == letter.wanted
        wait_s = min(known.wait_s * 2, LONGEST_WAIT_S) if known and same else LOOK_AGAIN_S
        self._later[letter.key] = _Later(letter.wanted, wait_s, time.monotonic() + wait_s)

    def _too_early_s(self, letter: Letter, run: Run, now_s: float) -> float:
        if letter.kind not in DRAWN or letter.message_ref is None:
            return 0.0
        pace_s = self._surface.edit_every_s * (ENDED_SHARE if run.ended else 1.0)
        first_end = run.ended and letter.kind == "card" and letter.key in self._refs
        drawn_s = self._drawn_s.get(letter.key, -pace_s)
        return 0.0 if first_end else drawn_s + pace_s - now_s

    async def _send_all(self, letters: Sequence[tuple[Letter, Run]]) -> None:
        for letter, _ in letters:
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        try:
            run = await self._log.run(letter.run_id)
            ref, revision = await self._deliver(letter, run)
            await self._outbox.sent(letter, revision, ref)
            self._later.pop(letter.key, None)
            await self._note_sent(letter, run, ref)
        except _NotYetError:
            return
        except SurfaceGoneError as error:
            logger.warning("given up key=%s: %s", letter.key, error.message)
            await self._outbox.given_up(letter, error.message)
        except HandlerError as error:
            logger.warning("not sent key=%s: %s", letter.key, error.message)
            self._try_later(letter)
            await self._outbox.failed(letter, error.message)
            wait_s = error.retry_after_s if isinstance(error, SurfaceDownError) else 0.0
            if wait_s:
                self._not_before_s = time.monotonic() + wait_s
        except Exception:
            logger.exception("broken key=%s", letter.key)
            self._try_later(letter)

    async def _note_sent(self, letter: Letter, run: Run, ref: str) -> None:
        if letter.kind not in DRAWN:
            return
        self._drawn_s[letter.key] = time.monotonic()
        shown = (run,) if letter.kind == "card" else await self._cards.members(run.id)
        for one in shown:
            self._open.pop(one.id, None)
            if one.ended:
                self._bus.forget(one.id)
            else:
                self._open[one.id] = letter.key
        if all(one.ended for one in shown):
            self._refs.pop(letter.key, None)
            _keep_newest(self._drawn_s)
        else:
            self._refs[letter.key] = ref

    async def _deliver(self, letter: Letter, run: Run) -> tuple[str, int]:
        if letter.kind == "gone":
            await self._surface.retract(letter.message_ref or "")
            return letter.message_ref or "", letter.wanted
        again = letter.tried_at is not None
        if letter.kind == "digest":
            await self._outbox.trying(letter)
            told = digest_line(letter, run)
            address = Address(place=_place_of(letter, run))
            return await self._surface.note(told, address, again=again), letter.wanted
        if letter.kind == "note":
            address = await self._address(run, card=False)
            await self._outbox.trying(letter)
            line = note_line(letter, run, self._cards.able_for(run))
            return await self._surface.note(line, address, again=again), letter.wanted
        card = await self._cards.drawn(letter.key)
        if letter.message_ref is None:
            address = await self._address(run, card=letter.kind == "family" or run.family is None)
            await self._outbox.trying(letter)
            ref = await self._surface.post(card, address, key=letter.key, again=again)
            return ref, card.revision
        await self._surface.edit(letter.message_ref, card)
        return letter.message_ref, card.revision

    async def _address(self, run: Run, *, card: bool) -> Address:
        """Find where a message goes; what follows a first card waits until that was posted."""
        if card and run.id == run.root:
            return Address(place=run.place)
        ref, waits = await self._outbox.first_posted(run.root)
        if ref is None and waits:
            raise _NotYetError
        root = run if run.id == run.root else await self._log.run(run.root)
        return Address(place=root.place, root_ref=ref, title=root.spec.scored_brief)

    async def _redraw_all(self, changed: set[str], news: asyncio.Queue[str] | None) -> None:
        for run_id in changed:
            key = self._open.get(run_id, "")
            ref = self._refs.get(key)
            now_s = time.monotonic()
            late = now_s - self._drawn_s.get(key, 0.0) >= self._surface.edit_every_s
            if ref is None or not late or not self._bus.moves(run_id):
                continue
            run = await self._log.run(run_id)
            if run.ended or run.place.channel in self._busy:
                continue
            self._drawn_s[key] = now_s
            self._start(run.place.channel, self._redraw(key, ref), news)

    async def _redraw(self, key: str, ref: str) -> None:
        try:
            await self._surface.edit(ref, await self._cards.drawn(key))
        except HandlerError as error:
            logger.warning("progress not shown key=%s: %s", key, error.message)


@dataclass(frozen=True, slots=True)
class _Later:
    """When a message that was not taken is tried again."""

    wanted: int
    wait_s: float
    at_s: float


class _NotYetError(Exception):
    """What it hangs on was not sent yet."""


def note_line(letter: Letter, run: Run, able: Mapping[Operation, float]) -> NoteLine:
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
        alt=f"#{letter.number}: {run.spec.scored_brief}"[:1000] if artwork else "",
        mention=(letter.mention or {}).get("id"),
        file=letter.file,
        buttons=note_buttons(run, letter.number, able) if artwork else (),
    )


def _place_of(letter: Letter, run: Run) -> Place:
    """Return where a message goes: a digest to its channel, all else where its run stands."""
    return Place.model_validate(letter.bulletin["place"]) if letter.bulletin else run.place


def digest_line(letter: Letter, run: Run) -> NoteLine:
    """Make the line that a channel is told from its letter."""
    return NoteLine(
        key=letter.key,
        run_id=run.id,
        root_id=run.root,
        text=letter.text,
        by="",
        at=datetime.fromisoformat(letter.at),
        digest=(letter.bulletin or {}).get("picture"),
        alt="the closest calls, side by side",
        buttons=BUTTONS,
    )


def _keep_newest(drawn_s: dict[str, float], most: int = 1000) -> None:
    while len(drawn_s) > most:
        drawn_s.pop(next(iter(drawn_s)))


async def _gathered(news: asyncio.Queue[str], wait_s: float) -> set[str]:
    """Wait for news, and a moment longer for more of it; look again after a while without any."""
    try:
        async with asyncio.timeout(wait_s):
            changed = {await news.get()}
    except TimeoutError:
        return set()
    await asyncio.sleep(COALESCE_S)
    while not news.empty():
        changed.add(news.get_nowait())
    return changed - {""}
