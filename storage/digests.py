"""Channels that are told once a day what waits; planned with the day in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.event import Place
from domain.ports import Clock
from domain.record import Record
from storage.database import Database
from storage.inbox import close_event
from storage.tables import ArtworkRow, DecisionRow, OutboxRow, RunRow
from storage.tables_review import DigestRow
from storage.times import text_of

SETTINGS = "settings"
"""Who set a digest that stands in the settings file."""


class Subscribed(Record):
    """One channel that is told once a day."""

    surface: str
    workspace: str
    channel: str
    at: str
    empty: bool
    by: str
    last_day: str

    @property
    def place(self) -> Place:
        """The channel."""
        return Place(surface=self.surface, workspace=self.workspace, channel=self.channel)


class Sums(Record):
    """What a digest counts."""

    by_task: dict[str, int]
    """How many wait, by task type, the most first."""
    approved: dict[str, int]
    """How many images each person approved in the time that is told."""
    usd: float
    """What runs cost in the longer time …"""
    approved_since: int
    """… and how many images were approved in it."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(self.by_task.values())


class Digests:
    """Keeps who is told, and plans what they are told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> list[Subscribed]:
        """Return every channel that is told."""
        query = select(DigestRow.__table__).where(DigestRow.at != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [Subscribed.model_validate(dict(row)) for row in rows]

    async def set_from_settings(self, place: Place | None, at: str, *, empty: bool) -> None:
        """Keep what the settings file says; what an admin said in that channel stands over it."""
        ours = DigestRow.by == SETTINGS
        async with self._database.write() as connection:
            gone = delete(DigestRow).where(ours)
            if place is not None:
                gone = gone.where(DigestRow.channel != place.channel)
            await connection.execute(gone)
            if place is None:
                return
            row = upsert(DigestRow).values(
                **_key(place), at=at, empty=empty, by=SETTINGS, last_day=""
            )
            again = {"at": at, "empty": empty}
            await connection.execute(
                row.on_conflict_do_update(index_elements=[*_key(place)], set_=again, where=ours)
            )

    async def choose(
        self, place: Place, at: str, by: str, event_key: str, *, empty: bool, last_day: str
    ) -> None:
        """Have a channel told at a time of day; an empty time tells it no more."""
        values = {"at": at, "empty": empty, "by": by, "last_day": last_day}
        row = upsert(DigestRow).values(**_key(place), **values)
        async with self._database.write() as connection:
            await connection.execute(
                row.on_conflict_do_update(index_elements=[*_key(place)], set_=values)
            )
            await close_event(connection, event_key, "done", None)

    async def plan(
        self,
        told: Subscribed,
        day: str,
        *,
        text: str,
        run_id: str,
        bulletin: Mapping[str, Any],
    ) -> bool:
        """Plan a day's message, once; without a text the day is only marked as told.

        Args:
            told: The channel.
            day: The local day, which is then told.
            text: What it is told.
            run_id: One of the runs that it is about.
            bulletin: Where it goes, and its picture.

        Returns:
            Whether it was planned now, and not before.
        """
        here = [getattr(DigestRow, name) == value for name, value in _key(told.place).items()]
        mark = update(DigestRow).where(*here, DigestRow.last_day < day).values(last_day=day)
        async with self._database.write() as connection:
            if (await connection.execute(mark)).rowcount == 0:
                return False
            if not text:
                return False
            letter = insert(OutboxRow).values(
                key=f"digest:{told.surface}:{told.workspace}:{told.channel}:{day}",
                surface=told.surface,
                kind="digest",
                run_id=run_id,
                text=text,
                by="",
                bulletin_json=dict(bulletin),
                wanted=1,
                planned_at=text_of(self._clock.now()),
            )
            await connection.execute(letter)
        return True

    async def any_run(self) -> str:
        """Return the newest run; empty if there is none."""
        query = select(RunRow.id).order_by(RunRow.id.desc()).limit(1)
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none() or ""

    async def sums(self, told: Sequence[datetime], since: datetime) -> Sums:
        """Count what a digest says.

        Args:
            told: From when until when approvals are told.
            since: From when money and approvals are compared.
        """
        many = func.count()
        waiting = (
            select(RunRow.task, many)
            .join(ArtworkRow, ArtworkRow.run_id == RunRow.id)
            .where(ArtworkRow.verdict == "review", ArtworkRow.decided.is_(False))
            .group_by(RunRow.task)
            .order_by(many.desc(), RunRow.task)
        )
        begin, end = map(text_of, told)
        between = (DecisionRow.at >= begin, DecisionRow.at < end)
        later = (DecisionRow.at >= text_of(since),)
        spent = select(func.coalesce(func.sum(RunRow.cost_usd), 0.0)).where(
            RunRow.created_at >= text_of(since)
        )
        async with self._database.read() as connection:
            by_task = (await connection.execute(waiting)).all()
            approved = (await connection.execute(_approved(between))).all()
            longer = (await connection.execute(_approved(later))).all()
            usd = (await connection.execute(spent)).scalar_one() or 0.0
        names: dict[str, int] = {}
        for row in approved:
            names[row.name] = names.get(row.name, 0) + 1
        return Sums(
            by_task={row[0]: row[1] for row in by_task},
            approved=dict(sorted(names.items(), key=lambda one: (-one[1], one[0]))),
            usd=usd,
            approved_since=len({(row.run_id, row.number) for row in longer}),
        )


def _approved(when: tuple[Any, ...]) -> Any:
    """Approvals of images that are approved now: what was taken back does not count."""
    return (
        select(DecisionRow.run_id, DecisionRow.number, func.max(DecisionRow.name).label("name"))
        .join(
            ArtworkRow,
            (ArtworkRow.run_id == DecisionRow.run_id) & (ArtworkRow.number == DecisionRow.number),
        )
        .where(DecisionRow.decision == "approve", ArtworkRow.approved.is_(True), *when)
        .group_by(DecisionRow.run_id, DecisionRow.number)
    )


def _key(place: Place) -> dict[str, str]:
    return {
        "surface": place.surface,
        "workspace": place.workspace,
        "channel": place.channel,
    }
