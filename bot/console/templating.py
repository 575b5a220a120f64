"""The pages of prompt templates: a list to search, one with its versions, and two compared."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE, Name, named
from bot.template_shelf import line_of
from domain.errors import CommandError
from domain.spec import SEGMENTS
from domain.template import KEPT, Slot, Template
from pipeline.templating import slots_of
from pipeline.worddiff import Piece, word_diff

MOST: Final = 60
Words = Annotated[str, Query(alias="q", max_length=200)]
Version = Annotated[int | None, Query(ge=1)]


def template_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)
    store = desk.app.templates

    @router.get("/templates", response_class=HTMLResponse)
    async def listed(words: Words = "") -> HTMLResponse:
        """Show the templates that hold every word, the most used first."""
        found = await store.find(words, most=MOST)
        shown = {"held": [(one, parts(one.template)) for one in found], "words": words.strip()}
        return await page("templates.html", shown)

    @router.get("/templates/{template}", response_class=HTMLResponse)
    async def one(
        template: str, a: Version = None, b: Version = None, name: Name = ""
    ) -> HTMLResponse:
        """Show one template: its words, its slots, its versions, and two of them compared."""
        versions = await store.versions(template)
        newest = await store.named(template, b)
        older = _before(versions, newest) if a is None else await store.named(template, a)
        shown = {
            "name": named(name),
            "one": newest,
            "parts": parts(newest),
            "slots": _slots(newest),
            "flags": _flags(newest),
            "versions": versions,
            "older": older,
            "changes": _changes(older, newest) if older else {},
            "line": line_of(newest),
            "use": use_of(newest),
        }
        return await page("template.html", shown)

    async def page(template: str, shown: dict[str, Any]) -> HTMLResponse:
        shown |= {"section": "library", "waiting": await desk.waiting()}
        return HTMLResponse(drawing.page(template, **shown), headers=NO_STORE)

    return router


def parts(one: Template) -> list[tuple[str, str]]:
    """Return the segments of a template that say something."""
    return [(name, one.segments[name].text) for name in SEGMENTS if one.segments[name]]


def use_of(one: Template) -> str:
    """Return what one types to use it; a piece of a prompt is named in its segment."""
    said = parts(one)
    needed = "".join(f" {slot.name}=…" for slot in _slots(one) if slot.default is None)
    if len(said) == 1 and said[0][0] != "subject":
        return f"{said[0][0]}=@{one.name}{needed}"
    return f"--template {one.name}{needed}"


def _slots(one: Template) -> list[Slot]:
    try:
        return list(slots_of([text for _, text in parts(one)]).values())
    except CommandError:
        return []


def _flags(one: Template) -> dict[str, Any]:
    return one.flags.model_dump(mode="json", include=set(KEPT), exclude_defaults=True)


def _before(versions: list[tuple[Template, Any]], newest: Template) -> Template | None:
    earlier = [one for one, _ in versions if one.version < newest.version]
    return earlier[0] if earlier else None


def _changes(older: Template, newer: Template) -> dict[str, tuple[Piece, ...]]:
    return {
        name: word_diff(older.segments[name].text, newer.segments[name].text)
        for name in SEGMENTS
        if older.segments[name] != newer.segments[name]
    }
