"""Events that were accepted: stored before anything is done, so that a redelivery is harmless."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.command import Event
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


class Inbox:
    """Every addressed event, once per key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def remember(self, event: Event) -> Known:
        """Store the event; return what became of it if it had come before.

        Raises:
            StorageError: It is not stored, and must not be confirmed to the person.
        """
        row = upsert(InboxRow).values(
            key=event.key,
            event_json=event.model_dump(mode="json"),
            received_at=text_of(self._clock.now()),
        )
        query = select(InboxRow.run_id, InboxRow.outcome).where(InboxRow.key == event.key)
        async with self._database.write() as connection:
            await connection.execute(row.on_conflict_do_nothing())
            known = (await connection.execute(query)).one()
        return Known(run_id=known.run_id, outcome=known.outcome)

    async def close(self, key: str, outcome: str, run_id: str | None = None) -> None:
        """Note that the event was acted on, or refused."""
        async with self._database.write() as connection:
            await close_event(connection, key, outcome, run_id)

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
    """Note in the caller's transaction that the event was acted on."""
    row = update(InboxRow).where(InboxRow.key == key)
    await connection.execute(row.values(outcome=outcome, run_id=run_id))
