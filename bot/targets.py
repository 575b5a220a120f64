"""Which run a line means (DESIGN 9): named, answered to, or the newest of its thread."""

import re
from typing import Final

from bot.answers import Said
from domain.run import Run
from storage.run_log import RunLog
from storage.search import Search

_ULID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Targets:
    """Finds the run that a line is about."""

    def __init__(self, log: RunLog, search: Search) -> None:
        self._log = log
        self._search = search

    async def of(self, name: str | None, said: Said, number: int | None = None) -> Run:
        """Return the run that a line means; with *number*, the newest that has that tile.

        Raises:
            NotFoundError: There is no such run.
        """
        root = said.place.thread
        if name and _ULID.fullmatch(name):
            return await self._log.run(name)
        if said.about_run:
            root = await self._search.root_of(said.about_run)
        if name:
            return await self._log.run(await self._search.named(name, root))
        if said.about_run:
            return await self._log.run(said.about_run)
        return await self._log.run(await self._search.newest(root_id=root, number=number))
