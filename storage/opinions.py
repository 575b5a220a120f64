"""What people think and decide: votes with their rating, favourites, approvals, restored tiles."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import delete, insert, select, update

from domain.event import Person
from domain.ports import (
    Chance,
    Clock,
)
from domain.run import Assurance
from storage.changes import DECIDES, Approves, Change, Changes, Note, Tally
from storage.contest import Decides
from storage.database import Database
from storage.rows import person_key
from storage.tables import ArtworkRow, DecisionRow, RunRow, VoteRow
from storage.tables_review import ReasonRow
from storage.times import text_of

Decision = Literal["approve", "reject", "withdraw", "restore"]
__all__ = ["Note", "Opinions", "Shown"]


class Shown(NamedTuple):
    """Where a picture stood in a blind session."""

    session: str
    position: int
    """From 1."""


class Opinions:
    """Votes and decisions: a change is in one transaction with its event and the card's redraw.

    What comes at once shares a transaction, and its runs are tallied once.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        chance: Chance,
        *,
        tally: Tally,
        approves: Approves,
        published: Callable[[str], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._chance = chance
        self._published = published
        self._changes = Changes(database, clock, tally=tally, approves=approves)

    async def vote(
        self,
        event_key: str,
        run_id: str,
        person: Person,
        number: int,
        *,
        kind: str,
        value: float,
        note: Note | None = None,
        shown: Shown | None = None,
    ) -> None:
        """Store a person's vote; their earlier one of that kind on that tile is replaced.

        A pick's *note* posts the original: once per tile, however many people pick it. *shown* is
        where the picture stood, if it was voted for without knowing which it is.
        """
        vote = {
            "run_id": run_id,
            "number": number,
            "person_key": person_key(person),
            "kind": kind,
            "value": value,
            "name": person.name,
            "at": text_of(self._clock.now()),
            "position": shown.position if shown else None,
            "blind": shown.session if shown else None,
        }
        once = f"pick:{run_id}:{number}" if note else ""
        await self._put(Change(event_key, run_id, vote=vote, note=note, note_key=once))

    async def unvote(
        self, event_key: str, run_id: str, person: Person, number: int, *, kind: str
    ) -> None:
        """Withdraw a person's vote; withdrawing what is not there changes nothing."""
        gone = delete(VoteRow).where(
            VoteRow.run_id == run_id,
            VoteRow.number == number,
            VoteRow.person_key == person_key(person),
            VoteRow.kind == kind,
        )
        await self._put(Change(event_key, run_id, statements=[gone]))

    async def decide(
        self,
        event_key: str,
        run_id: str,
        person: Person,
        number: int,
        decision: Decision,
        *,
        reason: str = "",
        reasons: Sequence[tuple[str, bool]] = (),
        only_first: bool = False,
        note: Note | None = None,
    ) -> None:
        """Append a decision on an artwork, for the bytes it has; the thread is told once.

        To restore a tile that triage folded is a decision too: it makes the verdict a pass.

        Args:
            event_key: Of the line that said it.
            run_id: The run.
            person: Who decides.
            number: Of the artwork.
            decision: What is decided.
            reason: Why, as it was said.
            reasons: The same one by one: a name or own words, and whether it is a name.
            only_first: Only if nobody else has decided before.
            note: What the thread is told.

        Raises:
            ConflictError: Somebody else has decided before.
        """
        digest = select(ArtworkRow.digest).where(
            ArtworkRow.run_id == run_id, ArtworkRow.number == number
        )
        decision_id = self._chance.ulid()
        row = insert(DecisionRow).values(
            id=decision_id,
            run_id=run_id,
            number=number,
            digest=digest.scalar_subquery(),
            decision=decision,
            reason=reason,
            person_key=person_key(person),
            name=person.name,
            surface=person.surface,
            assurance=assurance_of(person),
            at=text_of(self._clock.now()),
        )
        statements: list[Any] = [row]
        for one, known in reasons:
            why = {"decision_id": decision_id, "reason": one, "known": known}
            statements.append(insert(ReasonRow).values(why))
        if decision == "restore":
            here = (ArtworkRow.run_id == run_id, ArtworkRow.number == number)
            back = {"verdict": "pass", "restored_by": person.name}
            statements.append(update(ArtworkRow).where(*here).values(back))
        decides = Decides(
            run_id=run_id,
            number=number,
            decision=decision,
            person_key=person_key(person),
            name=person.name,
            only_first=only_first,
        )
        await self._put(
            Change(
                event_key, run_id, statements=statements, note=note, decided=True, decides=decides
            )
        )

    async def set_baseline(self, event_key: str, root_id: str, run_id: str, note: Note) -> None:
        """Make *run_id* what later runs of the thread are compared with."""
        changed = {"baseline_id": run_id, "revision": RunRow.revision + 1}
        row = update(RunRow).where(RunRow.id == root_id).values(changed)
        await self._put(Change(event_key, run_id, statements=[row], note=note))

    async def say(self, event_key: str, run_id: str, note: Note, by: str = "") -> None:
        """Tell the run's thread one line, once per event."""
        await self._put(Change(event_key, run_id, note=note, by=by))

    async def baseline_of(self, root_id: str) -> str:
        """Return the baseline of a thread: its first run with images, until another is set."""
        query = select(RunRow.baseline_id, RunRow.kind).where(RunRow.id == root_id)
        images = select(RunRow.id).where(RunRow.root_id == root_id, RunRow.kind != "text")
        async with self._database.read() as connection:
            root = (await connection.execute(query)).one_or_none()
            chosen = (root.baseline_id if root else None) or root_id
            if root is None or root.kind != "text" or chosen != root_id:
                return str(chosen)
            first = await connection.execute(images.order_by(RunRow.id).limit(1))
            return first.scalar_one_or_none() or root_id

    async def picks(self, run_id: str, person: Person) -> list[int]:
        """Return the numbers of the tiles that a person has picked."""
        query = select(VoteRow.number).where(
            VoteRow.run_id == run_id,
            VoteRow.person_key == person_key(person),
            VoteRow.kind == "pick",
        )
        async with self._database.read() as connection:
            return list((await connection.execute(query.order_by(VoteRow.number))).scalars())

    async def decision(self, run_id: str, number: int, person: Person) -> str | None:
        """Return what a person has decided on an artwork; None if nothing, or taken back."""
        query = select(DecisionRow.decision).where(
            DecisionRow.run_id == run_id,
            DecisionRow.number == number,
            DecisionRow.person_key == person_key(person),
            DecisionRow.decision != "restore",
        )
        async with self._database.read() as connection:
            newest = await connection.execute(query.order_by(DecisionRow.id.desc()).limit(1))
        decided = newest.scalar_one_or_none()
        return None if decided == "withdraw" else decided

    async def last_decided(self, run_id: str, person: Person) -> int | None:
        """Return the number of the artwork that a person decided on last, if it still stands."""
        query = select(DecisionRow.number, DecisionRow.decision).where(
            DecisionRow.run_id == run_id, DecisionRow.person_key == person_key(person)
        )
        seen: set[int] = set()
        async with self._database.read() as connection:
            for row in await connection.execute(query.order_by(DecisionRow.id.desc())):
                if row.number not in seen and row.decision in DECIDES:
                    return int(row.number)
                if row.decision != "restore":
                    seen.add(row.number)
        return None

    async def first_approved(self, surface: str, workspace: str) -> str | None:
        """Return the run on which a workspace approved something for the first time."""
        query = (
            select(DecisionRow.run_id)
            .where(
                DecisionRow.decision == "approve",
                DecisionRow.person_key.startswith(f"{surface}:{workspace}:", autoescape=True),
            )
            .order_by(DecisionRow.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def _put(self, change: Change) -> None:
        await self._changes.put(change)
        self._published(change.run_id)


def assurance_of(person: Person) -> Assurance:
    """Return how sure it is who someone is: on the console a name is only typed."""
    return "local" if person.surface == "console" else "platform"
