"""What waits, at a glance: shown when asked, and told a channel once a day."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.answers import Answer
from bot.darkroom import Darkroom
from bot.drawing import media_type_of
from bot.grid import GridTile
from bot.permissions import Permissions
from bot.postman import BUTTONS
from bot.reviewing import Reviewing
from bot.sheet import SheetRow, draw_sheet
from config.records import ReviewSettings
from domain.card import Panel
from domain.errors import ConflictError, HandlerError
from domain.event import Event, Place
from domain.ports import ArtifactStore, Clock, Pixels
from domain.questions import Digest
from domain.record import Record
from domain.spec import Digest as Sha
from storage.digests import Digests, Subscribed, Sums
from storage.queue import Waiting
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
LOOK_S: Final = 20.0
"""How often it is seen whether a digest is due."""
CLOSEST: Final = 4
LONG: Final = timedelta(days=30)
"""Over so long cost and approvals are compared: of one day the figure would jump about."""
BRIEF_CHARS: Final = 60
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Glance(Record):
    """What waits, and what was decided."""

    day: str
    """``Monday 23 November``."""
    sums: Sums
    oldest: Waiting | None = None
    age: str = ""
    """How long the oldest waits, in words."""
    closest: tuple[Waiting, ...] = ()

    @property
    def cost(self) -> str:
        """Cost per approved image, in words."""
        made = self.sums.approved_since
        if not made:
            return f"nothing was approved in {LONG.days} days"
        each = self.sums.usd / made
        price = "$0" if not self.sums.usd else f"${each:.2f}" if each >= 0.1 else f"${each:.3f}"  # noqa: PLR2004  below ten cents a third digit counts
        many = "1 image" if made == 1 else f"{made} images"
        return f"{price} ({many}, ${self.sums.usd:.2f} in {LONG.days} days)"

    @property
    def text(self) -> str:
        """All of it in plain lines."""
        waiting = self.sums.waiting
        images = "1 image waits" if waiting == 1 else f"{waiting} images wait"
        said = [f"Review, {self.day}: {images if waiting else 'nothing waits'} for a decision"]
        if waiting:
            said.append(" · ".join(f"{task} {many}" for task, many in self.sums.by_task.items()))
        if self.oldest:
            said.append(f"Oldest: {named(self.oldest)}, {self.age}")
        if self.closest:
            said.append("Closest calls:")
            listed = enumerate(self.closest, start=1)
            said += [f"{place}. {named(one)}: {one.says}" for place, one in listed]
        said.append(f"Approved the day before: {people(self.sums.approved)}")
        said.append(f"Cost per approved image: {self.cost}")
        return "\n".join(said)


def named(piece: Waiting) -> str:
    """Name an artwork for people: ``r2 #3 a red fox in the snow``."""
    brief = piece.brief
    short = brief if len(brief) <= BRIEF_CHARS else f"{brief[: BRIEF_CHARS - 1]}…"
    return f"{piece.ref} #{piece.number} {short}".strip()


def people(approved: dict[str, int]) -> str:
    """Say how many each approved."""
    if not approved:
        return "nothing"
    many = sum(approved.values())
    listed = ", ".join(f"{name} {count}" for name, count in approved.items())
    return f"{many} {'image' if many == 1 else 'images'} ({listed})"


