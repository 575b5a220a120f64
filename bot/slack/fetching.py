"""Files that people dropped in Slack, fetched with our token from Slack's own host and no other."""

from typing import Final
from urllib.parse import urlsplit

import aiohttp

from bot.slack.client import Line
from domain.errors import PictureError
from domain.event import Attachment

FILES_HOST: Final = "files.slack.com"
LIMIT: Final = aiohttp.ClientTimeout(total=15)
CHUNK_BYTES: Final = 64 * 1024
OK: Final = 200


class Downloads:
    """Implements the port ``Fetcher``."""

    def __init__(self, line: Line) -> None:
        self._line = line
        where = urlsplit(line.api_url)
        self._allowed = {("https", FILES_HOST)}
        if where.hostname != "slack.com":  # a server of one's own, as the settings name it
            self._allowed.add((where.scheme, where.netloc))

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Return the bytes; the token goes to Slack's host only, and follows no redirect.

        Raises:
            PictureError: Too large, not to be had, or not at Slack.
        """
        where = urlsplit(attachment.url)
        if (where.scheme, where.netloc) not in self._allowed:
            raise PictureError(f"{attachment.name} does not lie at Slack")
        bearer = {"Authorization": f"Bearer {self._line.token}"}
        try:
            async with self._line.session.get(
                attachment.url,
                headers=bearer,
                allow_redirects=False,
                timeout=LIMIT,
                proxy=self._line.client.proxy,
            ) as answer:
                return await _read(answer, attachment.name, max_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            said = f"{attachment.name} could not be fetched: {type(error).__name__}"
            raise PictureError(said, hint="Send it again.") from error


async def _read(answer: aiohttp.ClientResponse, name: str, max_bytes: int) -> bytes:
    if answer.status != OK:
        raise PictureError(f"{name} could not be fetched: {answer.status}", hint="Send it again.")
    if answer.content_type == "text/html":
        raise PictureError(
            f"{name} could not be fetched: Slack asks to sign in",
            hint="Add the scope files:read to the app and install it again: docs/slack.md.",
        )
    got = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        got += chunk
        if len(got) > max_bytes:
            raise PictureError(
                f"{name} is larger than {max_bytes} bytes", hint="Send a smaller one."
            )
    return bytes(got)
