"""The one place where all is put together."""

import logging
from dataclasses import dataclass

from bot.access import access_of
from bot.app import App
from bot.asking import Asking
from bot.briefing import LateWriter
from bot.bundle_shelf import bundle_shelves
from bot.bus import Bus
from bot.calibrating import Calibrating
from bot.cards import Cards
from bot.chat.chats import Chats
from bot.chat.pictures import Pictures
from bot.checking import Checking
from bot.choosing import Choosing
from bot.darkroom import Darkroom
from bot.descending import Descending
from bot.digesting import Digesting, Telling
from bot.drawing import Drawing
from bot.fitting import Choice, Fitting
from bot.handler import Handler
from bot.handoff import HandingIn, Lapsing
from bot.intake import Intake
from bot.judging import Judging
from bot.libraries import Libraries
from bot.lora_shelf import LoRAShelf
from bot.naming import Naming
from bot.packing import Packing
from bot.permissions import Permissions
from bot.reviewing import Reviewing
from bot.road import floor_of, office_of, open_cards, workshop_of
from bot.seeing import Seeing
from bot.shipping import Shipping
from bot.sighting import Sightings
from bot.targets import Targets
from bot.template_shelf import TemplateShelf
from bot.webhooks import Webhooks
from bot.world import PixelPool
from config import settings as configuration
from config.records import Settings
from domain.ports import Chance, Clock
from pipeline.produce import Floor, produce
from pipeline.route import able, fallback
from pipeline.workshop import would_send
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
from storage.items import Items
from storage.jobs import Jobs
from storage.keepsakes import Keepsakes
from storage.kinship import Kinship
from storage.limits import Limits
from storage.lookalikes import Lookalikes
from storage.migrate import Migrated
from storage.opinions import Opinions
from storage.outbox import Outbox
from storage.queue import Queue
from storage.reasons import Reasons
from storage.run_log import RunLog
from storage.search import Search
from storage.templates import TemplateStore
from storage.thumbnails import Thumbnails

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """A service put together: what starting and stopping it needs."""

    app: App
    database: Database
    jobs: Jobs
    floor: Floor
    fitting: Fitting
    seeing: Seeing
    writer: LateWriter

    async def body(self, job: str, run_id: str) -> None:
        """Do one job: the road, from the top."""
        logger.info("produce job=%s", job)
        await produce(run_id, self.floor)


def assemble(  # noqa: PLR0915  one line for each part
    settings: Settings, clock: Clock, chance: Chance, migrated: Migrated
) -> Parts:
    """Put a service together; nothing is started."""
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
    templates = TemplateStore(database, clock, configuration.shipped_templates())
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
    judging = Judging(database, clock, opinions, log, families, targets, artifacts, pixels, chance)
    asking = Asking(
        cards=cards,
        search=search,
        gallery=gallery,
        reviewing=reviewing,
        judging=judging,
        digesting=digesting,
        verdicts=calibrating.verdicts,
        targets=targets,
        permissions=permissions,
        clock=clock,
        policy=settings.approvals,
        descending=Descending(Descent(database), search),
        checking=Checking(exports, known.get),
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
        libraries=Libraries(
            shelves=(
                TemplateShelf(templates, targets, permissions),
                *bundle_shelves(Items(database, clock), permissions, intake, targets),
                LoRAShelf(Items(database, clock), permissions, intake),
            )
        ),
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
        items=Items(database, clock),
        queue=queue,
        reviewing=reviewing,
        judging=judging,
        digesting=digesting,
        telling=Telling(digesting, clock),
        reasons=Reasons(database),
        templates=templates,
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
    seeing = Seeing(PixelPool(1), artifacts)
    floor = floor_of(
        settings,
        workshop,
        darkroom,
        drawing,
        fitting,
        seeing=seeing,
        calibrating=calibrating,
        lookalikes=Lookalikes(database),
        writer=writer,
    )
    return Parts(app, database, jobs, floor, fitting, seeing, writer)
