"""Files that people attached on Discord: only from Discord's own hosts, and only small ones."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from config.records import LOOPBACK
from domain.errors import PictureError
from domain.event import Attachment

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
LIMIT: Final = aiohttp.ClientTimeout(total=15)
CHUNK_BYTES: Final = 64 * 1024
OK: Final = 200


Read = Callable[[str, int], Awaitable[bytes]]
"""Reads an address, up to so many bytes."""


async def streamed(url: str, max_bytes: int) -> bytes:
    """Read an address, and stop where it holds more than it may; no redirect is followed.

    Raises:
        PictureError: It holds more.
        aiohttp.ClientError: It is not to be had.
    """
    data = bytearray()
    async with (
        aiohttp.ClientSession(timeout=LIMIT, trust_env=False, raise_for_status=True) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        if answer.status != OK:
            raise aiohttp.ClientError(answer.status)
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            data += chunk
            if len(data) > max_bytes:
                raise _too_large(len(data), max_bytes)
    return bytes(data)


class DiscordFetcher:
    """Implements the port ``Fetcher``; no token is sent along."""

    def __init__(self, api_url: str, read: Read = streamed, hosts: frozenset[str] = HOSTS) -> None:
        own = urlsplit(api_url)
        self._read = read
        self._allowed = {("https", host) for host in hosts}
        if own.hostname in LOOPBACK:
            self._allowed.add((own.scheme, own.netloc))

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Return an attachment's bytes.

        Raises:
            PictureError: It lies elsewhere, is too large, or is not to be had.
        """
        parts = urlsplit(attachment.url)
        if (parts.scheme, parts.netloc) not in self._allowed:
            raise PictureError("that file does not lie on Discord", hint="Attach it here.")
        if attachment.size_bytes > max_bytes:
            raise _too_large(attachment.size_bytes, max_bytes)
        try:
            return await self._read(attachment.url, max_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PictureError(
                "Discord did not hand out the picture", hint="Attach it again."
            ) from error


def _too_large(size_bytes: int, max_bytes: int) -> PictureError:
    return PictureError(
        f"the picture has {size_bytes / 2**20:.1f} MB, at most {max_bytes >> 20} are taken",
        hint="Attach a smaller one.",
    )
