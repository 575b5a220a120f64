"""What people change at once is written at once: one transaction, each run tallied once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import HandlerError, StorageError
from domain.ports import Clock
from domain.run import Assurance
from storage.contest import Decides, late
from storage.database import Database
from storage.gathering import Gathering
from storage.inbox import close_events, known_runs
from storage.outbox import plan_card, plan_note
from storage.reading import standing
from storage.tables import ArtworkRow, DecisionRow, VoteRow

Tally = Callable[[Sequence[Any], Iterable[int]], dict[int, float | None]]
"""Votes, as rows, and the numbers of the artworks → their ratings."""
Approves = Callable[[Iterable[tuple[str, Assurance]]], bool]
"""Whether people, as ``(person key, assurance)``, are enough to approve an artwork."""
DECIDES: Final = frozenset({"approve", "reject"})
AT_ONCE: Final = 200
"""Changes in one transaction: others that write are not kept waiting longer."""
_VOTE: Final = upsert(VoteRow)
_NEWER: Final = _VOTE.on_conflict_do_update(
    index_elements=["run_id", "number", "person_key", "kind"],
    set_={name: _VOTE.excluded[name] for name in ("value", "at", "name", "position", "blind")},
)
"""A person's vote; their earlier one of that kind on that tile is replaced."""


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the thread, told once."""

    text: str
    number: int | None = None
    file: str | None = None
    """A file to hand out, as a path below the data folder."""
    mention: Mapping[str, Any] | None = None
    """The person to call, if any."""


@dataclass(slots=True)
class Change:
    """What one event changes, and then why it was not changed, if it was not."""

    event_key: str
    run_id: str
    vote: Mapping[str, Any] | None = None
    """A row of votes."""
    statements: Sequence[Any] = ()
    """All else that is written."""
    note: Note | None = None
    note_key: str = ""
    """Once per key; empty: once per event."""
    by: str = ""
    decided: bool = False
    decides: Decides | None = None
    """The decision that it is, if it is one."""
    error: HandlerError | None = None


class Changes:
    """Writes what changes, with its event and the card's redraw."""

    def __init__(
        self, database: Database, clock: Clock, *, tally: Tally, approves: Approves
    ) -> None:
        self._database = database
        self._clock = clock
        self._tally = tally
        self._approves = approves
        self._waiting = Gathering(self._write, at_once=AT_ONCE)

    async def put(self, change: Change) -> None:
        """Return once it is written; an event that was written before changes nothing.

        Raises:
            StorageError: It is not written.
            ConflictError: Somebody else has decided before.
        """
        await self._waiting.put(change)
        if change.error is not None:
            raise change.error

    async def _write(self, changes: Sequence[Change]) -> None:
        """Write all in one transaction; if that is refused, each in its own."""
        try:
            await self._write_together(changes)
        except StorageError as error:
            if len(changes) == 1:
                changes[0].error = error
                return
            for one in changes:
                await self._write([one])

    async def _write_together(self, changes: Sequence[Change]) -> None:
        by_key = {one.event_key: one for one in reversed(changes)}  # of two alike the first
        async with self._database.write() as connection:
            known = await known_runs(connection, list(by_key))
            fresh = [
                one
                for one in changes
                if by_key[one.event_key] is one and one.event_key not in known
            ]
            for one, error in zip(
                fresh, await late(connection, [x.decides for x in fresh]), strict=True
            ):
                one.error = error
            fresh = [one for one in fresh if one.error is None]
            await _write_rows(connection, fresh)
            await close_events(connection, {one.event_key: one.run_id for one in fresh})
            await self._tell(connection, fresh)
            for run_id in dict.fromkeys(one.run_id for one in fresh):
                await self._retally(connection, run_id)
                await plan_card(connection, run_id, self._clock)
            for run_id in dict.fromkeys(one.run_id for one in fresh if one.decided):
                await self._redecide(connection, run_id)

    async def _tell(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        lines = {one.note_key or one.event_key: one for one in reversed(changes) if one.note}
        for key, one in lines.items():
            note = one.note
            if note is not None:
                await plan_note(
                    connection,
                    key,
                    one.run_id,
                    note.text,
                    self._clock,
                    by=one.by,
                    number=note.number,
                    file=note.file,
                    mention=note.mention,
                )

    async def _retally(self, connection: AsyncConnection, run_id: str) -> None:
        counted = (VoteRow.person_key, VoteRow.number, VoteRow.kind, VoteRow.value, VoteRow.at)
        of_run = select(*counted).where(VoteRow.run_id == run_id, VoteRow.kind != "favourite")
        votes = (await connection.execute(of_run)).all()
        query = select(ArtworkRow.number, ArtworkRow.rating).where(ArtworkRow.run_id == run_id)
        known = {row.number: row.rating for row in await connection.execute(query)}
        stale = update(ArtworkRow).where(
            ArtworkRow.run_id == run_id, ArtworkRow.accord.is_not(None)
        )
        await connection.execute(stale.values(accord=None))
        for number, rating in self._tally(votes, known).items():
            if rating != known[number]:
                here = (ArtworkRow.run_id == run_id, ArtworkRow.number == number)
                await connection.execute(update(ArtworkRow).where(*here).values(rating=rating))

    async def _redecide(self, connection: AsyncConnection, run_id: str) -> None:
        query = select(DecisionRow.__table__).where(DecisionRow.run_id == run_id)
        rows = await connection.execute(query.order_by(DecisionRow.id))
        stands = standing(rows)
        numbers = select(ArtworkRow.number).where(ArtworkRow.run_id == run_id)
        for number in (await connection.execute(numbers)).scalars().all():
            mine = [row for row in stands.get((run_id, number), ()) if row.decision in DECIDES]
            approving = [
                (row.person_key, row.assurance) for row in mine if row.decision == "approve"
            ]
            here = (ArtworkRow.run_id == run_id, ArtworkRow.number == number)
            values = {"approved": self._approves(approving), "decided": bool(mine)}
            await connection.execute(update(ArtworkRow).where(*here).values(values))


async def _write_rows(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Write what was changed in the order in which it was; votes in a row go together."""
    for are_votes, group in groupby(changes, key=lambda one: one.vote is not None):
        if are_votes:
            await connection.execute(_NEWER, [dict(one.vote or {}) for one in group])
            continue
        for one in group:
            for statement in one.statements:
                await connection.execute(statement)
