"""Votes and decisions on artworks: what a pick, an approval or a baseline changes."""

from collections.abc import Sequence
from typing import Any

from bot.permissions import Permissions
from bot.reasons import given
from domain.command import (
    Approve,
    Command,
    Favourite,
    Pick,
    Rate,
    Reject,
    Restore,
    SetBaseline,
    Unpick,
    Withdraw,
)
from domain.errors import ConflictError, NotFoundError, WhichError
from domain.event import Event
from domain.policy import RejectReason
from domain.run import Artwork, Run
from storage.opinions import Note, Opinions
from storage.run_log import RunLog

RATES = {"up": 1.0, "down": 0.0, "1": 0.0, "2": 0.25, "3": 0.5, "4": 0.75, "5": 1.0}
"""👍 and 👎, and one to five stars, as fractions (DESIGN 4)."""


class Decisions:
    """Acts on one artwork of a run, or on the thread's baseline."""

    def __init__(
        self,
        opinions: Opinions,
        log: RunLog,
        permissions: Permissions,
        reasons: Sequence[RejectReason] = (),
    ) -> None:
        self._opinions = opinions
        self._reasons = reasons
        self._permissions = permissions
        self._log = log

    async def decide(self, event: Event, command: Command, run: Run) -> Run:
        """Do it and return the run as it is then.

        Raises:
            NotFoundError: The artwork was not made.
            ForbiddenError: Approvers are named, and this is none of them.
            ConflictError: It is not clear which artwork is meant, or there is nothing to change.
        """
        match command:
            case Pick() | Unpick() | Rate() | Favourite():
                await self._vote(event, command, run)
            case Approve() | Reject():
                await self._approve(event, command, run)
            case Withdraw():
                await self._withdraw(event, command.number, run)
            case Restore():
                await self._restore(event, command.number, run)
            case SetBaseline():
                note = Note(f"{event.person.name} made {run.ref} the baseline")
                await self._opinions.set_baseline(event.key, run.root, run.id, note)
            case _:
                raise TypeError(f"no decision: {command.kind}")
        return await self._log.run(run.id)

    async def _vote(
        self, event: Event, command: Pick | Unpick | Rate | Favourite, run: Run
    ) -> None:
        number = _made(run, command.number).index
        who, key = event.person, event.key
        match command:
            case Pick():
                await self._pick(event, number, run)
            case Unpick():
                await self._opinions.unvote(key, run.id, who, number, kind="pick")
            case Rate(value="none"):
                await self._opinions.unvote(key, run.id, who, number, kind="rate")
            case Rate(value=value):
                rate = RATES[value]
                await self._opinions.vote(key, run.id, who, number, kind="rate", value=rate)
            case Favourite(on=True):
                await self._opinions.vote(key, run.id, who, number, kind="favourite", value=1.0)
            case Favourite():
                await self._opinions.unvote(key, run.id, who, number, kind="favourite")

    async def _pick(self, event: Event, number: int, run: Run) -> None:
        """Pick a tile, or withdraw the pick; the original is posted at the tile's first pick."""
        own = await self._opinions.picks(run.id, event.person)
        if number in own:
            await self._opinions.unvote(event.key, run.id, event.person, number, kind="pick")
            return
        note = Note(f"{event.person.name} picked #{number}", number)
        await self._opinions.vote(
            event.key, run.id, event.person, number, kind="pick", value=1.0, note=note
        )

    async def _approve(self, event: Event, command: Approve | Reject, run: Run) -> None:
        await self._permissions.check_decide(event.person, run)
        number = command.number or await self._meant(event, run, command.kind)
        _made(run, number)
        done = "approved" if isinstance(command, Approve) else "rejected"
        if await self._opinions.decision(run.id, number, event.person) == command.kind:
            raise ConflictError(f"#{number} is {done} by {event.person.name} already")
        reason = command.reason if isinstance(command, Reject) else ""
        text = f"#{number} of {run.ref} {done} by {event.person.name}"
        why = given(reason, self._reasons)
        note = Note(
            f"{text}: {why.says}" if why.says else text,
            number,
            mention=_author(run, event) if why.says else None,
        )
        await self._opinions.decide(
            event.key,
            run.id,
            event.person,
            number,
            command.kind,
            reason=reason,
            reasons=why.rows,
            only_first=command.first,
            note=note,
        )

    async def _meant(self, event: Event, run: Run, verb: str) -> int:
        """Without a number: the only image there is, or the one tile this person picked."""
        if len(run.artworks) == 1:
            return run.artworks[0].index
        own = await self._opinions.picks(run.id, event.person)
        if len(own) == 1:
            return own[0]
        if not run.artworks:
            raise NotFoundError(f"{run.ref} has no images", hint="Wait until it has made some.")
        raise WhichError(verb, run.id, tuple(one.index for one in run.artworks))

    async def _withdraw(self, event: Event, named: int | None, run: Run) -> None:
        number = named or await self._opinions.last_decided(run.id, event.person)
        if number is None:
            raise ConflictError(f"you have not decided on any image of {run.ref}")
        _made(run, number)
        if await self._opinions.decision(run.id, number, event.person) is None:
            raise ConflictError(f"you have not decided on #{number}")
        note = Note(f"{event.person.name} took back the decision on #{number} of {run.ref}")
        await self._opinions.decide(event.key, run.id, event.person, number, "withdraw", note=note)

    async def _restore(self, event: Event, number: int, run: Run) -> None:
        if _made(run, number).verdict != "reject":
            raise ConflictError(f"#{number} is not folded")
        note = Note(f"{event.person.name} restored #{number} of {run.ref}")
        await self._opinions.decide(event.key, run.id, event.person, number, "restore", note=note)


def _author(run: Run, event: Event) -> dict[str, Any] | None:
    """Return who is called to see why: whoever asked for the image, unless they decided it."""
    author = run.person
    here = author.surface == run.place.surface
    if not here or author.model_dump(exclude={"name"}) == event.person.model_dump(exclude={"name"}):
        return None
    return author.model_dump(mode="json")


def _made(run: Run, number: int) -> Artwork:
    artwork = run.artwork(number)
    if artwork is None:
        made = ", ".join(str(one.index) for one in run.artworks) or "none yet"
        raise NotFoundError(f"no image {number} in {run.ref}", hint=f"Made: {made}.")
    return artwork
