"""The way back to one person in Slack: a message only they see, a form, an answer to a form."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.response import BoltResponse

from bot.chat.heard import Spot
from bot.slack.blocks import Block, escaped, panel_blocks, shortened
from bot.slack.client import Json, Line
from bot.slack.faults import EarlyPictureError, RefusedError
from bot.slack.forms import modal
from bot.slack.rooms import Rooms
from bot.slack.uploads import Uploads, Wanted
from domain.card import Form, Panel
from domain.errors import SurfaceGoneError

logger = logging.getLogger(__name__)
HOOKS: Final = "hooks.slack.com"
MAX_FAULT_CHARS: Final = 1000
BAD: Final = 400
AWAY: Final = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "user_not_in_channel",
        "is_archived",
        "thread_not_found",
    }
)
"""Refusals after which another way is tried."""
SLOW: Final = "The form could not be opened in time. Press again."


@dataclass(slots=True)
class Ways:
    """What a payload offers to answer by."""

    user: str
    spot: Spot
    alone: bool = False
    """There is no channel to whisper in: a direct message is sent."""
    asks_where: bool = False
    """A form that is opened here asks for the channel."""
    response_url: str = ""
    trigger_id: str = ""
    fields: tuple[str, ...] = ()
    """Of the form that was sent; empty where none was."""


@dataclass(slots=True)
class SlackReply:
    """Implements the port ``Reply`` for one payload."""

    line: Line
    uploads: Uploads
    rooms: Rooms
    ways: Ways
    stored: asyncio.Event = field(default_factory=asyncio.Event)
    _faults: dict[str, str] = field(default_factory=dict)
    _answered: bool = False

    def response(self) -> BoltResponse:
        """Return what the platform is answered; a form that has faults stays open."""
        self._answered = True
        if not self._faults:
            return BoltResponse(status=200, body="")
        return BoltResponse(status=200, body={"response_action": "errors", "errors": self._faults})

    async def taken(self) -> None:
        """It is stored: the platform may be answered."""
        self.stored.set()

    async def tell(self, panel: Panel) -> None:
        """Tell that person alone.

        Raises:
            SurfaceError: Not even a direct message arrives.
        """
        picture = Wanted(panel.picture, "", "picture") if panel.picture else None
        await self.uploads.send(
            picture,
            lambda upload: panel_blocks(panel, upload.id if upload else None),
            lambda blocks: self._whispered(escaped(panel.text), blocks),
        )

    async def refuse(self, panel: Panel) -> None:
        """Tell that person alone what was wrong."""
        await self.tell(panel)

    async def form(self, form: Form) -> None:
        """Show a form: the trigger is good once, and for 3 s."""
        view = modal(form, self.ways.spot, ask_where=self._asks_where(form))
        try:
            opening = self.line.client.views_open(trigger_id=self.ways.trigger_id, view=view)
            await self.line.ask(opening)
        except SurfaceGoneError as error:
            logger.warning("form not opened: %s", error.message)
            await self.tell(Panel(text=SLOW))
        self.stored.set()

    def _asks_where(self, form: Form) -> bool:
        """A new run needs a channel; what is about a run goes where that run stands."""
        return self.ways.asks_where and form.id == "imagine"

    async def faults(self, message: str, entry: str = "") -> None:
        """Say what is wrong with a form that was sent; it stays open if that is said in time."""
        fields = self.ways.fields
        if not fields or self._answered:
            await self.tell(Panel(text=message))
            return
        named = entry if entry in fields else fields[0]
        self._faults = {named: shortened(message, MAX_FAULT_CHARS)}
        self.stored.set()

    # --- the ways ---

    async def _whispered(self, text: str, blocks: list[Block]) -> Json:
        """Send by the first way that is open: in the place, by the payload's own, directly."""
        ways = self.ways
        if not ways.alone:
            try:
                return await self._in_place(text, blocks)
            except EarlyPictureError:
                raise
            except RefusedError as error:
                if error.word not in AWAY:
                    raise
            if await self._by_url(text, blocks):
                return {}
        channel = await self.rooms.direct(ways.user)
        thread = ways.spot.thread if channel == ways.spot.channel else None
        posting = self.line.client.chat_postMessage(
            channel=channel, thread_ts=thread, text=text, blocks=blocks
        )
        return await self.line.ask(posting)

    async def _in_place(self, text: str, blocks: list[Block]) -> Json:
        spot = self.ways.spot
        posting = self.line.client.chat_postEphemeral(
            channel=spot.channel,
            user=self.ways.user,
            thread_ts=spot.thread,
            text=text,
            blocks=blocks,
        )
        return await self.line.ask(posting)

    async def _by_url(self, text: str, blocks: list[Block]) -> bool:
        """Answer by the payload's own address, which is good where the bot may not post."""
        url = self.ways.response_url
        known = {("https", HOOKS), urlsplit(self.line.api_url)[:2]}
        if urlsplit(url)[:2] not in known:
            return False
        body = {"response_type": "ephemeral", "replace_original": False}
        try:
            async with self.line.session.post(
                url, json=body | {"text": text, "blocks": blocks}, proxy=self.line.client.proxy
            ) as answer:
                return answer.status < BAD
        except (aiohttp.ClientError, TimeoutError) as error:
            logger.warning("not answered by its own address: %s", type(error).__name__)
            return False
