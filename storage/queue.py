"""The review queue in an order: by closest call, by disagreement, or by age.

Where a picture stands is worked out once, when it is first asked for, and kept with it in an index;
a new measurement, a vote or another threshold makes it be worked out anew.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.closeness import BOUND, FAR, OF_FIT, Call, Held, closest_call, disagreement
from domain.policy import PixelPolicy
from domain.questions import Order
from storage.database import Database
from storage.gallery import Gallery, Piece, Place
from storage.tables import ArtworkRow, KeepsakeRow, RunRow, ScoreRow, VoteRow
from storage.tables_review import AssignmentRow

Opinions = Callable[[Sequence[Any], Iterable[int]], dict[int, list[float]]]
"""Votes of a run, as rows, and the numbers of its artworks → what each person thinks of each."""
AT_ONCE: Final = 500
"""So many are worked out in one transaction, which takes some 20 ms."""
THRESHOLDS: Final = ("review", "thresholds")
"""The keepsake that says for which thresholds the margins were worked out."""
COLUMNS: Final[dict[Order, Any]] = {
    "close": (ArtworkRow.closest, ArtworkRow.closest_says),
    "disagree": (ArtworkRow.accord, ArtworkRow.accord_says),
}
HELD: Final = text(
    """
    SELECT j.run_id, j.number, c.value ->> 'rule' AS rule, c.value ->> 'value' AS value,
        c.value ->> 'threshold' AS threshold
    FROM judgements j, json_each(j.checks_json) c
    WHERE j.run_id IN :runs AND NOT j.explored AND rule IN :rules AND threshold IS NOT NULL
    """
).bindparams(bindparam("runs", expanding=True), bindparam("rules", expanding=True))
"""Fit beside its thresholds; of what chance picked nothing is said, so that nobody is led."""
_HERE: Final = and_(
    ArtworkRow.run_id == bindparam("at_run"), ArtworkRow.number == bindparam("at_number")
)


class Waiting(Piece):
    """One artwork that waits for a decision, and where it stands in the queue."""

    says: str = ""
    """Why it stands where it stands, in words; empty by age."""
    assigned_key: str = ""
    assigned_to: str = ""
    """Who is to look at it, if anybody is named."""


class Queue:
    """What waits for people, in an order."""

    def __init__(
        self, database: Database, gallery: Gallery, policy: PixelPolicy, opinions: Opinions
    ) -> None:
        self._database = database
        self._gallery = gallery
        self._policy = policy
        self._opinions = opinions

    async def open(self) -> None:
        """Forget margins of other thresholds; what stands in the queue is worked out anew."""
        now = hashlib.sha256(self._policy.model_dump_json().encode()).hexdigest()
        surface, key = THRESHOLDS
        known = select(KeepsakeRow.value).where(
            KeepsakeRow.surface == surface, KeepsakeRow.key == key
        )
        async with self._database.write() as connection:
            if (await connection.execute(known)).scalar_one_or_none() == now:
                return
            row = upsert(KeepsakeRow).values(surface=surface, key=key, value=now)
            same = ["surface", "key"]
            again = row.on_conflict_do_update(index_elements=same, set_={"value": now})
            await connection.execute(again)
            stale = update(ArtworkRow).where(ArtworkRow.closest.is_not(None))
            await connection.execute(stale.values(closest=None))

    async def page(
        self, by: Order = "age", *, after: Place | None = None, mine: str = "", limit: int = 12
    ) -> list[Waiting]:
        """Return what waits, the first of the order first.

        Args:
            by: The order.
            after: The one after which to go on.
            mine: A person's key: only what is assigned to them, whatever triage said of it.
            limit: At most so many.
        """
        if by in COLUMNS:
            await self._work_out(by, mine)
        column = COLUMNS[by][0] if by in COLUMNS else None
        query = _standing(column, mine)
        async with self._database.read() as connection:
            if after:
                query = query.where(await _beyond(connection, column, after))
            rows = (await connection.execute(query.limit(limit))).all()
        pieces = {
            one.place: one for one in await self._gallery.pieces([_place(row) for row in rows])
        }
        return [_waiting(pieces[_place(row)], row, by) for row in rows]

    async def stands(self, place: Place, by: Order = "age") -> Waiting | None:
        """Return one artwork as it stands in an order, waiting or not; None if it was not made."""
        piece = await self._gallery.piece(place)
        if piece is None:
            return None
        if by in COLUMNS:
            await self._work_out_some(by, [place])
        query = _columns().where(ArtworkRow.run_id == place[0], ArtworkRow.number == place[1])
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one()
        return _waiting(piece, row, by)

    async def count(self, mine: str = "") -> int:
        """Return how many wait; with *mine* only those that are assigned to that person."""
        query = select(func.count()).select_from(ArtworkRow).where(*_waits(mine))
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def prepare(self) -> None:
        """Work out what is not known yet, so that whoever asks need not wait for it."""
        for by in COLUMNS:
            await self._work_out(by, "")

    async def _work_out(self, by: Order, mine: str) -> None:
        missing = select(ArtworkRow.run_id, ArtworkRow.number).where(
            *_waits(mine), COLUMNS[by][0].is_(None)
        )
        while True:
            async with self._database.read() as connection:
                rows = (await connection.execute(missing.limit(AT_ONCE))).all()
            if not rows:
                return
            await self._work_out_some(by, [_place(row) for row in rows])
            await asyncio.sleep(0)

    async def _work_out_some(self, by: Order, places: Sequence[Place]) -> None:
        """Measure and write in one transaction: no vote comes between the two."""
        value, says = (one.key for one in COLUMNS[by])
        put = update(ArtworkRow).where(_HERE)
        put = put.values({value: bindparam("margin"), says: bindparam("says")})
        async with self._database.write() as connection:
            calls = await (self._close if by == "close" else self._apart)(connection, places)
            rows = [
                {"at_run": run_id, "at_number": number, "margin": call.margin, "says": call.says}
                for (run_id, number), call in calls.items()
            ]
            if rows:
                await connection.execute(put, rows)

    async def _close(
        self, connection: AsyncConnection, places: Sequence[Place]
    ) -> dict[Place, Call]:
        runs = {run_id for run_id, _ in places}
        tasks = await _tasks(connection, runs)
        here = ScoreRow.run_id.in_(runs)  # by the key: a list of pairs would read the whole table
        columns = (ScoreRow.run_id, ScoreRow.number, ScoreRow.name, ScoreRow.value)
        measured = select(*columns).where(here, ScoreRow.name.in_(BOUND))
        scores: dict[Place, dict[str, float]] = defaultdict(dict)
        for run_id, number, name, value in await connection.execute(measured):
            scores[run_id, number][name] = value
        held = await _held(connection, sorted(runs))
        return {
            place: closest_call(scores[place], self._policy, tasks[place[0]], held[place])
            for place in places
        }

    async def _apart(
        self, connection: AsyncConnection, places: Sequence[Place]
    ) -> dict[Place, Call]:
        runs = sorted({run_id for run_id, _ in places})
        numbers, fits, votes = await _said_of(connection, runs)
        found: dict[Place, Call] = {}
        wanted = set(places)
        for run_id in runs:
            for number, heard in self._opinions(votes[run_id], numbers[run_id]).items():
                if (run_id, number) in wanted:
                    of_run = fits[run_id]
                    call = disagreement(heard, of_run.get(number), list(of_run.values()))
                    found[run_id, number] = call
        return found


async def _tasks(connection: AsyncConnection, runs: Iterable[str]) -> dict[str, str]:
    query = select(RunRow.id, RunRow.task).where(RunRow.id.in_(runs))
    return {row.id: row.task for row in await connection.execute(query)}


async def _held(connection: AsyncConnection, runs: Sequence[str]) -> dict[Place, list[Held]]:
    found: dict[Place, list[Held]] = defaultdict(list)
    for row in await connection.execute(HELD, {"runs": runs, "rules": list(OF_FIT)}):
        found[_place(row)].append(Held(row.rule, row.value, row.threshold))
    return found


async def _said_of(connection: AsyncConnection, runs: Sequence[str]) -> tuple[Any, Any, Any]:
    """Return, by run: the numbers of its artworks, their fit, and its votes."""
    numbers: dict[str, list[int]] = defaultdict(list)
    fits: dict[str, dict[int, float]] = defaultdict(dict)
    votes: dict[str, list[Any]] = defaultdict(list)
    made = select(ArtworkRow.run_id, ArtworkRow.number).where(ArtworkRow.run_id.in_(runs))
    for row in await connection.execute(made):
        numbers[row.run_id].append(row.number)
    fitted = select(ScoreRow.run_id, ScoreRow.number, ScoreRow.value).where(
        ScoreRow.run_id.in_(runs), ScoreRow.name == "fit"
    )
    for fit in await connection.execute(fitted):
        fits[fit.run_id][fit.number] = fit.value
    said = (VoteRow.run_id, VoteRow.person_key, VoteRow.number, VoteRow.kind)
    counted = select(*said, VoteRow.value, VoteRow.at).where(
        VoteRow.run_id.in_(runs), VoteRow.kind != "favourite"
    )
    for vote in await connection.execute(counted):
        votes[vote.run_id].append(vote)
    return numbers, fits, votes


def _waits(mine: str) -> tuple[Any, ...]:
    """Return what makes an artwork stand in the queue, or in one person's part of it."""
    if not mine:
        return (ArtworkRow.verdict == "review", ArtworkRow.decided.is_(False))
    theirs = select(AssignmentRow.run_id).where(
        AssignmentRow.run_id == ArtworkRow.run_id,
        AssignmentRow.number == ArtworkRow.number,
        AssignmentRow.person_key == mine,
    )
    return (theirs.correlate(ArtworkRow).exists(), ArtworkRow.decided.is_(False))


