"""Messages that are planned before they are sent: the latest wins, and none is sent twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ports import Clock
from storage.database import Database
from storage.tables import FamilyRow, OutboxRow, RunRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class Letter:
    """One planned message, as its surface is to send it."""

    key: str
    kind: str
    """``card``: the run's card, posted once and edited after. ``family``: the card of a family, by
    its first run. ``note``: a line in the thread.
    ``digest``: a line for a channel, about what waits in review.
    ``gone``: a line that is to be taken off the platform."""
    run_id: str
    number: int | None
    """The artwork to show with a note, if any."""
    text: str
    by: str
    wanted: int
    message_ref: str | None
    """The surface's own name for the message, once it was posted."""
    at: str
    tried_at: str | None = None
    """When it was handed to the surface before; it may have arrived."""
    mention: dict[str, Any] | None = None
    """The person to call."""
    file: str | None = None
    bulletin: dict[str, Any] | None = None
    """Of a digest: ``place`` and ``picture``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a message of ours is about."""

    run_id: str
    number: int | None
    """The one image that it shows; None for a card."""
    root_id: str
    workspace: str
    count: int
    """How many images the run was asked for."""
    family: bool = False
    """It is the card of a family, which shows several runs."""


async def plan_card(connection: AsyncConnection, run_id: str, clock: Clock) -> None:
    """Raise the run's revision and plan its card to be redrawn, in the caller's transaction.

    A run of a family stands on the family's card; on one of its own only once it was chosen.
    """
    raised = update(RunRow).where(RunRow.id == run_id).values(revision=RunRow.revision + 1)
    told = (RunRow.revision, RunRow.place_json, RunRow.family_id, RunRow.promoted_by)
    row = (await connection.execute(raised.returning(*told))).one()
    surface, now = row.place_json["surface"], text_of(clock.now())
    if row.family_id is None or row.promoted_by is not None:
        await _plan_drawing(connection, ("card", run_id), surface, row.revision, now)
    if row.family_id is not None:
        await plan_family(connection, row.family_id, surface, now)


async def plan_family(connection: AsyncConnection, family: str, surface: str, now: str) -> None:
    """Raise the family's revision and plan its card to be redrawn."""
    row = update(FamilyRow).where(FamilyRow.id == family)
    raised = row.values(revision=FamilyRow.revision + 1).returning(FamilyRow.revision)
    revision = (await connection.execute(raised)).scalar_one()
    await _plan_drawing(connection, ("family", family), surface, revision, now)


async def _plan_drawing(
    connection: AsyncConnection, what: tuple[str, str], surface: str, wanted: int, now: str
) -> None:
    kind, run_id = what
    letter = upsert(OutboxRow).values(
        key=f"{kind}:{run_id}",
        surface=surface,
        kind=kind,
        run_id=run_id,
        wanted=wanted,
        planned_at=now,
    )
    changed = {"wanted": letter.excluded.wanted}
    await connection.execute(letter.on_conflict_do_update(index_elements=["key"], set_=changed))


async def plan_note(
    connection: AsyncConnection,
    key: str,
    run_id: str,
    text: str,
    clock: Clock,
    *,
    by: str = "",
    number: int | None = None,
    mention: Mapping[str, Any] | None = None,
    file: str | None = None,
) -> None:
    """Plan one line for the run's thread, once per *key*, in the caller's transaction."""
    query = select(RunRow.place_json).where(RunRow.id == run_id)
    surface = (await connection.execute(query)).scalar_one()["surface"]
    letter = upsert(OutboxRow).values(
        key=f"note:{key}",
        surface=surface,
        kind="note",
        run_id=run_id,
        number=number,
        text=text,
        by=by,
        mention_json=dict(mention) if mention else None,
        file=file,
        wanted=1,
        planned_at=text_of(clock.now()),
    )
    await connection.execute(letter.on_conflict_do_nothing())


