"""Cards and lines in Slack: posted once, redrawn in place, by channel and message id alone."""

import asyncio
import logging
import re
from pathlib import Path
from typing import Final

from bot.chat.tools import Tools
from bot.chat.watch import Owned
from bot.slack.blocks import Block, card_blocks, card_text, escaped, note_blocks
from bot.slack.client import Json, Line
from bot.slack.earlier import Earlier, metadata
from bot.slack.emoji import DIGITS
from bot.slack.faults import RefusedError
from bot.slack.uploads import NAME, Uploaded, Uploads, Wanted
from domain.card import Card
from domain.errors import SurfaceError
from domain.surface import (
    Address,
    NoteLine,
)

logger = logging.getLogger(__name__)
_USER: Final = re.compile(r"[UW][A-Z0-9]{2,30}")


class SlackSurface:
    """Implements the port ``Surface``; a message's name is ``CHANNEL/TS``."""

    name = NAME
    edit_every_s = 3.0

    def __init__(self, line: Line, uploads: Uploads, owned: Owned, tools: Tools) -> None:
        self._line = line
        self._uploads = uploads
        self._earlier = Earlier(line)
        self._owned = owned
        self._tools = tools
        self._voted: set[str] = set()

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:
        """Post a card and return its name; one that an earlier try posted is redrawn.

        Raises:
            SurfaceGoneError: It can never be posted there.
            SurfaceDownError: Not now.
        """
        channel, thread = where(address)
        found = await self._earlier.found(channel, thread, key) if again else None
        if found:
            await self.edit(found, card)
            return found
        wanted = _grid(card)
        told, upload = await self._uploads.send(
            wanted,
            lambda upload: card_blocks(card, upload.id if upload else None),
            lambda blocks: self._sent(channel, thread, card_text(card), blocks, key),
        )
        ref = f"{told['channel']}/{told['ts']}"
        await self._after(ref, card, wanted, upload)
        return ref

    async def _sent(
        self, channel: str, thread: str | None, text: str, blocks: list[Block], key: str
    ) -> Json:
        posting = self._line.client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=text,
            blocks=blocks,
            metadata=metadata(key),
            unfurl_links=False,
            unfurl_media=False,
        )
        return await self._line.ask(posting)

    async def edit(self, ref: str, card: Card) -> None:
        """Redraw a card in place, always with its blocks: without them Slack removes them.

        Raises:
            SurfaceGoneError: The message is not there any more, or cannot be edited.
            SurfaceDownError: Not now.
        """
        channel, _, ts = ref.partition("/")
        wanted = _grid(card)
        _, upload = await self._uploads.send(
            wanted,
            lambda upload: card_blocks(card, upload.id if upload else None),
            lambda blocks: self._line.ask(
                self._line.client.chat_update(
                    channel=channel, ts=ts, text=card_text(card), blocks=blocks
                )
            ),
        )
        await self._after(ref, card, wanted, upload)

    async def _after(
        self, ref: str, card: Card, wanted: Wanted | None, upload: Uploaded | None
    ) -> None:
        if card.taken_down:
            self._owned.start(self._uploads.forget(ref), "files of a card that was taken down")
            return
        await self._uploads.remember(ref, upload)
        if wanted and upload is None:
            channel, _, ts = ref.partition("/")
            sharing = self._uploads.share_picture(wanted, channel=channel, thread=ts)
            self._owned.start(sharing, "picture as a file")
        if self._tools.vote_reactions and card.tiles and card.grid and ref not in self._voted:
            self._voted.add(ref)
            self._owned.start(self._put_digits(ref, card), "vote reactions")

    async def _put_digits(self, ref: str, card: Card) -> None:
        """Put 1️⃣, 2️⃣, … under a grid once, so that a vote is one tap."""
        if await self._tools.keepsakes.get(NAME, f"digits:{ref}"):
            return
        channel, _, ts = ref.partition("/")
        made = [tile.number for tile in card.tiles if tile.digest and tile.verdict != "reject"]
        for number in made if len(card.tiles) <= len(DIGITS) else ():
            if not await self._put(channel, ts, DIGITS[number - 1]):
                self._voted.discard(ref)
                return
        await self._tools.keepsakes.put(NAME, f"digits:{ref}", "put")

    async def _put(self, channel: str, ts: str, name: str) -> bool:
        client = self._line.client
        try:
            await self._line.ask(client.reactions_add(channel=channel, timestamp=ts, name=name))
        except RefusedError as error:
            return error.word == "already_reacted"
        except SurfaceError as error:
            logger.warning("no reaction under %s/%s: %s", channel, ts, error.message)
            return False
        return True

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:
        """Say one line in the card's thread, with its picture, buttons and file.

        Raises:
            SurfaceGoneError: It can never be said there.
            SurfaceDownError: Not now.
        """
        channel, thread = where(address)
        ref = await self._earlier.found(channel, thread, line.key) if again else None
        if ref is None:
            ref = await self._say(line, channel, thread)
        if line.file:
            await self._hand_out(line, channel, thread or ref.partition("/")[2], again=again)
        return ref

    async def _say(self, line: NoteLine, channel: str, thread: str | None) -> str:
        mention = line.mention if line.mention and _USER.fullmatch(line.mention) else ""
        said = (f"<@{mention}> " if mention else "") + escaped(line.text)
        too_large = bool(line.file) and await self._file_of(line) is None
        wanted = None
        if line.digest:
            wanted = Wanted(line.digest, line.run_id, f"{line.run_id}-{line.number or 0}")

        def drawn(upload: Uploaded | None) -> list[Block]:
            far = too_large or (upload is not None and not upload.whole)
            return note_blocks(
                line.text,
                upload.id if upload else None,
                alt=line.alt,
                buttons=line.buttons,
                mention=mention,
                link=self._tools.link(line.run_id) if far else "",
            )

        told, upload = await self._uploads.send(
            wanted,
            drawn,
            lambda blocks: self._sent(channel, thread, said, blocks, line.key),
        )
        ref = f"{told['channel']}/{told['ts']}"
        await self._uploads.remember(ref, upload)
        if wanted and upload is None:
            await self._uploads.share_picture(wanted, channel=channel, thread=thread or told["ts"])
        return ref

    async def _hand_out(self, line: NoteLine, channel: str, thread: str, *, again: bool) -> None:
        """Put a file of ours into the thread, unless it is there or too large."""
        path = await self._file_of(line)
        if path is None or (again and await self._earlier.shared(channel, thread, path.name)):
            return
        data = await asyncio.to_thread(path.read_bytes)
        await self._uploads.share(data, path.name, channel=channel, thread=thread)

    async def _file_of(self, line: NoteLine) -> Path | None:
        """Return where the line's file lies; None if it is larger than may be sent, or gone."""
        most = self._tools.max_file_bytes
        return await asyncio.to_thread(_fitting, self._tools.data_dir, str(line.file), most)

    async def retract(self, ref: str) -> None:
        """Take a message of ours off Slack, its picture too; one that is gone is no fault.

        Raises:
            SurfaceDownError: Not now.
        """
        channel, _, ts = ref.partition("/")
        try:
            await self._line.ask(self._line.client.chat_delete(channel=channel, ts=ts))
        except RefusedError as error:
            logger.info("not taken off: %s", error.message)
        await self._uploads.forget(ref)


def where(address: Address) -> tuple[str, str | None]:
    """Return channel and thread of an address."""
    if address.root_ref:
        channel, _, ts = address.root_ref.partition("/")
        return channel, ts
    return address.place.channel, address.place.topic


def _grid(card: Card) -> Wanted | None:
    if card.grid is None or card.taken_down:
        return None
    return Wanted(card.grid, card.run_id, f"{card.ref}-{card.run_id}")


def _fitting(folder: Path, name: str, max_bytes: int) -> Path | None:
    path = (folder / name).resolve()
    inside = path.is_relative_to(folder.resolve()) and path.is_file()
    return path if inside and path.stat().st_size <= max_bytes else None
