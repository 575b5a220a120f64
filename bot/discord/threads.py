"""Where a message goes: a channel, somebody's thread, or ours on the first card, made once."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

import discord

from bot.discord.faults import surely
from domain.errors import SurfaceGoneError
from domain.surface import Address

logger = logging.getLogger(__name__)
MAX_NAME: Final = 100
WEEK_MIN: Final = 10080
THREAD_EXISTS: Final = 160004
ARCHIVED: Final = 50083
NO_THREADS: Final = frozenset({50001, 50013, 50024})
"""A channel takes none, or none of ours: what follows is said below the card instead."""
INSIDE: Final = frozenset(
    {
        discord.ChannelType.public_thread,
        discord.ChannelType.private_thread,
        discord.ChannelType.news_thread,
    }
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A channel or thread, and the message that is answered there, where there is no thread."""

    channel: discord.PartialMessageable
    answers: discord.MessageReference | None = None


class Threads:
    """Finds and makes threads; a message's thread has the message's id."""

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot
        self._kinds: dict[int, discord.ChannelType] = {}
        self._known: set[int] = set()
        self._none: set[int] = set()
        self._turn = asyncio.Lock()

    async def goal(self, address: Address) -> Goal:
        """Return where to send; the first time, this makes the thread.

        Raises:
            SurfaceGoneError: The channel or the first card is gone.
            SurfaceDownError: Not now.
        """
        place = address.place
        if address.root_ref is None:
            return Goal(self.at(int(place.topic or place.channel)))
        channel_id, message_id = map(int, address.root_ref.split("/"))
        kind = await self._kind(channel_id)
        if kind in INSIDE:
            return Goal(self.at(channel_id))
        first = self.at(channel_id).get_partial_message(message_id)
        if kind is not discord.ChannelType.private and await self._has_thread(
            channel_id, message_id, address.title
        ):
            return Goal(self.at(message_id))
        return Goal(self.at(channel_id), first.to_reference(fail_if_not_exists=False))

    def at(self, channel_id: int) -> discord.PartialMessageable:
        """Return a channel by its id alone."""
        return self._bot.get_partial_messageable(channel_id)

    async def reopen(self, channel_id: int) -> None:
        """Open an archived thread again.

        Raises:
            SurfaceGoneError: It is locked, or gone.
            SurfaceDownError: Not now.
        """
        with surely():
            await self._bot.http.edit_channel(channel_id, archived=False)

    async def _has_thread(self, channel_id: int, message_id: int, title: str) -> bool:
        """Make the thread of a message unless it is there; tell whether it is."""
        async with self._turn:
            if message_id in self._known:
                return True
            try:
                with surely():
                    await self._bot.http.start_thread_with_message(
                        channel_id,
                        message_id,
                        name=" ".join(title.split())[:MAX_NAME] or "Images",
                        auto_archive_duration=WEEK_MIN,
                    )
            except SurfaceGoneError as error:
                code = code_of(error)
                if code in NO_THREADS:
                    self._warn(channel_id, error)
                    return False
                if code != THREAD_EXISTS:
                    raise
            self._known.add(message_id)
            return True

    def _warn(self, channel_id: int, error: SurfaceGoneError) -> None:
        if channel_id not in self._none:
            self._none.add(channel_id)
            logger.warning("no threads in channel %s: %s", channel_id, error.message)

    async def _kind(self, channel_id: int) -> discord.ChannelType:
        if channel_id not in self._kinds:
            with surely():
                known = self._bot.get_channel(channel_id)
                channel = known or await self._bot.fetch_channel(channel_id)
            private = discord.ChannelType.private
            self._kinds[channel_id] = getattr(channel, "type", private)
        return self._kinds[channel_id]


def code_of(error: SurfaceGoneError) -> int:
    """Return Discord's own code of a refusal; 0 where there is none."""
    return int(getattr(error.__cause__, "code", 0))
