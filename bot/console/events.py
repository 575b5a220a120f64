"""Streams of server-sent events: redraws for open pages, reports for whoever waits for a run."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.surface import Told
from bot.console.veil import HIDDEN, check, hidden_from, name_in
from domain.surface import NoteLine

BEAT_S: Final = 15.0
"""A comment goes out after so much silence, so that a dead connection is noticed."""
RETRY_MS: Final = 1000
DRAWN: Final = 64
HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Redraws:
    """Draws each message once, however many pages are open."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._drawn: OrderedDict[int, str] = OrderedDict()
        self._one = asyncio.Lock()

    async def event(self, told: Told, cursor: str) -> str:
        """Return a message as an event; to whoever looks blind, without what is hidden."""
        hidden = HIDDEN.get()
        if told.what.root_id in hidden.roots:
            if isinstance(told.what, NoteLine) and told.what.run_id in hidden.runs:
                return ": hidden\n\n"
            kind, data = await self._drawing.message(told)
            return sse(kind, data, cursor)
        async with self._one:
            if told.number not in self._drawn:
                kind, data = await self._drawing.message(told)
                self._drawn[told.number] = sse(kind, data, cursor)
            if len(self._drawn) > DRAWN:
                self._drawn.popitem(last=False)
            return self._drawn[told.number]


def event_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes that stream."""
    router = APIRouter()
    redraws = Redraws(drawing)

    @router.get("/events", include_in_schema=False)
    async def page_events(
        request: Request,
        after: Annotated[str, Query(max_length=64)] = "",
        last_event_id: Annotated[str, Header(max_length=64)] = "",
    ) -> StreamingResponse:
        """Tell an open page what changed since it was drawn; `stale` if that is not known here."""
        name = name_in(request.headers)
        return _stream(_redrawing(desk, redraws, last_event_id or after, name))

    @router.get("/api/runs/{run}/events", tags=["runs"], response_class=StreamingResponse)
    async def run_events(run: str) -> StreamingResponse:
        """Stream a run's report at each change, until it has ended."""
        known = await desk.run(run)
        check(known)
        return _stream(_reporting(desk, known.id))

    return router


def sse(kind: str, data: dict[str, Any], cursor: str = "") -> str:
    """Write one event; JSON holds no line end, so the data is one line."""
    named = f"id: {cursor}\n" if cursor else ""
    return f"{named}event: {kind}\ndata: {json.dumps(data)}\n\n"


def _stream(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


async def _redrawing(desk: Desk, redraws: Redraws, cursor: str, name: str) -> AsyncIterator[str]:
    surface = desk.surface
    number = surface.since(cursor)
    yield f"retry: {RETRY_MS}\n\n"
    if number is None:
        yield sse("stale", {}, surface.cursor)
        number = surface.count
    async for fresh in surface.listen(number, beat_s=BEAT_S):
        if fresh:
            HIDDEN.set(await hidden_from(desk.app.judging, name))
        for told in fresh:
            yield await redraws.event(told, surface.at(told))
        if not fresh:
            yield ": still here\n\n"


async def _reporting(desk: Desk, run_id: str) -> AsyncIterator[str]:
    revision: int | None = None
    while not desk.surface.closed:
        run = await desk.changed(run_id, after=revision, wait_s=BEAT_S)
        if run.revision == revision:
            yield ": still here\n\n"
            continue
        revision = run.revision
        yield sse("run", await desk.app.report(run), str(revision))
        if run.ended:
            return
