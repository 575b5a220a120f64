"""The review queue in chat: what waits, in which order and why, and who is to look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.answers import Answer, Said
from bot.permissions import Permissions
from bot.targets import Targets
from domain.card import Button, Panel
from domain.command import Assign, Unassign
from domain.errors import ConflictError, ForbiddenError, NotFoundError
from domain.event import Event, Person
from domain.policy import RejectReason
from domain.ports import Clock
from domain.questions import Order, Review
from domain.run import Artwork, Run
from storage.assignments import Assigned, Assignments
from storage.queue import Queue, Waiting
from storage.rows import person_key
from storage.run_log import RunLog

FIRST: Final[dict[Order, str]] = {
    "close": "closest call first",
    "disagree": "widest disagreement first",
    "age": "oldest first",
}
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Shows the queue, and asks people to look at what stands in it."""

    queue: Queue
    assignments: Assignments
    permissions: Permissions
    targets: Targets
    log: RunLog
    clock: Clock
    reasons: Sequence[RejectReason] = ()

    async def answer(self, command: Review, said: Said) -> Answer:
        """Show the first of the queue, or what follows an artwork."""
        mine = person_key(said.person) if command.mine else ""
        run_id, _, number = command.after.partition("/")
        after = (run_id, int(number)) if run_id else None
        waiting = await self.queue.count(mine)
        found = await self.queue.page(command.by, after=after, mine=mine, limit=1)
        if not found:
            return Answer(text=_nothing(waiting, mine=command.mine))
        panel = self.panel(found[0], waiting, by=command.by, person=said.person, mine=command.mine)
        return Answer(text=panel.text, panels=(panel,))

    async def home(self, person: Person, by: Order, limit: int) -> tuple[int, tuple[Panel, ...]]:
        """Return how many wait, and the first of them for somebody's own page."""
        waiting = await self.queue.count()
        found = await self.queue.page(by, limit=limit)
        panels = (self.panel(one, waiting, by=by, person=person) for one in found)
        return waiting, tuple(panels)

    def panel(
        self, piece: Waiting, waiting: int, *, by: Order, person: Person, mine: bool = False
    ) -> Panel:
        """Return one artwork that waits for a decision, with what to decide on it."""
        waits = "waits" if waiting == 1 else "wait"
        head = f"{piece.ref} #{piece.number} · {piece.by} · {waiting} {waits} for a decision"
        reasons = "; ".join(piece.reasons)
        lines = (
            head,
            piece.brief,
            f"Why: {reasons}" if reasons else "",
            f"Here by {FIRST[by]}: {self.stands(piece, by)}",
            f"{piece.assigned_to} is asked to look at it" if piece.assigned_to else "",
        )
        return Panel(
            text="\n".join(filter(None, lines)),
            picture=piece.digest,
            alt=f"{piece.ref} #{piece.number}: {piece.brief}"[:1000],
            buttons=self._buttons(piece, by, person, mine=mine),
        )

    def stands(self, piece: Waiting, by: Order) -> str:
        """Say why an artwork stands where it stands."""
        if by != "age":
            return piece.says or "nothing was measured"
        age = self.clock.now() - piece.at
        if age >= DAY:
            return f"waits for {age.days} {'day' if age.days == 1 else 'days'}"
        hours = int(age / HOUR)
        return f"waits for {hours} {'hour' if hours == 1 else 'hours'}" if hours else "new"

    def _buttons(
        self, piece: Waiting, by: Order, person: Person, *, mine: bool
    ) -> tuple[Button, ...]:
        number, here = piece.number, f"--in {piece.run_id}"
        how = " ".join(
            filter(None, (f"--by {by}" if by != "age" else "", "--mine" if mine else ""))
        )
        line = f"reject {number} {here}"
        why = (
            Button(
                label=f"Reject: {one.label.lower()}"[:40],
                line=f"reject {number} {one.name} --first {here}",
                group="reject",
                number=number,
            )
            for one in self.reasons
        )
        own = piece.assigned_key == person_key(person)
        looks = ("Put back", "unassign") if own else ("I'll look", "assign me")
        return (
            Button(
                label="Approve",
                line=f"approve {number} --first {here}",
                group="approve",
                number=number,
            ),
            *why,
            Button(label="Reject…", line=line, form="reject"),
            Button(label=looks[0], line=f"{looks[1]} {number} {here}"),
            Button(label="Next", line=f"review {piece.run_id}/{number} {how}".strip()),
        )

    async def assign(self, event: Event, command: Assign, run: Run) -> Answer:
        """Ask somebody to look at one artwork, or at all of a run that wait.

        Raises:
            ForbiddenError: They may not decide on it.
            NotFoundError: It was not made, or nobody of that name is known.
            ConflictError: They are asked already, or it is decided.
        """
        person = _named(command.who, event)
        known = await self.assignments.of(run.id)
        made = _meant(run, command.number, known, person)
        try:
            await self.permissions.check_decide(person, run)
        except ForbiddenError as error:
            if person_key(person) == person_key(event.person):
                raise
            raise ForbiddenError(
                f"{person.name} may not decide on {run.ref}: {error.message}", hint=error.hint
            ) from error
        numbers = [one.index for one in made]
        told = _told(person, event.person, numbers, run)
        await self.assignments.assign(event.key, run.id, numbers, person, event.person, told=told)
        named = ", ".join(f"#{number}" for number in numbers)
        who = "You look" if person_key(person) == person_key(event.person) else person.name
        verb = "at" if who == "You look" else "is asked to look at"
        return Answer(run=await self.log.run(run.id), text=f"{who} {verb} {named} of {run.ref}.")

    async def unassign(self, event: Event, command: Unassign, run: Run) -> Answer:
        """Ask nobody any more; whoever is asked, who asked, or may decide can do that.

        Raises:
            ForbiddenError: They may not.
            ConflictError: Nobody is asked.
        """
        known = await self.assignments.of(run.id)
        found = [one for one in known.values() if command.number in (None, one.number)]
        if not found:
            raise ConflictError(f"nobody is asked to look at that of {run.ref}")
        own = person_key(event.person)
        if any(own not in (one.person_key, one.by_key) for one in found):
            await self.permissions.check_decide(event.person, run)
        numbers = [one.number for one in found]
        await self.assignments.unassign(event.key, run.id, numbers)
        named = ", ".join(f"#{number}" for number in numbers)
        text = f"Nobody is asked to look at {named} of {run.ref} any more."
        return Answer(run=await self.log.run(run.id), text=text)


