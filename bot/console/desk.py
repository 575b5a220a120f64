"""What both the pages and the HTTP interface ask of the service: a run by name, a change of it."""

import asyncio
import contextlib
import re
import time
from typing import Any, Final

from bot.app import App
from bot.console.bodies import Line
from bot.console.surface import ConsoleSurface
from bot.console.translate import said_of
from bot.handler import Answer
from domain.errors import NotFoundError, StorageError
from domain.family import Family
from domain.run import Run
from storage.opinions import Note
from storage.outbox import Letter

RUN_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
RUN_NAME: Final = re.compile(r"r[1-9][0-9]{0,5}|[0-9A-HJKMNP-TV-Z]{26}")
LOOK_S: Final = 0.5
"""How often a caller that waits sees whether the service stops."""
CHECK_S: Final = 3.0
"""How long the database may take to answer before the service counts as not taking commands."""
MAX_COMMENT_CHARS: Final = 2000
NOBODY: Final = Letter("", "", "", None, "", "", 0, None, "")


class Desk:
    """The service, as the console sees it."""

    def __init__(self, app: App, surface: ConsoleSurface) -> None:
        self.app = app
        self.surface = surface
        self._probe: asyncio.Task[None] | None = None

    async def run(self, name: str) -> Run:
        """Return a run by its id, or as ``r2`` of the newest thread.

        Raises:
            NotFoundError: There is no such run.
        """
        if not RUN_NAME.fullmatch(name):
            raise NotFoundError(f"no run {name[:40]!r}", hint="A run is named r2, or by its id.")
        root = await self._newest_root() if name.startswith("r") else None
        return await self.app.log.run(await self.app.search.named(name, root))

    async def waiting(self) -> int:
        """Return how many artworks wait for a decision."""
        return await self.app.gallery.count_waiting()

    async def say(self, line: str, typed_name: str, **how: Any) -> Answer:
        """Say a line to the handler; *how* is as in ``said_of``."""
        return await self.app.handler.say(said_of(line, typed_name, **how))

    async def comment(self, run: Run, body: Line) -> dict[str, str]:
        """Keep what people say to each other in a run's thread; it starts nothing."""
        said = said_of(body.text, body.by, key=body.key)
        text = " ".join(body.text.split())[:MAX_COMMENT_CHARS]
        key = said.key or self.app.chance.ulid()
        await self.app.opinions.say(key, run.id, Note(text), said.person.name)
        return {"comment": text}

    async def answer(self, answer: Answer) -> dict[str, Any]:
        """Return what a line led to, as the HTTP interface shows it."""
        run = await self.app.report(answer.run) if answer.run else None
        told = {"run": run, "text": answer.text, "data": answer.data}
        if len(answer.planned) > 1:
            told["planned"] = await self.app.planned_report(answer.planned, answer.axes)
        return told

    async def changed(
        self, run_id: str, *, after: int | None, wait_s: float, until_ended: bool = False
    ) -> Run:
        """Return a run when it stands at another revision than *after*, or has ended, or is late.

        Args:
            run_id: The run.
            after: The revision that the caller has seen; None has seen none.
            wait_s: At most so long.
            until_ended: Wait for the end, whatever changes before it.
        """
        deadline = time.monotonic() + wait_s
        with self.app.bus.listening() as news:
            while True:
                run = await self.app.log.run(run_id)
                new = not until_ended and run.revision != after
                left = deadline - time.monotonic()
                if run.rests or new or left <= 0 or self.surface.closed:
                    return run
                await _news_of(run_id, news, min(left, LOOK_S))

    async def family_changed(
        self, family_id: str, *, after: int | None, wait_s: float, until_ended: bool = False
    ) -> Family:
        """Return a family; it waits as ``changed`` does."""
        deadline = time.monotonic() + wait_s
        with self.app.bus.listening() as news:
            while True:
                family = await self.app.families.get(family_id)
                new = not until_ended and family.revision != after
                left = deadline - time.monotonic()
                if family.ended or new or left <= 0 or self.surface.closed:
                    return family
                await _news(news, min(left, LOOK_S))

    async def check(self) -> None:
        """Read from the database, and hold its writer for a moment, changing nothing.

        Raises:
            StorageError: Commands cannot be taken.
        """
        if self.surface.closed:
            raise StorageError("the service stops", hint="Start it again.")
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._touch(), name="health")
        await asyncio.wait({self._probe}, timeout=CHECK_S)
        if not self._probe.done():  # left running: SQLite cannot be called off while it waits
            raise StorageError(
                f"the database took no write within {CHECK_S:g} s",
                hint="Another program holds the database; close it and try again.",
            )
        self._probe.result()

    async def _touch(self) -> None:
        await self.app.search.recent(limit=1)
        await self.app.outbox.failed(NOBODY, "")  # a write that no row answers to

    async def _newest_root(self) -> str:
        return (await self.app.log.run(await self.app.search.newest())).root


async def _news(news: Any, limit_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await news.get()


async def _news_of(run_id: str, news: Any, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            while await news.get() != run_id:
                pass
    except TimeoutError:
        return
