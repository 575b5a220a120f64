"""What platforms call over HTTP, under the public address alone: each checks its signature."""

from fastapi import APIRouter, Request, Response

from bot.app import App


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

    return router
