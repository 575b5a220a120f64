"""The review desk: one picture at a time, with everything that helps to decide."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.gallery import place_of
from bot.console.pages import NO_STORE, Name, named
from bot.console.pages import Piece as PieceHeader
from bot.console.translate import SURFACE
from bot.console.veil import HIDDEN, check
from bot.ranking import disagreements
from config.settings import reject_reasons
from domain.errors import NotFoundError
from domain.questions import Order
from storage.gallery import Place
from storage.queue import Waiting

STRIP: Final = 10
"""How many of those that follow are shown small."""
ORDERS: Final = (
    ("close", "Closest calls", "figures nearest to a threshold first"),
    ("disagree", "Disagreement", "where people differ, or votes and figures, first"),
    ("age", "Oldest", "what waits longest first"),
)
Named = Annotated[str, Query(max_length=40)]
Mine = Literal["", "yes"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for, and in which order."""

    by: Order
    mine: bool
    person: str
    """The name that the page remembers; empty if none."""

    @property
    def key(self) -> str:
        """The person's key, where only their own is asked for."""
        return f"{SURFACE}:local:{self.person}" if self.mine else ""

    def query(self, *, by: Order | None = None, mine: bool | None = None) -> str:
        """Return the same as the query of an address, with changes."""
        order, own = by or self.by, self.mine if mine is None else mine
        said = ({"by": order} if order != "age" else {}) | ({"mine": "yes"} if own else {})
        return f"?{urlencode(said)}" if said else ""


def review_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the review desk."""
    router = APIRouter(include_in_schema=False)
    reasons = reject_reasons()

    @router.get("/review", response_class=HTMLResponse)
    async def review(  # noqa: PLR0917  what an address may say, by name
        at: Named = "",
        after: Named = "",
        by: Order = "age",
        mine: Mine = "",
        name: Name = "",
        x_piece: PieceHeader = "",
    ) -> HTMLResponse:
        """Show the artwork named, or the first after one that waits for a decision."""
        cursor = desk.surface.cursor
        asked = Asked(by, mine == "yes", named(name))
        shown = await _seat(desk, drawing, asked, at=at, after=after)
        shown |= {"name": named(name), "cursor": cursor, "section": "review"}
        template = "review_seat.html" if x_piece else "review.html"
        page = drawing.page(template, **shown, reasons=reasons)
        return HTMLResponse(page, headers=NO_STORE)

    @router.get("/disagreements", response_class=HTMLResponse)
    async def apart() -> HTMLResponse:
        """List where people and scorers rank the images of a run differently."""
        hidden = HIDDEN.get().runs
        found = await disagreements(desk.app.judging.ballots)
        shown: dict[str, Any] = {"found": [x for x in found if x.piece.run_id not in hidden]}
        shown |= {"section": "review", "waiting": await desk.waiting()}
        return HTMLResponse(drawing.page("disagreements.html", **shown), headers=NO_STORE)

    return router


async def _seat(
    desk: Desk, drawing: Drawing, asked: Asked, *, at: str, after: str
) -> dict[str, Any]:
    """Return what is seen: the artwork, its run, and those that come after it."""
    piece, wrapped = await _chosen(desk, asked, at, after)
    queue = desk.app.queue
    me = f"{SURFACE}:local:{asked.person}"
    shown: dict[str, Any] = {
        "waiting": await desk.waiting(),
        "many": await queue.count(asked.key),
        "own": await queue.count(me) if asked.person else 0,
        "asked": asked,
        "orders": ORDERS,
        "me": me,
    }
    if piece is None:
        return shown | {"piece": None, "strip": [], "wrapped": False}
    run = await desk.run(piece.run_id)
    check(run)
    strip = await queue.page(asked.by, after=piece.place, mine=asked.key, limit=STRIP)
    return shown | {
        "piece": piece,
        "stands": desk.app.reviewing.stands(piece, asked.by),
        "artwork": run.artwork(piece.number),
        "card": await drawing.card(run),
        "run": run,
        "strip": [one for one in strip if one.run_id not in HIDDEN.get().runs],
        "wrapped": wrapped,
        "history": await desk.app.kinship.decisions(piece.run_id, piece.number),
    }


async def _chosen(desk: Desk, asked: Asked, at: str, after: str) -> tuple[Waiting | None, bool]:
    if at:
        return await _named(desk, place_of(at), asked.by), False
    start = place_of(after) if after else None
    how: dict[str, Any] = {"mine": asked.key, "limit": 1}
    found = await desk.app.queue.page(asked.by, after=start, **how)
    if found or start is None:
        return (found[0] if found else None), False
    first = await desk.app.queue.page(asked.by, **how)  # past the end: what was skipped comes again
    return (first[0] if first else None), True


async def _named(desk: Desk, place: Place, by: Order) -> Waiting:
    piece = await desk.app.queue.stands(place, by)
    if piece is None:
        raise NotFoundError("no such artwork", hint="It was not made, or its run is another.")
    return piece
