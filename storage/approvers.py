"""Who may approve, as admins name them in chat; beside those that the settings name."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.ports import Clock
from storage.database import Database
from storage.tables import ApproverRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class Approver:
    """A person, a group or a role whose word counts."""

    entry: str
    """``slack:T1:U123``, ``slack:T1:group:S9``, ``discord:9:role:42``."""
    label: str


class Approvers:
    """The list that chat changes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Approver]:
        """Return everyone who was named, the first first."""
        query = select(ApproverRow.entry, ApproverRow.label).order_by(ApproverRow.at)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [Approver(row.entry, row.label) for row in rows]

    async def add(self, entry: str, label: str, by: str) -> None:
        """Name someone; again changes nothing but the label."""
        row = upsert(ApproverRow).values(
            entry=entry, label=label, added_by=by, at=text_of(self._clock.now())
        )
        newer = row.on_conflict_do_update(index_elements=["entry"], set_={"label": label})
        async with self._database.write() as connection:
            await connection.execute(newer)

    async def remove(self, entry: str) -> bool:
        """Take someone off the list; returns False if they were not on it."""
        gone = delete(ApproverRow).where(ApproverRow.entry == entry)
        async with self._database.write() as connection:
            return bool((await connection.execute(gone)).rowcount)
