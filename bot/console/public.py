"""What platforms call over HTTP, under the public address alone: each checks its signature."""

import logging

from fastapi import APIRouter, Request, Response

from bot.app import App
from domain.errors import ForbiddenError, NotFoundError

logger = logging.getLogger(__name__)


def public_routes(app: App) -> APIRouter:
    """Return the routes of `AI_HANDLER_PUBLIC_URL`; what is not switched on is not there."""
    router = APIRouter(include_in_schema=False)

    @router.post("/slack/events")
    async def slack(request: Request) -> Response:
        """Take a command, an event or a form of Slack's HTTP mode."""
        service = app.chats.services.get("slack")
        if service is None or service.events is None:
            return Response(status_code=404)
        return await service.events(request)

    @router.post("/webhooks/{vendor}")
    async def webhook(vendor: str, request: Request) -> Response:
        """Take a vendor's word that a job goes on; it is then asked after."""
        body = await request.body()
        try:
            app.webhooks.heard(vendor, request.headers, body, app.clock.now())
        except NotFoundError:
            return Response(status_code=404)
        except ForbiddenError as error:
            logger.warning("not believed: %s", error.message)
            return Response(status_code=403)
        return Response(status_code=204)

    return router
