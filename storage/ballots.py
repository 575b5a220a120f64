"""What the database gathers of votes: of a thread for its ranking, of two runs, of everybody."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.record import Record
from domain.spec import Digest
from storage.database import Database
from storage.tables import ArtworkRow, RunRow, ScoreRow, VoteRow

COUNTED: Final = ("pick", "rate")
"""A favourite is no rating."""
SEVERAL: Final = 2
AT_ONCE: Final = 5000
"""So many rows are read at once, which takes some 10 ms."""


class Piece(Record):
    """One image as a ranking shows it."""

    run_id: str
    ref: str
    number: int
    digest: Digest
    brief: str
    model: str
    fit: float | None = None


class Rated(Piece):
    """One image that people have rated."""

    rating: float
    voters: int
    """Who have voted on its run."""


class Ballots:
    """Read-only questions about votes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pieces(self, root_id: str) -> list[Piece]:
        """Return the images of a thread, oldest first; what was taken down is left out."""
        fit = and_(
            ScoreRow.run_id == ArtworkRow.run_id,
            ScoreRow.number == ArtworkRow.number,
            ScoreRow.name == "fit",
        )
        query = (
            select(*_COLUMNS, ScoreRow.value.label("fit"))
            .join(RunRow, RunRow.id == ArtworkRow.run_id)
            .outerjoin(ScoreRow, fit)
            .where(RunRow.root_id == root_id, RunRow.taken_down_by.is_(None))
            .order_by(RunRow.ref, ArtworkRow.number)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Piece.model_validate(_named(row)) for row in rows]

    async def votes(self, run_ids: Sequence[str]) -> list[Any]:
        """Return the votes on some runs, as rows that the ranking counts.

        They are read in pages: 100,000 rows at once would hold everybody else up.
        """
        columns = (*_VOTE, VoteRow.value, VoteRow.at)
        query = select(*columns).where(VoteRow.run_id.in_(run_ids), VoteRow.kind.in_(COUNTED))
        query = query.order_by(*_VOTE).limit(AT_ONCE)
        found: list[Any] = []
        async with self._database.read() as connection:
            page = (await connection.execute(query)).all()
            while page:
                found += page
                if len(page) < AT_ONCE:
                    break
                further = query.where(tuple_(*_VOTE) > tuple_(*page[-1][: len(_VOTE)]))
                page = (await connection.execute(further)).all()
        return found

    async def means(self, run_ids: Sequence[str]) -> dict[str, tuple[int, float]]:
        """Return how many stars and thumbs each voter on these runs ever gave, and their mean."""
        here = select(VoteRow.person_key).where(VoteRow.run_id.in_(run_ids), VoteRow.kind == "rate")
        query = (
            select(VoteRow.person_key, func.count(), func.avg(VoteRow.value))
            .where(VoteRow.kind == "rate", VoteRow.person_key.in_(here))
            .group_by(VoteRow.person_key)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return {key: (many, float(mean)) for key, many, mean in rows}

    async def rated(self, *, limit: int = 2000) -> dict[str, list[Rated]]:
        """Return by run the images that were rated and have a fit; the newest runs first."""
        fit = and_(
            ScoreRow.run_id == ArtworkRow.run_id,
            ScoreRow.number == ArtworkRow.number,
            ScoreRow.name == "fit",
        )
        newest = (
            select(ArtworkRow.run_id, ArtworkRow.number)
            .where(ArtworkRow.rating.is_not(None))
            .order_by(ArtworkRow.run_id.desc(), ArtworkRow.number)
            .limit(limit)
            .subquery()
        )
        same = and_(newest.c.run_id == ArtworkRow.run_id, newest.c.number == ArtworkRow.number)
        more = (ScoreRow.value.label("fit"), ArtworkRow.rating)
        query = (
            select(*_COLUMNS, *more)
            .join(newest, same)
            .join(RunRow, RunRow.id == ArtworkRow.run_id)
            .join(ScoreRow, fit)
            .where(RunRow.taken_down_by.is_(None))
            .order_by(ArtworkRow.run_id.desc(), ArtworkRow.number)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            runs = list(dict.fromkeys(row["run_id"] for row in rows))
            voters = await _voters(connection, runs)
        found: dict[str, list[Rated]] = {}
        for row in rows:
            many = {"voters": voters.get(row["run_id"], 0)}
            found.setdefault(row["run_id"], []).append(Rated.model_validate(_named(row) | many))
        return {run_id: pieces for run_id, pieces in found.items() if len(pieces) >= SEVERAL}


async def _voters(connection: AsyncConnection, run_ids: Sequence[str]) -> dict[str, int]:
    """Return how many people have voted on each run."""
    many = func.count(func.distinct(VoteRow.person_key))
    query = (
        select(VoteRow.run_id, many)
        .where(VoteRow.run_id.in_(run_ids), VoteRow.kind.in_(COUNTED))
        .group_by(VoteRow.run_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


_VOTE: Final = (VoteRow.run_id, VoteRow.number, VoteRow.person_key, VoteRow.kind)
_COLUMNS: Final = (
    ArtworkRow.run_id,
    RunRow.ref,
    ArtworkRow.number,
    ArtworkRow.digest,
    RunRow.brief,
    RunRow.model,
)


def _named(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {**row, "ref": f"r{row['ref']}"}
