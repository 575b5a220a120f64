"""The real adapter on the emulated Slack, with a desk that writes down what it hears."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster
from pydantic import SecretStr

from bot.chat.heard import Filled, Heard, Line, Press, Reacted
from bot.chat.pictures import Pictures
from bot.chat.tools import Home, Tools
from bot.slack.service import SlackService, slack_service
from bot.world import SystemChance, SystemClock
from config.records import SlackSettings
from domain.card import Card
from domain.event import Person, Place
from domain.questions import Order
from domain.surface import Address
from pipeline.around import Around
from pipeline.present import present
from storage.artifacts import LocalArtifacts
from storage.database import Database
from storage.keepsakes import Keepsakes
from storage.migrate import migrate
from tests.pipeline.given import CARDS, finished, planned
from tests.vendors.pictures import draw
from tests.vendors.slack import SlackEmulator, Times, slack_emulator
from tests.vendors.slack.people import Person as Human
from tests.vendors.slack.world import TEAM, Channel

Answer = Callable[[Heard], Awaitable[None]]


class Quick(SystemClock):
    """The time of this machine, but nobody waits long for it."""

    def __init__(self) -> None:
        self.waited_s: list[float] = []

    async def sleep(self, delay_s: float) -> None:
        self.waited_s.append(delay_s)
        await asyncio.sleep(min(delay_s, 0.01))

    def now(self) -> datetime:
        return super().now()


class Here:
    """Pixels worked on at once: a test has nothing else to do."""

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


@dataclass
class Desk:
    """Hears what the adapter hears, and answers as a test says."""

    heard: list[Heard] = field(default_factory=list)
    answer: Answer | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.news.set()
        if self.answer is None:
            await heard.reply.taken()
        else:
            await self.answer(heard)

    async def until(self, count: int) -> list[Heard]:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()
        return self.heard

    @property
    def line(self) -> Line:
        return next(one for one in reversed(self.heard) if isinstance(one, Line))

    @property
    def press(self) -> Press:
        return next(one for one in reversed(self.heard) if isinstance(one, Press))

    @property
    def filled(self) -> Filled:
        return next(one for one in reversed(self.heard) if isinstance(one, Filled))

    @property
    def reacted(self) -> Reacted:
        return next(one for one in reversed(self.heard) if isinstance(one, Reacted))


@dataclass
class Studio:
    """A workspace with people, and the adapter that is connected to it."""

    emu: SlackEmulator
    desk: Desk
    tools: Tools
    artifacts: LocalArtifacts
    clock: Quick
    ana: Human
    ben: Human
    art: Channel
    service: SlackService | None = None
    home: Home = field(default_factory=lambda: Home(0, (), ()))

    @property
    def slack(self) -> SlackService:
        assert self.service is not None
        return self.service

    def settings(self, **changes: Any) -> SlackSettings:
        given = {
            "command": "/imagine",
            "mode": "socket",
            "bot_token": SecretStr(self.emu.bot_token),
            "app_token": SecretStr(self.emu.app_token),
            "signing_secret": SecretStr(self.emu.signing_secret),
            "api_url": self.emu.api_url,
        }
        return SlackSettings.model_validate(given | changes)

    @asynccontextmanager
    async def connected(self, **changes: Any) -> AsyncIterator["Studio"]:
        async with slack_service(self.settings(**changes), self.desk.hear, self.tools) as service:
            self.service = service
            yield self
        self.service = None

    async def picture(self, words: str = "a fox", side: int = 96, kind: str = "png") -> str:
        return await self.artifacts.put(draw(words, side, side, kind), f"image/{kind}")

    async def card(self, **changes: Any) -> Card:
        """Return the card of a run that has ended, with a grid that is stored."""
        run = finished(planned())
        shown = present(run, Around(card=CARDS[run.route.model]))
        return shown.model_copy(update={"grid": await self.picture()} | changes)

    def address(self, channel: Channel | None = None, **more: Any) -> Address:
        place = Place(surface="slack", workspace=TEAM, channel=(channel or self.art).id)
        return Address(place=place, **more)


@pytest.fixture(scope="session")
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slack") / "handler.db"
    migrate(path)
    return path


@pytest.fixture(autouse=True)
def looks_for_files(watched_loop: BlockBuster) -> None:
    """Let ``LocalArtifacts.find`` look whether a file is there: microseconds, on a local disk."""
    watched_loop.functions["os.stat"].can_block_in("storage/artifacts.py", "find")


@pytest.fixture
async def studio(migrated_once: Path, tmp_path: Path) -> AsyncIterator[Studio]:
    """Return the workspace; enter ``connected()`` for the adapter."""
    async with AsyncExitStack() as stack:
        emu = await stack.enter_async_context(slack_emulator(Times(ready_s=0.03)))
        database = Database(Path(shutil.copy(migrated_once, tmp_path / "handler.db")))
        stack.push_async_callback(database.close)
        yield _studio(emu, database, tmp_path)


def _studio(emu: SlackEmulator, database: Database, folder: Path) -> Studio:
    artifacts, clock = LocalArtifacts(folder), Quick()
    ana, ben = emu.person("Ana"), emu.person("Ben")
    art = emu.channel("art", ana, ben)

    made: list[Studio] = []

    async def home(_: Person, by: Order) -> Home:
        return replace(made[0].home, by=by)

    async def complete(_option: str, _typed: str) -> list[Any]:
        return []

    tools = Tools(
        pictures=Pictures(artifacts, Here()),
        keepsakes=Keepsakes(database),
        clock=clock,
        chance=SystemChance(),
        data_dir=folder,
        max_file_bytes=1_000_000,
        vote_reactions=True,
        link=lambda run_id: f"http://127.0.0.1:8787/runs/{run_id}",
        home=home,
        complete=complete,
    )
    made.append(Studio(emu, Desk(), tools, artifacts, clock, ana, ben, art))
    return made[0]


@pytest.fixture
async def slack(studio: Studio) -> AsyncIterator[Studio]:
    """Return the workspace with the adapter connected by socket."""
    async with studio.connected():
        yield studio
