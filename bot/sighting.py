"""Recognises what Midjourney posts on Discord: its pictures become those of the runs that wait.

Nothing is ever sent to Midjourney and none of its buttons is pressed: its messages are read.
What matches nothing of ours is left alone, without a word and without a trace.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.answers import Said as Line
from bot.handler import Handler
from bot.handoff import GRID, SIGHTED, HandingIn
from domain.errors import HandlerError, StorageError
from domain.event import Attachment, Person, Place
from domain.model import Route
from domain.ports import Chance, Clock
from domain.run import Parent, Run, RunKind
from domain.spec import Operation
from pipeline.quote import quote
from providers.midjourney.command import command_of, known_by, seed_in
from providers.midjourney.messages import Said, Verb, is_grid, read, read_name
from storage.inbox import Inbox
from storage.keepsakes import Keepsakes
from storage.opinions import Note, Opinions
from storage.outbox import Outbox

logger = logging.getLogger(__name__)
SURFACE: Final = "discord"
KEPT_AS: Final = "midjourney"
TRIES: Final = 3
"""How many addresses of one picture are tried: each edit of a message brings a new one."""
_KINDS: Final[dict[Verb, tuple[RunKind, Operation]]] = {
    "grid": ("reroll", "make"),
    "select": ("select", "make"),
    "upscale": ("upscale", "upscale"),
    "variation": ("vary", "make"),
    "pan": ("extend", "extend"),
    "zoom": ("extend", "extend"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message."""

    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of Midjourney's bot, new or edited, in words of no library."""

    id: str
    guild: str
    channel: str
    """A thread's own channel is its parent."""
    content: str
    files: Sequence[File] = ()
    buttons: Sequence[str] = ()
    """The ids of its buttons: they are read, never pressed."""
    answers: str | None = None
    """The message from which this one was made."""
    names: tuple[tuple[str, str], ...] = ()
    """What people whom it names are called, by their ids."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A finished job: what was said of it, and its picture."""

    seen: Seen
    said: Said
    id: str
    file: File
    grid: bool


class Sightings:
    """Matches what was seen to runs: one picture once, however often it is seen."""

    def __init__(
        self,
        *,
        handler: Handler,
        handing_in: HandingIn,
        inbox: Inbox,
        keepsakes: Keepsakes,
        opinions: Opinions,
        outbox: Outbox,
        chance: Chance,
        clock: Clock,
    ) -> None:
        self._handler = handler
        self._handing_in = handing_in
        self._handing = handing_in.handing
        self._log = handing_in.log
        self._inbox = inbox
        self._keepsakes = keepsakes
        self._opinions = opinions
        self._outbox = outbox
        self._chance = chance
        self._clock = clock
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def see(self, seen: Seen) -> None:
        """Take what a message says; raises nothing but what is our fault."""
        said = read(seen.content)
        if said is None:
            return
        try:
            async with self._turns[seen.channel]:  # one after another: the oldest run first
                await self._take(seen, said)
        except StorageError as error:
            logger.warning("a picture of Midjourney's was not stored: %s", error.message)

    async def _take(self, seen: Seen, said: Said) -> None:
        job = None if said.progress is not None else _job(seen, said)
        if job is not None:
            await self._finished(job)
        elif said.progress is not None:
            await self._progress(seen, said)

    async def _progress(self, seen: Seen, said: Said) -> None:
        waiting = await self._waiting(seen)
        run = _meant(_same_words(waiting, said), said)
        if said.verb != "grid":
            parent = await self._parent(seen, said)
            run = _child(waiting, parent, said) if parent else None
        if run is not None and said.progress is not None:
            for number in range(1, run.spec.count + 1):
                self._handing_in.bus.progressed(run.id, number, said.progress)

    # --- finished jobs ---

    async def _finished(self, job: _Job) -> None:
        key = await self._key(job)
        if key is None:
            return
        run = await self._run_of(job)
        if run is None:
            return
        try:
            await self._handler.say(_line(job, run, key))
        except StorageError:
            raise
        except HandlerError as error:
            await self._tell(job, run, key, error)
            return
        await self._keepsakes.put(KEPT_AS, f"message:{job.seen.id}", run.id)
        logger.info("recognised run=%s job=%s", run.id, job.id)

    async def _key(self, job: _Job) -> str | None:
        """Return the event's key; None if this job was taken before.

        What was refused (its address had expired) may be tried again under another key.
        """
        for key in (f"{SIGHTED}{job.id}", *(f"{SIGHTED}{job.id}:{n}" for n in range(2, TRIES + 1))):
            known = await self._inbox.known(key)
            if known is None:
                return key
            if known.outcome in {None, "run", "done"}:
                return None
        return None

    async def _run_of(self, job: _Job) -> Run | None:
        """Find the run that a job belongs to, or make the child that it is."""
        waiting = await self._waiting(job.seen)
        if job.said.verb == "grid" and (run := _meant(_same_words(waiting, job.said), job.said)):
            return run
        parent = await self._parent(job.seen, job.said)
        if parent is None:
            return None
        return _child(waiting, parent, job.said) or await self._made_child(job, parent)

    async def _waiting(self, seen: Seen) -> list[Run]:
        """Return the runs that wait in a channel, and did when the message was posted."""
        found = await self._handing.waiting(surface=SURFACE, channel=seen.channel)
        return [run for run in found if await self._stood(run, seen)]

    async def _stood(self, run: Run, seen: Seen) -> bool:
        """Whether a run's card stood already when a message was posted: Discord's ids grow."""
        card, _ = await self._outbox.first_posted(run.id)
        return card is None or int(card.partition("/")[2]) < int(seen.id)

    async def _parent(self, seen: Seen, said: Said) -> Run | None:
        """Find the run from which something was made: by the message, else by its words."""
        if seen.answers is not None:
            known = await self._keepsakes.get(KEPT_AS, f"message:{seen.answers}")
            if known is not None:
                return await self._log.run(known)
        if said.verb == "grid":
            return None  # the same words again, from a message that is none of ours
        hours = timedelta(hours=self._handing_in.lapses_after_h)
        since = self._clock.now() - hours
        done = await self._handing.finished(since, surface=SURFACE, channel=seen.channel)
        return next(iter(_same_words(done, said)), None)

    async def _made_child(self, job: _Job, parent: Run) -> Run:
        child = self._planned_child(job, parent)
        return await self._log.accept(child, f"{SIGHTED}{job.id}:child")

    def _planned_child(self, job: _Job, parent: Run) -> Run:
        said = job.said
        kind, operation = _KINDS[said.verb]
        number = said.index or (1 if parent.spec.count == 1 else None)
        count = GRID if job.grid else 1
        source = parent.artwork(number) if number else None
        same = {"count": count, "operation": operation}
        init = source.digest if source and operation != "make" else parent.parameters.init_image
        seed = parent.seeds[0]
        spec = parent.spec.model_copy(update=same | {"init_image": init})
        shape = {"aspect_ratio": None} if operation == "extend" else {}
        kept = {"seed": parent.parameters.seed if kind == "select" else None}  # of others, unsaid
        sent = same | shape | kept | {"init_image": init}
        parameters = parent.parameters.model_copy(update=sent)
        reason = f"{said.words} in Midjourney" if said.words else "made again in Midjourney"
        run_id = self._chance.ulid()
        return Run(
            id=run_id,
            root=parent.root,
            ref="r1",
            kind=kind,
            state="handed",
            stage="handed",
            person=_person(job),
            place=parent.place.model_copy(update={"thread": parent.root}),
            created_at=self._clock.now(),
            spec=spec,
            route=Route(
                model=parent.route.model,
                task=parent.route.task,
                task_guessed=parent.route.task_guessed,
                reason=reason,
            ),
            quote=quote(spec, self._handing_in.card(parent)),
            parameters=parameters,
            seeds=(seed,) * count,
            parent=Parent(run=parent.id, number=number),
            baseline=parent.baseline or parent.id,
        )

    async def _tell(self, job: _Job, run: Run, key: str, error: HandlerError) -> None:
        """Say in the run's thread that its picture was seen and not taken; the run waits on."""
        logger.warning("not taken run=%s job=%s: %s", run.id, job.id, error.message)
        text = (
            f"Midjourney's picture was seen, but not taken: {error.message}. "
            f"{run.ref} still waits: answer here with the picture."
        )
        with suppress(HandlerError):
            await self._opinions.say(f"{key}:not-taken", run.id, Note(text))