def _nothing(waiting: int, *, mine: bool) -> str:
    if waiting:
        return "That was the last one."
    return "Nothing waits for you." if mine else "Nothing waits for a decision."


def _named(who: str, event: Event) -> Person:
    """Return the person that a line names.

    Raises:
        NotFoundError: It is no name that the platform knows.
    """
    if who == "me":
        return event.person
    here = event.person
    if who.startswith("@"):
        if here.surface != "console":
            raise NotFoundError(f"{who} is nobody known", hint="Choose from the list that @ opens.")
        name = who[1:].replace("_", " ")
        return Person(surface="console", workspace="local", id=name, name=name)
    surface, workspace, known = who.split(":", 2)
    if (surface, workspace) != (here.surface, here.workspace):
        raise NotFoundError(f"{who} is nobody of this workspace")
    name = event.names.get(who, known).removeprefix("@")
    return Person(surface=surface, workspace=workspace, id=known, name=name)


def _meant(
    run: Run, number: int | None, known: dict[int, Assigned], person: Person
) -> list[Artwork]:
    if number is not None and run.artwork(number) is None:
        made = ", ".join(str(one.index) for one in run.artworks) or "none yet"
        raise NotFoundError(f"no image {number} in {run.ref}", hint=f"Made: {made}.")
    wanted = [one for one in run.artworks if number in (None, one.index)]
    waiting = [one for one in wanted if number is not None or one.verdict == "review"]
    found = [one for one in waiting if not one.approvals and not one.rejected_by]
    if not found:
        hint = "" if number is not None else f"Name an image: assign @{person.name} 1"
        what = f"#{number} of {run.ref} is decided" if number else f"nothing of {run.ref} waits"
        raise ConflictError(what, hint=hint)
    key = person_key(person)
    new = [one for one in found if one.index not in known or known[one.index].person_key != key]
    if not new:
        raise ConflictError(f"{person.name} is asked already")
    return new


def _told(person: Person, by: Person, numbers: Sequence[int], run: Run) -> str:
    """Say in the thread who is asked; people who take something on need no call."""
    if person_key(person) == person_key(by):
        return ""
    named = ", ".join(f"#{number}" for number in numbers)
    return f"{by.name} asks {person.name} to look at {named} of {run.ref}"
