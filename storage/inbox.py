"""Events that were accepted: stored before anything is done, so that a redelivery is harmless."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.event import Event
from domain.ports import Clock
from storage.database import Database
from storage.gathering import Gathering
from storage.tables import InboxRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class Known:
    """What became of an event."""

    run_id: str | None
    outcome: str | None
    """None while it was not acted on; ``run``, ``done``, or the kind of its refusal."""


@dataclass(slots=True)
class _Entry:
    """An event that waits to be written, and then what became of it."""

    event: Event
    known: Known = Known(None, None)


class Inbox:
    """Every addressed event, once per key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._entries = Gathering(self._write)

    async def remember(self, event: Event) -> Known:
        """Store the event; return what became of it if it had come before.

        What comes at once is stored in one transaction.

        Raises:
            StorageError: It is not stored, and must not be confirmed to the person.
        """
        mine = _Entry(event)
        await self._entries.put(mine)
        return mine.known

    async def _write(self, entries: Sequence[_Entry]) -> None:
        now = text_of(self._clock.now())
        rows = [
            {
                "key": one.event.key,
                "event_json": one.event.model_dump(mode="json"),
                "received_at": now,
            }
            for one in entries
        ]
        keys = [one.event.key for one in entries]
        query = select(InboxRow.key, InboxRow.run_id, InboxRow.outcome)
        async with self._database.write() as connection:
            await connection.execute(upsert(InboxRow).on_conflict_do_nothing(), rows)
            found = (await connection.execute(query.where(InboxRow.key.in_(keys)))).all()
        known = {row.key: Known(run_id=row.run_id, outcome=row.outcome) for row in found}
        for one in entries:
            one.known = known[one.event.key]

    async def close(self, key: str, outcome: str, run_id: str | None = None) -> None:
        """Note that the event was acted on, or refused."""
        async with self._database.write() as connection:
            await close_event(connection, key, outcome, run_id)

    async def known(self, key: str) -> Known | None:
        """Return what became of an event; None if none of that key was stored."""
        query = select(InboxRow.run_id, InboxRow.outcome).where(InboxRow.key == key)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Known(row.run_id, row.outcome) if row else None

    async def event(self, key: str) -> Event | None:
        """Return an event that was stored; None if there is none of that key."""
        query = select(InboxRow.event_json).where(InboxRow.key == key)
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalar_one_or_none()
        return Event.model_validate(found) if found else None

    async def open_events(self) -> list[Event]:
        """Return the events that were stored but not acted on, oldest first."""
        query = select(InboxRow.event_json).where(InboxRow.outcome.is_(None))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(InboxRow.received_at, InboxRow.key))
        return [Event.model_validate(row.event_json) for row in rows]


async def known_run(connection: AsyncConnection, key: str) -> str | None:
    """Return the run that the event has already led to, if any."""
    query = select(InboxRow.run_id).where(InboxRow.key == key, InboxRow.outcome.is_not(None))
    return (await connection.execute(query)).scalar_one_or_none()


async def close_event(
    connection: AsyncConnection, key: str, outcome: str, run_id: str | None
) -> None:
    """Note in the caller's transaction that the event was acted on, and forget its addresses."""
    row = update(InboxRow).where(InboxRow.key == key).values(outcome=outcome, run_id=run_id)
    if outcome != "confirm":  # it may be said again with a yes, pictures and all
        row = row.values(event_json=func.json_remove(InboxRow.event_json, "$.attachments"))
    await connection.execute(row)


async def known_runs(connection: AsyncConnection, keys: Sequence[str]) -> dict[str, str | None]:
    """Return the events that have been acted on, and the run that each has led to."""
    query = select(InboxRow.key, InboxRow.run_id)
    rows = query.where(InboxRow.key.in_(keys), InboxRow.outcome.is_not(None))
    return {row.key: row.run_id for row in await connection.execute(rows)}


async def close_events(
    connection: AsyncConnection, runs: Mapping[str, str], outcome: str = "done"
) -> None:
    """Note that events, by key, changed or made a run; as ``close_event`` does for one."""
    rows = cast("Table", InboxRow.__table__)  # the table: an update by rows has no session
    closed = (
        update(rows)
        .where(rows.c.key == bindparam("closed"))
        .values(
            outcome=outcome,
            run_id=bindparam("run"),
            event_json=func.json_remove(rows.c.event_json, "$.attachments"),
        )
    )
    if runs:
        given = [{"closed": key, "run": run_id} for key, run_id in runs.items()]
        await connection.execute(closed, given)
