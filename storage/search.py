"""Finding runs: by words, by thread, by the names that people use."""

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, or_, select

from domain.errors import NotFoundError
from domain.run import Run
from storage.database import Database
from storage.reading import load_runs
from storage.tables import ArtworkRow, LedgerRow, RunRow
from storage.words import MOST, matching

_REF: Final = re.compile(r"r[0-9]{1,6}")


class Search:
    """Read-only questions to the run log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def runs(self, ids: Sequence[str]) -> list[Run]:
        """Return the runs of *ids*, in that order; unknown ones are left out."""
        async with self._database.read() as connection:
            return await load_runs(connection, ids)

    async def recent(
        self, *, query: str = "", limit: int = 50, before: str | None = None
    ) -> list[Run]:
        """Return the newest runs that hold every word of *query*, newest first.

        Args:
            query: Words that their segments, task type, model or person begin with; or a state.
            limit: At most so many.
            before: Only runs older than this run id.
        """
        found = select(RunRow.id)
        for word in query.split()[:MOST]:
            words = matching(word)
            if words is None:
                return []
            found = found.where(or_(RunRow.state == word.lower(), RunRow.id.in_(words)))
        if before:
            found = found.where(RunRow.id < before)
        return await self._load(found.order_by(RunRow.id.desc()).limit(limit))

    async def roots(self, *, limit: int = 30, before: str | None = None) -> list[Run]:
        """Return the newest runs that were asked for in a channel itself, newest first."""
        found = select(RunRow.id).where(RunRow.id == RunRow.root_id)
        if before:
            found = found.where(RunRow.id < before)
        return await self._load(found.order_by(RunRow.id.desc()).limit(limit))

    async def thread(self, root_id: str) -> list[Run]:
        """Return all runs of a thread, oldest first."""
        found = select(RunRow.id).where(RunRow.root_id == root_id)
        return await self._load(found.order_by(RunRow.ref))

    async def named(self, name: str, root_id: str | None) -> str:
        """Return the id of a run as people name it: ``r2`` in its thread, or its ULID.

        Without a thread, ``r2`` is looked for in the newest one.

        Raises:
            NotFoundError: There is no such run.
        """
        query = select(RunRow.id)
        if _REF.fullmatch(name):
            newest = select(RunRow.root_id).order_by(RunRow.id.desc()).limit(1).scalar_subquery()
            query = query.where(RunRow.root_id == (root_id or newest), RunRow.ref == int(name[1:]))
        else:
            query = query.where(RunRow.id == name)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFoundError(f"no run {name}", hint="List the runs with `ai-handler runs`.")
        return found

    async def root_of(self, run_id: str) -> str:
        """Return the first run of a run's thread.

        Raises:
            NotFoundError: There is no such run.
        """
        query = select(RunRow.root_id).where(RunRow.id == run_id)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFoundError(f"no run {run_id}", hint="List the runs with `ai-handler runs`.")
        return found

    async def newest(self, *, root_id: str | None = None, number: int | None = None) -> str:
        """Return the newest run of a thread (or of all); with *number*, that has that tile.

        Raises:
            NotFoundError: There is none.
        """
        query = select(RunRow.id)
        if root_id:
            query = query.where(RunRow.root_id == root_id)
        if number:
            made = select(ArtworkRow.run_id).where(ArtworkRow.number == number)
            query = query.where(RunRow.id.in_(made))
        async with self._database.read() as connection:
            order = query.order_by(RunRow.id.desc()).limit(1)
            found = (await connection.execute(order)).scalar_one_or_none()
        if found is None:
            tile = f" with an image {number}" if number else ""
            raise NotFoundError(f"no run{tile} here", hint="Make one first: imagine a red fox")
        return found

    async def under_way(self, *, limit: int = 50) -> list[Run]:
        """Return the runs that are made or wait, in the order in which they were asked for."""
        found = select(RunRow.id).where(RunRow.state.in_(("running", "queued")))
        return await self._load(found.order_by(RunRow.id).limit(limit))

    async def handed_over(self, *, limit: int = 50) -> list[Run]:
        """Return the runs that wait for pictures made elsewhere, the oldest first."""
        found = select(RunRow.id).where(RunRow.state == "handed")
        return await self._load(found.order_by(RunRow.id).limit(limit))

    async def of_person(self, key: str, *, limit: int) -> list[Run]:
        """Return a person's newest runs, newest first."""
        found = select(RunRow.id).where(RunRow.person_key == key)
        return await self._load(found.order_by(RunRow.id.desc()).limit(limit))

    async def newest_in(self, surface: str, topic: str) -> str | None:
        """Return the newest first run that was asked for in a thread that is not ours, if any."""
        found = select(RunRow.root_id).where(
            RunRow.topic == topic, RunRow.place_json["surface"].as_string() == surface
        )
        async with self._database.read() as connection:
            newest = await connection.execute(found.order_by(RunRow.id.desc()).limit(1))
        return newest.scalar_one_or_none()

    async def allowance(self, key: str, day: str) -> tuple[int, float]:
        """Return how many of a person's runs wait, and what a day (UTC) has used, in dollars."""
        waiting = select(func.count()).where(RunRow.person_key == key, RunRow.state == "queued")
        used = select(func.coalesce(func.sum(LedgerRow.usd), 0.0)).where(LedgerRow.day == day)
        async with self._database.read() as connection:
            count = (await connection.execute(waiting)).scalar_one()
            return count, float((await connection.execute(used)).scalar_one())

    async def waiting_before(self, run_id: str) -> int:
        """Return how many runs were asked for earlier and have not begun."""
        query = select(RunRow.id).where(RunRow.state == "queued", RunRow.id < run_id)
        async with self._database.read() as connection:
            return len((await connection.execute(query)).all())

    async def media_type(self, digest: str) -> str:
        """Return the media type under which a run of ours holds *digest*.

        Raises:
            NotFoundError: No run refers to it.
        """
        query = select(ArtworkRow.media_type).where(ArtworkRow.digest == digest).limit(1)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        if found is None:
            raise NotFoundError(f"no artwork {digest}")
        return found

    async def _load(self, query: Any) -> list[Run]:
        async with self._database.read() as connection:
            ids: Sequence[str] = (await connection.execute(query)).scalars().all()
            return await load_runs(connection, ids)