def _columns() -> Any:
    return select(
        ArtworkRow.run_id,
        ArtworkRow.number,
        ArtworkRow.closest_says,
        ArtworkRow.accord_says,
        AssignmentRow.person_key,
        AssignmentRow.name,
    ).join(
        AssignmentRow,
        and_(AssignmentRow.run_id == ArtworkRow.run_id, AssignmentRow.number == ArtworkRow.number),
        isouter=True,
    )


def _standing(column: Any, mine: str) -> Any:
    order = (ArtworkRow.run_id, ArtworkRow.number)
    return (
        _columns().where(*_waits(mine)).order_by(*((column,) if column is not None else ()), *order)
    )


async def _beyond(connection: AsyncConnection, column: Any, after: Place) -> Any:
    run_id, number = after
    if column is None:
        same = and_(ArtworkRow.run_id == run_id, ArtworkRow.number > number)
        return or_(ArtworkRow.run_id > run_id, same)
    here = select(column).where(ArtworkRow.run_id == run_id, ArtworkRow.number == number)
    margin = (await connection.execute(here)).scalar_one_or_none()
    last = (FAR if margin is None else margin, run_id, number)
    return tuple_(column, ArtworkRow.run_id, ArtworkRow.number) > tuple_(*last)


def _place(row: Any) -> Place:
    return row.run_id, row.number


def _waiting(piece: Piece, row: Any, by: Order) -> Waiting:
    says = {"close": row.closest_says, "disagree": row.accord_says}.get(by)
    return Waiting(
        **piece.model_dump(),
        says=says or "",
        assigned_key=row.person_key or "",
        assigned_to=row.name or "",
    )
