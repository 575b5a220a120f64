"""The HTTP interface (DESIGN 12): the same lines and the same reports as the command line."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi import Path as ApiPath
from fastapi.responses import JSONResponse

from bot.console.bodies import AnyLine, Ballot, Form, Line, ThreadLine
from bot.console.desk import Desk
from bot.console.translate import error_record
from bot.console.veil import HIDDEN, check
from bot.grammar import FLAGS, SEGMENT_MEANINGS, VERBS, is_chatter
from domain.errors import StorageError

Report = dict[str, Any]
MAX_WAIT_S = 60.0
WaitS = Annotated[float, Query(ge=0, le=MAX_WAIT_S, description="Wait at most so long.")]


def api_routes(desk: Desk) -> APIRouter:
    """Return the routes of the HTTP interface, but for pictures and streams."""
    router = APIRouter()
    _add_health(router, desk)
    _add_saying(router, desk)
    _add_answering(router, desk)
    _add_reading(router, desk)
    _add_families(router, desk)
    _add_tables(router, desk)
    return router


def _add_health(router: APIRouter, desk: Desk) -> None:
    @router.get("/healthz", tags=["service"])
    async def healthz() -> Response:
        """Answer 200 while commands are taken, else 503 with the reason."""
        try:
            await desk.check()
        except StorageError as error:
            return JSONResponse({"ok": False} | error_record(error), status_code=503)
        chats = desk.app.chats
        surfaces = [desk.surface.name, *chats.surfaces]
        return JSONResponse({"ok": True, "surfaces": surfaces, "problems": chats.problems()})


def _add_saying(router: APIRouter, desk: Desk) -> None:
    @router.post("/api/imagine", status_code=202, tags=["say"])
    async def imagine(body: Line, response: Response) -> Report:
        """Take a prompt: 202 once it is stored. With `--dry-run`: 200 and the planned run."""
        answer = await desk.say(body.text, body.by, **_how(body))
        run = answer.run
        if run is None or run.state == "planned":
            response.status_code = 200
        names = {"id": run.id if run else None, "ref": run.ref if run else None}
        return names | await desk.answer(answer)

    @router.post("/api/say", tags=["say"])
    async def say(body: AnyLine) -> Report:
        """Say any line; without `in` it is about the newest run."""
        about = (await desk.run(body.about)).id if body.about else None
        how = _how(body) | {"at": body.at, "about": about}
        return await desk.answer(await desk.say(body.text, body.by, **how))


def _add_answering(router: APIRouter, desk: Desk) -> None:
    async def in_thread(
        name: str, line: str, by: str, *, loose: bool = False, **how: Any
    ) -> Report:
        run = await desk.run(name)
        how |= {"at": "thread", "about": None if loose else run.id, "root": run.root}
        return await desk.answer(await desk.say(line, by, **how))

    @router.post("/api/runs/{run}/say", tags=["say"])
    async def say_to(run: str, body: ThreadLine) -> Report:
        """Say a line in answer to a run's card, in its thread; what is no line is a comment."""
        if is_chatter(body.text) and body.text.strip():
            return {"run": None, "text": "", "data": await desk.comment(await desk.run(run), body)}
        return await in_thread(run, body.text, body.by, loose=body.in_thread, **_how(body))

    @router.post("/api/runs/{run}/edit", tags=["say"])
    async def edit(run: str, body: Form) -> Report:
        """Make a child with other words: the segments that differ, the seeds kept."""
        line = body.line(await desk.run(run))
        return await in_thread(run, line, body.by, key=body.key, confirmed=body.confirmed)

    @router.post("/api/runs/{run}/votes", tags=["say"])
    async def vote(run: str, body: Ballot) -> Report:
        """Vote on one artwork: `pick`, `unpick` or a rating; the line is the same as typed."""
        return await in_thread(run, body.line, body.by, key=body.key)


def _add_reading(router: APIRouter, desk: Desk) -> None:
    @router.get("/api/runs", tags=["runs"])
    async def runs(
        q: Annotated[str, Query(max_length=200, description="Words that it holds.")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        before: Annotated[str | None, Query(description="Only runs older than this one.")] = None,
    ) -> list[Report]:
        """List runs, the newest first."""
        older = (await desk.run(before)).id if before else None
        found = await desk.app.search.recent(query=q, limit=limit, before=older)
        hidden = HIDDEN.get().runs
        return [await desk.app.report(run) for run in found if run.id not in hidden]

    @router.get("/api/runs/{run}", tags=["runs"])
    async def show(
        run: str,
        wait_s: WaitS = 0.0,
        after: Annotated[int | None, Query(description="The revision seen last.")] = None,
        wait: Annotated[Literal["ended"] | None, Query(description="Wait for the end.")] = None,
    ) -> Report:
        """Show a run with all its parameters; at once, or when it has changed."""
        known = await desk.run(run)
        check(known)
        limit_s = MAX_WAIT_S if wait and not wait_s else wait_s
        ended = wait == "ended"
        changed = await desk.changed(known.id, after=after, wait_s=limit_s, until_ended=ended)
        return await desk.app.report(changed)


def _add_families(router: APIRouter, desk: Desk) -> None:
    @router.get("/api/families/{family}", tags=["runs"])
    async def show(
        family: Annotated[str, ApiPath(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")],
        wait_s: WaitS = 0.0,
        after: Annotated[int | None, Query(description="The revision seen last.")] = None,
        wait: Annotated[Literal["ended"] | None, Query(description="Wait for the end.")] = None,
    ) -> Report:
        """Show the runs of one line with several models; at once, or when one has changed."""
        limit_s = MAX_WAIT_S if wait and not wait_s else wait_s
        ended = wait == "ended"
        known = await desk.family_changed(family, after=after, wait_s=limit_s, until_ended=ended)
        check(*known.runs)
        return await desk.app.family_report(known)


def _add_tables(router: APIRouter, desk: Desk) -> None:
    @router.get("/api/models", tags=["tables"])
    async def models() -> list[Report]:
        """List the models: which are on, which are off and why, what they can and cost."""
        return [
            {"on": entry.on, "why_off": entry.why_off} | entry.card.model_dump(mode="json")
            for entry in desk.app.catalogue.entries
        ]

    @router.get("/api/commands", tags=["tables"])
    async def commands() -> Report:
        """Show what can be said: verbs, flags and segments, as the grammar has them."""
        return {
            "verbs": [asdict(verb) for verb in VERBS],
            "flags": [asdict(flag) for flag in FLAGS],
            "segments": SEGMENT_MEANINGS,
        }


def _how(body: Line) -> dict[str, Any]:
    return {"key": body.key, "confirmed": body.confirmed, "files": body.files}
