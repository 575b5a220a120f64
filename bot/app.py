"""A started service: what its surfaces reach it by."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from bot.bus import Bus
from bot.calibrating import Calibrating
from bot.cards import Cards
from bot.chat.chats import Chats
from bot.chat.pictures import Pictures
from bot.darkroom import Darkroom
from bot.digesting import Digesting, Telling
from bot.handler import Handler
from bot.handoff import Lapsing
from bot.judging import Judging
from bot.packing import Packing
from bot.report import family_record, report
from bot.reviewing import Reviewing
from bot.shipping import Shipping
from bot.sighting import Sightings
from bot.webhooks import Webhooks
from bot.world import PixelPool
from config.records import Settings
from domain.axis import Axis
from domain.family import Family
from domain.ports import Chance, Clock
from domain.run import Artwork, Run
from pipeline.checklist import summary
from pipeline.quote import added
from providers.catalogue import Catalogue
from storage.artifacts import LocalArtifacts
from storage.families import Families
from storage.gallery import Gallery
from storage.inbox import Inbox
from storage.items import Items
from storage.keepsakes import Keepsakes
from storage.kinship import Kinship
from storage.migrate import Migrated
from storage.opinions import Opinions
from storage.outbox import Outbox
from storage.queue import Queue
from storage.reasons import Reasons
from storage.run_log import RunLog
from storage.search import Search
from storage.templates import TemplateStore


@dataclass(frozen=True, slots=True)
class App:
    """A started service."""

    settings: Settings
    clock: Clock
    chance: Chance
    pixels: PixelPool
    bus: Bus
    log: RunLog
    search: Search
    gallery: Gallery
    items: Items
    queue: Queue
    reviewing: Reviewing
    judging: Judging
    digesting: Digesting
    telling: Telling
    reasons: Reasons
    templates: TemplateStore
    calibrating: Calibrating
    kinship: Kinship
    families: Families
    outbox: Outbox
    opinions: Opinions
    artifacts: LocalArtifacts
    catalogue: Catalogue
    webhooks: Webhooks
    cards: Cards
    chats: Chats
    inbox: Inbox
    keepsakes: Keepsakes
    handler: Handler
    lapsing: Lapsing
    sightings: Sightings
    shipping: Shipping
    packing: Packing
    darkroom: Darkroom
    pictures: Pictures
    migrated: Migrated
    would_send: Callable[[Run], Coroutine[Any, Any, list[dict[str, Any]]]]
    """What each image of a planned run would send to its vendor."""

    async def report(self, run: Run) -> dict[str, object]:
        """Return a run as ``--json`` shows it."""
        baseline = await self.log.run(run.baseline) if run.baseline else None

        def path_of(made: Artwork) -> str:
            return str(self.artifacts.path(made.digest, made.media_type))

        grid = await asyncio.to_thread(self.artifacts.find, run.grid) if run.grid else None
        shown = report(run, baseline=baseline, path_of=path_of)
        shown |= {"grid_path": str(grid) if grid else None, "revision": run.revision}
        if run.kind != "text":
            shown["checklist"] = summary(await self.handler.checklist(run))
        return shown | ({"sent": await self.would_send(run)} if run.state == "planned" else {})

    async def planned_report(
        self, runs: Sequence[Run], axes: Sequence[Axis] = ()
    ) -> dict[str, object]:
        """Return several runs that were only planned, as a family that is not stored."""
        shown = [await self.report(run) for run in runs]
        price = added([run.quote for run in runs]).model_dump(mode="json")
        return family_record(None, axes, shown) | {"quote": price}

    async def family_report(self, family: Family) -> dict[str, object]:
        """Return a family as ``--json`` shows it."""
        runs = [await self.report(run) for run in family.runs]
        sheet = family.sheet
        found = await asyncio.to_thread(self.artifacts.find, sheet) if sheet else None
        shown = {"sheet_path": str(found) if found else None, "revision": family.revision}
        return family_record(family.id, family.axes, runs) | shown

    async def ended(self, run_id: str) -> Run:
        """Wait until a run has ended."""
        with self.bus.listening() as news:
            while True:
                run = await self.log.run(run_id)
                if run.rests:
                    return run
                await news.get()
