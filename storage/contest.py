"""Two people in the queue at once: the first decision wins, and the second is told."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import ConflictError
from domain.record import Record
from storage.reading import standing
from storage.tables import ArtworkRow, DecisionRow

DONE = {"approve": "approved", "reject": "rejected"}


class Decides(Record):
    """One person's decision on one artwork, as it is about to be written."""

    run_id: str
    number: int
    decision: str
    person_key: str
    name: str
    only_first: bool = False
    """Only if nobody else has decided before."""


async def late(
    connection: AsyncConnection, decided: Sequence[Decides | None]
) -> list[ConflictError | None]:
    """Return for each decision why it comes too late, or None; in the order in which they came.

    An approval that still adds to a quorum is never too late.
    """
    if not any(one.only_first for one in decided if one):
        return [None] * len(decided)
    found: list[ConflictError | None] = []
    fresh: dict[tuple[str, int], Decides] = {}
    for one in decided:
        error = None
        if one is not None and one.only_first:
            before = fresh.get((one.run_id, one.number))
            if before is not None and before.person_key != one.person_key:
                error = _told(one, before.name, before.decision)
            else:
                error = await _decided(connection, one)
        if one is not None and error is None:
            fresh.setdefault((one.run_id, one.number), one)
        found.append(error)
    return found


async def _decided(connection: AsyncConnection, one: Decides) -> ConflictError | None:
    here = (DecisionRow.run_id == one.run_id, DecisionRow.number == one.number)
    rows = await connection.execute(
        select(DecisionRow.__table__).where(*here).order_by(DecisionRow.id)
    )
    others: list[Any] = [
        row
        for row in standing(rows).get((one.run_id, one.number), ())
        if row.person_key != one.person_key and row.decision in DONE
    ]
    if not others:
        return None
    query = select(ArtworkRow.approved).where(
        ArtworkRow.run_id == one.run_id, ArtworkRow.number == one.number
    )
    approved = bool((await connection.execute(query)).scalar_one())
    alike = {row.decision for row in others} == {one.decision} == {"approve"}
    return None if alike and not approved else _told(one, others[0].name, others[0].decision)


def _told(one: Decides, name: str, decision: str) -> ConflictError:
    return ConflictError(
        f"{name} was first: #{one.number} is {DONE[decision]}",
        hint=f"Yours was not counted. If you see it otherwise: {one.decision} {one.number}",
    )
