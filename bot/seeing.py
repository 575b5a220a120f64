"""Lettering and safety for the road: only where they matter, in a process of their own.

Its process starts when the first picture is looked at; where the extras are not installed, or
nothing asks for them, there is none.
"""

import asyncio
import faulthandler
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from domain.errors import HandlerError
from domain.ports import ArtifactStore, Pixels
from domain.run import Artwork, Run
from domain.seen import Lettering, LetteringWanted, Safety, Seen
from scoring import lettering as reading
from scoring import safety as guarding

logger = logging.getLogger(__name__)
SEEN_S: Final = 30.0
"""How long one picture may be looked at, its turn and the start of the process included."""
WATCH_S: Final = 20.0
"""A process that works longer on one picture hangs and ends itself; another takes its place."""
P = ParamSpec("P")
T = TypeVar("T")
Kind = TypeVar("Kind", Lettering, Safety)


def watched(watch_s: float, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function; the process ends at once if that takes longer than *watch_s*.

    The watchman is no Python thread: it also ends what hangs in C code with the GIL held.
    """
    faulthandler.dump_traceback_later(watch_s, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        return function(*args, **kwargs)
    finally:
        faulthandler.cancel_dump_traceback_later()


class Apart(Pixels, Protocol):
    """Processes that are ours to end."""

    def close(self) -> None:
        """End them."""


def seen_in(data: bytes, lettering: LetteringWanted | None, *, sure: float, safety: bool) -> Seen:
    """Look at one file; holds its thread.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    read = judged = None
    if lettering:
        here = reading.installed()
        missing = Lettering(missing=reading.MISSING)
        read = reading.lettering_of(data, lettering.texts, sure) if here else missing
    if safety:
        here = guarding.installed()
        judged = guarding.safety_of(data) if here else Safety(missing=guarding.MISSING)
    return Seen(lettering=read, safety=judged)


class Seeing:
    """Looks for what matters, and says why where it could not."""

    def __init__(self, apart: Apart, artifacts: ArtifactStore, seen_s: float = SEEN_S) -> None:
        self._apart = apart
        self._artifacts = artifacts
        self._seen_s = seen_s

    async def seen(
        self, run: Run, lettering: LetteringWanted | None, *, sure: float, safety: bool
    ) -> dict[int, Seen]:
        """Look at each artwork of a run; never raises for what failed.

        Args:
            run: Whose artworks.
            lettering: What is to be read in them; None: nothing is read.
            sure: How sure, in [0, 1], the reader must be of what it lists.
            safety: Whether it matters who may look at them.
        """
        here = await asyncio.to_thread(lambda: (reading.installed(), guarding.installed()))

        async def one(made: Artwork) -> Seen:
            return Seen(
                lettering=await self._read(made, lettering, sure, here=here[0])
                if lettering
                else None,
                safety=await self._guarded(made, here=here[1]) if safety else None,
            )

        found = await asyncio.gather(*map(one, run.artworks))
        return {made.index: seen for made, seen in zip(run.artworks, found, strict=True)}

    def close(self) -> None:
        """End the process."""
        self._apart.close()

    async def _read(
        self, made: Artwork, wanted: LetteringWanted, sure: float, *, here: bool
    ) -> Lettering:
        if not here:
            return Lettering(missing=reading.MISSING)

        async def read(data: bytes) -> Lettering:
            return await self._apart.run(
                watched, WATCH_S, reading.lettering_of, data, wanted.texts, sure
            )

        return await self._tried(made, "lettering", Lettering, read)

    async def _guarded(self, made: Artwork, *, here: bool) -> Safety:
        if not here:
            return Safety(missing=guarding.MISSING)

        async def measured(data: bytes) -> Safety:
            return await self._apart.run(watched, WATCH_S, guarding.safety_of, data)

        return await self._tried(made, "safety", Safety, measured)

    async def _tried(
        self,
        made: Artwork,
        name: str,
        kind: type[Kind],
        call: Callable[[bytes], Coroutine[Any, Any, Kind]],
    ) -> Kind:
        try:
            async with asyncio.timeout(self._seen_s):
                return await call(await self._artifacts.get(made.digest))
        except TimeoutError:
            return kind(missing=f"{name} took too long", failed=True)
        except HandlerError as error:
            return kind(missing=f"{name}: {error.message}", failed=True)
        except Exception:
            # A scorer's own fault must not cost a picture that was paid for.
            logger.exception("no %s of image %s", name, made.index)
            return kind(missing=f"{name} failed", failed=True)
