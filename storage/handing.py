"""Runs that were handed over to a person: pictures handed in, again handed over, or lapsed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import ConflictError
from domain.ports import Clock
from domain.run import ENDED, Artwork, Failure, Run
from storage.database import Database
from storage.inbox import close_event, known_run
from storage.outbox import plan_card
from storage.reading import load_runs
from storage.rows import artwork_values, person_key
from storage.run_log import Enqueue, job_id
from storage.tables import ArtworkRow, RunRow
from storage.times import text_of

TAKES: Final = ("handed", *sorted(ENDED))
"""States in which a run takes pictures: not while it is measured and drawn."""


class Handing:
    """What changes on a run that no vendor makes."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        enqueue: Enqueue,
        published: Callable[[str], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._enqueue = enqueue
        self._published = published

    async def take(self, run: Run, artworks: Sequence[Artwork], event_key: str) -> None:
        """Add artworks to a run and queue it to be scored and drawn; once per event.

        Raises:
            ConflictError: The run takes none now, or one of these places is taken.
        """
        async with self._database.write() as connection:
            if await known_run(connection, event_key) is None:
                await self._requeue(connection, run)
                for artwork in artworks:
                    await self._add(connection, run.id, artwork)
                again = job_id(run.id, run.attempt_round + 1)
                await self._enqueue(connection, again, run.id, person_key(run.person))
                await close_event(connection, event_key, "run", run.id)
                await plan_card(connection, run.id, self._clock)
        self._published(run.id)

    async def hand_over(self, run: Run, event_key: str) -> None:
        """Let a run that has ended wait for pictures once more; once per event.

        Raises:
            ConflictError: It waits already.
        """
        async with self._database.write() as connection:
            if await known_run(connection, event_key) is None:
                ended = _of(run).where(RunRow.state.in_(sorted(ENDED)))
                values = _afresh("handed") | {"started_at": text_of(self._clock.now())}
                if (await connection.execute(ended.values(values))).rowcount == 0:
                    raise ConflictError(f"{run.ref} waits for its pictures already")
                await close_event(connection, event_key, "run", run.id)
                await plan_card(connection, run.id, self._clock)
        self._published(run.id)

    async def waiting(self, *, surface: str = "", channel: str = "", root: str = "") -> list[Run]:
        """Return the runs that wait for pictures, those that were asked for first before others."""
        query = select(RunRow.id).where(RunRow.state == "handed")
        if root:
            query = query.where(RunRow.root_id == root)
        return await self._load(_at(query, surface, channel).order_by(RunRow.id))

    async def finished(self, since: datetime, *, surface: str, channel: str) -> list[Run]:
        """Return the runs whose pictures were handed in since then, the newest first."""
        query = select(RunRow.id).where(
            RunRow.state == "done",
            RunRow.model.startswith("midjourney:"),
            RunRow.finished_at >= text_of(since),
        )
        return await self._load(_at(query, surface, channel).order_by(RunRow.id.desc()))

    async def lapse(self, before: datetime, failure: Failure) -> list[str]:
        """End the runs that have waited since before then; return which."""
        since = func.coalesce(RunRow.started_at, RunRow.created_at)
        late = update(RunRow).where(RunRow.state == "handed", since < text_of(before))
        values = {
            "state": "failed",
            "stage": "ended",
            "error_json": failure.model_dump(mode="json"),
            "finished_at": text_of(self._clock.now()),
        }
        async with self._database.write() as connection:
            changed = late.values(values).returning(RunRow.id)
            ids = list((await connection.execute(changed)).scalars().all())
            for run_id in ids:
                await plan_card(connection, run_id, self._clock)
        for run_id in ids:
            self._published(run_id)
        return ids

    async def _requeue(self, connection: AsyncConnection, run: Run) -> None:
        takes = _of(run).where(RunRow.state.in_(TAKES))
        if (await connection.execute(takes.values(_afresh("queued")))).rowcount == 0:
            raise ConflictError(
                f"{run.ref} is being measured just now", hint="Hand it in again in a moment."
            )

    async def _add(self, connection: AsyncConnection, run_id: str, artwork: Artwork) -> None:
        row = upsert(ArtworkRow).values(artwork_values(run_id, artwork, text_of(self._clock.now())))
        if (await connection.execute(row.on_conflict_do_nothing())).rowcount == 0:
            raise ConflictError(f"there is an image {artwork.index} already")

    async def _load(self, query: Any) -> list[Run]:
        async with self._database.read() as connection:
            ids = (await connection.execute(query)).scalars().all()
            return await load_runs(connection, ids)


def _of(run: Run) -> Any:
    """The row of a run as it was read: nobody has changed its round since."""
    return update(RunRow).where(RunRow.id == run.id, RunRow.attempt_round == run.attempt_round)


def _afresh(state: str) -> dict[str, Any]:
    return {
        "state": state,
        "stage": state,
        "attempt_round": RunRow.attempt_round + (1 if state == "queued" else 0),
        "error_json": None,
        "failures_json": [],
        "cancel_requested_by": None,
        "finished_at": None,
    }


def _at(query: Any, surface: str, channel: str) -> Any:
    place = RunRow.place_json
    if surface:
        query = query.where(place["surface"].as_string() == surface)
    return query.where(place["channel"].as_string() == channel) if channel else query
