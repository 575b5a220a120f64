"""Gets and keeps the connection: token and scopes are checked first, a Slack that is away waits."""

import asyncio
import logging
from typing import Any, Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.slack.client import Line, Me
from bot.slack.faults import OURS, fault_of
from bot.slack.hearing import Ears
from bot.slack.manifest import SCOPES
from config.records import SlackSettings
from domain.errors import SurfaceDownError, SurfaceError
from domain.ports import Clock

logger = logging.getLogger(__name__)
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
CONNECT_S: Final = 20.0
LOOK_S: Final = 5.0
MISSING: Final = 3
"""So often in a row no connection was seen: then a new one is made from the start."""
FIRST: Final = asyncio.FIRST_COMPLETED
PING_S: Final = 10.0
ANSWERS_S: Final = 2.0
"""What was heard before the end is answered within this time."""


class Connection:
    """One app's connection."""

    def __init__(self, line: Line, app: AsyncApp, settings: SlackSettings, clock: Clock) -> None:
        self._line = line
        self._app = app
        self._settings = settings
        self._clock = clock
        self._handler: AsyncSocketModeHandler | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[Any]] = set()
        self._tried = asyncio.Event()

    async def start(self, first_s: float) -> None:
        """Connect; return after the first try, or after *first_s*, and go on beside the rest."""
        self._keeping = asyncio.create_task(self._keep(), name="connection to Slack")
        waiting = asyncio.create_task(self._tried.wait(), name="first try")
        await asyncio.wait({waiting, self._keeping}, timeout=first_s, return_when=FIRST)
        waiting.cancel()

    async def _keep(self) -> None:
        """Connect, and again when the connection is lost and the SDK does not get it back."""
        wait_s = FIRST_WAIT_S
        while not self._line.refused:
            done = await self._once()
            self._tried.set()
            if done and self._settings.mode == "http":
                return
            if done:
                wait_s = FIRST_WAIT_S
                await self._until_lost()
            await self._hang_up()
            if not self._line.refused:
                await self._clock.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _once(self) -> bool:
        """Try once."""
        try:
            await self._introduce()
            if self._settings.mode == "socket":
                await self._open_socket()
        except SurfaceError as error:
            if not self._line.refused:
                logger.warning("Slack is tried again: %s", error.message)
            return False
        logger.info("Slack is connected: workspace %s", self._line.me.team)
        return True

    async def _until_lost(self) -> None:
        """Return when the SDK has had no connection for a while.

        Its own reconnecting goes on with one address for ever, and an address is good only once
        (slack_sdk 3.47).
        """
        missing = 0
        while missing < MISSING and self._handler is not None:
            await self._clock.sleep(LOOK_S)
            missing = 0 if await self._handler.client.is_connected() else missing + 1
        logger.warning("the connection to Slack is lost")

    async def _introduce(self) -> None:
        """Ask who we are, and compare the scopes with what is needed."""
        try:
            response = await self._line.client.auth_test()
        except OURS as error:
            self._line.note(error)
            raise fault_of(error, self._line.me.name) from error
        given = str(response.headers.get("x-oauth-scopes") or "")
        lacking = sorted(set(SCOPES) - set(given.replace(" ", "").split(","))) if given else []
        if lacking:
            self._line.problem = (
                f"The app lacks the scopes {', '.join(lacking)}: add them and install it again "
                "(docs/slack.md)."
            )
            logger.warning("%s", self._line.problem)
        elif not self._line.refused:
            self._line.problem = ""
        told = response.data if isinstance(response.data, dict) else {}
        self._line.me = Me(
            team=str(told.get("team_id", "")),
            user=str(told.get("user_id", "")),
            bot=str(told.get("bot_id", "")),
            name=str(told.get("user") or "the bot"),
        )

    async def _open_socket(self) -> None:
        token = self._settings.app_token
        secret = token.get_secret_value() if token else ""
        opened = await self._line.ask(
            self._line.client.apps_connections_open(app_token=secret), "SLACK_APP_TOKEN"
        )
        self._handler = AsyncSocketModeHandler(
            self._app, secret, logger=logger, web_client=self._line.client, ping_interval=PING_S
        )
        self._handler.client.wss_uri = str(opened["url"])
        self._handler.client.socket_mode_request_listeners = [self._take]
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            raise SurfaceDownError("the socket does not open") from error

    async def _hang_up(self) -> None:
        handler, self._handler = self._handler, None
        if handler:
            await handler.close_async()  # type: ignore[no-untyped-call]

    async def _take(self, client: Any, request: Any) -> None:
        """Handle one envelope; the end waits until it is answered."""
        task = asyncio.current_task()
        handler = self._handler
        if handler is None or task is None:
            return
        self._answering.add(task)
        try:
            await handler.handle(client, request)
        finally:
            self._answering.discard(task)

    async def close(self, ears: Ears) -> None:
        """Take nothing new, let what was heard be answered, and hang up."""
        ears.closed = True
        if self._keeping:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=ANSWERS_S)
        await self._hang_up()
