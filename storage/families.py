"""Families: the runs of one line, their contact sheet, and which of them were chosen."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.axis import Axis
from domain.errors import NotFoundError
from domain.family import Family
from domain.ports import Clock
from domain.run import Run
from domain.spec import Digest
from storage.database import Database
from storage.inbox import close_event, known_run
from storage.outbox import plan_card, plan_family, plan_note
from storage.reading import load_runs
from storage.tables import FamilyRow, RunRow
from storage.times import text_of


class Families:
    """Reads families, and writes what is theirs and not of one run."""

    def __init__(
        self, database: Database, clock: Clock, *, published: Callable[[str], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._published = published

    async def get(self, family_id: str) -> Family:
        """Return a family with its runs.

        Raises:
            NotFoundError: There is none of that id.
        """
        query = select(FamilyRow.__table__).where(FamilyRow.id == family_id)
        members = select(RunRow.id).where(RunRow.family_id == family_id).order_by(RunRow.id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            ids = (await connection.execute(members)).scalars().all()
            runs = await load_runs(connection, ids)
        if row is None:
            raise NotFoundError(f"no family {family_id}")
        return Family(
            id=row.id,
            axes=tuple(Axis.model_validate(one) for one in row.axes_json),
            runs=tuple(runs),
            sheet=row.sheet_digest,
            revision=row.revision,
        )

    async def promote(self, run_id: str, by: str, event_key: str, text: str) -> None:
        """Note who chose a run: from now on it has a card of its own. Again changes nothing."""
        here = update(RunRow).where(RunRow.id == run_id, RunRow.promoted_by.is_(None))
        async with self._database.write() as connection:
            if await known_run(connection, event_key) is not None:
                return
            if (await connection.execute(here.values(promoted_by=by))).rowcount:
                await plan_note(connection, event_key, run_id, text, self._clock, by=by)
                await plan_card(connection, run_id, self._clock)
            await close_event(connection, event_key, "run", run_id)
        self._published(run_id)

    async def show(self, family: Family, sheet: Digest) -> None:
        """Note a contact sheet that was drawn anew."""
        row = update(FamilyRow).where(FamilyRow.id == family.id)
        async with self._database.write() as connection:
            await connection.execute(row.values(sheet_digest=sheet))
            now = text_of(self._clock.now())
            await plan_family(connection, family.id, family.place.surface, now)
        self._published(family.id)


async def store_family(
    connection: AsyncConnection, runs: Sequence[Run], axes: Sequence[Axis] = ()
) -> None:
    """Write the row of a family, in the caller's transaction."""
    known = axes or (Axis.of_models([run.route.model for run in runs]),)
    shown = [axis.model_dump(mode="json") for axis in known]
    values: dict[str, Any] = {"id": runs[0].family, "axes_json": shown, "revision": 0}
    await connection.execute(insert(FamilyRow).values(**values))


async def ended_line(connection: AsyncConnection, family_id: str) -> str:
    """Say that the runs of a family have ended, and what came of them."""
    query = select(RunRow.ref, RunRow.state).where(RunRow.family_id == family_id)
    rows = (await connection.execute(query.order_by(RunRow.id))).all()
    done = sum(row.state in {"done", "cancelled"} for row in rows)
    said = f"r{rows[0].ref} to r{rows[-1].ref} are ready"
    return said if done == len(rows) else f"{said}: {done} of {len(rows)} made images"


async def all_ended(connection: AsyncConnection, family_id: str) -> bool:
    """Return whether no run of a family waits or is under way."""
    open_ones = select(RunRow.id).where(
        RunRow.family_id == family_id, RunRow.state.in_(("queued", "running"))
    )
    return (await connection.execute(open_ones.limit(1))).first() is None
