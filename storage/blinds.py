"""Who looks at which runs blind, until when; and what people preferred without knowing."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import aliased

from domain.ports import Clock
from domain.record import Record
from storage.ballots import COUNTED
from storage.database import Database
from storage.tables import RunRow, VoteRow
from storage.tables_votes import BlindRow
from storage.times import text_of


class Session(Record):
    """One person's look at some runs, whose order of pictures follows from its id."""

    id: str
    run_ids: tuple[str, ...]
    person_key: str = ""
    ended: bool = False


class Hidden(NamedTuple):
    """What a person must not be told about."""

    runs: frozenset[str]
    roots: frozenset[str]
    """The first runs of their threads."""


NOTHING: Final = Hidden(frozenset(), frozenset())


class Blinds:
    """Blind sessions: one goes on at most for each person and run."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, session: str, key: str, run_ids: Sequence[str]) -> None:
        """Let a person look at runs blind; sessions of theirs that share a run are dropped."""
        now = self._now()
        shared = select(BlindRow.session).where(
            BlindRow.person_key == key, BlindRow.run_id.in_(run_ids), BlindRow.ended_at.is_(None)
        )
        rows = [
            {"session": session, "run_id": run_id, "person_key": key, "at": now}
            for run_id in run_ids
        ]
        async with self._database.write() as connection:
            old = (await connection.execute(shared)).scalars().all()
            await connection.execute(delete(BlindRow).where(BlindRow.session.in_(old)))
            await connection.execute(upsert(BlindRow).on_conflict_do_nothing(), rows)

    async def end(self, session: str) -> None:
        """Show everything from now on."""
        open_ = update(BlindRow).where(BlindRow.session == session, BlindRow.ended_at.is_(None))
        async with self._database.write() as connection:
            await connection.execute(open_.values(ended_at=self._now()))

    async def of(self, key: str, run_id: str) -> Session | None:
        """Return the session in which a person looks at a run, if one goes on."""
        query = select(BlindRow.session).where(
            BlindRow.person_key == key, BlindRow.run_id == run_id, BlindRow.ended_at.is_(None)
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query)).scalars().first()
        return None if found is None else await self.session(found)

    async def session(self, session: str) -> Session | None:
        """Return a session, whether it goes on or not."""
        columns = (BlindRow.run_id, BlindRow.person_key, BlindRow.ended_at)
        query = select(*columns).where(BlindRow.session == session).order_by(BlindRow.run_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return None
        return Session(
            id=session,
            run_ids=tuple(row.run_id for row in rows),
            person_key=rows[0].person_key,
            ended=rows[0].ended_at is not None,
        )

    async def newest(self, key: str) -> str | None:
        """Return the session that a person has begun last and not ended, if any."""
        query = select(BlindRow.session).where(
            BlindRow.person_key == key, BlindRow.ended_at.is_(None)
        )
        async with self._database.read() as connection:
            newest = await connection.execute(query.order_by(BlindRow.at.desc()).limit(1))
            return newest.scalar_one_or_none()

    async def hidden(self, key: str) -> Hidden:
        """Return the runs that a person looks at blind, and those that share a card with them."""
        open_ = select(BlindRow.run_id).where(
            BlindRow.person_key == key, BlindRow.ended_at.is_(None)
        )
        families = select(RunRow.family_id).where(
            RunRow.id.in_(open_), RunRow.family_id.is_not(None)
        )
        kin = or_(RunRow.id.in_(open_), RunRow.family_id.in_(families))
        runs = select(RunRow.id, RunRow.root_id).where(kin)
        async with self._database.read() as connection:
            if (await connection.execute(open_.limit(1))).first() is None:
                return NOTHING
            rows = (await connection.execute(runs)).all()
        return Hidden(frozenset(row.id for row in rows), frozenset(row.root_id for row in rows))

    async def voted(self, key: str, run_ids: Sequence[str]) -> list[str]:
        """Return those of the runs on which a person has voted."""
        query = select(func.distinct(VoteRow.run_id)).where(
            VoteRow.run_id.in_(run_ids), VoteRow.person_key == key, VoteRow.kind.in_(COUNTED)
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def wins(self, run_id: str, other_id: str) -> tuple[int, int]:
        """Return how many people preferred a run to another without knowing which is which.

        Each person counts once for the two: by their newest vote in a session that showed both.
        """
        one, two = aliased(BlindRow), aliased(BlindRow)
        both = and_(one.session == two.session, one.run_id == run_id, two.run_id == other_id)
        query = (
            select(VoteRow.person_key, VoteRow.run_id)
            .join(one, one.session == VoteRow.blind)
            .join(two, both)
            .where(VoteRow.kind == "pick", VoteRow.run_id.in_((run_id, other_id)))
            .order_by(VoteRow.at)
        )
        async with self._database.read() as connection:
            rows: Sequence[Any] = (await connection.execute(query)).all()
        newest = {row.person_key: row.run_id for row in rows}
        ours = sum(chosen == run_id for chosen in newest.values())
        return ours, len(newest) - ours

    def _now(self) -> str:
        if self._clock is None:
            raise TypeError("blind sessions opened for reading alone write nothing")
        return text_of(self._clock.now())