def due(told: Subscribed, now: datetime, settings: ReviewSettings) -> str:
    """Return the local day whose digest is due; empty if none is.

    A service that was away at the time tells it when it is back, on the same day.
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    day = f"{local:%Y-%m-%d}"
    on = DAYS[local.weekday()] in settings.days
    return day if on and f"{local:%H:%M}" >= told.at and told.last_day < day else ""


@dataclass(frozen=True, slots=True)
class Digesting:
    """Makes digests, for whoever asks and for channels at their time."""

    digests: Digests
    reviewing: Reviewing
    permissions: Permissions
    log: RunLog
    darkroom: Darkroom
    artifacts: ArtifactStore
    pixels: Pixels
    clock: Clock
    settings: ReviewSettings

    async def glance(self) -> Glance:
        """Look at what waits now, and what was decided yesterday."""
        queue = self.reviewing.queue
        now = self.clock.now()
        local = now.astimezone(ZoneInfo(self.settings.timezone))
        today = local.replace(hour=0, minute=0, second=0, microsecond=0)
        yesterday = (today - timedelta(hours=12)).replace(hour=0)
        oldest = await self._shown(await queue.page("age", limit=CLOSEST))
        close = await self._shown(await queue.page("close", limit=2 * CLOSEST))
        return Glance(
            day=f"{local:%A} {local.day} {local:%B}",
            sums=await self.digests.sums((yesterday, today), now - LONG),
            oldest=oldest[0] if oldest else None,
            age=self.reviewing.stands(oldest[0], "age") if oldest else "",
            closest=tuple(close[:CLOSEST]),
        )

    async def answer(self, place: Place) -> Answer:
        """Show it to one person, and say when the channel is told."""
        glance = await self.glance()
        here = [one for one in await self.digests.all() if _same(one.place, place)]
        told = f"Told here at {here[0].at} ({self.settings.timezone})." if here else ""
        text = "\n".join(filter(None, (glance.text, told)))
        picture = await self.sheet(glance.closest)
        alt = "the closest calls" if picture else ""
        panel = Panel(text=text, picture=picture, alt=alt, buttons=BUTTONS)
        return Answer(text=text, panels=(panel,))

    async def change(self, event: Event, command: Digest) -> Answer:
        """Have a channel told once a day, or no more.

        Raises:
            ForbiddenError: Whoever says it is no admin.
            ConflictError: The console has no channels.
        """
        if event.place.surface == "console":
            raise ConflictError(
                "the console has no channel to tell",
                hint="Its digest is on the page Review. Say it in Slack or Discord.",
            )
        await self.permissions.check_admin(event.person)
        place = Place(
            surface=event.place.surface,
            workspace=event.place.workspace,
            channel=event.place.channel,
        )
        local = self.clock.now().astimezone(ZoneInfo(self.settings.timezone))
        past = command.at and f"{local:%H:%M}" >= command.at
        last = f"{local:%Y-%m-%d}" if past else ""
        await self.digests.choose(
            place, command.at, event.person.name, event.key, empty=command.empty, last_day=last
        )
        if not command.at:
            return Answer(text="This channel gets no digest any more.")
        days = ", ".join(day.capitalize() for day in self.settings.days)
        first = " The first comes tomorrow." if past else ""
        text = f"This channel gets a digest at {command.at} ({self.settings.timezone}, {days})."
        return Answer(text=text + first)

    async def tell(self) -> int:
        """Plan every digest that is due; return how many."""
        told = 0
        for one in await self.digests.all():
            if day := due(one, self.clock.now(), self.settings):
                told += await self._tell(one, day)
        return told

    async def _tell(self, told: Subscribed, day: str) -> bool:
        glance = await self.glance()
        quiet = not glance.sums.waiting and not told.empty
        pieces = glance.closest
        run_id = pieces[0].run_id if pieces else await self.digests.any_run()
        text = "" if quiet or not run_id else glance.text
        picture = await self.sheet(pieces) if text else None
        bulletin = {"place": told.place.model_dump(mode="json"), "picture": picture}
        return await self.digests.plan(told, day, text=text, run_id=run_id, bulletin=bulletin)

    async def _shown(self, pieces: Sequence[Waiting]) -> list[Waiting]:
        """Leave out what was taken off its platform: its words and picture go nowhere again."""
        runs = {one.run_id: await self.log.run(one.run_id) for one in pieces}
        return [one for one in pieces if not runs[one.run_id].taken_down_by]

    async def sheet(self, pieces: Sequence[Waiting]) -> Sha | None:
        """Draw the pictures side by side, numbered as the text numbers them."""
        if not pieces:
            return None
        try:
            tiles = [
                GridTile(
                    number=place,
                    data=await self.darkroom.thumbnail(one.digest),
                    verdict="review",
                )
                for place, one in enumerate(pieces, start=1)
            ]
            row = SheetRow(ref="Closest calls", label="", figures="", tiles=tuple(tiles))
            drawn = await self.pixels.run(draw_sheet, [row])
            return await self.artifacts.put(drawn, media_type_of(drawn))
        except HandlerError as error:
            logger.warning("digest without a picture: %s", error.message)
            return None


class Telling:
    """Looks now and then whether a channel is to be told."""

    def __init__(self, digesting: Digesting, clock: Clock) -> None:
        self._digesting = digesting
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Keep what the settings say, and begin to look."""
        settings = self._digesting.settings
        await self._digesting.digests.set_from_settings(
            settings.place, settings.digest, empty=settings.empty
        )
        self._task = asyncio.create_task(self._walk(), name="digests")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _walk(self) -> None:
        while True:
            try:
                await self._digesting.reviewing.queue.prepare()
                if told := await self._digesting.tell():
                    logger.info("digests=%s", told)
            except HandlerError as error:
                logger.warning("no digest told: %s", error.message)
            await self._clock.sleep(LOOK_S)


def _same(one: Place, other: Place) -> bool:
    return (one.surface, one.workspace, one.channel) == (
        other.surface,
        other.workspace,
        other.channel,
    )
