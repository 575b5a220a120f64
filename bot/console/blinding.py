"""The blind page: pictures by letter, in an order of one's own, and nothing else until the vote."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE, Name, named
from bot.console.translate import SURFACE, name_of
from bot.console.veil import key_of
from bot.judging import Look, Tile
from bot.plain import plain
from domain.errors import ForbiddenError, NotFoundError
from domain.event import Person

SessionId = Annotated[str, Path(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")]
Letter = Annotated[str, Field(pattern="^[A-T]$")]
MOST_RUNS: Final = 2


class Begin(BaseModel):
    """What is to be looked at."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    runs: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=MOST_RUNS)
    by: str = Field(alias="as")


class Act(BaseModel):
    """Somebody ends a look, or picks."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    by: str = Field(alias="as")


class Picked(Act):
    """Somebody picks a picture by its letter."""

    letter: Letter


def blind_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of blind looks."""
    router = APIRouter(include_in_schema=False)
    judging = desk.app.judging
    _add_acts(router, desk)

    @router.get("/blind")
    async def mine(name: Name = "") -> Response:
        """Go to the look that one has begun last."""
        known = named(name)
        newest = await judging.blinds.newest(key_of(known)) if known else None
        if newest is None:
            hint = "Begin one with the button “Vote blind” on a card, or with the line: blind"
            raise NotFoundError("you look at nothing blind", hint=hint)
        return RedirectResponse(f"/blind/{newest}", status_code=303, headers=NO_STORE)

    @router.get("/blind/{session}", response_class=HTMLResponse)
    async def page(session: SessionId, name: Name = "") -> HTMLResponse:
        """Show the pictures by letter; once it has ended, what they were."""
        look = await _own(desk, session, named(name))
        shown: dict[str, Any] = {"name": named(name), "section": "", "session": session}
        shown |= {"waiting": await desk.waiting(), "brief": look.brief}
        if look.session.ended:
            shown |= await _revealed(desk, look)
            return HTMLResponse(drawing.page("blind_seen.html", **shown), headers=NO_STORE)
        shown["tiles"] = [
            (tile.letter, tile.artwork.width, tile.artwork.height) for tile in look.tiles
        ]
        return HTMLResponse(drawing.page("blind.html", **shown), headers=NO_STORE)

    @router.get("/blind/{session}/pictures/{letter}", response_class=Response)
    async def picture(session: SessionId, letter: str, name: Name = "") -> Response:
        """Hand out a picture without its file's notes; its address says nothing of it."""
        tile = _tile(await _own(desk, session, named(name)), letter)
        data = await desk.app.artifacts.get(tile.artwork.digest)
        made = await desk.app.pixels.run(plain, data)
        return Response(
            made, media_type="image/webp", headers={"cache-control": "private, no-store"}
        )

    return router


def _add_acts(router: APIRouter, desk: Desk) -> None:
    judging = desk.app.judging

    @router.post("/blind")
    async def begin(body: Begin) -> JSONResponse:
        """Begin a look at a run, its family, or two runs."""
        runs = [await desk.run(one) for one in body.runs]
        name = name_of(body.by)
        person = Person(surface=SURFACE, workspace="local", id=name, name=name)
        look = await judging.begin(person, runs)
        return JSONResponse({"address": f"/blind/{look.session.id}"})

    @router.post("/blind/{session}/picks")
    async def pick(session: SessionId, body: Picked) -> JSONResponse:
        """Vote for a letter."""
        look = await _own(desk, session, name_of(body.by))
        tile = _tile(look, body.letter)
        line = f"pick {tile.artwork.index} --blind --in {tile.run.id}"
        where = {"at": "thread", "about": tile.run.id, "root": tile.run.root}
        answer = await desk.say(line, body.by, **where)
        return JSONResponse({"text": answer.text})

    @router.post("/blind/{session}/end")
    async def end(session: SessionId, body: Act) -> JSONResponse:
        """Show everything without a vote."""
        look = await _own(desk, session, name_of(body.by))
        await judging.blinds.end(look.session.id)
        return JSONResponse({"text": ""})


async def _own(desk: Desk, session: str, name: str) -> Look:
    """Return somebody's own look.

    Raises:
        NotFoundError: There is none of that name.
        ForbiddenError: It is somebody else's.
    """
    look = await desk.app.judging.look(session)
    if not name or look.session.person_key != key_of(name):
        raise ForbiddenError(
            "that is somebody else's blind look", hint="Begin your own: each has another order."
        )
    return look


def _tile(look: Look, letter: str) -> Tile:
    found = next((tile for tile in look.tiles if tile.letter == letter), None)
    if found is None:
        raise NotFoundError(f"no picture {letter[:1]!r} in this look")
    return found


async def _revealed(desk: Desk, look: Look) -> dict[str, Any]:
    key = look.session.person_key
    votes = await desk.app.judging.ballots.votes(look.session.run_ids)
    mine = {(one.run_id, one.number) for one in votes if one.person_key == key}
    titles = {entry.card.id: entry.card.title for entry in desk.app.catalogue.entries}
    return {
        "tiles": look.tiles,
        "mine": mine,
        "titles": titles,
        "runs": look.runs,
    }
