"""The one place where all is put together; the late doors open here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.access import access_of
from bot.asking import Asking
from bot.briefing import LateWriter
from bot.bus import Bus
from bot.calibrating import Calibrating
from bot.cards import Cards
from bot.chat.chats import Chats
from bot.chat.pictures import Pictures
from bot.choosing import Choosing
from bot.darkroom import Darkroom
from bot.descending import Descending
from bot.digesting import Digesting, Telling
from bot.drawing import Drawing
from bot.fitting import Choice, Fitting
from bot.handler import Handler
from bot.handoff import HandingIn, Lapsing
from bot.intake import Intake
from bot.naming import Naming
from bot.packing import Packing
from bot.permissions import Permissions
from bot.postman import Postman
from bot.report import family_record, report
from bot.reviewing import Reviewing
from bot.road import floor_of, office_of, open_cards, workshop_of
from bot.shipping import Shipping
from bot.sighting import Sightings
from bot.targets import Targets
from bot.webhooks import Webhooks
from bot.world import PixelPool, SystemChance, SystemClock
from config import settings as configuration
from config.records import Settings
from domain.axis import Axis
from domain.family import Family
from domain.ports import Chance, Clock
from domain.run import Artwork, Run
from domain.surface import Surface
from pipeline.produce import Floor, produce
from pipeline.quote import added
from pipeline.route import able, fallback
from pipeline.workshop import would_send
from providers.catalogue import Catalogue
from scoring.tally import opinions as opinions_in
from scoring.tally import tally
from storage.approvers import Approvers
from storage.artifacts import LocalArtifacts
from storage.assignments import Assignments
from storage.attempts import AttemptLog
from storage.channel_routes import ChannelRoutes
from storage.database import Database
from storage.descent import Descent
from storage.digests import Digests
from storage.export import Exports
from storage.families import Families
from storage.gallery import Gallery
from storage.handing import Handing
from storage.inbox import Inbox
from storage.jobs import Jobs
from storage.keepsakes import Keepsakes
from storage.kinship import Kinship
from storage.limits import Limits
from storage.migrate import Migrated, migrate
from storage.opinions import Opinions
from storage.outbox import Outbox
from storage.queue import Queue
from storage.reasons import Reasons
from storage.run_log import RunLog
from storage.search import Search
from storage.thumbnails import Thumbnails

logger = logging.getLogger(__name__)
GRACE_S = 10
"""How long what runs may go on after the service was asked to stop."""


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
    queue: Queue
    reviewing: Reviewing
    digesting: Digesting
    telling: Telling
    reasons: Reasons
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


@asynccontextmanager
async def open_app(
    settings: Settings, *, clock: Clock | None = None, chance: Chance | None = None
) -> AsyncIterator[App]:
    """Start the service on a data folder whose lock is held; stop it in order.

    Raises:
        StorageError: The database is newer, damaged or cannot be written.
    """
    path = settings.data_dir / "handler.db"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrated = await asyncio.to_thread(migrate, path)
    async with AsyncExitStack() as stack:
        app = _assemble(settings, clock or SystemClock(), chance or SystemChance(), migrated)
        stack.callback(app.app.pixels.close)
        stack.callback(app.fitting.close)
        stack.push_async_callback(app.database.close)
        stack.push_async_callback(app.app.catalogue.close)
        await asyncio.to_thread(app.app.catalogue.open_all)
        stack.push_async_callback(app.writer.close)
        await asyncio.to_thread(app.writer.open)
        stack.push_async_callback(app.jobs.stop, GRACE_S)
        await app.jobs.start(app.body)
        await app.app.packing.open()
        await app.app.queue.open()
        stack.push_async_callback(app.app.packing.close)
        await app.app.handler.resume()
        app.app.lapsing.start()
        stack.push_async_callback(app.app.lapsing.stop)
        await app.app.telling.start()
        stack.push_async_callback(app.app.telling.stop)
        yield app.app


@asynccontextmanager
async def delivering(app: App, surfaces: Mapping[str, Surface]) -> AsyncIterator[None]:
    """Send what the outbox plans while the block runs."""
    async with asyncio.TaskGroup() as group:
        walks = [
            group.create_task(
                Postman(app.outbox, app.log, app.cards, app.bus, surface).walk(),
                name=f"postman of {name}",
            )
            for name, surface in surfaces.items()
        ]
        try:
            yield
        finally:
            for walk in walks:
                walk.cancel()


@dataclass(frozen=True, slots=True)
class _Parts:
    app: App
    database: Database
    jobs: Jobs
    floor: Floor
    fitting: Fitting
    writer: LateWriter

    async def body(self, job: str, run_id: str) -> None:
        """Do one job: the road, from the top."""
        logger.info("produce job=%s", job)
        await produce(run_id, self.floor)


def _assemble(settings: Settings, clock: Clock, chance: Chance, migrated: Migrated) -> _Parts:
    path = settings.data_dir / "handler.db"
    bus, pixels = Bus(), PixelPool(settings.concurrency.pixel_workers)
    catalogue = open_cards(settings, pixels, clock.now().date())
    database, jobs = Database(path), Jobs(path)
    artifacts = LocalArtifacts(settings.data_dir)
    limits = Limits(
        settings.limits.waiting_per_person,
        settings.limits.max_usd_per_day,
        settings.limits.waiting_per_channel,
        settings.chat.notify,
    )
    log = RunLog(database, clock, enqueue=jobs.enqueue, published=bus.published, limits=limits)
    search, outbox = Search(database), Outbox(database, clock)
    opinions = Opinions(
        database,
        clock,
        chance,
        tally=tally,
        approves=settings.approvals.approved,
        published=bus.published,
    )
    known = {entry.card.id: entry.card for entry in catalogue.entries}
    exports = Exports(database, clock)
    shipping = Shipping(artifacts, exports, chance, known.get, settings.data_dir, tell=opinions.say)
    darkroom = Darkroom(pixels, artifacts, Thumbnails(settings.data_dir))
    webhooks = Webhooks(settings.public_url, clock, catalogue.opened)
    workshop = workshop_of(
        settings,
        log=log,
        attempts=AttemptLog(database, clock),
        artifacts=artifacts,
        darkroom=darkroom,
        clock=clock,
        catalogue=catalogue,
        bus=bus,
        webhooks=webhooks,
    )
    families = Families(database, clock, published=bus.published)
    drawing = Drawing(log, artifacts, pixels, darkroom, families, known.get)
    approvers, assignments = Approvers(database, clock), Assignments(database, clock)
    writer = LateWriter(settings.brief, access_of(settings)["openai"])
    office = office_of(settings, chance, catalogue, known, writer.writing)
    cards = Cards(
        log,
        search,
        bus,
        known.get,
        opinions=opinions,
        policy=settings.approvals,
        approvers=approvers,
        assignments=assignments,
        families=families,
        able=able(catalogue.on_cards()),
        instead=lambda run: fallback(run, office.on, office.routes),
    )
    chats, inbox, keepsakes = Chats(), Inbox(database, clock), Keepsakes(database)
    permissions = Permissions(settings.approvals, approvers, chats.directories)
    gallery = Gallery(database)
    queue = Queue(database, gallery, settings.scoring.pixels, opinions_in)
    calibrating = Calibrating.on(database, clock, settings.scoring.calibration)
    reasons, targets = configuration.reject_reasons(), Targets(log, search, families)
    reviewing = Reviewing(queue, assignments, permissions, targets, log, clock, reasons)
    digesting = Digesting(
        Digests(database, clock),
        reviewing,
        permissions,
        log,
        darkroom,
        artifacts,
        pixels,
        clock,
        settings.review,
    )
    asking = Asking(
        cards=cards,
        search=search,
        gallery=gallery,
        reviewing=reviewing,
        digesting=digesting,
        verdicts=calibrating.verdicts,
        targets=targets,
        permissions=permissions,
        clock=clock,
        policy=settings.approvals,
        descending=Descending(Descent(database), search),
        limits=limits,
    )
    intake = Intake(artifacts, pixels, chats.fetchers)
    handing = Handing(database, clock, enqueue=jobs.enqueue, published=bus.published)
    handing_in = HandingIn(
        log=log,
        handing=handing,
        attempts=workshop.attempts,
        artifacts=artifacts,
        intake=intake,
        pixels=pixels,
        look=darkroom.look,
        card_of=known.get,
        bus=bus,
        clock=clock,
        lapses_after_h=settings.handoff.lapses_after_h,
    )
    handler = Handler(
        inbox=inbox,
        log=log,
        opinions=opinions,
        intake=intake,
        shipping=shipping,
        bus=bus,
        clock=clock,
        chance=chance,
        targets=targets,
        permissions=permissions,
        asking=asking,
        naming=Naming(approvers, permissions),
        choosing=Choosing(office, families, ChannelRoutes(database, clock), log, permissions),
        handing_in=handing_in,
        reviewing=reviewing,
        redraw=drawing.redraw,
    )
    app = App(
        settings=settings,
        clock=clock,
        chance=chance,
        pixels=pixels,
        bus=bus,
        log=log,
        search=search,
        gallery=gallery,
        queue=queue,
        reviewing=reviewing,
        digesting=digesting,
        telling=Telling(digesting, clock),
        reasons=Reasons(database),
        calibrating=calibrating,
        kinship=Kinship(database),
        families=families,
        outbox=outbox,
        opinions=opinions,
        artifacts=artifacts,
        catalogue=catalogue,
        webhooks=webhooks,
        cards=cards,
        chats=chats,
        inbox=inbox,
        keepsakes=keepsakes,
        handler=handler,
        lapsing=Lapsing(handing_in, clock),
        sightings=Sightings(
            handler=handler,
            handing_in=handing_in,
            inbox=inbox,
            keepsakes=keepsakes,
            opinions=opinions,
            outbox=outbox,
            chance=chance,
            clock=clock,
        ),
        shipping=shipping,
        packing=Packing(search, shipping, exports, chance, settings.data_dir / "exports" / "zips"),
        darkroom=darkroom,
        pictures=Pictures(artifacts, pixels),
        migrated=migrated,
        would_send=lambda run: would_send(run, workshop, writer),
    )
    fitting = Fitting(pixels, artifacts, Choice.of(settings))
    parts = (settings, workshop, darkroom, drawing, fitting)
    floor = floor_of(*parts, calibrating=calibrating, writer=writer)
    return _Parts(app, database, jobs, floor, fitting, writer)
