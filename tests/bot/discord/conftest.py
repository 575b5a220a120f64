"""The real adapter with the real tools, in a simulated server; the test is its desk."""

import mimetypes
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.chat.heard import Heard
from bot.chat.pictures import Pictures
from bot.chat.tools import Home, Tools
from bot.discord.service import DiscordService, build
from bot.world import SystemChance, SystemClock
from config.records import DiscordSettings
from domain.card import Choice
from domain.event import Person
from domain.questions import Order
from storage.artifacts import LocalArtifacts
from storage.database import Database
from storage.keepsakes import Keepsakes
from storage.migrate import migrate
from tests.vendors.simcord_house import House

SETTINGS = DiscordSettings(message_content=True, sync_guild="")


class Here:
    """Pixels worked on at once: a test has nothing else to do."""

    async def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


@dataclass
class Listener:
    """Stands where the desk stands: notes what was heard, and answers as the test wants."""

    heard: list[Any] = field(default_factory=list)
    answers: Callable[[Any], Awaitable[None]] | None = None
    stores: bool = True
    """Whether it says at once that an event is stored."""

    async def hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        if self.stores:
            await heard.reply.taken()
        if self.answers:
            await self.answers(heard)

    @property
    def last(self) -> Any:
        return self.heard[-1]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="session")
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("discord") / "handler.db"
    migrate(path)
    return path


@pytest.fixture
def artifacts(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path)


@pytest.fixture
async def tools(
    migrated_once: Path, tmp_path: Path, artifacts: LocalArtifacts
) -> AsyncIterator[Tools]:
    database = Database(Path(shutil.copy(migrated_once, tmp_path / "handler.db")))
    yield Tools(
        pictures=Pictures(artifacts, Here()),
        keepsakes=Keepsakes(database),
        clock=SystemClock(),
        chance=SystemChance(),
        data_dir=tmp_path,
        max_file_bytes=1_000_000,
        vote_reactions=True,
        link=lambda run_id: f"http://127.0.0.1:8787/runs/{run_id}",
        home=_home,
        complete=_complete,
    )
    await database.close()


async def _home(_person: Person, _by: Order) -> Home:
    return Home(0, (), ())


async def _complete(option: str, typed: str) -> list[Choice]:
    assert option == "model"
    known = ("sketch:storyboard", "replicate:flux")
    return [Choice(value=one, label=one.title()) for one in known if one.startswith(typed)]


@pytest.fixture
def service(tools: Tools, listener: Listener) -> DiscordService:
    return build(SETTINGS, listener.hear, tools)


@pytest.fixture
async def env(service: DiscordService) -> AsyncIterator[simcord.Env]:
    mimetypes.init()  # reads files once, which simcord would do on the loop
    env = simcord.Env(service.bot, shard_count=1, settle_timeout=8)
    await env.start()
    yield env
    await service.bot.owned.idle()
    await env.shutdown()
    env.raise_errors()


@pytest.fixture
def home(env: simcord.Env) -> House:
    return House(env)


@pytest.fixture(autouse=True)
def nothing_swallowed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    swallowed = [one.getMessage() for one in caplog.records if "Ignoring exc" in one.getMessage()]
    assert not swallowed


def button_ids(message: Any) -> list[str]:
    return [one.custom_id for row in message.components for one in row.children]
