"""AI Handler on Discord, connected while a block runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

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
from config.records import DiscordSettings
from domain.ports import Clock

logger = logging.getLogger(__name__)
FIRST_WAIT_S: Final = 2.0
LONGEST_WAIT_S: Final = 60.0
WRONG_TOKEN: Final = "Discord refuses DISCORD_TOKEN: copy it anew from the portal's Bot page."  # noqa: S105  words about it
NO_CONTENT: Final = (
    "Message Content Intent is off: switch it on in the portal's Bot page, or set "
    "discord.message_content = false."
)


@dataclass(slots=True)
class DiscordService:
    """One bot, and what the service sees of it."""

    bot: HandlerBot
    surface: DiscordSurface
    directory: DiscordDirectory
    fetcher: DiscordFetcher
    trouble: str = ""
    """What keeps it from being connected."""
    ended: bool = False
    """It is to be connected no more."""
    events: Events | None = None
    """Discord is always called, it never calls."""

    @property
    def problem(self) -> str:
        """What keeps it from working, and what to do; empty if nothing does."""
        return self.trouble or self.bot.problem


def build(settings: DiscordSettings, hear: Hear, tools: Tools) -> DiscordService:
    """Put a bot together that is not connected yet."""
    bot = HandlerBot(settings, hear, tools)
    return DiscordService(
        bot=bot,
        surface=DiscordSurface(bot, bot.sending, bot.owned),
        directory=DiscordDirectory(bot),
        fetcher=DiscordFetcher(settings.api_url),
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
    service.bot.add_listener(_settled(service), "on_ready")
    connecting = asyncio.create_task(_connected(service, settings, tools.clock), name="discord")
    try:
        yield service
    finally:
        await service.bot.close()
        service.ended = True
        connecting.cancel()
        await asyncio.wait({connecting})


async def _connected(service: DiscordService, settings: DiscordSettings, clock: Clock) -> None:
    """Stay connected; what waiting cannot mend is said once."""
    token = settings.token.get_secret_value() if settings.token else ""
    wait_s = FIRST_WAIT_S
    while not service.ended:
        try:
            await service.bot.start(token)
        except discord.LoginFailure:
            _say(service, WRONG_TOKEN)
            return
        except discord.PrivilegedIntentsRequired:
            _say(service, NO_CONTENT)
            return
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            _say(service, f"Discord is away ({type(error).__name__}): tried again by itself.")
        except Exception:
            logger.exception("the connection to Discord broke")
            _say(service, "The connection to Discord broke; the log says where.")
            return
        await service.bot.rest()
        await clock.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


def _say(service: DiscordService, trouble: str) -> None:
    service.trouble = trouble
    logger.error("%s", trouble)


def _settled(service: DiscordService) -> Callable[[], Coroutine[Any, Any, None]]:
    async def on_ready() -> None:
        service.trouble = ""
        logger.info("connected to Discord")

    return on_ready
