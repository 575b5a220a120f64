"""Pictures that come in with a line: guarded, cleaned, stored by content before they are used."""

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from bot.grammar import parse
from domain.asked import Attach
from domain.command import Command, Permuted
from domain.errors import CommandError, Fault, NotFoundError, PictureError
from domain.event import Event
from domain.flags import Flags
from domain.picture import MAX_FOREIGN_BYTES, MAX_VENDOR_BYTES, cleaned, digest_of, inspect
from domain.ports import Pixels
from domain.surface import Fetcher
from storage.artifacts import LocalArtifacts

C = TypeVar("C")
DIGEST = "sha256:"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
"""Only this is ever made into a path; anything else names no file of ours."""


class Intake:
    """Takes pictures from people; nothing of a file but its pixels is kept."""

    def __init__(
        self,
        artifacts: LocalArtifacts,
        pixels: Pixels,
        fetchers: Mapping[str, Fetcher] | None = None,
    ) -> None:
        self._artifacts = artifacts
        self._pixels = pixels
        self._fetchers = fetchers if fetchers is not None else {}

    async def with_stored_pictures(
        self, command: Command, files: Mapping[str, bytes], attached: Collection[str] = ()
    ) -> Command:
        """Return the command with its pictures stored and named by their digests.

        What was *attached* on a platform keeps its name: it is fetched when the line is done.

        Raises:
            CommandError: The line names a picture that did not come with it.
            PictureError: A file is no picture, hostile or damaged.
            StorageError: It cannot be stored.
        """
        if isinstance(command, Attach):
            stored = [
                await self._stored("attach", one, files, attached) for one in command.pictures
            ]
            return command.model_copy(update={"pictures": tuple(stored)})
        if isinstance(command, Permuted):
            return await self._permuted(command, files, attached)
        flags: Flags | None = getattr(command, "flags", None)
        if flags is None or not flags.images:
            return command
        names = {
            name: await self._stored(flag, name, files, attached) for flag, name in flags.images
        }
        return command.model_copy(update={"flags": flags.renamed(names)})

    async def _permuted(
        self, command: Permuted, files: Mapping[str, bytes], attached: Collection[str]
    ) -> Permuted:
        """Name the pictures of every cell by their digests, in the line with its groups too.

        Raises:
            CommandError: A picture's name stands in the line in a way that cannot be told apart.
        """
        names: dict[str, str] = {}
        for flag, name in (one for cell in command.cells for one in cell.flags.images):
            names[name] = names.get(name) or await self._stored(flag, name, files, attached)
        pattern = command.pattern
        for name, digest in names.items():
            pattern = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w./-])", digest, pattern)
        cells = [
            cell.model_copy(update={"flags": cell.flags.renamed(names)}) for cell in command.cells
        ]
        named = parse(pattern, at="thread")
        if not isinstance(named, Permuted) or list(named.cells) != cells:
            fault = Fault("{", "", "a picture beside groups has a name without spaces, of its own")
            raise CommandError(str(fault), faults=(fault,))
        return named

    async def pictures(self, flags: Flags, event: Event) -> dict[str, str]:
        """Return the digests of a command's pictures; what was attached is fetched now.

        Raises:
            PictureError: It cannot be had, or is no picture.
        """
        return {name: await self._digest(name, event) for _, name in flags.images}

    async def shapes(self, flags: Flags, pictures: Mapping[str, str]) -> dict[str, tuple[int, int]]:
        """Return width and height in pixels of the picture that a run begins with, by digest.

        Raises:
            PictureError: It is damaged.
        """
        if flags.init_image is None or flags.aspect_ratio is not None:
            return {}
        digest = pictures[flags.init_image]
        facts = await self._pixels.run(inspect, await self._artifacts.get(digest))
        return {digest: (facts.width_px, facts.height_px)}

    async def handed_in(self, names: Sequence[str], event: Event, *, whole: bool) -> list[bytes]:
        """Return pictures that were made elsewhere; what was attached is fetched now.

        Args:
            names: As the line names them.
            event: What they came with.
            whole: They come from their maker: the bytes are kept as they are, and may be as many
                as a vendor's.

        Raises:
            PictureError: One cannot be had, or is no picture.
        """
        found = []
        for name in names:
            if name.startswith(DIGEST):
                found.append(await self._artifacts.get(name))
            elif whole:
                found.append(await self._fetched(name, event, MAX_VENDOR_BYTES))
            else:
                data = await self._fetched(name, event, MAX_FOREIGN_BYTES)
                found.append(await self._pixels.run(cleaned, data))
        return found

    async def _digest(self, name: str, event: Event) -> str:
        if name.startswith(DIGEST):
            return name
        data = await self._fetched(name, event, MAX_FOREIGN_BYTES)
        clean = await self._pixels.run(cleaned, data)
        return await self._artifacts.put(clean, "image/png")

    async def _fetched(self, name: str, event: Event, max_bytes: int) -> bytes:
        found = next((one for one in event.attachments if one.name == name), None)
        fetcher = self._fetchers.get(event.person.surface)
        if found is None or fetcher is None:
            raise PictureError(f"the picture {name} is not to be had", hint="Attach it again.")
        return await fetcher.fetch(found, max_bytes=max_bytes)

    async def _stored(
        self, flag: str, name: str, files: Mapping[str, bytes], attached: Collection[str]
    ) -> str:
        if name in attached:
            return name
        if name.startswith(DIGEST):
            if not _DIGEST.fullmatch(name) or not await self._held(name):
                raise NotFoundError(f"{flag}: no file {name}", hint="Check the digest.")
            return name
        if name not in files:
            fault = Fault(flag, name, "a picture that comes with the line")
            raise CommandError(str(fault), faults=(fault,))
        own = f"{DIGEST}{digest_of(files[name])}"
        if await self._held(own):
            return own  # bytes that we made or cleaned before
        clean = await self._pixels.run(cleaned, files[name])
        return await self._artifacts.put(clean, "image/png")

    async def _held(self, digest: str) -> bool:
        return await asyncio.to_thread(self._artifacts.find, digest) is not None
