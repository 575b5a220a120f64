"""Cards and lines on Discord: posted once, redrawn in place, what follows in the card's thread."""

import asyncio
import hashlib
import io
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import discord

from bot.chat.pictures import Shot
from bot.chat.watch import Owned
from bot.discord.faults import surely
from bot.discord.render import embed_of, head, inert, view_of
from bot.discord.sending import Sending, file_of, only
from bot.discord.threads import ARCHIVED, Goal, Threads, code_of
from domain.card import Card
from domain.errors import PictureError, SurfaceError, SurfaceGoneError
from domain.surface import (
    Address,
    NoteLine,
)

MAX_NOTE: Final = 1800
"""Of a line's words: Discord takes 2000 with the link and the mention."""
LOOKED_THROUGH: Final = 50
"""Messages, for one that an earlier try may have sent."""
logger = logging.getLogger(__name__)
T = TypeVar("T")
DIGITS: Final = tuple(f"{number}\ufe0f\u20e3" for number in range(1, 9))


class DiscordSurface:
    """Implements the port ``Surface``; a message's name is ``CHANNEL/MESSAGE``."""

    name = "discord"
    edit_every_s = 3.0

    def __init__(self, bot: discord.Client, sending: Sending, owned: Owned) -> None:
        self._bot = bot
        self._owned = owned
        self._threads = Threads(bot)
        self._sending = sending
        self._grids: dict[str, str] = {}
        """The name of the picture that stands on a message; it begins with the grid's digest."""
        self._voted: set[str] = set()
        """Messages that have their digits."""

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:
        """Post a card where it belongs.

        Discord knows an earlier try by its nonce, for some minutes; later it is looked for.
        """
        goal = await self._threads.goal(address)
        if again and (found := await self._earlier(goal, _is_card(card))):
            await self.edit(found, card)
            return found
        shot = await self._grid(card, _guild(address))
        ref = await self._send(
            goal,
            content=head(card),
            embed=_embed(card),
            files=[file_of(shot, card.alt)] if shot else [],
            view=view_of(card.buttons),
            nonce=nonce_of(key),
        )
        self._drawn(ref, shot.name if shot else "")
        self._seed(ref, card)
        return ref

    async def edit(self, ref: str, card: Card) -> None:
        """Redraw a card; its picture is sent again only when it is another one."""
        message = self._message(ref)
        known = self._grids[ref] if ref in self._grids else await self._standing(message)
        wanted = "" if card.taken_down else _short(card.grid)
        same = known.startswith(wanted) if wanted else not known
        shot = None if same else await self._grid(card, None)
        name = known if same else (shot.name if shot else "")
        files = [file_of(shot, card.alt)] if shot else []

        async def redraw() -> None:
            _rewind(files)
            with surely():
                await message.edit(
                    content=head(card),
                    embed=_embed(card),
                    attachments=discord.utils.MISSING if same else files,
                    view=view_of(card.buttons),
                    allowed_mentions=discord.AllowedMentions.none(),
                )

        await self._opened(message.channel.id, redraw)
        self._drawn(ref, name)
        self._seed(ref, card)

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:
        """Say a line in the card's thread, with its picture or file."""
        goal = await self._threads.goal(address)
        text, files = await self._with_files(line, _guild(address))
        called = line.mention if line.mention and line.mention.isdecimal() else None
        said = f"<@{called}> {text}" if called else text
        if again and (found := await self._earlier(goal, lambda one: one.content == said)):
            return found
        return await self._send(
            goal,
            content=said,
            files=files,
            view=view_of(line.buttons),
            nonce=nonce_of(line.key),
            allowed_mentions=only(called),
            suppress_embeds=True,
        )

    async def retract(self, ref: str) -> None:
        """Delete a line; one that is gone already is no fault."""
        try:
            with surely():
                await self._message(ref).delete()
        except SurfaceGoneError:
            return

    async def _send(self, goal: Goal, **what: Any) -> str:
        """Send a message and return its name; what is empty is left out."""
        sent = {name: value for name, value in what.items() if value}
        sent |= {"reference": goal.answers} if goal.answers else {}
        sent.setdefault("allowed_mentions", discord.AllowedMentions.none())

        async def send() -> discord.Message:
            _rewind(what["files"])
            with surely():
                message: discord.Message = await goal.channel.send(**sent)
            return message

        made = await self._opened(goal.channel.id, send)
        return f"{made.channel.id}/{made.id}"

    async def _opened(self, channel: int, work: Callable[[], Awaitable[T]]) -> T:
        """Do it; where the thread is archived, open that first."""
        try:
            return await work()
        except SurfaceGoneError as error:
            if code_of(error) != ARCHIVED:
                raise
        await self._threads.reopen(channel)
        return await work()

    async def _earlier(self, goal: Goal, is_it: Callable[[discord.Message], bool]) -> str | None:
        """Look for what an earlier try sent; where nothing may be read, there is nothing."""
        me = self._bot.user.id if self._bot.user else 0
        try:
            with surely():
                async for one in goal.channel.history(limit=LOOKED_THROUGH):
                    if one.author.id == me and is_it(one):
                        return f"{one.channel.id}/{one.id}"
        except SurfaceGoneError as error:
            logger.warning("earlier messages not read: %s", error.message)
        return None

    async def _with_files(
        self, line: NoteLine, guild: int | None
    ) -> tuple[str, list[discord.File]]:
        text = inert(line.text)[:MAX_NOTE].rstrip("\\")
        link = self._sending.tools.link(line.run_id)
        if line.file is not None:
            path = self._sending.tools.data_dir / line.file
            limit = self._sending.max_bytes(guild)
            data = await asyncio.to_thread(_read, path, self._sending.tools.data_dir, limit)
            if data is None:
                return f"{text}\nToo large for Discord: {link}", []
            return text, [discord.File(io.BytesIO(data), path.name)]
        if line.digest is None:
            return text, []
        try:
            shot = await self._sending.shot(line.digest, guild)
        except PictureError:
            return f"{text}\nToo large for Discord; the original: {link}", []
        more = "" if shot.whole else f"\nPreview; the original: {link}"
        return f"{text}{more}", [file_of(shot, line.alt)]

    async def _grid(self, card: Card, guild: int | None) -> Shot | None:
        if card.grid is None or card.taken_down:
            return None
        return await self._sending.shot(card.grid, guild)

    async def _standing(self, message: discord.PartialMessage) -> str:
        """After a restart, see which grid a message has: its name begins with the digest."""
        with surely():
            found = await message.fetch()
        shown = [one.filename for one in found.attachments]
        shown += [(one.image.url or "").rpartition("/")[2] for one in found.embeds]
        return shown[0].partition("?")[0] if shown else ""

    def _drawn(self, ref: str, picture: str) -> None:
        self._grids[ref] = picture
        while len(self._grids) > 2000:  # noqa: PLR2004  of cards that still change, more than enough
            self._grids.pop(next(iter(self._grids)))

    def _seed(self, ref: str, card: Card) -> None:
        """Put the digits under a grid that has ended, so that a vote is one tap."""
        wanted = self._sending.tools.vote_reactions and card.grid and not card.taken_down
        wanted = wanted and bool(card.tiles)  # a family's card has none of its own
        if wanted and ref not in self._voted:
            self._voted.add(ref)
            made = [tile.number for tile in card.tiles if tile.digest]
            self._owned.start(self._put_digits(ref, made), "vote reactions")

    async def _put_digits(self, ref: str, made: list[int]) -> None:
        """Put them once; where that is not allowed, people can still vote by the buttons."""
        if await self._sending.tools.keepsakes.get(self.name, f"digits:{ref}"):
            return
        try:
            for number in made:
                with surely():
                    await self._message(ref).add_reaction(DIGITS[number - 1])
        except SurfaceError as error:
            logger.warning("no digits under %s: %s", ref, error.message)
            return
        await self._sending.tools.keepsakes.put(self.name, f"digits:{ref}", "put")

    def _message(self, ref: str) -> discord.PartialMessage:
        channel, _, message = ref.partition("/")
        return self._bot.get_partial_messageable(int(channel)).get_partial_message(int(message))