def _job(seen: Seen, said: Said) -> _Job | None:
    """Return the finished job of a message; None if it has no still picture of Midjourney's."""
    for file in seen.files:
        name = read_name(file.url)
        if name is not None and name.is_picture:
            return _Job(seen, said, name.job, file, grid=is_grid(said, seen.buttons))
    return None


def _same_words(runs: Sequence[Run], said: Said) -> list[Run]:
    """Return the runs whose line says the same as a message's prompt."""
    wanted = known_by(said.prompt)
    return [run for run in runs if wanted and _words(run) == wanted]


def _words(run: Run) -> str:
    return known_by(command_of(run.parameters).removeprefix("/imagine prompt:"))


def _meant(runs: Sequence[Run], said: Said) -> Run | None:
    """Return the run that a grid is for: by its seed, by who asked, then the oldest."""
    seed = seed_in(said.prompt)
    drawn = [run for run in runs if run.spec.operation == "make" and run.kind not in CHILDREN]
    likely = [run for run in drawn if seed is not None and run.parameters.seed == seed] or drawn
    own = [run for run in likely if run.person.id == said.user]
    return next(iter((*own, *likely)), None)


CHILDREN: Final[frozenset[RunKind]] = frozenset({"select", "vary"})


def _child(waiting: Sequence[Run], parent: Run, said: Said) -> Run | None:
    """Return the run that waits for just this: handed over here, or seen before."""
    kind = _KINDS[said.verb][0]
    for run in waiting:
        origin = run.parent
        same = origin is not None and origin.run == parent.id and run.kind == kind
        if same and origin and (said.index is None or origin.number in (None, said.index)):
            return run
    return None


def _line(job: _Job, run: Run, key: str) -> Line:
    form = "grid" if job.grid else "single"
    picture = Attachment(name="picture1", url=job.file.url, size_bytes=job.file.size_bytes)
    place = Place(
        surface=SURFACE, workspace=job.seen.guild, channel=job.seen.channel, thread=run.root
    )
    return Line(
        line=f"attach {form} {picture.name} --in {run.id}",
        person=_person(job),
        place=place,
        key=key,
        at="thread",
        about_run=run.id,
        attachments=(picture,),
    )


def _person(job: _Job) -> Person:
    user = job.said.user
    name = dict(job.seen.names).get(user, user)
    return Person(surface=SURFACE, workspace=job.seen.guild, id=user, name=name)
