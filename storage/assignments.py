"""Who is to look at which artwork: kept until somebody decides, and told once in the thread."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.event import Person
from domain.ports import Clock
from domain.record import Record
from storage.database import Database
from storage.inbox import close_event
from storage.outbox import plan_card, plan_note
from storage.rows import person_key
from storage.tables import ArtworkRow
from storage.tables_review import AssignmentRow
from storage.times import text_of


class Assigned(Record):
    """Who is to look at one artwork, and who asked them."""

    number: int
    person_key: str
    name: str
    by_key: str
    by: str


class Assignments:
    """One person for each artwork; the newest counts, and nothing is locked by it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, run_id: str) -> dict[int, Assigned]:
        """Return who is to look at the artworks of a run that nobody has decided on."""
        columns = (
            AssignmentRow.number,
            AssignmentRow.person_key,
            AssignmentRow.name,
            AssignmentRow.by_key,
            AssignmentRow.by,
        )
        here = (ArtworkRow.run_id == AssignmentRow.run_id,)
        query = (
            select(*columns)
            .join(ArtworkRow, (ArtworkRow.number == AssignmentRow.number) & here[0])
            .where(AssignmentRow.run_id == run_id, ArtworkRow.decided.is_(False))
            .order_by(AssignmentRow.number)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return {row["number"]: Assigned.model_validate(dict(row)) for row in rows}

    async def assign(
        self,
        event_key: str,
        run_id: str,
        numbers: Sequence[int],
        person: Person,
        by: Person,
        *,
        told: str,
    ) -> None:
        """Ask *person* to look, and tell the thread once; again with the same event is harmless.

        Args:
            event_key: Of the line that asked.
            run_id: The run.
            numbers: Its artworks.
            person: Who is to look.
            by: Who asked.
            told: What the thread is told, with a call for *person* where that is their platform;
                empty tells nothing.
        """
        values = {
            "person_key": person_key(person),
            "person_json": person.model_dump(mode="json"),
            "name": person.name,
            "by_key": person_key(by),
            "by": by.name,
            "at": text_of(self._clock.now()),
        }
        same = ["run_id", "number"]
        async with self._database.write() as connection:
            for number in numbers:
                row = upsert(AssignmentRow).values(run_id=run_id, number=number, **values)
                await connection.execute(
                    row.on_conflict_do_update(index_elements=same, set_=values)
                )
            if told:
                await plan_note(
                    connection,
                    event_key,
                    run_id,
                    told,
                    self._clock,
                    mention=person.model_dump(mode="json"),
                )
            await close_event(connection, event_key, "run", run_id)
            await plan_card(connection, run_id, self._clock)

    async def unassign(self, event_key: str, run_id: str, numbers: Sequence[int]) -> None:
        """Ask nobody any more to look at these."""
        gone = delete(AssignmentRow).where(
            AssignmentRow.run_id == run_id, AssignmentRow.number.in_(numbers)
        )
        async with self._database.write() as connection:
            await connection.execute(gone)
            await close_event(connection, event_key, "run", run_id)
            await plan_card(connection, run_id, self._clock)
