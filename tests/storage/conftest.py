"""A fresh database per test, migrated once; and the parts of the memory, joined as the app does."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.event import Person
from domain.policy import ApprovalPolicy
from domain.run import Run
from scoring.tally import tally
from storage.attempts import AttemptLog
from storage.database import Database
from storage.gallery import Gallery
from storage.inbox import Inbox
from storage.kinship import Kinship
from storage.limits import Limits
from storage.migrate import migrate
from storage.opinions import Opinions
from storage.outbox import Outbox
from storage.run_log import RunLog
from storage.search import Search
from tests.pipeline.given import ANA, FOX, Counted, Ticking, artwork, event, planned


@dataclass
class Memory:
    """Everything that remembers, on one database."""

    database: Database
    limits: Limits = field(default_factory=Limits)
    clock: Ticking = field(default_factory=Ticking)
    chance: Counted = field(default_factory=Counted)
    jobs: list[tuple[str, str, str]] = field(default_factory=list)
    news: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = self.news.append
        self.log = RunLog(
            self.database, self.clock, enqueue=self.enqueue, published=told, limits=self.limits
        )
        self.opinions = Opinions(
            self.database,
            self.clock,
            self.chance,
            tally=tally,
            approves=ApprovalPolicy().approved,
            published=told,
        )
        self.search = Search(self.database)
        self.gallery = Gallery(self.database)
        self.kinship = Kinship(self.database)
        self.inbox = Inbox(self.database, self.clock)
        self.outbox = Outbox(self.database, self.clock)
        self.attempts = AttemptLog(self.database, self.clock)

    async def enqueue(
        self, _connection: AsyncConnection, job: str, run_id: str, person_key: str
    ) -> None:
        self.jobs.append((job, run_id, person_key))

    async def accepted(
        self, line: str = FOX, *, person: Person = ANA, key: str = "", parent: Run | None = None
    ) -> Run:
        run = planned(line, parent=parent, person=person, chance=self.chance)
        key = key or f"event-{run.id}"
        await self.inbox.remember(event(line, person, key))
        return await self.log.accept(run, key)

    async def made(self, line: str = FOX, numbers: tuple[int, ...] = (1, 2, 3, 4)) -> Run:
        """Accept a run, begin it, and keep the artworks of *numbers*."""
        run = await self.accepted(line)
        await self.log.begin(run.id)
        for number in numbers:
            await self.log.keep(run.id, artwork(run, number))
        return await self.log.run(run.id)

    async def key(self, run: Run, person: Person = ANA) -> str:
        """Remember an event about *run* and return its key."""
        key = f"key-{self.chance.ulid()}"
        await self.inbox.remember(event("pick 1", person, key, about_run=run.id))
        return key


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "handler.db"
    migrate(path)
    return path


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "handler.db"))


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    opened = Database(file)
    yield opened
    await opened.close()


@pytest.fixture
async def memory(database: Database) -> Memory:
    return Memory(database)
