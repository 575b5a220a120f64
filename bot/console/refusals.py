"""What is refused or breaks becomes one shape of answer: JSON for programs, a page for people."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from bot.console.drawing import Drawing
from bot.console.guard import HEADERS
from bot.console.translate import error_of, error_record, status_of
from domain.errors import HandlerError

logger = logging.getLogger(__name__)
KINDS: Final = {404: "not_found", 405: "command", 413: "limit"}
MAX_SHOWN: Final = 80
Record = dict[str, Any]
RecordOf = Callable[[Request, Any], tuple[int, Record]]
Answerer = Callable[[Request, Exception], Awaitable[Response]]


def add_refusals(console: FastAPI, drawing: Drawing) -> None:
    """Answer every error in our own words."""

    def answerer(record_of: RecordOf) -> Answerer:
        async def answer(request: Request, error: Exception) -> Response:
            status, record = record_of(request, error)
            wants_page = "text/html" in request.headers.get("accept", "")
            if wants_page and not request.url.path.startswith("/api/"):
                page = drawing.page("error.html", error=record["error"])
                return HTMLResponse(page, status_code=status, headers=HEADERS)
            return JSONResponse(record, status_code=status, headers=HEADERS)

        return answer

    for kind, record_of in RECORDS.items():
        console.add_exception_handler(kind, answerer(record_of))


def _refused(_request: Request, error: Any) -> tuple[int, Record]:
    return status_of(error), error_record(error)


def _not_here(_request: Request, error: Any) -> tuple[int, Record]:
    kind = KINDS.get(error.status_code, "command")
    return error.status_code, error_of(kind, str(error.detail))


def _broke(request: Request, _error: Any) -> tuple[int, Record]:
    broken = secrets.token_hex(4)
    logger.error("broke id=%s path=%s", broken, request.url.path)  # the server logs the traceback
    return 500, error_of("error", f"Something broke on our side ({broken})", "It is in the log.")


def _unread(_request: Request, error: Any) -> tuple[int, Record]:
    return 422, _misread(error)


def _misread(error: RequestValidationError) -> Record:
    faults = [_fault(one) for one in error.errors()]
    said = "; ".join(f"{one['flag']}: {one['allowed']}" for one in faults)
    return error_of("command", said, "See /api/docs for what is taken.", faults)


def _fault(one: dict[str, Any]) -> dict[str, str]:
    where = ".".join(str(step) for step in one["loc"][1:]) or str(one["loc"][0])
    given = one.get("input")
    value = str(given)[:MAX_SHOWN] if isinstance(given, str | int | float | bool) else ""
    return {"flag": where, "value": value, "allowed": str(one["msg"]), "nearest": ""}


RECORDS: Final[dict[type[Exception], RecordOf]] = {
    HandlerError: _refused,
    RequestValidationError: _unread,
    HTTPException: _not_here,
    Exception: _broke,
}
