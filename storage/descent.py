"""A run's line of descent: from the first of its thread to itself."""

from typing import Final

from sqlalchemy import literal, select

from storage.database import Database
from storage.tables import RunRow

MOST_STEPS: Final = 200
"""So many changes in a row are told; older ones are left out."""


class Descent:
    """Read-only: who came from whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def line(self, run_id: str) -> list[str]:
        """Return the ids from the oldest forebear to *run_id*, in one query."""
        first = select(RunRow.id, RunRow.parent_id, literal(0).label("step"))
        line = first.where(RunRow.id == run_id).cte("line", recursive=True)
        parent = select(RunRow.id, RunRow.parent_id, line.c.step + 1)
        parent = parent.join(line, RunRow.id == line.c.parent_id).where(line.c.step < MOST_STEPS)
        line = line.union_all(parent)
        async with self._database.read() as connection:
            found = await connection.execute(select(line.c.id).order_by(line.c.step.desc()))
            return list(found.scalars())
