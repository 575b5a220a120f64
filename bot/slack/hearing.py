"""Everything that Slack sends, answered in time: stored first, at 1.5 s in any case."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt.response import BoltResponse

from bot.chat.heard import Filled, Heard
from bot.chat.heard import Line as Said
from bot.chat.tools import Hear
from bot.chat.watch import Owned, watched
from bot.slack.client import Line
from bot.slack.home import HomeTab
from bot.slack.ids import WHERE
from bot.slack.reply import SlackReply, Ways
from bot.slack.rooms import Rooms
from bot.slack.translate import Translator
from bot.slack.uploads import Uploads
from domain.card import Panel
from domain.errors import HandlerError

logger = logging.getLogger(__name__)
GONE: Final = frozenset({"app_uninstalled", "tokens_revoked"})
INVITE: Final = "I am not in this conversation. Invite me first: /invite @{bot}"
BUSY: Final = "I am just being started again. Say it once more in a minute."
Json = Mapping[str, Any]


class Ears:
    """Hears payloads, from the socket and over HTTP alike."""

    def __init__(
        self,
        line: Line,
        *,
        hear: Hear,
        translator: Translator,
        rooms: Rooms,
        uploads: Uploads,
        home: HomeTab,
        owned: Owned,
    ) -> None:
        self._line = line
        self._hear = hear
        self._translator = translator
        self._rooms = rooms
        self._uploads = uploads
        self._home = home
        self._owned = owned
        self.closed = False
        """Nothing new is taken."""

    async def answer(self, body: Json) -> BoltResponse:
        """Handle one payload, and return what Slack is answered; never later than 1.5 s."""
        if self.closed or not self._line.me.team:
            return _busy(body)
        event = body.get("event") or {}
        if event.get("type") in GONE:
            self._line.uninstalled()
        elif event.get("type") == "app_home_opened":
            if event.get("tab") == "home":
                self._owned.start(self._home.draw(str(event["user"])), "home tab")
        elif ways := self._ways(body):
            return await self._answered(body, ways)
        return BoltResponse(status=200, body="")

    def _ways(self, body: Json) -> Ways | None:
        try:
            return self._translator.ways(body)
        except (KeyError, TypeError, AttributeError):
            logger.warning("not understood, not heard: a payload of type %s", body.get("type"))
            return None

    async def _answered(self, body: Json, ways: Ways) -> BoltResponse:
        reply = SlackReply(self._line, self._uploads, self._rooms, ways)
        answered: asyncio.Future[BoltResponse] = asyncio.get_running_loop().create_future()

        async def acknowledge() -> None:
            if not answered.done():
                answered.set_result(reply.response())

        work = watched(self._heard(body, reply), reply.stored, acknowledge)
        self._owned.start(work, "what was heard in Slack")
        return await answered

    async def _heard(self, body: Json, reply: SlackReply) -> None:
        in_view = (body.get("container") or {}).get("type") == "view"
        try:
            if in_view and await self._home.turned(reply.ways.user, body):
                await reply.taken()
                await self._home.draw(reply.ways.user)
                return
            heard = await self._translator.heard(body, reply)
            if heard is not None and await self._is_here(heard, reply):
                await self._hear(heard)
        except HandlerError as error:
            logger.warning("not heard: %s", error.message)
        if in_view:
            await self._home.draw(reply.ways.user)

    async def _is_here(self, heard: Heard, reply: SlackReply) -> bool:
        """Refuse what would be shown where the bot may not post."""
        asked = isinstance(heard, Filled) and reply.ways.asks_where
        if not (asked or (isinstance(heard, Said) and heard.how == "command")):
            return True
        if await self._rooms.is_open(heard.spot.channel):
            return True
        said = INVITE.format(bot=self._line.me.name)
        if asked:
            await reply.faults(said, WHERE)
        else:
            await reply.refuse(Panel(text=said))
        return False


def _busy(body: Json) -> BoltResponse:
    """Leave it to be delivered again; a command never is, so its person is told."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": BUSY})
    return BoltResponse(status=503, body="")
