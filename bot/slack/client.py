"""The line to Slack: one client, who we are there, and every failure in our own words."""

import io
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.faults import OURS, fault_of, problem_of
from config.records import SlackSettings
from domain.errors import SurfaceDownError

logger = logging.getLogger(__name__)
TIMES: Final = aiohttp.ClientTimeout(total=120, sock_connect=5, sock_read=15)
RATE_TRIES: Final = 3
BOT: Final = "SLACK_BOT_TOKEN"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Me:
    """The bot, as Slack knows it."""

    team: str
    user: str
    bot: str
    name: str


NOBODY: Final = Me("", "", "", "the bot")


class Line:
    """A client of the Web API that raises our errors."""

    def __init__(self, settings: SlackSettings, session: aiohttp.ClientSession) -> None:
        token = settings.bot_token.get_secret_value() if settings.bot_token else ""
        self.token = token
        self.api_url = settings.api_url
        self.session = session
        self.client = AsyncWebClient(
            token=token,
            base_url=settings.api_url,
            session=session,
            # The default handler repeats posts whose answer was lost, so that they appear twice
            # (slack_sdk 3.47): only a refusal for the rate is repeated here.
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=RATE_TRIES)],
        )
        self.me = NOBODY
        self.problem = ""
        """What is wrong with the token or the scopes; empty if nothing is."""
        self.refused = False
        """The token is no good: nothing is tried any more."""

    def known(self) -> Me:
        """Return who we are.

        Raises:
            SurfaceDownError: Slack was not reached yet.
        """
        if not self.me.team:
            raise SurfaceDownError(self.problem or "Slack is not connected yet", retry_after_s=5.0)
        return self.me

    async def ask(self, call: Awaitable[AsyncSlackResponse], token: str = BOT) -> Json:
        """Await a call of the client and return what it says.

        Raises:
            RefusedError: It will never be taken.
            SurfaceDownError: Not now.
        """
        try:
            return _told(await call)
        except OURS as error:
            self.note(error, token)
            raise fault_of(error, self.me.name) from error

    async def upload(
        self, name: str, data: bytes, *, channel: str | None = None, thread: str | None = None
    ) -> str:
        """Upload a file and return its id; without a channel only the bot has it.

        Not the SDK's own ``files_upload_v2``: it sends whole bytes at once, which stops the event
        loop where they are many (slack_sdk 3.47).

        Raises:
            RefusedError: It will never be taken.
            SurfaceDownError: Not now.
        """
        client = self.client
        told = await self.ask(client.files_getUploadURLExternal(filename=name, length=len(data)))
        try:
            async with self.session.post(
                told["upload_url"], data=io.BytesIO(data), proxy=client.proxy
            ) as answer:
                answer.raise_for_status()
        except OURS as error:
            raise fault_of(error, self.me.name) from error
        files: list[dict[str, str | None]] = [{"id": str(told["file_id"]), "title": name}]
        await self.ask(
            client.files_completeUploadExternal(files=files, channel_id=channel, thread_ts=thread)
        )
        return str(told["file_id"])

    def uninstalled(self) -> None:
        """Remember that the workspace has taken the app away."""
        self.refused = True
        self.problem = "The app was uninstalled from the workspace: install it again."
        logger.error("%s", self.problem)

    def note(self, error: BaseException, token: str = BOT) -> None:
        """Remember what is wrong with the token; said once."""
        problem = problem_of(error, token)
        if problem and problem != self.problem:
            self.refused, self.problem = True, problem
            logger.error("%s", problem)


def _told(response: AsyncSlackResponse) -> Json:
    return dict(response.data) if isinstance(response.data, dict) else {}
