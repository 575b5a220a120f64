"""The compare page: a run beside its baseline, or any other, in pictures, words and figures."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.console import contrast, figures
from bot.console.contrast import Side
from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE
from bot.console.translate import error_record, status_of
from domain.errors import ConflictError, HandlerError
from domain.run import Run
from pipeline.replay import baseline_line

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
    """Return the route of the compare page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/compare", response_class=HTMLResponse)
    async def compare(a: str = "", b: str = "") -> HTMLResponse:
        """Show run *a* against run *b*, or against its baseline; without *a*, offer runs."""
        choice = await _chosen(desk, a.strip(), b.strip())
        shown: dict[str, Any] = {"form": await _form(desk, choice), "error": None, "both": None}
        shown |= {"section": "compare", "waiting": await desk.waiting()}
        if choice.error:
            shown["error"] = error_record(choice.error)["error"]
        elif choice.new and choice.old:
            shown["both"] = await _contrast(drawing, choice.old, choice.new)
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
        if new and old and new.id == old.id:
            raise ConflictError(f"{new.ref} is chosen twice", hint="Choose another run.")
    except HandlerError as refused:
        error = error or refused
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


async def _contrast(drawing: Drawing, old: Run, new: Run) -> dict[str, Any]:
    """Return all that the page shows of two runs."""
    sides = [
        Side(run, await drawing.card(run), _name(run, other))
        for run, other in ((old, new), (new, old))
    ]
    differing, same = figures.parameters(old, new)
    return {
        "old": sides[0],
        "new": sides[1],
        "says": baseline_line(new, old).partition(": ")[2],
        "pairs": contrast.pairs(sides[0].card, sides[1].card),
        "wordings": contrast.wordings(old, new),
        "sent": contrast.sent(old, new),
        "differing": differing,
        "same": same,
        "making": figures.making(old, new),
        "scores": figures.scores(old, new),
        "people": figures.people(old, new),
        "apart": old.route.task != new.route.task,
    }


def _name(run: Run, other: Run) -> str:
    """Return what a run is called beside another: refs count in each thread anew."""
    if run.ref != other.ref:
        return run.ref
    mine, its = (_cut(_brief(one), NAME_CHARS) for one in (run, other))
    return f"{run.ref} …{run.id[-TAIL_CHARS:]}" if mine == its else f"{run.ref} “{mine}”"
