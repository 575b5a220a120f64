"""The register of stories: what happens in each, and what it needs beforehand."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from blockbuster import BlockBuster

from tests.stories.drivers.protocol import Room, Team
from tests.stories.drivers.waiting import Keeper, until
from tests.vendors.loopback import Admin

BOTH: Final = 2
Tells = Callable[["Scene"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a story is told."""

    team: Team
    room: Room
    watch: BlockBuster
    keeper: Keeper
    vendor: Admin | None = None
    """The loopback vendor's admin paths, for stories that need an image to take its time."""

    @property
    def surface(self) -> str:
        """``slack``, ``discord`` or ``console``."""
        return self.team.surface

    async def making(self) -> Admin:
        """Wait until the vendor was asked for both images, and return its admin paths."""
        vendor = self.vendor
        assert vendor is not None

        async def asked() -> bool:
            return int(vendor.state()["calls"].get("create", 0)) == BOTH

        await until(self.room.app, asked)
        return vendor

    async def restart(self) -> None:
        """Stop the service and start it again on the same data."""
        with unwatched(self.watch):
            await self.keeper.do(self.team.restart)


@contextmanager
def unwatched(watch: BlockBuster) -> Iterator[None]:
    """Let a service start and stop: it makes folders and reads files, and serves nobody yet."""
    watch.deactivate()
    try:
        yield
    finally:
        watch.activate()


@dataclass(frozen=True, slots=True)
class Story:
    """One story."""

    name: str
    tells: Tells
    settings: Callable[[str], str] | None
    """Makes the settings for a surface; None: no settings, and a shared team."""
    vendor: bool


STORIES: dict[str, Story] = {}


def story(
    name: str,
    *,
    settings: Callable[[str], str] | None = None,
    alone: bool = False,
    vendor: bool = False,
) -> Callable[[Tells], Tells]:
    """Register a story.

    Args:
        name: As it stands in the test's id.
        settings: Given a surface, returns settings in TOML.
        alone: It needs a team in which nothing has happened.
        vendor: It needs a loopback vendor.
    """

    def known(tells: Tells) -> Tells:
        own = settings or ((lambda _: "") if alone or vendor else None)
        STORIES[name] = Story(name, tells, own, vendor)
        return tells

    return known
