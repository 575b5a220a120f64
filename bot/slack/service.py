"""Slack, connected while a block runs: by Socket Mode, or called over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
from starlette.requests import Request
from starlette.responses import Response

from bot.chat.tools import Hear, Tools
from bot.chat.watch import Owned
from bot.slack.bolt import bolt_app, over_http
from bot.slack.client import TIMES, Line
from bot.slack.connecting import Connection
from bot.slack.fetching import Downloads
from bot.slack.hearing import Ears
from bot.slack.home import HomeTab
from bot.slack.people import People
from bot.slack.rooms import Rooms
from bot.slack.surface import SlackSurface
from bot.slack.translate import Translator
from bot.slack.uploads import Uploads
from config.records import SlackSettings

FIRST_S: Final = 5.0
"""How long the start waits for Slack; a platform that is away is tried on beside the rest."""
DRAIN_S: Final = 8.0
Events = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class SlackService:
    """Slack, as the rest of the service knows it."""

    surface: SlackSurface
    directory: People
    fetcher: Downloads
    line: Line
    connection: Connection
    working: Owned
    """What goes on."""
    events: Events | None
    """Takes what Slack posts in HTTP mode, its signature checked; None in Socket Mode."""

    @property
    def problem(self) -> str:
        """What keeps it from working, and what to do; empty if nothing does."""
        return self.line.problem


@asynccontextmanager
async def slack_service(
    settings: SlackSettings, hear: Hear, tools: Tools
) -> AsyncIterator[SlackService]:
    """Connect to Slack while the block runs.

    Entering waits a moment for the first connection, then goes on without it. Leaving stops to
    listen, lets what was heard be answered, and waits for what it started, 8 s at most.

    Args:
        settings: Tokens, address and mode.
        hear: The shared desk.
        tools: What every adapter is handed.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=TIMES))
        line, owned = Line(settings, session), Owned()
        people, rooms = People(line, tools.clock), Rooms(line, tools.clock)
        uploads = Uploads(line, tools)
        ears = Ears(
            line,
            hear=hear,
            translator=Translator(line, people, rooms),
            rooms=rooms,
            uploads=uploads,
            home=HomeTab(line, uploads, people, tools),
            owned=owned,
        )
        app = bolt_app(line, ears, settings)
        connection = Connection(line, app, settings, tools.clock)
        stack.push_async_callback(owned.drain, DRAIN_S)
        stack.push_async_callback(connection.close, ears)
        await connection.start(FIRST_S)
        if not line.problem:
            owned.start(people.learn(), "names of the workspace")
        yield SlackService(
            surface=SlackSurface(line, uploads, owned, tools),
            directory=people,
            fetcher=Downloads(line),
            line=line,
            connection=connection,
            working=owned,
            events=over_http(app, line) if settings.mode == "http" else None,
        )
