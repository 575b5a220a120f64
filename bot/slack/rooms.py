"""Channels: whether the bot is in one, and the conversation with one person alone."""

import logging
from typing import Final

from bot.slack.client import Line
from bot.slack.faults import RefusedError
from domain.errors import SurfaceError
from domain.ports import Clock

logger = logging.getLogger(__name__)
KEPT_S: Final = 300.0
MOST_KEPT: Final = 5000


class Rooms:
    """What is known of channels; that the bot is in one is believed for five minutes."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._inside: dict[str, float] = {}
        self._direct: dict[str, str] = {}

    async def is_open(self, channel: str) -> bool:
        """Tell whether the bot may post in a channel; where Slack does not say, it is tried."""
        now_s = self._clock.monotonic_s()
        if now_s - self._inside.get(channel, -KEPT_S) < KEPT_S:
            return True
        try:
            told = await self._line.ask(self._line.client.conversations_info(channel=channel))
        except RefusedError as error:
            return error.word != "channel_not_found"
        except SurfaceError as error:
            logger.warning("channel %s not known: %s", channel, error.message)
            return True
        room = told.get("channel") or {}
        inside = bool(room.get("is_member") or room.get("is_im"))
        if inside:
            self._keep(channel, now_s)
        return inside

    def _keep(self, channel: str, now_s: float) -> None:
        if len(self._inside) >= MOST_KEPT:
            self._inside.clear()
        self._inside[channel] = now_s

    async def direct(self, user: str) -> str:
        """Return the conversation with one person alone.

        Raises:
            SurfaceError: Slack does not open it.
        """
        if user not in self._direct:
            told = await self._line.ask(self._line.client.conversations_open(users=user))
            self._direct[user] = str((told.get("channel") or {}).get("id", ""))
        return self._direct[user]
