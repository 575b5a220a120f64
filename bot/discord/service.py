"""AI Handler on Discord, connected while a block runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.chats import Events
from bot.chat.tools import Hear, Tools
from bot.discord.bot import HandlerBot
from bot.discord.directory import DiscordDirectory
from bot.discord.fetcher import DiscordFetcher
from bot.discord.surface import DiscordSurface
from config.settings import DiscordSettings

logger = logging.getLogger(__name__)
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 60.0


@dataclass(slots=True)
class DiscordService:
    """One bot, and what the service sees of it."""

    bot: HandlerBot
    surface: DiscordSurface
    directory: DiscordDirectory
    fetcher: DiscordFetcher
    problem: str = ""
    """What keeps it from working, and what to do."""
    events: Events | None = None
    """Discord is always called, it never calls."""


def build(settings: DiscordSettings, hear: Hear, tools: Tools) -> DiscordService:
    """Put a bot together that is not connected yet."""
    bot = HandlerBot(settings, hear, tools)
    return DiscordService(
        bot=bot,
        surface=DiscordSurface(bot, bot.sending),
        directory=DiscordDirectory(bot),
        fetcher=DiscordFetcher(bot, settings.api_url),
    )


@asynccontextmanager
async def discord_service(
    settings: DiscordSettings, hear: Hear, tools: Tools
) -> AsyncIterator[DiscordService]:
    """Connect while the block runs; Discord's absence is waited out beside it."""
    Route.BASE = settings.api_url
    if settings.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)
    service = build(settings, hear, tools)
    connecting = asyncio.create_task(_connected(service, settings), name="discord")
    try:
        yield service
    finally:
        await service.bot.close()
        connecting.cancel()
        await asyncio.wait({connecting})


async def _connected(service: DiscordService, settings: DiscordSettings) -> None:
    """Stay connected; what waiting cannot mend is said once."""
    token = settings.token.get_secret_value() if settings.token else ""
    wait_s = FIRST_WAIT_S
    while not service.bot.is_closed():
        try:
            await service.bot.start(token)
        except discord.LoginFailure:
            service.problem = (
                "Discord refuses DISCORD_TOKEN: copy it anew from the portal's Bot page."
            )
        except discord.PrivilegedIntentsRequired:
            service.problem = (
                "Message Content Intent is off: switch it on in the portal's Bot page, or set "
                "discord.message_content = false."
            )
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            logger.warning("Discord is away (%s), tried again in %g s", error, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            continue
        except Exception:
            logger.exception("the connection to Discord broke")
            service.problem = "The connection to Discord broke; the log says where."
        if service.problem:
            logger.error("%s", service.problem)
        return
