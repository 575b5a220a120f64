"""Pictures at Slack: uploaded once, waited for until Slack has looked at them, then shown.

Slack looks at an upload after it has said that all is well; until then a block that shows the file
is refused. The way: docs.slack.dev/reference/methods/files.completeUploadExternal and Slack's post
"Uploading private images" (April 2024), read 2026-11.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.chat.tools import Tools
from bot.slack.blocks import Block, quiet
from bot.slack.client import Json, Line
from bot.slack.faults import EarlyPictureError, RefusedError
from domain.errors import HandlerError, NotFoundError, PictureError, SurfaceError

logger = logging.getLogger(__name__)
FIRST_LOOK_S: Final = 0.05
LONGEST_LOOK_S: Final = 5.0
PATIENCE_S: Final = 60.0
AGAIN_S: Final = (0.2, 0.4, 0.8, 1.6, 3.2)
"""How long after a refusal the same blocks are sent again."""
NAME: Final = "slack"
Send = Callable[[list[Block]], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a message shows."""

    digest: str
    scope: str
    """The run, or ``""`` for what is shown to single people: files of a run that is taken down are
    deleted, and no other message may lose its picture by that."""
    name: str
    """Of the file, without its ending."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file at Slack."""

    id: str
    whole: bool
    """The original's own bytes; else a preview."""
    kept: bool
    """It was uploaded before."""


Draw = Callable[[Uploaded | None], list[Block]]


class Uploads:
    """Knows which picture is which file, and sends blocks that show one."""

    def __init__(self, line: Line, tools: Tools) -> None:
        self._line = line
        self._tools = tools
        self._uploading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def upload(self, wanted: Wanted, *, fresh: bool = False) -> Uploaded:
        """Return the file of a picture, uploaded if it is not there yet.

        Raises:
            HandlerError: There is no such picture, or Slack does not take it.
        """
        key = f"file:{self._line.known().team}:{wanted.scope}:{wanted.digest}"
        async with self._uploading[key]:
            kept = None if fresh else await self._tools.keepsakes.get(NAME, key)
            if kept:
                name, _, how = kept.partition(" ")
                return Uploaded(name, how == "whole", kept=True)
            made = await self._upload(wanted)
            if await self._looked_at(made.id):
                how = "whole" if made.whole else "preview"
                await self._tools.keepsakes.put(NAME, key, f"{made.id} {how}")
        self._uploading.pop(key, None)
        return made

    async def _upload(self, wanted: Wanted) -> Uploaded:
        shot = await self._tools.pictures.fitting(
            wanted.digest, wanted.name, max_bytes=self._tools.max_file_bytes
        )
        return Uploaded(await self._line.upload(shot.name, shot.data), shot.whole, kept=False)

    async def _looked_at(self, file: str) -> bool:
        """Wait until a file may be shown; where we may not ask, it is shown and seen."""
        try:
            return await self.until(file, lambda told: bool(told.get("mimetype")))
        except RefusedError as error:
            logger.warning("file %s not asked for: %s", file, error.message)
            return False

    async def until(self, file: str, holds: Callable[[Json], bool]) -> bool:
        """Ask for a file until *holds* is true of it; false if it is not so within a minute."""
        waited_s, wait_s = 0.0, FIRST_LOOK_S
        while True:
            told = await self._line.ask(self._line.client.files_info(file=file))
            if holds(told.get("file") or {}):
                return True
            if waited_s >= PATIENCE_S:
                logger.warning("Slack has not looked at file %s for %s s", file, PATIENCE_S)
                return False
            await self._tools.clock.sleep(wait_s)
            waited_s, wait_s = waited_s + wait_s, min(2 * wait_s, LONGEST_LOOK_S)

    async def send(
        self, wanted: Wanted | None, draw: Draw, send: Send
    ) -> tuple[Json, Uploaded | None]:
        """Send blocks that show a picture, patiently; without it if Slack never shows it.

        Returns:
            What Slack said, and the file that is shown; None if none is.

        Raises:
            SurfaceError: Slack does not take the message itself.
        """
        lacking: list[Block] = []
        for fresh in (False, True) if wanted else ():
            try:
                upload = await self.upload(wanted, fresh=fresh)  # type: ignore[arg-type]
            except (NotFoundError, PictureError, RefusedError) as error:
                logger.warning("picture not shown: %s", error.message)
                lacking = quiet(f"The picture is not shown. {error.hint or error.message}")
                break
            told = await self._patiently(upload, draw, send)
            if told is not None:
                return told, upload
            if not upload.kept:
                break
        return await send([*draw(None), *lacking]), None

    async def _patiently(self, upload: Uploaded, draw: Draw, send: Send) -> Json | None:
        """Send; again after a while if the picture is refused, unless it was shown before."""
        for wait_s in (0.0,) if upload.kept else (0.0, *AGAIN_S):
            if wait_s:
                await self._tools.clock.sleep(wait_s)
            try:
                return await send(draw(upload))
            except EarlyPictureError:
                continue
        return None

    async def share(self, data: bytes, name: str, *, channel: str, thread: str | None) -> None:
        """Put a file itself into a thread, and see that it is there.

        Raises:
            SurfaceError: Slack does not take it.
        """
        file = await self._line.upload(name, data, channel=channel, thread=thread)
        if not await self.until(file, _is_shared):
            logger.warning("file %s does not show in %s", name, channel)

    async def share_picture(self, wanted: Wanted, *, channel: str, thread: str | None) -> None:
        """Put a picture into a thread as a file, where no block shows it."""
        try:
            shot = await self._tools.pictures.fitting(
                wanted.digest, wanted.name, max_bytes=self._tools.max_file_bytes
            )
            await self.share(shot.data, shot.name, channel=channel, thread=thread)
        except HandlerError as error:
            logger.warning("picture not shared: %s", error.message)

    async def remember(self, ref: str, upload: Uploaded | None) -> None:
        """Note that a message shows a file."""
        if upload is None:
            return
        known = await self._shown(ref)
        if upload.id not in known:
            await self._tools.keepsakes.put(NAME, f"shown:{ref}", " ".join([*known, upload.id]))

    async def forget(self, ref: str) -> None:
        """Delete the files that a message showed, as far as Slack lets us."""
        for name in await self._shown(ref):
            try:
                await self._line.ask(self._line.client.files_delete(file=name))
            except SurfaceError as error:
                logger.info("file %s not deleted: %s", name, error.message)

    async def _shown(self, ref: str) -> list[str]:
        return (await self._tools.keepsakes.get(NAME, f"shown:{ref}") or "").split()


def _is_shared(told: dict[str, Any]) -> bool:
    return any(told.get(where) for where in ("channels", "groups", "ims", "shares"))
