"""Files that people attached on Discord: only from Discord's own hosts, and only small ones."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import discord

from domain.command import Attachment
from domain.errors import PictureError

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
LIMIT_S: Final = 15.0


class DiscordFetcher:
    """Implements the port ``Fetcher``."""

    def __init__(self, bot: discord.Client, api_url: str) -> None:
        self._bot = bot
        configured = urlsplit(api_url).hostname
        own = {configured} if configured in ("127.0.0.1", "localhost", "::1") else set()
        self._hosts = HOSTS | own

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Return an attachment's bytes; no token is sent along.

        Raises:
            PictureError: It lies elsewhere, is too large, or is not to be had.
        """
        parts = urlsplit(attachment.url)
        if parts.hostname not in self._hosts or parts.username:
            raise PictureError("that file does not lie on Discord", hint="Attach it here.")
        if parts.scheme != "https" and parts.hostname in HOSTS:
            raise PictureError("that file's address is not https", hint="Attach it again.")
        if attachment.size_bytes > max_bytes:
            raise _too_large(attachment.size_bytes, max_bytes)
        try:
            async with asyncio.timeout(LIMIT_S):
                data = await self._bot.http.get_from_cdn(attachment.url)
        except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as error:
            raise PictureError(
                "Discord did not hand out the picture", hint="Attach it again."
            ) from error
        if len(data) > max_bytes:
            raise _too_large(len(data), max_bytes)
        return data


def _too_large(size_bytes: int, max_bytes: int) -> PictureError:
    return PictureError(
        f"the picture has {size_bytes / 2**20:.1f} MB, at most {max_bytes >> 20} are taken",
        hint="Attach a smaller one.",
    )
