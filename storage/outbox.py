"""Messages that are planned before they are sent: the latest wins, and none is sent twice."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports import Clock
from storage.database import Database
from storage.tables import OutboxRow, RunRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class Letter:
    """One planned message, as its surface is to send it."""

    key: str
    kind: str
    """``card``: the run's card, posted once and edited after. ``note``: a line in the thread."""
    run_id: str
    number: int | None
    """The artwork to show with a note, if any."""
    text: str
    by: str
    wanted: int
    message_ref: str | None
    """The surface's own name for the message, once it was posted."""
    at: str


async def plan_card(connection: AsyncConnection, run_id: str, clock: Clock) -> None:
    """Raise the run's revision and plan its card to be redrawn, in the caller's transaction."""
    raised = update(RunRow).where(RunRow.id == run_id).values(revision=RunRow.revision + 1)
    row = (await connection.execute(raised.returning(RunRow.revision, RunRow.place_json))).one()
    letter = upsert(OutboxRow).values(
        key=f"card:{run_id}",
        surface=row.place_json["surface"],
        kind="card",
        run_id=run_id,
        wanted=row.revision,
        planned_at=text_of(clock.now()),
    )
    changed = {"wanted": letter.excluded.wanted}
    await connection.execute(letter.on_conflict_do_update(index_elements=["key"], set_=changed))


async def plan_note(
    connection: AsyncConnection,
    key: str,
    run_id: str,
    text: str,
    clock: Clock,
    *,
    by: str = "",
    number: int | None = None,
) -> None:
    """Plan one line for the run's thread, once per *key*, in the caller's transaction."""
    query = select(RunRow.place_json).where(RunRow.id == run_id)
    surface = (await connection.execute(query)).scalar_one()["surface"]
    letter = upsert(OutboxRow).values(
        key=f"note:{key}",
        surface=surface,
        kind="note",
        run_id=run_id,
        number=number,
        text=text,
        by=by,
        wanted=1,
        planned_at=text_of(clock.now()),
    )
    await connection.execute(letter.on_conflict_do_nothing())


class Outbox:
    """What is still to be sent, for the one loop that sends it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self, surface: str, limit: int = 100) -> list[Letter]:
        """Return the messages whose newest state was not sent yet, oldest first."""
        query = (
            select(OutboxRow.__table__)
            .where(OutboxRow.surface == surface, OutboxRow.wanted > OutboxRow.sent)
            .order_by(OutboxRow.planned_at, OutboxRow.key)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_letter(row) for row in rows]

    async def sent(self, letter: Letter, revision: int, message_ref: str) -> None:
        """Note that the message stands at *revision*; a newer plan stays due."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        values = {"sent": revision, "message_ref": message_ref, "last_error": None}
        async with self._database.write() as connection:
            await connection.execute(row.values(**values, sent_at=text_of(self._clock.now())))

    async def failed(self, letter: Letter, reason: str) -> None:
        """Note why the surface did not take it; it stays due."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        async with self._database.write() as connection:
            await connection.execute(row.values(last_error=reason))

    async def notes(self, run_ids: list[str]) -> list[Letter]:
        """Return the lines that were planned for the threads of *run_ids*, oldest first."""
        query = (
            select(OutboxRow.__table__)
            .where(OutboxRow.run_id.in_(run_ids), OutboxRow.kind == "note")
            .order_by(OutboxRow.planned_at, OutboxRow.key)
        )
        async with self._database.read() as connection:
            return [_letter(row) for row in await connection.execute(query)]


def _letter(row: object) -> Letter:
    fields = ("key", "kind", "run_id", "number", "text", "by", "wanted", "message_ref")
    return Letter(
        **{name: getattr(row, name) for name in fields},
        at=row.planned_at,  # type: ignore[attr-defined]  # a row of OutboxRow
    )
