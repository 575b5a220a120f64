"""The digest as a page: what waits at a glance, what was decided, what an approved image costs."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE
from bot.console.veil import check
from bot.digesting import people


def digest_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/digest", response_class=HTMLResponse)
    async def digest() -> HTMLResponse:
        """Show what a channel would be told now, and which channels are told when."""
        digesting = desk.app.digesting
        glance = await digesting.glance()
        for piece in (*glance.closest, *filter(None, (glance.oldest,))):
            check(await desk.run(piece.run_id))
        shown = {
            "glance": glance,
            "approved": people(glance.sums.approved),
            "channels": await digesting.digests.all(),
            "settings": digesting.settings,
            "section": "review",
            "waiting": glance.sums.waiting,
        }
        return HTMLResponse(drawing.page("digest.html", **shown), headers=NO_STORE)

    return router
