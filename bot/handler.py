"""Where every line ends up, whoever typed or pressed it: stored first, then done, then told."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeGuard

from bot.answers import Answer, Said, said_again
from bot.asking import QUESTIONS, Asking, Question
from bot.bus import Bus
from bot.choosing import Choosing, axes_of
from bot.decisions import Decisions
from bot.descending import as_again, as_undone
from bot.grammar import parse, render
from bot.handoff import HandingIn, check_origin
from bot.intake import Intake
from bot.libraries import Libraries
from bot.naming import Naming
from bot.permissions import Permissions
from bot.reviewing import Reviewing
from bot.shipping import Shipping
from bot.targets import Targets
from domain.asked import Attach
from domain.command import (
    Again,
    Assign,
    Branch,
    Cancel,
    Command,
    Edit,
    Export,
    Imagine,
    Permuted,
    Pick,
    Promote,
    Rate,
    Reroll,
    Restore,
    Retry,
    Rework,
    SetRoute,
    TakeDown,
    Unassign,
    Undo,
    Use,
)
from domain.errors import ConfirmError, ConflictError, HandlerError
from domain.event import Event
from domain.ports import Chance, Clock
from domain.questions import Approvers, Digest
from domain.run import Run
from domain.shelf import ShelfLine
from pipeline.checklist import Item
from pipeline.produce import plan
from pipeline.spread import cells_of, first_of
from storage.inbox import Inbox, Known
from storage.opinions import Opinions
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
__all__ = ["Answer", "Handler", "Said", "Taken"]
Making = Imagine | Permuted | Edit | Branch | Use | Reroll | Again | Undo | Rework


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that was understood; if it changes anything, it is in the inbox."""

    command: Command
    said: Said
    event: Event
    known: Known | None = None
    """What became of it if it had come before; None where nothing is stored."""


