"""Runs that a person makes elsewhere: what to paste and press there, and what is handed in here."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.bus import Bus
from bot.handed import handed
from bot.intake import Intake
from domain.asked import Attach
from domain.errors import (
    CommandError,
    ConflictError,
    Fault,
    NotFoundError,
    PictureError,
    StorageError,
)
from domain.event import Event
from domain.model import ModelCard
from domain.picture import PictureFacts, digest_of
from domain.ports import (
    ArtifactStore,
    Attempts,
    Clock,
    Job,
    Pixels,
    Receipt,
)
from domain.run import Artwork, Failure, Run
from pipeline.byhand import LAPSED
from pipeline.compile import for_image
from providers.midjourney.messages import read_name
from providers.midjourney.split import looks_like_grid, split
from storage.handing import Handing
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
GRID: Final = 4
LOOK_S: Final = 300.0
"""How often it is looked for runs that have waited too long."""
SIGHTED: Final = "midjourney:"
"""So begin the keys of events of pictures that Midjourney posted; no surface makes such keys."""
NEAR: Final = 0.02
"""By how much the shapes of images of one run may differ."""


def check_origin(addresses: Iterable[str]) -> None:
    """Refuse pictures whose names say that they are of different prompts.

    Raises:
        PictureError: They are.
    """
    stems = {name.stem for one in addresses if (name := read_name(one)) is not None}
    if len(stems) > 1:
        shown = " and ".join(sorted(stem[:40] for stem in stems))
        raise PictureError(
            f"these pictures are of different prompts ({shown})",
            hint="Hand in the pictures of one run at a time; nothing was taken.",
        )


@dataclass(frozen=True, slots=True)
class HandingIn:
    """Takes pictures for runs that wait for them."""

    log: RunLog
    handing: Handing
    attempts: Attempts
    artifacts: ArtifactStore
    intake: Intake
    pixels: Pixels
    look: Callable[[bytes], Awaitable[PictureFacts]]
    card_of: Callable[[str], ModelCard | None]
    bus: Bus
    clock: Clock
    lapses_after_h: float

    def is_by_hand(self, run: Run) -> bool:
        """Whether a person makes this run elsewhere."""
        card = self.card_of(run.route.model)
        return card is not None and card.answers == "handed"

    def card(self, run: Run) -> ModelCard:
        """Return the card of a run's model.

        Raises:
            NotFoundError: The model is not known any more.
        """
        card = self.card_of(run.route.model)
        if card is None:
            raise NotFoundError(f"model {run.route.model} is not in config/models.toml any more")
        return card

    async def hand_over(self, run: Run, event: Event) -> None:
        """Let a run that has ended wait for pictures again."""
        self.bus.forget(run.id)
        await self.handing.hand_over(run, event.key)

    async def hand_in(self, run: Run, event: Event, command: Attach) -> Run:
        """Give a run its pictures, and return it; it is then scored and drawn like any other.

        If no run was named, and this one takes none, it is for the one of its thread that waits.

        Raises:
            ConflictError: The run takes none (more).
            CommandError: There are none, or too many.
            PictureError: One is no picture, or they do not belong together.
        """
        run = await self._meant(run, event, command)
        free = self._free(run, command)
        whole = event.key.startswith(SIGHTED)
        given = await self.intake.handed_in(command.pictures, event, whole=whole)
        images = await self._images(given, command, free, run)
        artworks = [
            await self._stored(run, number, data, event)
            for number, data in zip(free, images, strict=False)
        ]
        _check_together(artworks, run)
        for artwork, data in zip(artworks, images, strict=True):
            await self._note(run, artwork, event)
            await self.artifacts.put(data, artwork.media_type)
        self.bus.forget(run.id)
        await self.handing.take(run, artworks, event.key)
        return await self.log.run(run.id)

    async def _meant(self, run: Run, event: Event, command: Attach) -> Run:
        if command.run or event.about_run == run.id or run.state == "handed":
            return run
        return await self.waiting_with(run) or run

    async def waiting_with(self, run: Run) -> Run | None:
        """Return the newest run of a run's thread that waits for pictures, if any does."""
        waiting = await self.handing.waiting(root=run.root)
        return waiting[-1] if waiting else None

    def _free(self, run: Run, command: Attach) -> list[int]:
        """Return the numbers that have no image yet."""
        if not self.is_by_hand(run):
            raise ConflictError(
                f"{run.ref} is not made by hand", hint="To start from a picture: edit --init"
            )
        if run.taken_down_by:
            raise ConflictError(f"{run.ref} was taken down by {run.taken_down_by}")
        free = [one for one in range(1, run.spec.count + 1) if run.artwork(one) is None]
        if not free:
            hint = "`reroll` or `again` hands it over once more."
            raise ConflictError(f"{run.ref} has all its images", hint=hint)
        if not command.pictures:
            fault = Fault("attach", "", "needs a PNG, JPEG or WebP picture that comes with it")
            raise CommandError(str(fault), faults=(fault,))
        return free

    async def _images(
        self, given: Sequence[bytes], command: Attach, free: Sequence[int], run: Run
    ) -> Sequence[bytes]:
        alone = len(given) == 1 and run.spec.count == GRID
        asked = command.form == "grid"
        if asked and not alone:
            allowed = "one picture, for a run of four images"
            fault = Fault("attach", "grid", allowed)
            raise CommandError(str(fault), faults=(fault,))
        guessed = alone and command.form is None and len(free) == GRID
        if asked or (guessed and await self.pixels.run(looks_like_grid, given[0])):
            given = await self.pixels.run(split, given[0])
        if len(given) > len(free):
            allowed = f"at most {len(free)}: {run.ref} has {run.spec.count} places"
            fault = Fault("attach", f"{len(given)} pictures", allowed)
            raise CommandError(str(fault), faults=(fault,))
        return given

    async def _stored(self, run: Run, number: int, data: bytes, event: Event) -> Artwork:
        facts = await self.look(data)
        parameters = for_image(run.parameters, run.seeds[number - 1])
        by = "" if event.key.startswith(SIGHTED) else f"handed in by {event.person.name}"
        return Artwork(
            index=number,
            seed=parameters.seed,
            digest=f"sha256:{digest_of(data)}",
            media_type=facts.media_type,
            size_bytes=len(data),
            width=facts.width_px,
            height=facts.height_px,
            parameters=parameters,
            notes=(by,) if by else (),
            cost_usd=0.0,
        )

    async def _note(self, run: Run, artwork: Artwork, event: Event) -> None:
        """Enter it among the attempts, as a vendor's would be: what was asked, and its job."""
        key = f"{run.id}:{artwork.index}:{run.attempt_round + 1}"
        told = handed(run)
        payload = {"paste": told.paste or told.next}
        await self.attempts.open(key, run, artwork.index, payload)
        await self.attempts.submitted(key, Job(ref=event.key))
        receipt = Receipt(
            digest=artwork.digest,
            media_type=artwork.media_type,
            size_bytes=artwork.size_bytes,
            width=artwork.width,
            height=artwork.height,
            cost_usd=0.0,
            seed=artwork.seed,
            request_id=event.key,
        )
        await self.attempts.stored(key, receipt)

    async def lapse(self) -> list[str]:
        """End the runs that have waited too long; they can be handed over again."""
        hours = self.lapses_after_h
        failure = Failure(
            kind=LAPSED,
            message=f"No picture came within {hours:g} hours",
            hint="Retry hands it over once more; pictures are still taken.",
        )
        before = self.clock.now() - timedelta(hours=hours)
        return await self.handing.lapse(before, failure)


class Lapsing:
    """Looks now and then for runs that have waited too long."""

    def __init__(self, handing_in: HandingIn, clock: Clock) -> None:
        self._handing_in = handing_in
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._walk(), name="lapsing")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _walk(self) -> None:
        while True:
            try:
                for run_id in await self._handing_in.lapse():
                    logger.info("lapsed run=%s", run_id)
            except StorageError as error:
                logger.warning("not looked for lapsed runs: %s", error.message)
            await self._clock.sleep(LOOK_S)


def _check_together(artworks: Sequence[Artwork], run: Run) -> None:
    """Refuse pictures that cannot be of one run.

    Raises:
        PictureError: Their shapes differ, or one comes twice.
    """
    both = (*run.artworks, *artworks)
    if len({one.digest for one in both}) < len(both):
        raise PictureError(
            "one of these pictures is there already", hint="Hand in each picture once."
        )
    shapes = [one.width / one.height for one in both]
    if max(shapes) / min(shapes) > 1 + NEAR:
        sizes = ", ".join(dict.fromkeys(f"{one.width}×{one.height}" for one in both))
        raise PictureError(
            f"these pictures have different shapes ({sizes})",
            hint="Hand in the pictures of one run at a time; nothing was taken.",
        )
