"""What an earlier try may have left in Slack: messages carry their key, so none is sent twice."""

import logging
from typing import Any, Final

from bot.slack.client import Json, Line
from bot.slack.faults import RefusedError

logger = logging.getLogger(__name__)
EVENT_TYPE: Final = "ai_handler"
PAGES: Final = 5
PER_PAGE: Final = 200


def metadata(key: str) -> dict[str, Any]:
    """Return what a message carries unseen: the key under which it was planned."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


class Earlier:
    """Looks in a channel or thread for what was sent before."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def found(self, channel: str, thread: str | None, key: str) -> str | None:
        """Return the message that was sent under *key*; None if there is none to be seen.

        Raises:
            SurfaceDownError: Slack does not say now.
        """
        for message in await self._messages(channel, thread):
            carried = message.get("metadata") or {}
            payload = carried.get("event_payload") or {}
            if carried.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                return f"{channel}/{message['ts']}"
        return None

    async def shared(self, channel: str, thread: str, name: str) -> bool:
        """Tell whether a file of that name lies in a thread."""
        said = await self._messages(channel, thread)
        return any(file.get("name") == name for one in said for file in one.get("files") or ())

    async def _messages(self, channel: str, thread: str | None) -> list[Json]:
        """Read a thread, or the newest of a channel; nothing where nothing may be read."""
        found: list[Json] = []
        cursor = ""
        try:
            for _ in range(PAGES):
                told = await self._page(channel, thread, cursor)
                found += told.get("messages") or []
                cursor = (told.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    break
        except RefusedError as error:
            logger.warning("earlier messages not read: %s", error.message)
        return found

    async def _page(self, channel: str, thread: str | None, cursor: str) -> Json:
        client = self._line.client
        more: dict[str, Any] = {"limit": PER_PAGE, "include_all_metadata": True}
        if cursor:
            more["cursor"] = cursor
        if thread:
            return await self._line.ask(
                client.conversations_replies(channel=channel, ts=thread, **more)
            )
        return await self._line.ask(client.conversations_history(channel=channel, **more))