class Handler:
    """Turns lines into runs, votes, decisions and answers."""

    def __init__(
        self,
        *,
        inbox: Inbox,
        log: RunLog,
        opinions: Opinions,
        intake: Intake,
        shipping: Shipping,
        bus: Bus,
        clock: Clock,
        chance: Chance,
        targets: Targets,
        permissions: Permissions,
        asking: Asking,
        naming: Naming,
        choosing: Choosing,
        handing_in: HandingIn,
        reviewing: Reviewing,
        libraries: Libraries,
        redraw: Callable[[Run], Awaitable[None]] | None = None,
    ) -> None:
        self._inbox = inbox
        self._log = log
        self._opinions = opinions
        self._intake = intake
        self._shipping = shipping
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._targets = targets
        self._permissions = permissions
        self._asking = asking
        self._naming = naming
        self._choosing = choosing
        self._handing_in = handing_in
        self._reviewing = reviewing
        self._libraries = libraries
        self._redraw = redraw
        self._decisions = Decisions(opinions, log, permissions, reviewing.reasons)

    async def say(self, said: Said) -> Answer:
        """Do what a line says; the same key again does nothing more and answers alike.

        Raises:
            HandlerError: It cannot be done; nothing was changed, and the one who said it is told.
        """
        return await self.act(await self.take(said))

    async def take(self, said: Said) -> Taken:
        """Understand a line and store it, so that whoever said it may be answered.

        Raises:
            CommandError: It is no line of ours.
            PictureError: What came with it is no picture.
            StorageError: It is not stored, and must not be confirmed.
        """
        command = parse(said.line, at=said.at)
        attached = {one.name for one in said.attachments}
        if isinstance(command, Attach):
            check_origin((*command.pictures, *(one.url for one in said.attachments)))
        command = await self._intake.with_stored_pictures(command, said.files, attached)
        event = self._event(said, command)
        if _is_not_stored(command):
            return Taken(command, said, event)
        return Taken(command, said, event, await self._inbox.remember(event))

    async def act(self, taken: Taken) -> Answer:
        """Do what was taken.

        Raises:
            HandlerError: It cannot be done; nothing was changed.
        """
        command, event = taken.command, taken.event
        if isinstance(command, ShelfLine) and command.asks:
            return await self._libraries.answer(command, taken.said)
        if _only_asks(command):
            return await self._asking.answer(command, taken.said)
        if isinstance(command, Export):  # makes a copy and changes no run: again is another copy
            run = await self._of(event, command.run)
            return await self._shipping.export(run, event, everything=command.everything)
        if _planned_only(command):
            runs = await self._plan(event, command)
            planned = tuple(map(_as_planned, runs))
            return Answer(run=planned[0], planned=planned, axes=axes_of(command))
        if taken.known is not None and taken.known.outcome is not None:
            return await self._same_again(taken.known)
        return await self._act(event, command)

    async def _same_again(self, known: Known) -> Answer:
        if known.outcome not in {"run", "done"}:
            raise ConflictError(f"refused before ({known.outcome})", hint="Say it anew.")
        return Answer(run=await self._log.run(known.run_id) if known.run_id else None)

    async def resume(self) -> int:
        """Do what was stored but not done when the process died; return how many lines."""
        events = await self._inbox.open_events()
        for event in events:
            try:
                await self._act(event, parse(event.line, at=event.heard))
            except HandlerError as error:
                # Nobody waits for the answer any more; that it was refused stands in the inbox.
                await self._inbox.close(event.key, error.kind)
            except Exception:
                logger.exception("not done again: event %s", event.key)
                await self._inbox.close(event.key, "error")
        return len(events)

    async def target(self, name: str | None, said: Said, number: int | None = None) -> Run:
        """Return the run that a line means.

        Raises:
            NotFoundError: There is no such run.
        """
        return await self._targets.of(name, said, number)

    async def checklist(self, run: Run) -> tuple[Item, ...]:
        """Return what a run has and lacks of what a production team does."""
        return await self._asking.checking.items(run)

    async def waits(self, said: Said) -> bool:
        """Return whether a picture that comes without a word is for a run that waits for it."""
        run = await self._targets.of(None, said)
        if run.state == "handed" or said.about_run:
            return run.state == "handed"
        return await self._handing_in.waiting_with(run) is not None

    def _event(self, said: Said, command: Command) -> Event:
        return Event(
            key=said.key or self._chance.ulid(),
            at=self._clock.now(),
            person=said.person,
            place=said.place,
            line=render(command),
            heard=said.at,
            about_run=said.about_run,
            confirmed=said.confirmed,
            attachments=said.attachments,
            names=dict(said.names),
        )

    async def _act(self, event: Event, command: Command) -> Answer:
        try:
            answer = await self._do(event, command)
        except HandlerError as error:
            await self._inbox.close(event.key, error.kind)
            raise
        if isinstance(
            command, Cancel | Approvers | ShelfLine
        ):  # all else closes its event where it writes
            run_id = answer.run.id if answer.run else None
            await self._inbox.close(event.key, "run" if run_id else "done", run_id)
        return answer

    async def _do(self, event: Event, command: Command) -> Answer:
        if _makes(command):
            planned, axes = await self._plan(event, command), axes_of(command)
            return Answer(run=(await self._log.accept_all(planned, event.key, axes))[0])
        match command:
            case Cancel() | Retry() | TakeDown():
                return await self._stop_or_go_on(event, command)
            case Promote() | SetRoute() | Approvers():
                return await self._choose(event, command)
            case ShelfLine():
                return await self._libraries.change(event, command)
            case Digest():
                return await self._asking.digesting.change(event, command)
            case _:
                return await self._decide(event, command)

    async def _stop_or_go_on(self, event: Event, command: Cancel | Retry | TakeDown) -> Answer:
        match command:
            case Cancel():
                return await self._cancel(event, command)
            case Retry():
                return await self._retry(event, command)
            case TakeDown():
                return await self._take_down(event, command)

    async def _choose(self, event: Event, command: Promote | SetRoute | Approvers) -> Answer:
        match command:
            case Promote():
                return await self._choosing.promote(event, await self._of(event, command.run))
            case SetRoute():
                return await self._choosing.route(event, command)
            case Approvers():
                await self._naming.change(event, command)
                return Answer(text=await self._asking.approvers())

    async def _decide(self, event: Event, command: Command) -> Answer:
        number = getattr(command, "number", None)
        run = await self._of(event, getattr(command, "run", None), number)
        if isinstance(command, Attach):
            return Answer(run=await self._handing_in.hand_in(run, event, command))
        if isinstance(command, Assign):
            return await self._reviewing.assign(event, command, run)
        if isinstance(command, Unassign):
            return await self._reviewing.unassign(event, command, run)
        if isinstance(command, Pick) and command.blind:
            return await self._asking.judging.pick(event, command, run)
        decided = await self._decisions.decide(event, command, run)
        if isinstance(command, Pick | Rate):
            await self._asking.judging.seen(event.person, decided)
        if isinstance(command, Restore) and self._redraw is not None:
            await self._redraw(decided)  # the tile is no longer dimmed
        return Answer(run=decided)

    async def _plan(self, event: Event, command: Making) -> tuple[Run, ...]:
        if isinstance(command, Undo):
            undone = await self._of(event, command.run)
            back_to = await self._asking.descending.before(undone)
            again = as_again(command).model_copy(update={"run": back_to.id})
            made = await self._plan(event, again)
            return tuple(as_undone(one, undone=undone, back_to=back_to) for one in made)
        command = await self._libraries.resolved(event, command)
        pictures: dict[str, str] = {}
        shapes: dict[str, tuple[int, int]] = {}
        for cell in cells_of(command):
            pictures |= await self._intake.pictures(cell.flags, event)
            shapes |= await self._intake.shapes(cell.flags, pictures)
        office = await self._choosing.office_of(event.place)
        first = first_of(command)
        if isinstance(first, Imagine):
            return plan(event, command, office, pictures=pictures, shapes=shapes)
        number = first.number if isinstance(first, Branch) else None
        parent = await self._of(event, first.run, number)
        if isinstance(first, Use) and parent.kind != "text":
            parent = await self._log.run(parent.root)
        named = first.flags.baseline
        baseline = (
            (await self._of(event, named)).id
            if named
            else await self._opinions.baseline_of(parent.root)
        )
        return plan(
            event,
            command,
            office,
            parent=parent,
            baseline=baseline,
            pictures=pictures,
            shapes=shapes,
        )

    async def _cancel(self, event: Event, command: Cancel) -> Answer:
        run = await self._of(event, command.run, whole=True)
        await self._permissions.check_own(event.person, run, what="cancel")
        runs = await self._choosing.together(run)
        if command.rest:
            runs = [one for one in runs if one.state == "queued"]
        asked = [one for one in runs if await self._log.request_cancel(one.id, event.person.name)]
        if not asked:
            what = "nothing waits any more" if command.rest else f"{run.ref} has ended already"
            raise ConflictError(what, hint="There is nothing to stop.")
        for one in asked:
            self._bus.cancel(one.id)
        return Answer(run=await self._log.run(run.id))

    async def _retry(self, event: Event, command: Retry) -> Answer:
        run = await self._of(event, command.run)
        if not run.ended:
            raise ConflictError(f"{run.ref} is under way", hint="Wait for it, or cancel it.")
        if len(run.artworks) == run.spec.count or run.drafts:
            raise ConflictError(f"{run.ref} has all its images", hint="`reroll` makes others.")
        if run.state == "unknown" and not event.confirmed:
            raise ConfirmError(
                "an answer was lost and may have been billed: again may pay twice",
                hint="Say it with --yes, or press the button that asks.",
            )
        if self._handing_in.is_by_hand(run):
            await self._handing_in.hand_over(run, event)
            return Answer(run=await self._log.run(run.id))
        self._bus.forget(run.id)
        return Answer(run=await self._log.retry(run, event.key))

    async def _take_down(self, event: Event, command: TakeDown) -> Answer:
        run = await self._of(event, command.run, whole=True)
        await self._permissions.check_own(event.person, run, what="take down")
        if run.taken_down_by:
            raise ConflictError(f"{run.ref} was taken down by {run.taken_down_by} already")
        runs = await self._choosing.together(run)
        for one in runs:
            if not one.ended and await self._log.request_cancel(one.id, event.person.name):
                self._bus.cancel(one.id)
        await self._log.take_down([one.id for one in runs], event.person.name, event.key)
        return Answer(run=await self._log.run(run.id))

    async def _of(
        self, event: Event, name: str | None, number: int | None = None, *, whole: bool = False
    ) -> Run:
        return await self._targets.of(name, said_again(event), number, whole=whole)


def _as_planned(run: Run) -> Run:
    """Return a run as it is shown that is not stored; nor is what it would be compared with."""
    own = {} if run.family is None else {"family": None, "baseline": None}
    return run.model_copy(update={"state": "planned"} | own)


def _is_not_stored(command: Command) -> bool:
    """Tell whether a line changes nothing that is kept."""
    if isinstance(command, ShelfLine):
        return command.asks
    return _only_asks(command) or isinstance(command, Export) or _planned_only(command)


def _only_asks(command: Command) -> TypeGuard[Question]:
    """Tell whether a line changes nothing."""
    if isinstance(command, Approvers):
        return command.action == "list"
    if isinstance(command, Digest):
        return command.action == "show"
    return isinstance(command, QUESTIONS)


def _makes(command: Command) -> TypeGuard[Making]:
    return isinstance(command, Making)


def _planned_only(command: Command) -> TypeGuard[Making]:
    if isinstance(command, Undo):
        return command.flags.dry_run
    return isinstance(command, Making) and first_of(command).flags.dry_run
