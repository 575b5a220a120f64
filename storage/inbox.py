"""Events that were accepted: stored before anything is done, so that a redelivery is harmless."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.command import Event
from domain.errors import StorageError
from domain.ports import Clock
from storage.database import Database
from storage.tables import InboxRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class Known:
    """What became of an event."""

    run_id: str | None
    outcome: str | None
    """None while it was not acted on; ``run``, ``done``, or the kind of its refusal."""


@dataclass(slots=True)
class _Waiting:
    """An event that waits to be written, and then what became of it."""

    event: Event
    ended: bool = False
    known: Known = Known(None, None)
    error: StorageError | None = None


class Inbox:
    """Every addressed event, once per key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._gate = asyncio.Lock()

    async def remember(self, event: Event) -> Known:
        """Store the event; return what became of it if it had come before.

        What comes at once is stored in one transaction: whoever holds the gate writes for all who
        wait there, so that two hundred at once take as long as a few.

        Raises:
            StorageError: It is not stored, and must not be confirmed to the person.
        """
        mine = _Waiting(event)
        self._waiting.append(mine)
        async with self._gate:
            if not mine.ended:
                await self._write_all()
        if mine.error is not None:
            raise mine.error
        return mine.known

    async def _write_all(self) -> None:
        batch, self._waiting = self._waiting, []
        try:
            known = await self._write([one.event for one in batch])
        except StorageError as error:
            for one in batch:
                one.error, one.ended = error, True
        except BaseException:
            self._waiting = batch + self._waiting  # the next one at the gate writes them
            raise
        else:
            for one in batch:
                one.known, one.ended = known[one.event.key], True

    async def _write(self, events: Sequence[Event]) -> dict[str, Known]:
        now = text_of(self._clock.now())
        rows = [
            {"key": event.key, "event_json": event.model_dump(mode="json"), "received_at": now}
            for event in events
        ]
        keys = [event.key for event in events]
        query = select(InboxRow.key, InboxRow.run_id, InboxRow.outcome)
        async with self._database.write() as connection:
            await connection.execute(upsert(InboxRow).on_conflict_do_nothing(), rows)
            found = (await connection.execute(query.where(InboxRow.key.in_(keys)))).all()
        return {row.key: Known(run_id=row.run_id, outcome=row.outcome) for row in found}

    async def close(self, key: str, outcome: str, run_id: str | None = None) -> None:
        """Note that the event was acted on, or refused."""
        async with self._database.write() as connection:
            await close_event(connection, key, outcome, run_id)

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