def _embed(card: Card) -> discord.Embed | None:
    return None if card.taken_down else embed_of(card)


def _is_card(card: Card) -> Callable[[discord.Message], bool]:
    """A card has its number in front, and its run in the ids of its buttons."""

    def is_it(message: discord.Message) -> bool:
        ids = [str(getattr(one, "custom_id", "")) for row in message.components for one in _in(row)]
        options = (getattr(one, "options", ()) for row in message.components for one in _in(row))
        ids += [option.value for few in options for option in few]
        ours = any(card.run_id in one for one in ids)
        return ours and message.content.startswith(f"**{card.ref}**")

    return is_it


def _in(row: Any) -> Sequence[Any]:
    return tuple(getattr(row, "children", ()))


def _rewind(files: Sequence[discord.File]) -> None:
    """Let files be sent a second time."""
    for one in files:
        one.reset(seek=True)


def _read(path: Path, folder: Path, limit: int) -> bytes | None:
    """Return a file below *folder*; None if it is not there any more, or too large."""
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        return None
    return path.read_bytes() if path.stat().st_size <= limit else None


def nonce_of(key: str) -> str:
    """Return what Discord knows a message by for some minutes: at most 25 characters."""
    return hashlib.blake2b(key.encode(), digest_size=12).hexdigest()


def _guild(address: Address) -> int | None:
    return int(address.place.workspace) if address.place.workspace.isdecimal() else None


def _short(digest: str | None) -> str:
    return (digest or "").removeprefix("sha256:")[:12]
