"""Which run a line means (DESIGN 9): named, answered to, or the newest of its thread."""

import re
from typing import Final

from bot.answers import Said
from domain.errors import ConflictError
from domain.run import Run
from storage.families import Families
from storage.run_log import RunLog
from storage.search import Search

_ULID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Targets:
    """Finds the run that a line is about."""

    def __init__(self, log: RunLog, search: Search, families: Families) -> None:
        self._log = log
        self._families = families
        self._search = search

    async def of(
        self, name: str | None, said: Said, number: int | None = None, *, whole: bool = False
    ) -> Run:
        """Return the run that a line means; with *number*, the newest that has that tile.

        Args:
            name: As the line names it.
            said: Where it was said, and about which card.
            number: An image that the run must have.
            whole: Of a family any run will do: the line is about all of them.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: Runs of several models stand there, and none was chosen yet.
        """
        run = await self._named(name, said, number)
        return run if name or whole or run.alone else await self._chosen(run)

    async def _chosen(self, run: Run) -> Run:
        """Return the run of a family that was chosen, the newest if there are several."""
        family = await self._families.get(run.family or run.id)
        chosen = [one for one in family.runs if one.promoted_by]
        if chosen:
            return chosen[-1]
        named = " or ".join(f"--in {one.ref}" for one in family.runs)
        raise ConflictError(
            f"{len(family.runs)} models were asked here, and none is chosen yet",
            hint=f"Choose one with its button, or say which: {named}.",
        )

    async def _named(self, name: str | None, said: Said, number: int | None) -> Run:
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
