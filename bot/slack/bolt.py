"""The bolt app: it checks signatures and speaks the protocol; what to do is ours."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import Response

from bot.slack.client import Line
from bot.slack.hearing import Ears
from config.records import SlackSettings

AWAY: Final = 503
_logger = logging.getLogger(f"{__name__}.app")


def bolt_app(line: Line, ears: Ears, settings: SlackSettings) -> AsyncApp:
    """Make the app. One middleware hears everything, so that nothing is left unanswered."""

    async def authorize() -> AuthorizeResult:
        me = line.me
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team,
            bot_user_id=me.user,
            bot_id=me.bot,
            bot_token=line.token,
        )

    secret = settings.signing_secret
    _logger.setLevel(logging.ERROR)  # it warns of tokens in the environment, which are ours
    app = AsyncApp(
        logger=_logger,
        name="ai-handler",
        client=AsyncWebClient(base_url=line.api_url, session=line.session),
        signing_secret=secret.get_secret_value() if secret else "unused in socket mode",
        authorize=authorize,
    )
    _logger.setLevel(logging.NOTSET)

    async def hears(req: AsyncBoltRequest) -> BoltResponse:
        return await ears.answer(req.body)

    app.middleware(hears)
    return app


def over_http(app: AsyncApp, line: Line) -> Callable[[Request], Awaitable[Response]]:
    """Return what takes Slack's requests: each is signed, and no older than five minutes."""
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        if not line.me.team:
            return Response(status_code=AWAY)
        return await handler.handle(request)

    return events
