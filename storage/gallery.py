"""All artworks, newest first, found by words and filters; and those that wait for people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from ulid import ULID

from domain.event import Person
from domain.record import Fraction, Record
from domain.run import Verdict
from domain.spec import Digest
from storage.database import Database
from storage.tables import ArtworkRow, RunRow
from storage.words import RUN_WORDS, matches

Place = tuple[str, int]
"""``(run id, number)``: where an artwork stands."""
STAMP_CHARS: Final = 10
"""So many characters of a ULID are its time."""


class Filters(Record):
    """What the gallery is narrowed to; empty is everything."""

    words: str = ""
    task: str = ""
    model: str = ""
    person: str = ""
    """A person's name."""
    verdict: Verdict | None = None
    approved: bool | None = None
    rating: Fraction | None = None
    """At least this, in [0, 1]."""
    since: datetime | None = None
    until: datetime | None = None


class Piece(Record):
    """One artwork, with what is shown around it."""

    run_id: str
    root_id: str
    ref: str
    number: int
    digest: Digest
    media_type: str
    width: int
    height: int
    verdict: Verdict | None
    reasons: tuple[str, ...]
    rating: float | None
    approved: bool
    brief: str
    task: str
    model: str
    by: str
    at: datetime
    seed: int | None

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.run_id, self.number


class Gallery:
    """Read-only questions about artworks; each reads no more rows than it shows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, filters: Filters, *, after: Place | None = None, limit: int = 60
    ) -> list[Piece]:
        """Return artworks, newest runs first, each run's in their order.

        Args:
            filters: What they have in common.
            after: The last one that was seen.
            limit: At most so many.
        """
        conditions = _conditions(filters)
        if after:
            conditions.append(_beyond(after))
        query = _pieces().where(*conditions)
        if filters.words.strip():
            held = matches(filters.words)
            return [] if held is None else await self._found(query, held, limit)
        order = query.order_by(ArtworkRow.run_id.desc(), ArtworkRow.number)
        return await self._pieces(order.limit(limit))

    async def _found(self, query: Any, held: Any, limit: int) -> list[Piece]:
        """Walk the index of words from its newest row, and stop when enough were found.

        Ordered by the index's own row alone, which is the order of runs: with a second column
        SQLite would read every match before the first. A run's artworks come by their key.
        """
        index = query.join(RUN_WORDS, RUN_WORDS.c.run_id == ArtworkRow.run_id).where(held)
        return await self._pieces(index.order_by(RUN_WORDS.c.rowid.desc()).limit(limit))

    async def waiting(self, *, after: Place | None = None, limit: int = 12) -> list[Piece]:
        """Return artworks that triage left to people and nobody has decided on, oldest first."""
        query = _pieces().where(*_undecided())
        if after:
            run_id, number = after
            same = and_(ArtworkRow.run_id == run_id, ArtworkRow.number > number)
            query = query.where(or_(ArtworkRow.run_id > run_id, same))
        order = query.order_by(ArtworkRow.run_id, ArtworkRow.number)
        return await self._pieces(order.limit(limit))

    async def count_waiting(self) -> int:
        """Return how many wait for a decision."""
        query = select(func.count()).select_from(ArtworkRow).where(*_undecided())
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def piece(self, place: Place) -> Piece | None:
        """Return one artwork, or None if it was not made."""
        run_id, number = place
        here = (ArtworkRow.run_id == run_id, ArtworkRow.number == number)
        found = await self._pieces(_pieces().where(*here))
        return found[0] if found else None

    async def pieces(self, places: Sequence[Place]) -> list[Piece]:
        """Return the artworks of *places* that were made, in no order."""
        here = tuple_(ArtworkRow.run_id, ArtworkRow.number).in_(places)
        return await self._pieces(_pieces().where(here)) if places else []

    async def choices(self) -> dict[str, list[str]]:
        """Return what filters can be set to: the task types, models and people of the log."""
        async with self._database.read() as connection:
            return {
                "task": await _distinct(connection, RunRow.task),
                "model": await _distinct(connection, RunRow.model),
                "person": await _people(connection),
            }

    async def _pieces(self, query: Any) -> list[Piece]:
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Piece.model_validate(_piece(row)) for row in rows]


def _pieces() -> Any:
    return select(
        ArtworkRow.run_id,
        ArtworkRow.number,
        ArtworkRow.digest,
        ArtworkRow.media_type,
        ArtworkRow.width,
        ArtworkRow.height,
        ArtworkRow.verdict,
        ArtworkRow.reasons_json.label("reasons"),
        ArtworkRow.rating,
        ArtworkRow.approved,
        ArtworkRow.seed,
        RunRow.root_id,
        RunRow.ref,
        RunRow.brief,
        RunRow.task,
        RunRow.model,
        RunRow.person_json,
        RunRow.created_at.label("at"),
    ).join(RunRow, RunRow.id == ArtworkRow.run_id)


def _piece(row: Any) -> dict[str, Any]:
    person = Person.model_validate(row["person_json"])
    values = {name: value for name, value in row.items() if name != "person_json"}
    return values | {"ref": f"r{row['ref']}", "by": person.name}


def _undecided() -> tuple[Any, ...]:
    return (ArtworkRow.verdict == "review", ArtworkRow.decided.is_(False))


def _beyond(after: Place) -> Any:
    run_id, number = after
    same = and_(ArtworkRow.run_id == run_id, ArtworkRow.number > number)
    return and_(ArtworkRow.run_id <= run_id, or_(ArtworkRow.run_id < run_id, same))


def _conditions(filters: Filters) -> list[Any]:
    plain = ((RunRow.task, filters.task), (RunRow.model, filters.model))
    found = [column == value for column, value in plain if value]
    if filters.person:
        found.append(RunRow.person_json["name"].as_string() == filters.person)
    if filters.verdict:
        found.append(ArtworkRow.verdict == filters.verdict)
    if filters.approved is not None:
        found.append(ArtworkRow.approved.is_(filters.approved))
    if filters.rating is not None:
        found.append(ArtworkRow.rating >= filters.rating)
    return found + _days(filters)


def _days(filters: Filters) -> list[Any]:
    """A run's id begins with its time, so days need no index of their own."""
    bounds = []
    if filters.since:
        bounds.append(ArtworkRow.run_id >= _stamp(filters.since))
    if filters.until:
        bounds.append(ArtworkRow.run_id < _stamp(filters.until))
    return bounds


def _stamp(moment: datetime) -> str:
    return str(ULID.from_datetime(moment))[:STAMP_CHARS]


async def _distinct(connection: AsyncConnection, column: Any) -> list[str]:
    """Jump from value to value along the column's index, however many rows share one."""
    first = select(func.min(column).label("value")).cte("found", recursive=True)
    beyond = select(func.min(column)).where(column > first.c.value).scalar_subquery()
    found = first.union_all(select(beyond).where(first.c.value.is_not(None)))
    rows = await connection.execute(select(found.c.value))
    return [value for value in rows.scalars() if value is not None]


async def _people(connection: AsyncConnection) -> list[str]:
    """Any run of a person tells their name."""
    name = RunRow.person_json["name"].as_string()
    names = []
    for key in await _distinct(connection, RunRow.person_key):
        one = select(name).where(RunRow.person_key == key).limit(1)
        names.append((await connection.execute(one)).scalar_one())
    return sorted(set(names), key=str.casefold)