class Outbox:
    """What is still to be sent, for the one loop that sends it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self, surface: str, limit: int = 1000) -> list[Letter]:
        """Return the messages whose newest state was not sent yet, oldest first."""
        query = (
            select(OutboxRow.__table__)
            .where(OutboxRow.surface == surface, OutboxRow.wanted > OutboxRow.sent)
            .order_by(OutboxRow.planned_at, OutboxRow.key)
            .limit(limit)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [_letter(row) for row in rows]

    async def sent(self, letter: Letter, revision: int, message_ref: str) -> None:
        """Note that the message stands at *revision*; a newer plan stays due."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        values = {"sent": revision, "message_ref": message_ref, "last_error": None}
        async with self._database.write() as connection:
            await connection.execute(row.values(**values, sent_at=text_of(self._clock.now())))

    async def trying(self, letter: Letter) -> None:
        """Note that the message is handed to its surface: after a crash it may have arrived."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        async with self._database.write() as connection:
            await connection.execute(row.values(tried_at=text_of(self._clock.now())))

    async def given_up(self, letter: Letter, reason: str) -> None:
        """Note that the surface will never take it; it is due no more until it changes."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        async with self._database.write() as connection:
            await connection.execute(row.values(sent=OutboxRow.wanted, last_error=reason))

    async def first_posted(self, root_id: str) -> tuple[str | None, bool]:
        """Return what the surface calls a thread's first card, and whether it is still to be sent.

        That is the card of the family, where the thread began with several models.
        """
        query = select(OutboxRow.message_ref, OutboxRow.wanted > OutboxRow.sent)
        first = query.where(OutboxRow.key.in_((f"family:{root_id}", f"card:{root_id}")))
        async with self._database.read() as connection:
            rows = await connection.execute(first.order_by(OutboxRow.key.desc()).limit(1))
            row = rows.one_or_none()
        return (row[0], bool(row[1])) if row else (None, False)

    async def found(self, surface: str, message_ref: str) -> Found | None:
        """Return what a message is about; None if it is none of ours."""
        run = (RunRow.root_id, RunRow.place_json, RunRow.seeds_json)
        query = select(OutboxRow.run_id, OutboxRow.number, OutboxRow.kind, *run).join(
            RunRow, RunRow.id == OutboxRow.run_id
        )
        of_run = OutboxRow.kind != "digest"  # which is about no run
        ours = (OutboxRow.surface == surface, OutboxRow.message_ref == message_ref, of_run)
        async with self._database.read() as connection:
            row = (await connection.execute(query.where(*ours).limit(1))).one_or_none()
        if row is None:
            return None
        workspace, count = row.place_json["workspace"], len(row.seeds_json)
        family = row.kind == "family"
        return Found(row.run_id, row.number, row.root_id, workspace, count, family)

    async def failed(self, letter: Letter, reason: str) -> None:
        """Note why the surface did not take it; it stays due."""
        row = update(OutboxRow).where(OutboxRow.key == letter.key)
        async with self._database.write() as connection:
            await connection.execute(row.values(last_error=reason))

    async def notes(self, run_ids: list[str]) -> list[Letter]:
        """Return the lines that were planned for the threads of *run_ids*, oldest first."""
        query = (
            select(OutboxRow.__table__)
            .where(OutboxRow.run_id.in_(run_ids), OutboxRow.kind == "note")
            .order_by(OutboxRow.planned_at, OutboxRow.key)
        )
        async with self._database.read() as connection:
            return [_letter(row) for row in await connection.execute(query)]


def _letter(row: object) -> Letter:
    fields = ("key", "kind", "run_id", "number", "text", "by", "wanted", "message_ref", "file")
    return Letter(
        **{name: getattr(row, name) for name in fields},
        at=row.planned_at,  # type: ignore[attr-defined]  # a row of OutboxRow
        tried_at=row.tried_at,  # type: ignore[attr-defined]
        bulletin=row.bulletin_json,  # type: ignore[attr-defined]
        mention=row.mention_json,  # type: ignore[attr-defined]
    )
