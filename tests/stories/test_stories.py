"""Every story on every surface: `pytest -k story`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest
import pytest_asyncio
from blockbuster import BlockBuster

from tests.stories import (
    comparing,
    deciding,
    descending,
    drafting,
    handing,
    housing,
    judging,
    making,
    reviewing,
    templating,
    varying,
)
from tests.stories.drivers.protocol import Opens, Team
from tests.stories.drivers.waiting import Keeper
from tests.stories.told import STORIES, Scene, Story, unwatched
from tests.vendors.loopback import Admin, running
from tests.vendors.replicate import ReplicateVendor

pytestmark = pytest.mark.asyncio(loop_scope="module")
SURFACES = ("slack", "discord", "console")
TOLD_IN = (
    *(making, deciding, comparing, handing, drafting),
    *(reviewing, varying, descending, judging, housing, templating),
)
"""The modules that register stories, by being imported."""
IN_ORDER = sorted(STORIES.values(), key=lambda one: one.settings is not None)
"""Those of a shared team first: it is opened once."""


@pytest.fixture(autouse=True)
def looks_for_files(watched_loop: BlockBuster) -> None:
    """Let ``LocalArtifacts.find`` look whether a file is there: microseconds, on a local disk."""
    watched_loop.functions["os.stat"].can_block_in("storage/artifacts.py", "find")


@dataclass
class House:
    """The team that is open; another one closes it."""

    folder: Path
    keeper: Keeper
    key: tuple[str, str] = ("", "")
    team: Team | None = None
    vendor: Admin | None = None
    count: int = 0
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def scene(self, surface: str, told: Story, watch: BlockBuster) -> Scene:
        """Open what a story needs, or hand out the shared team, and a room of its own."""
        key = (surface, told.name if told.settings else "shared")
        if self.key != key or self.team is None:
            with unwatched(watch):
                await self.keeper.do(self.close)
                await self.keeper.do(lambda: self._open(surface, told))
            self.key = key
        assert self.team is not None
        self.count += 1
        room = await self.team.room(f"{told.name}-{self.count}")
        return Scene(self.team, room, watch, self.keeper, self.vendor)

    async def close(self) -> None:
        """Close the team that is open."""
        self.team = None
        stack, self.stack = self.stack, AsyncExitStack()
        await stack.aclose()

    async def _open(self, surface: str, told: Story) -> None:
        driver = import_module(f"tests.stories.drivers.{surface}")
        opens: Opens = driver.open_team
        environ: dict[str, str] = {}
        self.vendor = None
        if told.vendor:
            vendor = await self.stack.enter_async_context(running(ReplicateVendor()))
            environ, self.vendor = vendor.environment(), vendor.admin
        toml = told.settings(surface) if told.settings else ""
        folder = self.folder / f"{surface}-{told.name}"
        self.team = await self.stack.enter_async_context(opens(folder, toml, environ))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    keeper = Keeper()
    house = House(tmp_path_factory.mktemp("stories"), keeper)
    yield house
    await keeper.do(house.close)
    await keeper.end()


CASES = [
    pytest.param(told, surface, id=f"{told.name}-{surface}")
    for surface in SURFACES
    for told in IN_ORDER
]


@pytest.mark.parametrize(("told", "surface"), CASES)
async def story(told: Story, surface: str, house: House, watched_loop: BlockBuster) -> None:
    await told.tells(await house.scene(surface, told, watched_loop))
