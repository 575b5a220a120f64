"""Which run a message, thread or button of a platform is about, checked against where it stands."""

import re
from dataclasses import dataclass
from typing import Final

from bot.chat.heard import Line, Spot
from domain.errors import NotFoundError, WhichError
from domain.run import Run
from storage.outbox import Outbox
from storage.run_log import RunLog
from storage.search import Search

_PARTS: Final = re.compile(r"([a-z]+)(?: ([1-8]))?(?: .*)?")
_RUN: Final = re.compile(r"--in ([0-9A-HJKMNP-TV-Z]{26})")
GONE: Final = "this run is not there any more"


@dataclass(frozen=True, slots=True)
class Target:
    """What something is about; all empty if it is none of ours."""

    root: str | None = None
    """The first run of the thread."""
    run: str | None = None
    """The run of the card or line that was answered."""
    number: int | None = None
    """The one image that the message shows."""
    count: int = 0
    """How many images the run was asked for."""
    family: bool = False
    """It is the card of several runs."""


NOTHING: Final = Target()


class Finding:
    """Looks messages up by their names on the platform."""

    def __init__(self, outbox: Outbox, log: RunLog, search: Search) -> None:
        self._outbox = outbox
        self._log = log
        self._search = search

    async def of_line(self, heard: Line) -> Target:
        """Find the thread that a line was written in, and the card that it answers."""
        answered = await self.of_message(heard.spot, heard.answers)
        if answered.root is not None or heard.spot.thread is None:
            return answered
        spot = heard.spot
        ours = await self.of_message(spot, f"{spot.channel}/{spot.thread}")
        if ours.root is not None:
            return Target(root=ours.root)
        return Target(root=await self._search.newest_in(spot.surface, heard.spot.thread))

    async def of_message(self, spot: Spot, message: str | None) -> Target:
        """Find what one of our messages is about."""
        found = await self._outbox.found(spot.surface, message) if message else None
        if found is None or found.workspace != spot.workspace:
            return NOTHING
        return Target(found.root_id, found.run_id, found.number, found.count, found.family)

    async def whole(self, line: str, found: Target) -> str:
        """Return a shortcut's line with the image that its message shows.

        Raises:
            NotFoundError: The message is none of ours.
            WhichError: It shows several images.
        """
        if line not in ("branch", "baseline"):
            return line
        if found.run is None:
            raise NotFoundError(
                "that message is no card of ours", hint="Use it on a grid or an image."
            )
        if line == "baseline":
            return f"baseline --in {found.run}"
        run = await self._log.run(found.run)
        numbers = tuple(made.index for made in run.artworks)
        number = found.number or (numbers[0] if len(numbers) == 1 else None)
        if number is None:
            raise WhichError("branch", run.id, numbers)
        return f"branch {number} --in {run.id}"

    async def check_here(self, line: str, spot: Spot) -> None:
        """Refuse a button that names a run of another workspace: what it says is not trusted.

        Raises:
            NotFoundError: There is no such run here.
        """
        named = _RUN.search(line)
        if named:
            self.check_run(await self._log.run(named[1]), spot)

    def check_run(self, run: Run, spot: Spot) -> None:
        """Refuse a run of another workspace of the same platform.

        Raises:
            NotFoundError: It is of another workspace.
        """
        if run.place.surface == spot.surface and run.place.workspace != spot.workspace:
            raise NotFoundError(GONE)


def parts(line: str) -> tuple[str, int | None, str | None]:
    """Return a button's verb, image number and run."""
    said = _PARTS.fullmatch(line)
    run = _RUN.search(line)
    number = int(said[2]) if said and said[2] else None
    return (said[1] if said else "", number, run[1] if run else None)
