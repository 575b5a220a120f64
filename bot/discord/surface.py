"""Cards and lines on Discord: posted once, redrawn in place, what follows in the card's thread."""

import asyncio
import hashlib
import io
from typing import Final

import discord

from bot.chat.pictures import Shot
from bot.discord.faults import surely
from bot.discord.render import embed_of, head, inert, view_of
from bot.discord.sending import Sending, file_of, only
from domain.card import Card
from domain.errors import PictureError, SurfaceGoneError
from domain.ports import Address, NoteLine

MAX_THREAD_NAME: Final = 100
THREAD_EXISTS: Final = 160004
DIGITS: Final = tuple(f"{number}\ufe0f\u20e3" for number in range(1, 9))


class DiscordSurface:
    """Implements the port ``Surface``; a message's name is ``CHANNEL/MESSAGE``."""

    name = "discord"
    edit_every_s = 3.0

    def __init__(self, bot: discord.Client, sending: Sending) -> None:
        self._bot = bot
        self._sending = sending
        self._grids: dict[str, str] = {}
        """The name of the picture that stands on a message; it begins with the grid's digest."""
        self._voted: set[str] = set()
        """Messages that have their digits."""
        self._threads: set[int] = set()

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:  # noqa: ARG002  the nonce finds it
        """Post a card where it belongs; Discord knows an earlier try by its nonce."""
        channel = await self._channel(address)
        guild = _guild(address)
        shot = await self._grid(card, guild)
        with surely():
            message = await channel.send(
                head(card),
                embed=_embed(card, shot.name if shot else "") or discord.utils.MISSING,
                file=file_of(shot, card.alt) if shot else discord.utils.MISSING,
                view=view_of(card.buttons),
                nonce=nonce_of(key),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        ref = f"{message.channel.id}/{message.id}"
        self._drawn(ref, shot.name if shot else "")
        await self._seed(ref, card)
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
        with surely():
            await message.edit(
                content=head(card),
                embed=_embed(card, name),
                attachments=discord.utils.MISSING if same else files,
                view=view_of(card.buttons),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        self._drawn(ref, name)
        await self._seed(ref, card)

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:  # noqa: ARG002  the nonce finds it
        """Say a line in the card's thread, with its picture or file."""
        channel = await self._channel(address)
        text, files = await self._with_files(line, _guild(address))
        call = f"<@{line.mention}> " if line.mention else ""
        with surely():
            message = await channel.send(
                f"{call}{text}"[:2000],
                files=files,
                view=view_of(line.buttons) if line.buttons else discord.utils.MISSING,
                nonce=nonce_of(line.key),
                allowed_mentions=only(line.mention),
            )
        return f"{message.channel.id}/{message.id}"

    async def retract(self, ref: str) -> None:
        """Delete a line; one that is gone already is no fault."""
        try:
            with surely():
                await self._message(ref).delete()
        except SurfaceGoneError:
            return

    async def _with_files(
        self, line: NoteLine, guild: int | None
    ) -> tuple[str, list[discord.File]]:
        text = inert(line.text)
        link = self._sending.tools.link(line.run_id)
        if line.file is not None:
            path = self._sending.tools.data_dir / line.file
            data = await asyncio.to_thread(path.read_bytes)
            if len(data) > self._sending.max_bytes(guild):
                return f"{text}\nToo large for Discord ({len(data) >> 20} MB): {link}", []
            return text, [discord.File(io.BytesIO(data), path.name)]
        if line.digest is None:
            return text, []
        try:
            shot = await self._sending.shot(line.digest, guild)
        except PictureError:
            return f"{text}\nToo large for Discord; the original: {link}", []
        more = "" if shot.whole else f"\nPreview; the original: {link}"
        return f"{text}{more}", [file_of(shot, line.alt)]

    async def _channel(self, address: Address) -> discord.PartialMessageable:
        place = address.place
        if address.root_ref is None or place.topic:
            return self._bot.get_partial_messageable(int(place.topic or place.channel))
        if place.workspace == "dm":
            return self._bot.get_partial_messageable(int(place.channel))
        channel, _, message = address.root_ref.partition("/")
        await self._thread(int(channel), int(message), address.title)
        return self._bot.get_partial_messageable(int(message))  # a thread has its message's id

    async def _thread(self, channel: int, message: int, title: str) -> None:
        if message in self._threads:
            return
        name = " ".join(title.split())[:MAX_THREAD_NAME] or "Images"
        try:
            await self._bot.http.start_thread_with_message(
                channel, message, name=name, auto_archive_duration=10080
            )
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                with surely():
                    raise
        except (discord.DiscordException, OSError):
            with surely():
                raise
        self._threads.add(message)

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

    async def _seed(self, ref: str, card: Card) -> None:
        """Put the digits under a grid that has ended, so that a vote is one tap."""
        made = [tile.number for tile in card.tiles if tile.digest]
        wanted = self._sending.tools.vote_reactions and card.grid and not card.taken_down
        if not wanted or ref in self._voted:
            return
        self._voted.add(ref)
        try:
            with surely():
                for number in made:
                    await self._message(ref).add_reaction(DIGITS[number - 1])
        except SurfaceGoneError:
            return  # people can still vote by the buttons

    def _message(self, ref: str) -> discord.PartialMessage:
        channel, _, message = ref.partition("/")
        return self._bot.get_partial_messageable(int(channel)).get_partial_message(int(message))


def _embed(card: Card, picture: str) -> discord.Embed | None:
    return None if card.taken_down else embed_of(card, picture)


def nonce_of(key: str) -> str:
    """Return what Discord knows a message by for some minutes: at most 25 characters."""
    return hashlib.blake2b(key.encode(), digest_size=12).hexdigest()


def _guild(address: Address) -> int | None:
    return int(address.place.workspace) if address.place.workspace.isdecimal() else None


def _short(digest: str | None) -> str:
    return (digest or "").removeprefix("sha256:")[:12]
