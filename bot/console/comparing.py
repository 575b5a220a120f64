"""The compare page: a run beside its baseline, or any other, in pictures, words and figures."""

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from bot.console import contrast, figures
from bot.console.artworks import FOREVER
from bot.console.contrast import Pair, Side
from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE, Name, named
from bot.console.translate import error_record, status_of
from bot.console.veil import HIDDEN, check
from bot.differing import Differing
from bot.ranking import blind_line
from domain.errors import ConflictError, HandlerError, NotFoundError
from domain.run import Run
from pipeline.replay import baseline_line
from storage.differences import Differences

Hexadecimal = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
OFFERED: Final = 20
"""From how many of the newest threads runs are offered."""
SHORT_CHARS: Final = 40
TAIL_CHARS: Final = 4
NAME_CHARS: Final = 18


@dataclass(frozen=True, slots=True)
class Offer:
    """A run that can be chosen."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page was asked to compare: the runs as far as they were found, and what is wrong."""

    new: Run | None = None
    old: Run | None = None
    error: HandlerError | None = None


def compare_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the compare page."""
    router = APIRouter(include_in_schema=False)
    app = desk.app
    differing = Differing(app.pixels, app.artifacts, Differences(app.settings.data_dir))
    comparing = Comparing(desk, drawing, differing)

    @router.get("/compare/differences/{old}/{new}", response_class=Response)
    async def difference(old: Hexadecimal, new: Hexadecimal) -> Response:
        """Hand out the picture of what differs between two artworks."""
        found = await differing.between(f"sha256:{old}", f"sha256:{new}")
        if not found.data:
            raise NotFoundError("pictures of other shapes are not laid over each other")
        headers = {"cache-control": FOREVER}
        return Response(found.data, media_type="image/webp", headers=headers)

    @router.get("/compare", response_class=HTMLResponse)
    async def compare(a: str = "", b: str = "", name: Name = "") -> HTMLResponse:
        """Show run *a* against run *b*, or against its baseline; without *a*, offer runs."""
        choice = await _chosen(desk, a.strip(), b.strip())
        shown: dict[str, Any] = {"form": await _form(desk, choice), "error": None, "both": None}
        shown |= {"section": "compare", "waiting": await desk.waiting(), "name": named(name)}
        if choice.error:
            shown["error"] = error_record(choice.error)["error"]
        elif choice.new and choice.old:
            shown["both"] = await comparing.contrast(choice.old, choice.new)
        status = status_of(choice.error) if choice.error else 200
        page = drawing.page("compare.html", **shown)
        return HTMLResponse(page, status_code=status, headers=NO_STORE)

    return router


async def _chosen(desk: Desk, a: str, b: str) -> Choice:
    """Find both runs; what is wrong is kept beside what was found, so that the form keeps it."""
    new, wrong = await _found(desk, a)
    old, also = await _found(desk, b)
    error = wrong or also
    try:
        if new and not b:
            old = await _baseline(desk, new)
        check(*filter(None, (new, old)))
        if new and old and new.id == old.id:
            raise ConflictError(f"{new.ref} is chosen twice", hint="Choose another run.")
    except HandlerError as refused:
        error = error or refused
    hidden = HIDDEN.get().runs
    new, old = (None if one and one.id in hidden else one for one in (new, old))
    return Choice(new, old, error)


async def _found(desk: Desk, name: str) -> tuple[Run | None, HandlerError | None]:
    try:
        return (await desk.run(name) if name else None), None
    except HandlerError as error:
        return None, error


async def _baseline(desk: Desk, run: Run) -> Run:
    if run.baseline is None:
        raise ConflictError(
            f"{run.ref} is the baseline itself", hint="Choose another run to compare it with."
        )
    return await desk.app.log.run(run.baseline)


async def _form(desk: Desk, choice: Choice) -> dict[str, Any]:
    """Return what can be chosen, by thread, newest first; what was chosen is always among it."""
    roots = await desk.app.search.roots(limit=OFFERED)
    threads = [await desk.app.search.thread(root.id) for root in roots]
    groups = [(_brief(runs[0]), [_offer(run) for run in reversed(runs)]) for runs in threads]
    listed = {run.id for runs in threads for run in runs}
    chosen = {run.id: run for run in (choice.new, choice.old) if run}
    older = [_offer(run) for run in chosen.values() if run.id not in listed]
    return {
        "groups": [*([("Chosen", older)] if older else []), *groups],
        "a": choice.new.id if choice.new else "",
        "b": choice.old.id if choice.old else "",
    }


def _offer(run: Run) -> Offer:
    return Offer(run.id, f"{run.ref} by {run.person.name}: {_brief(run)}")


def _brief(run: Run) -> str:
    segments = run.spec.segments
    parts = (segments.subject, segments.environment, segments.style)
    said = ", ".join(part.text for part in parts if part)
    return _cut(" ".join(said.split()) or "no words", SHORT_CHARS)


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: chars - 1].rstrip(' ,.;:')}…"


@dataclass(frozen=True, slots=True)
class Comparing:
    """Gathers what the page shows of two runs."""

    desk: Desk
    drawing: Drawing
    differing: Differing

    async def contrast(self, old: Run, new: Run) -> dict[str, Any]:
        """Return all that the page shows of two runs."""
        sides = [
            Side(run, await self.drawing.card(run), _name(run, other))
            for run, other in ((old, new), (new, old))
        ]
        differing, same = figures.parameters(old, new)
        wins = await self.desk.app.judging.blinds.wins(new.id, old.id)
        return {
            "old": sides[0],
            "new": sides[1],
            "says": baseline_line(new, old).partition(": ")[2],
            "pairs": await self.pairs(sides[0], sides[1]),
            "wordings": contrast.wordings(old, new),
            "sent": contrast.sent(old, new),
            "differing": differing,
            "same": same,
            "making": figures.making(old, new),
            "scores": figures.scores(old, new),
            "people": figures.people(old, new),
            "blind": blind_line(*wins, sides[1].name),
            "apart": old.route.task != new.route.task,
        }

    async def pairs(self, old: Side, new: Side) -> list[Pair]:
        """Return the pictures of both by number, with how they differ."""

        async def seen(pair: Pair) -> Pair:
            one, two = pair.old, pair.new
            if not (one and two and one.digest and two.digest):
                return pair
            return replace(pair, differs=await self.differing.seen(one.digest, two.digest))

        return [*await asyncio.gather(*map(seen, contrast.pairs(old.card, new.card)))]


def _name(run: Run, other: Run) -> str:
    """Return what a run is called beside another: refs count in each thread anew."""
    if run.ref != other.ref:
        return run.ref
    mine, its = (_cut(_brief(one), NAME_CHARS) for one in (run, other))
    return f"{run.ref} …{run.id[-TAIL_CHARS:]}" if mine == its else f"{run.ref} “{mine}”"
