"""The review desk: one picture at a time, with everything that helps to decide."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.gallery import place_of
from bot.console.pages import NO_STORE, Name, named
from bot.console.pages import Piece as PieceHeader
from config.settings import reject_reasons
from domain.errors import NotFoundError
from storage.gallery import Piece, Place

STRIP: Final = 10
"""How many of those that follow are shown small."""
Named = Annotated[str, Query(max_length=40)]


def review_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the review desk."""
    router = APIRouter(include_in_schema=False)
    reasons = reject_reasons()

    @router.get("/review", response_class=HTMLResponse)
    async def review(
        at: Named = "", after: Named = "", name: Name = "", x_piece: PieceHeader = ""
    ) -> HTMLResponse:
        """Show the artwork named, or the first after one that waits for a decision."""
        cursor = desk.surface.cursor
        shown = await _seat(desk, drawing, at=at, after=after)
        shown |= {"name": named(name), "cursor": cursor, "section": "review"}
        template = "review_seat.html" if x_piece else "review.html"
        page = drawing.page(template, **shown, reasons=reasons)
        return HTMLResponse(page, headers=NO_STORE)

    return router


async def _seat(desk: Desk, drawing: Drawing, *, at: str, after: str) -> dict[str, Any]:
    """Return what is seen: the artwork, its run, and those that come after it."""
    piece, wrapped = await _chosen(desk, at, after)
    waiting = await desk.waiting()
    if piece is None:
        return {"piece": None, "waiting": waiting, "strip": [], "wrapped": False}
    run = await desk.run(piece.run_id)
    strip = await desk.app.gallery.waiting(after=piece.place, limit=STRIP)
    return {
        "piece": piece,
        "artwork": run.artwork(piece.number),
        "card": await drawing.card(run),
        "run": run,
        "strip": strip,
        "wrapped": wrapped,
        "waiting": waiting,
        "history": await desk.app.kinship.decisions(piece.run_id, piece.number),
    }


async def _chosen(desk: Desk, at: str, after: str) -> tuple[Piece | None, bool]:
    if at:
        return await _named(desk, place_of(at)), False
    start = place_of(after) if after else None
    found = await desk.app.gallery.waiting(after=start, limit=1)
    if found or start is None:
        return (found[0] if found else None), False
    first = await desk.app.gallery.waiting(limit=1)  # past the end: what was skipped comes again
    return (first[0] if first else None), True


async def _named(desk: Desk, place: Place) -> Piece:
    piece = await desk.app.gallery.piece(place)
    if piece is None:
        raise NotFoundError("no such artwork", hint="It was not made, or its run is another.")
    return piece
