"""The road on a workbench: real storage, real handler, vendors and a clock that tests hand in.

What a vendor and the steps' records know outlives a life of the process; everything else is made
anew for each life, on a loop of its own.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image
from sqlalchemy import event

from bot.asking import Asking
from bot.bus import Bus
from bot.cards import Cards
from bot.checking import Checking
from bot.choosing import Choosing
from bot.darkroom import Darkroom
from bot.descending import Descending
from bot.digesting import Digesting
from bot.handler import Handler, Said
from bot.handoff import HandingIn
from bot.intake import Intake
from bot.judging import Judging
from bot.libraries import Libraries
from bot.naming import Naming
from bot.permissions import Permissions
from bot.reviewing import Reviewing
from bot.shipping import Shipping
from bot.targets import Targets
from bot.webhooks import Webhooks
from bot.world import SystemChance
from config import settings as configuration
from domain.model import ModelCard
from domain.picture import PictureFacts, inspect
from domain.policy import ApprovalPolicy, PixelPolicy
from domain.ports import (
    Delivered,
    ImageRequest,
    Job,
    JobState,
    Judged,
    Output,
    Writer,
)
from domain.run import Run
from pipeline.circuit import Circuit
from pipeline.pace import Pace
from pipeline.produce import Floor, Office, produce
from pipeline.route import Routes
from pipeline.score import Scored
from pipeline.workshop import Workshop
from providers.canny import canny_map
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
from storage.limits import Limits
from storage.migrate import migrate
from storage.opinions import Opinions
from storage.queue import Queue
from storage.run_log import RunLog, job_id
from storage.search import Search
from storage.thumbnails import Thumbnails
from storage.verdicts import Verdicts
from tests.contracts.memory_steps import MemorySteps
from tests.durability.points import said
from tests.providers.given import FLARE, FLUX, Here, card

SKETCH: Final = "sketch:storyboard"
REVIEW: Final = configuration.load("", {}).review
COST_USD: Final = 0.05


class HurriedClock:
    """A clock whose sleeps pass at once; it adds up what was slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=sum(self.slept))

    def monotonic_s(self) -> float:
        return self.now().timestamp()

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)
        await asyncio.sleep(0)


async def prepare(_kind: str, data: bytes) -> bytes:
    return canny_map(data)


async def look(data: bytes) -> PictureFacts:
    return inspect(data)


def picture(words: str) -> bytes:
    """Return a small PNG that depends on *words* alone."""
    out = io.BytesIO()
    shade = tuple(words.encode()[-3:])
    Image.new("RGB", (64, 64), shade).save(out, "PNG")
    return out.getvalue()


@dataclass(slots=True)
class Blocking:
    """A vendor that answers with the picture; it counts what it bills, and fails as told."""

    name: str = "openai"
    answers: Literal["blocking"] = "blocking"
    calls: list[str] = field(default_factory=list)
    billed: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    """What the next calls end with, before anything is billed."""
    meanwhile: Callable[[str], Any] = lambda _key: None
    """Called with the request's key while the call is under way."""

    def paid(self) -> list[str]:
        """Return the keys of what was billed, in order."""
        return self.billed

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        return {"prompt": request.parameters.prompt}

    async def make(self, request: ImageRequest) -> Delivered:
        self.calls.append(request.key)
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        self.billed.append(request.key)
        waited = self.meanwhile(request.key)
        if waited is not None:
            await waited
        return Delivered(data=picture(request.key), cost_usd=COST_USD, request_id="req")

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class Polled:
    """A vendor that takes jobs; it lists them, and can be told to lose an answer."""

    name: str = "replicate"
    answers: Literal["polled"] = "polled"
    calls: list[str] = field(default_factory=list)
    billed: dict[str, str] = field(default_factory=dict)
    """The request's key by job."""
    cancelled: list[str] = field(default_factory=list)
    polls: int = 0
    finds: int = 0
    done_after: int = 1
    """Polls until a job is done."""
    lists_after: int = 0
    """Looks until a job is listed."""
    errors: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)
    """What the next create calls end with, though the job was taken."""
    poll_errors: list[Exception] = field(default_factory=list)
    fetch_errors: list[Exception] = field(default_factory=list)
    meanwhile: Callable[[str], Any] = lambda _key: None
    """Called with the request's key while the job is being made."""

    def paid(self) -> list[str]:
        """Return the keys of what was billed, in order."""
        return list(self.billed.values())

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        return {"prompt": request.parameters.prompt, "seed": request.parameters.seed}

    async def submit(self, request: ImageRequest) -> Job:
        self.calls.append(request.key)
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        job = Job(ref=f"job-{len(self.billed)}")
        self.billed[job.ref] = request.key
        if self.lost:
            raise self.lost.pop(0)
        return job

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        self.finds += 1
        if self.finds <= self.lists_after or since > datetime.now(UTC) + timedelta(days=1):
            return None
        found = [job for job, key in self.billed.items() if key == request.key]
        return Job(ref=found[0]) if found else None

    async def poll(self, job: Job) -> JobState:
        self.polls += 1
        waited = self.meanwhile(self.billed[job.ref])
        if waited is not None:
            await waited
        if self.poll_errors:
            raise self.poll_errors.pop(0)
        if job.ref in self.cancelled:
            return JobState(phase="cancelled")
        if self.polls < self.done_after:
            return JobState(phase="running", progress=0.5)
        return JobState(phase="done", output=Output(url=job.ref, cost_usd=COST_USD))

    async def cancel(self, job: Job) -> None:
        self.cancelled.append(job.ref)

    async def fetch(self, output: Output) -> Delivered:
        if self.fetch_errors:
            raise self.fetch_errors.pop(0)
        return Delivered(data=picture(self.billed[output.url]), cost_usd=output.cost_usd)

    async def close(self) -> None:
        pass


