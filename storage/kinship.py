"""Kin and history of a run: parents and children, a thread at a glance, decisions as they fell."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.record import Moment, Record
from domain.run import Assurance
from domain.spec import Digest
from storage.database import Database
from storage.tables import ArtworkRow, DecisionRow, OutboxRow, RunRow


class Kin(Record):
    """A run as its relatives see it."""

    id: str
    ref: str
    kind: str
    state: str
    parent: str | None
    parent_number: int | None
    digests: tuple[Digest, ...] = ()


class Glance(Record):
    """How much stands in a thread beside its first run, and its last pictures."""

    versions: int = 0
    notes: int = 0
    at: Moment | None = None
    digests: tuple[Digest, ...] = ()


class Decided(Record):
    """One decision, as it fell; taken back or not."""

    number: int
    decision: str
    reason: str
    by: str
    surface: str
    assurance: Assurance
    at: Moment


class Kinship:
    """Read-only questions about what belongs together; counted in the database, not in memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kin(self, root_id: str, *, limit: int = 200) -> list[Kin]:
        """Return the runs of a thread, oldest first, each with its pictures."""
        columns = (RunRow.id, RunRow.ref, RunRow.kind, RunRow.state)
        query = (
            select(*columns, RunRow.parent_id, RunRow.parent_number)
            .where(RunRow.root_id == root_id)
            .order_by(RunRow.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            pictures = await _digests(connection, [row.id for row in rows])
        return [_kin(row, pictures.get(row.id, ())) for row in rows]

    async def glances(self, root_ids: Sequence[str]) -> dict[str, Glance]:
        """Return each thread at a glance: four queries for any number of threads."""
        async with self._database.read() as connection:
            counted = await _versions(connection, root_ids)
            noted = await _notes(connection, root_ids)
            pictures = await _digests(connection, [row.last for row in counted.values()])
        return {root: _glance(counted.get(root), noted.get(root), pictures) for root in root_ids}

    async def decisions(self, run_id: str, number: int | None = None) -> list[Decided]:
        """Return the decisions on a run's artworks (or on one), oldest first."""
        query = select(DecisionRow.__table__).where(DecisionRow.run_id == run_id)
        if number is not None:
            query = query.where(DecisionRow.number == number)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(DecisionRow.id))).all()
        return [_decided(row) for row in rows]


async def _versions(connection: AsyncConnection, root_ids: Sequence[str]) -> dict[str, Any]:
    query = (
        select(
            RunRow.root_id,
            func.count().label("count"),
            func.max(RunRow.id).label("last"),
            func.max(RunRow.created_at).label("at"),
        )
        .where(RunRow.root_id.in_(root_ids), _stands_below())
        .group_by(RunRow.root_id)
    )
    return {row.root_id: row for row in await connection.execute(query)}


def _stands_below() -> ColumnElement[bool]:
    """Runs with a card of their own in the thread: of a family only those that were chosen."""
    single = and_(RunRow.family_id.is_(None), RunRow.id != RunRow.root_id)
    return or_(single, RunRow.promoted_by.is_not(None))


async def _notes(connection: AsyncConnection, root_ids: Sequence[str]) -> dict[str, Any]:
    query = (
        select(
            RunRow.root_id,
            func.count().label("count"),
            func.max(OutboxRow.planned_at).label("at"),
        )
        .join(RunRow, RunRow.id == OutboxRow.run_id)
        .where(RunRow.root_id.in_(root_ids), OutboxRow.kind == "note")
        .group_by(RunRow.root_id)
    )
    return {row.root_id: row for row in await connection.execute(query)}


async def _digests(
    connection: AsyncConnection, run_ids: Sequence[str]
) -> dict[str, tuple[Digest, ...]]:
    query = (
        select(ArtworkRow.run_id, ArtworkRow.digest)
        .where(ArtworkRow.run_id.in_(run_ids))
        .order_by(ArtworkRow.run_id, ArtworkRow.number)
    )
    found: dict[str, tuple[Digest, ...]] = {}
    for row in await connection.execute(query):
        found[row.run_id] = (*found.get(row.run_id, ()), row.digest)
    return found


def _glance(counted: Any, noted: Any, pictures: dict[str, tuple[Digest, ...]]) -> Glance:
    times = [row.at for row in (counted, noted) if row is not None]
    return Glance(
        versions=counted.count if counted else 0,
        notes=noted.count if noted else 0,
        at=max(times) if times else None,
        digests=pictures.get(counted.last, ())[:4] if counted else (),
    )


def _kin(row: Any, digests: tuple[Digest, ...]) -> Kin:
    return Kin(
        id=row.id,
        ref=f"r{row.ref}",
        kind=row.kind,
        state=row.state,
        parent=row.parent_id,
        parent_number=row.parent_number,
        digests=digests,
    )


def _decided(row: Any) -> Decided:
    return Decided(
        number=row.number,
        decision=row.decision,
        reason=row.reason,
        by=row.name,
        surface=row.surface,
        assurance=row.assurance,
        at=row.at,
    )
