"""Where every line ends up, whoever typed or pressed it: stored first, then done, then told."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.bus import Bus
from bot.decisions import Decisions
from bot.grammar import help_text, parse, render
from bot.intake import Intake
from bot.permissions import check_cancel
from bot.shipping import Shipping
from domain.command import (
    Again,
    Branch,
    Cancel,
    Command,
    Compare,
    Details,
    Edit,
    Event,
    Export,
    Help,
    Imagine,
    Person,
    Place,
    Reroll,
    Restore,
    Retry,
)
from domain.errors import ConfirmError, ConflictError, HandlerError
from domain.policy import ApprovalPolicy
from domain.ports import Chance, Clock
from domain.run import Run
from pipeline.produce import Office, plan
from pipeline.replay import compare
from storage.inbox import Inbox, Known
from storage.opinions import Opinions
from storage.run_log import RunLog
from storage.search import Search

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """One addressed line, as a surface hands it in."""

    line: str
    person: Person
    place: Place
    key: str = ""
    """The platform's own key of the event; empty makes one."""
    at: Literal["channel", "thread"] = "channel"
    about_run: str | None = None
    """The run of the card that the line answers."""
    confirmed: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that came with the line, by the names that it uses for them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line led to."""

    run: Run | None = None
    """The run that it changed, or the child that it made."""
    text: str = ""
    """What to tell the one who said it, privately."""
    data: Mapping[str, Any] | None = None
    """A comparison, or what was exported."""


class Handler:
    """Turns lines into runs, votes, decisions and answers."""

    def __init__(
        self,
        *,
        office: Office,
        inbox: Inbox,
        log: RunLog,
        search: Search,
        opinions: Opinions,
        intake: Intake,
        shipping: Shipping,
        bus: Bus,
        clock: Clock,
        chance: Chance,
        approvals: ApprovalPolicy,
        redraw: Callable[[Run], Awaitable[None]] | None = None,
    ) -> None:
        self._office = office
        self._inbox = inbox
        self._log = log
        self._search = search
        self._opinions = opinions
        self._intake = intake
        self._shipping = shipping
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._redraw = redraw
        self._decisions = Decisions(opinions, log, approvals)

    async def say(self, said: Said) -> Answer:
        """Do what a line says; the same key again does nothing more and answers alike.

        Raises:
            HandlerError: It cannot be done; nothing was changed, and the one who said it is told.
        """
        command = parse(said.line, at=said.at)
        if isinstance(command, Help):
            return Answer(text=help_text(command.topic))
        if isinstance(command, Compare | Details):
            return await self._look(command, said)
        command = await self._intake.with_stored_pictures(command, said.files)
        event = self._event(said, command)
        if isinstance(command, Export):  # makes a copy and changes no run: again is another copy
            run = await self._of(event, command.run)
            return await self._shipping.export(run, event, everything=command.everything)
        if isinstance(command, Imagine | Edit | Branch | Reroll | Again) and command.flags.dry_run:
            planned = await self._plan(event, command)
            return Answer(run=planned.model_copy(update={"state": "planned"}))
        known = await self._inbox.remember(event)
        if known.outcome is not None:
            return await self._same_again(known)
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
                await self._again(event)
            except HandlerError as error:
                # Nobody waits for the answer any more; that it was refused stands in the inbox.
                await self._inbox.close(event.key, error.kind)
            except Exception:
                logger.exception("not done again: event %s", event.key)
                await self._inbox.close(event.key, "error")
        return len(events)

    async def _again(self, event: Event) -> None:
        await self._act(event, parse(event.line, at=event.heard))

    async def target(self, name: str | None, said: Said, number: int | None = None) -> Run:
        """Return the run that a line means (DESIGN 9): named, answered to, or the newest.

        Raises:
            NotFoundError: There is no such run.
        """
        root = said.place.thread
        if said.about_run:
            root = (await self._log.run(said.about_run)).root
        if name:
            return await self._log.run(await self._search.named(name, root))
        if said.about_run:
            return await self._log.run(said.about_run)
        return await self._log.run(await self._search.newest(root_id=root, number=number))

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
        )

    async def _act(self, event: Event, command: Command) -> Answer:
        try:
            answer = await self._do(event, command)
        except HandlerError as error:
            await self._inbox.close(event.key, error.kind)
            raise
        run_id = answer.run.id if answer.run else None
        await self._inbox.close(event.key, "run" if run_id else "done", run_id)
        return answer

    async def _do(self, event: Event, command: Command) -> Answer:
        match command:
            case Imagine() | Edit() | Branch() | Reroll() | Again():
                planned = await self._plan(event, command)
                return Answer(run=await self._log.accept(planned, event.key))
            case Cancel():
                return await self._cancel(event, command)
            case Retry():
                return await self._retry(event, command)
            case Help() | Compare() | Details() | Export():
                raise TypeError(f"{command.kind} changes nothing, and is not stored")
            case _:
                number = getattr(command, "number", None)
                run = await self._of(event, command.run, number)
                decided = await self._decisions.decide(event, command, run)
                if isinstance(command, Restore) and self._redraw is not None:
                    await self._redraw(decided)  # the tile is no longer dimmed
                return Answer(run=decided)

    async def _plan(self, event: Event, command: Imagine | Edit | Branch | Reroll | Again) -> Run:
        pictures = await self._intake.pictures(command.flags)
        if isinstance(command, Imagine):
            return plan(event, command, self._office, pictures=pictures)
        number = command.number if isinstance(command, Branch) else None
        parent = await self._of(event, command.run, number)
        named = command.flags.baseline
        baseline = (
            (await self._of(event, named)).id
            if named
            else await self._opinions.baseline_of(parent.root)
        )
        return plan(
            event, command, self._office, parent=parent, baseline=baseline, pictures=pictures
        )

    async def _cancel(self, event: Event, command: Cancel) -> Answer:
        run = await self._of(event, command.run)
        check_cancel(event.person, run)
        if not await self._log.request_cancel(run.id, event.person.name):
            raise ConflictError(f"{run.ref} has ended already", hint="There is nothing to stop.")
        self._bus.cancel(run.id)
        return Answer(run=await self._log.run(run.id))

    async def _retry(self, event: Event, command: Retry) -> Answer:
        run = await self._of(event, command.run)
        if not run.ended:
            raise ConflictError(f"{run.ref} is under way", hint="Wait for it, or cancel it.")
        if len(run.artworks) == run.spec.count:
            raise ConflictError(f"{run.ref} has all its images", hint="`reroll` makes others.")
        if run.state == "unknown" and not event.confirmed:
            raise ConfirmError(
                "an answer was lost and may have been billed: again may pay twice",
                hint="Say it with --yes, or press the button that asks.",
            )
        self._bus.forget(run.id)
        return Answer(run=await self._log.retry(run, event.key))

    async def _look(self, command: Command, said: Said) -> Answer:
        run = await self.target(getattr(command, "run", None), said)
        if not isinstance(command, Compare):
            return Answer(run=run)
        other_id = command.other or run.baseline
        if other_id is None:
            raise ConflictError(
                f"{run.ref} is the baseline itself", hint="Name another: compare r1 --in r2"
            )
        other = await self.target(other_id, replace(said, about_run=run.id))
        return Answer(run=run, data=compare(run, other))

    async def _of(self, event: Event, name: str | None, number: int | None = None) -> Run:
        return await self.target(name, _said(event), number)


def _said(event: Event) -> Said:
    return Said(
        line=event.line,
        person=event.person,
        place=event.place,
        key=event.key,
        about_run=event.about_run,
        confirmed=event.confirmed,
    )