@dataclass(slots=True)
class Life:
    """One life of the process, on one loop."""

    bench: "Bench"
    database: Database
    log: RunLog
    handler: Handler
    search: Search
    inbox: Inbox
    bus: Bus
    shop: Workshop
    webhooks: Webhooks
    cards: Cards

    async def say(self, line: str, key: str = "", **how: Any) -> Run:
        """Say a line as it comes from a person; return the run."""
        spoken: Said = said(line=line, key=key, **how)
        answer = await self.handler.say(spoken)
        assert answer.run is not None
        return answer.run

    async def produce(
        self,
        run: Run,
        *,
        die_after: str = "",
        recorded: bool = True,
        score: Callable[[Run], Coroutine[Any, Any, Scored]] | None = None,
    ) -> Run:
        """Go the whole road with a run, unless the process dies on it."""
        records = self.bench.records.setdefault(job_id(run.id, run.attempt_round), {})
        steps = MemorySteps(records, die_after=die_after, recorded=recorded)
        floor = Floor(steps, self.shop, score or _scored, _no_grid, _no_sheet, self.bench.writer)
        await produce(run.id, floor)
        return await self.log.run(run.id)


@dataclass(slots=True)
class Bench:
    """A data folder, a vendor, and what the durable steps remember."""

    folder: Path
    provider: Blocking | Polled
    max_usd_per_day: float = 10.0
    public_url: str = ""
    per_minute: dict[str, int] = field(default_factory=dict)
    """How many calls a minute each vendor takes."""
    max_pages: int = 0
    """What the disk holds of the database; 0 is no limit."""
    card_changes: dict[str, Any] = field(default_factory=dict)
    writer: Writer | None = None
    """Who writes prompts from briefs."""
    clock: HurriedClock = field(default_factory=HurriedClock)
    records: dict[str, dict[str, str]] = field(default_factory=dict)

    card: ModelCard = field(init=False)
    routes: Routes = field(init=False)

    def __post_init__(self) -> None:
        """Read what ships with the program, outside of any loop."""
        model = {"openai": FLARE, "replicate": FLUX, "sketch": SKETCH}[self.provider.name]
        self.card = card(model, **self.card_changes)
        self.routes = Routes.model_validate(configuration.routes())
        self.folder.mkdir(exist_ok=True)
        migrate(self.folder / "handler.db")

    @asynccontextmanager
    async def life(self) -> AsyncIterator[Life]:
        """Open everything on the running loop."""
        database = Database(self.folder / "handler.db")
        if self.max_pages:
            event.listen(database.engine.sync_engine, "connect", self._limit)
        try:
            yield self._life(database)
        finally:
            await database.close()

    def _limit(self, connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self.max_pages}").close()

    def _life(self, database: Database) -> Life:
        bus, chance = Bus(), SystemChance()
        artifacts = LocalArtifacts(self.folder)
        limits = Limits(max_usd_per_day=self.max_usd_per_day)
        log = RunLog(
            database, self.clock, enqueue=_enqueued, published=bus.published, limits=limits
        )
        search, inbox = Search(database), Inbox(database, self.clock)
        gate = asyncio.Semaphore(4)
        webhooks = Webhooks(self.public_url, self.clock, lambda: [self.provider])
        shop = Workshop(
            log=log,
            attempts=AttemptLog(database, self.clock),
            artifacts=artifacts,
            look=look,
            prepare=prepare,
            clock=self.clock,
            card_of=lambda _: self.card,
            provider_of=lambda _: self.provider,
            circuit=Circuit(self.clock),
            pace=Pace(self.clock, self.per_minute),
            gate_of=lambda _: gate,
            cancelled=bus.cancelled,
            webhook_url=webhooks.url_for,
            wait=webhooks.wait,
            progressed=bus.progressed,
            previewed=bus.previewed,
            warming=bus.warming,
        )
        opinions = Opinions(
            database,
            self.clock,
            chance,
            tally=tally,
            approves=ApprovalPolicy().approved,
            published=bus.published,
        )
        policy, store = ApprovalPolicy(), Approvers(database, self.clock)
        permissions = Permissions(policy, store, {})
        families = Families(database, self.clock, published=bus.published)
        targets = Targets(log, search, families)
        choosing = Choosing(
            self._office(chance),
            families,
            ChannelRoutes(database, self.clock),
            log,
            permissions,
        )
        assignments = Assignments(database, self.clock)
        queue = Queue(database, Gallery(database), PixelPolicy(), opinions_in)
        reviewing = Reviewing(queue, assignments, permissions, targets, log, self.clock)
        cards = Cards(
            log,
            search,
            bus,
            lambda _: self.card,
            opinions=opinions,
            policy=policy,
            approvers=store,
            assignments=assignments,
            families=families,
        )
        handler = Handler(
            inbox=inbox,
            log=log,
            opinions=opinions,
            intake=Intake(artifacts, Here()),
            shipping=Shipping(
                artifacts,
                Exports(database, self.clock),
                chance,
                lambda _: self.card,
                self.folder,
                tell=opinions.say,
            ),
            bus=bus,
            clock=self.clock,
            chance=chance,
            targets=targets,
            permissions=permissions,
            asking=Asking(
                cards=cards,
                search=search,
                gallery=Gallery(database),
                reviewing=reviewing,
                verdicts=Verdicts(database),
                digesting=Digesting(
                    Digests(database, self.clock),
                    reviewing,
                    permissions,
                    log,
                    Darkroom(Here(), artifacts, Thumbnails(self.folder)),
                    artifacts,
                    Here(),
                    self.clock,
                    REVIEW,
                ),
                targets=targets,
                permissions=permissions,
                clock=self.clock,
                policy=policy,
                descending=Descending(Descent(database), search),
                checking=Checking(Exports(database, self.clock), lambda _: self.card),
                judging=Judging(
                    database,
                    self.clock,
                    opinions,
                    log,
                    families,
                    targets,
                    artifacts,
                    Here(),
                    chance,
                ),
            ),
            naming=Naming(store, permissions),
            libraries=Libraries(),
            choosing=choosing,
            reviewing=reviewing,
            handing_in=HandingIn(
                log=log,
                handing=Handing(database, self.clock, enqueue=_enqueued, published=bus.published),
                attempts=AttemptLog(database, self.clock),
                artifacts=artifacts,
                intake=Intake(artifacts, Here()),
                pixels=Here(),
                look=look,
                card_of=lambda _: self.card,
                bus=bus,
                clock=self.clock,
                lapses_after_h=1.0,
            ),
        )
        return Life(self, database, log, handler, search, inbox, bus, shop, webhooks, cards)

    def _office(self, chance: SystemChance) -> Office:
        return Office(
            chance=chance,
            on=(self.card,),
            known={self.card.id: self.card},
            routes=self.routes,
            confirm_above_usd=100.0,
            writing=self.writer.writing if self.writer else None,
        )


async def _enqueued(_connection: Any, _job: str, _run: str, _person: str) -> None:
    """The test itself takes the job from the queue."""


async def _scored(run: Run) -> Scored:
    judged = [
        Judged(number=made.index, verdict="pass", reasons=(), scores={"x": 1.0}, version="1")
        for made in run.artworks
    ]
    return Scored(judged=tuple(judged))


async def _no_grid(_run: Run, _scored: Scored) -> None:
    return None


async def _no_sheet(_family: str) -> None:
    return None


async def rows(life: Life, query: str) -> list[Any]:
    """Ask the database of a life."""
    async with life.database.read() as connection:
        return list((await connection.exec_driver_sql(query)).all())


def keys(run: Run, numbers: Sequence[int], attempt_round: int = 1) -> list[str]:
    """Return the keys under which images of a run are asked for."""
    return [f"{run.id}:{number}:{attempt_round}" for number in numbers]
