"""Unfinished pictures over HTTP: what a vendor shows of an image while it is made."""

from fastapi import APIRouter, Response

from bot.console.desk import Desk
from bot.darkroom import thumbnail
from domain.errors import NotFoundError


def preview_routes(desk: Desk) -> APIRouter:
    """Return the route that hands out how an image looks just now; nothing of it is kept."""
    router = APIRouter()

    @router.get("/api/runs/{run}/previews/{number}", tags=["pictures"], response_class=Response)
    async def preview(run: str, number: int) -> Response:
        """Hand out how an unfinished image looks just now, as a small WebP."""
        known = await desk.run(run)
        data = desk.app.bus.preview(known.id, number)
        if not data:
            raise NotFoundError(
                f"{known.ref} #{number} has no preview",
                hint="Only some vendors show a picture while it is made.",
            )
        small = await desk.app.pixels.run(thumbnail, data)
        return Response(small, media_type="image/webp", headers={"cache-control": "no-store"})

    return router
