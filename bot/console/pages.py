"""The pages: a feed of cards with its composer, a run with its thread, and their pieces."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import APIRouter, Cookie, Header, Query
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict

from bot.console.desk import Desk
from bot.console.drawing import FEED, Drawing, Post
from bot.console.translate import error_record, name_of
from bot.console.veil import HIDDEN, check
from bot.grammar import parse, render
from bot.judged import shown as judged_of
from bot.ranking import Group, ranking
from bot.shipping import command_line
from domain.command import Imagine
from domain.errors import CommandError, HandlerError
from domain.run import Run
from domain.spec import MAX_PROMPT_CHARS
from pipeline.quote import added

PROMPTS: Final = frozenset({"prompt", "negative_prompt", "settings"})
"""Shown apart: they are long."""
NO_STORE: Final = {"cache-control": "no-store"}
Before = Annotated[str | None, Query(max_length=40)]
Draught = Annotated[str, Query(alias="draft", max_length=MAX_PROMPT_CHARS)]
Name = Annotated[str, Cookie(alias="name", max_length=400)]
Piece = Annotated[str, Header(alias="x-piece")]
"""Sent by our own scripts, which want a piece of a page and not the whole of it."""


class Draft(BaseModel):
    """A line that is being typed."""

    model_config = ConfigDict(extra="forbid")

    text: str


def page_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)
    _add_feed(router, desk, drawing)
    _add_run(router, desk, drawing)
    _add_quote(router, desk)
    return router


def _add_feed(router: APIRouter, desk: Desk, drawing: Drawing) -> None:
    @router.get("/", response_class=HTMLResponse)
    async def home(
        before: Before = None, draft: Draught = "", name: Name = "", x_piece: Piece = ""
    ) -> HTMLResponse:
        """Show the newest cards, or those before a run; *draft* stands in the text field."""
        cursor = desk.surface.cursor
        older = (await desk.run(before)).id if before else None
        shown = _around(await drawing.feed(older), name, cursor) | {"newest": before is None}
        shown |= {"waiting": await desk.waiting(), "draft": draft}
        template = "feed.html" if x_piece else "home.html"
        return HTMLResponse(drawing.page(template, **shown), headers=NO_STORE)


def _add_run(router: APIRouter, desk: Desk, drawing: Drawing) -> None:
    @router.get("/runs/{run}", response_class=HTMLResponse)
    async def thread(run: str, name: Name = "", x_piece: Piece = "") -> HTMLResponse:
        """Show a run's thread beside its card."""
        cursor = desk.surface.cursor
        opened = await drawing.thread((await desk.run(run)).root)
        if x_piece:
            return HTMLResponse(drawing.page("thread.html", thread=opened), headers=NO_STORE)
        posts = await drawing.posts([await desk.run(opened.root.run_id)])
        shown = _around(posts, name, cursor) | {"opened": opened, "newest": False, "earlier": None}
        shown["waiting"] = await desk.waiting()
        return HTMLResponse(drawing.page("home.html", **shown), headers=NO_STORE)

    @router.get("/runs/{run}/details", response_class=HTMLResponse)
    async def details(run: str, name: Name = "", x_piece: Piece = "") -> HTMLResponse:
        """Show every parameter of a run."""
        known = await desk.run(run)
        check(known)
        shown = {"card": await drawing.card(known), "name": named(name)} | await _all(desk, known)
        shown["waiting"] = await desk.waiting()
        template = "details.html" if x_piece else "details_page.html"
        return HTMLResponse(drawing.page(template, **shown), headers=NO_STORE)


def _add_quote(router: APIRouter, desk: Desk) -> None:
    @router.post("/quote")
    async def quote(draft: Draft) -> JSONResponse:
        """Say what a line would make, while it is typed; a line that is wrong has no quote yet."""
        try:
            command = parse(draft.text)
            if not isinstance(command, Imagine) or command.flags.images:
                return JSONResponse({"quote": ""})
            flags = command.flags.model_copy(update={"dry_run": True})
            line = render(command.model_copy(update={"flags": flags}))
            answer = await desk.say(line, "someone", confirmed=True)
        except HandlerError as error:
            return JSONResponse({"quote": ""} | error_record(error))
        return JSONResponse({"quote": _quote(desk, answer.planned)})


def _quote(desk: Desk, runs: Sequence[Run]) -> str:
    """Say what planned runs make and cost; nothing of nothing."""
    if len(runs) != 1:
        return f"{len(runs)} models · {added([run.quote for run in runs]).text}" if runs else ""
    (run,) = runs
    titles = {entry.card.id: entry.card.title for entry in desk.app.catalogue.entries}
    title = titles.get(run.route.model, run.route.model)
    price = f"${run.quote.usd:.2f}" if run.quote.usd else "free"
    images = "1 image" if run.spec.count == 1 else f"{run.spec.count} images"
    return f"{title} · {images} · {price} · {run.route.task}: {run.route.reason}"


def _around(feed: list[Post], name: str, cursor: str) -> dict[str, Any]:
    return {
        "feed": feed,
        "earlier": feed[0].card.run_id if len(feed) == FEED else None,
        "opened": None,
        "name": named(name),
        "cursor": cursor,
        "section": "chat",
    }


def named(cookie: str) -> str:
    """Return the name that the page remembers, if it still is one."""
    try:
        return name_of(unquote(cookie))
    except CommandError:
        return ""


async def _all(desk: Desk, run: Run) -> dict[str, Any]:
    report = await desk.app.report(run)
    commands = [(made.index, command_line(run, made)) for made in run.artworks]
    hidden = HIDDEN.get().runs
    kin = [
        one.model_copy(update={"digests": ()}) if one.id in hidden else one
        for one in await desk.app.kinship.kin(run.root)
    ]
    return {
        "report": report,
        "ranking": [] if run.root in HIDDEN.get().roots else await _ranked(desk, run),
        "commands": commands,
        "run": run,
        "kin": kin,
        "history": await desk.app.kinship.decisions(run.id),
        "asked": _asked(run),
        "items": () if run.kind == "text" else await desk.app.handler.checklist(run),
        "judged": judged_of(run, await desk.app.calibrating.verdicts.explained(run.id)),
    }


async def _ranked(desk: Desk, run: Run) -> list[Group]:
    """Return the thread's images by votes; nothing while nobody has voted."""
    groups = await ranking(desk.app.judging.ballots, run)
    return [one for one in groups if any(image.standing.voters for image in one.images)]


def _asked(run: Run) -> list[tuple[str, Any, Any]]:
    """Return each parameter as it was asked for and as it was sent; None where nobody asked."""
    told = run.spec.model_dump(mode="json")
    sent = run.parameters.model_dump(mode="json")
    names = [name for name in sent if name not in PROMPTS]
    return [(name, told.get(name), sent[name]) for name in names]
