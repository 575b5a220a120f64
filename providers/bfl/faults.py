"""BFL's failures in our words: refused, not now, down, or an answer that is none."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from providers.bfl.wire import Ref, Task
from providers.broken import NEVER_SENT, TOLD_CHARS, cut, retry_after_s

DEFAULT_RETRY_S: Final = 10.0
"""Ours: the limit is on tasks at once (24), so it goes on when one of them ends."""
MODERATED: Final = re.compile(r"moderat|safety|nsfw|content polic", re.IGNORECASE)
REFUSED: Final = "BFL's moderation refused it and charges nothing: say it in other words."
HINTS: Final = {
    401: "BFL did not accept the key: check BFL_API_KEY.",
    402: "The BFL account has no credit: add some at dashboard.bfl.ai.",
    403: "BFL did not accept the key for this: check BFL_API_KEY and what it may use.",
    404: "BFL does not know this model (any more): choose another with --model.",
    413: "The pictures are too large for BFL: send smaller ones.",
    422: "BFL did not accept the parameters: change them and send again.",
}


class AnsweredError(Exception):
    """An answer with another status than 200; it never leaves this package."""

    def __init__(self, reply: httpx.Response, text: bytes) -> None:
        super().__init__(f"status {reply.status_code}")
        self.status = reply.status_code
        self.headers = reply.headers
        self.said = _words(text)


@contextmanager
def told(*, model: str = "", job: str | None = None, creates: bool = False) -> Iterator[None]:
    """Turn whatever goes wrong inside into one of our errors.

    Args:
        model: Whom it concerns, for the error.
        job: What the task is known by, if there is one.
        creates: The call is billed, so a lost answer may be a task that runs.
    """
    try:
        yield
    except AnsweredError as error:
        raise _answered(error, model=model, job=job, creates=creates) from error
    except (httpx.HTTPError, TimeoutError) as error:
        sent = not isinstance(error, NEVER_SENT)
        raise cut("BFL", error, model=model, job=job, maybe=creates and sent) from error
    except UnicodeEncodeError as error:
        raise RejectedError(
            f"cannot be sent: {error.reason}",
            model=model,
            hint="The prompt holds a character that cannot be sent: type it anew.",
        ) from error
    except (httpx.StreamError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise _unreadable(error, model, job, creates=creates) from error


def _answered(error: AnsweredError, *, model: str, job: str | None, creates: bool) -> ProviderError:
    status = error.status
    said = f"BFL answered {status}: {error.said}"[:TOLD_CHARS]
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(
            said,
            retry_after_s=retry_after_s([error.headers.get("retry-after")], DEFAULT_RETRY_S),
            model=model,
            request_id=job,
            hint="BFL takes no more tasks for a moment; it is tried again.",
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        hint = "BFL has a fault of its own: try again in a minute, or with another --model."
        return UnavailableError(said, maybe_billed=creates, model=model, request_id=job, hint=hint)
    if job and status == httpx.codes.NOT_FOUND:
        return _gone(said, model, job)
    if status < httpx.codes.BAD_REQUEST:
        return BadReplyError(said, model=model, request_id=job, hint="Check BFL_BASE_URL.")
    hint = HINTS.get(status, "BFL refused the request: change it and send again.")
    if status < httpx.codes.INTERNAL_SERVER_ERROR and MODERATED.search(error.said):
        hint = REFUSED
    return RejectedError(said, model=model, request_id=job, hint=hint)


def _unreadable(error: Exception, model: str, job: str | None, *, creates: bool) -> ProviderError:
    said = f"BFL's answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS]
    if creates:  # a task may run that we cannot ask after: the same as an answer that was lost
        hint = "BFL's answer was lost: whether it makes the picture is not known."
        return UnavailableError(said, maybe_billed=True, model=model, request_id=job, hint=hint)
    hint = "BFL's answer is not what it promises: try again, or with another --model."
    return BadReplyError(said, model=model, request_id=job, hint=hint)


def _words(text: bytes) -> str:
    """Return what an answer says: ``detail`` is a text, or a list of faults by field."""
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError):
        return repr(text[:TOLD_CHARS])
    detail = answer.get("detail", answer) if isinstance(answer, dict) else answer
    if not isinstance(detail, list):
        return str(detail)[:TOLD_CHARS]
    parts = [one for one in detail if isinstance(one, dict)]
    said = "; ".join(f"{_where(one.get('loc'))}{one.get('msg', '')}" for one in parts)
    return said[:TOLD_CHARS]


def _where(loc: Any) -> str:
    names = [str(name) for name in loc if name != "body"] if isinstance(loc, list) else []
    return f"{'.'.join(names)}: " if names else ""


# --- what becomes of a task ----------------------------------------------------------------------


def moderated(task: Task, ref: Ref) -> RejectedError:
    """Return the error of a task that moderation stopped, before it was made or after."""
    return RejectedError(
        f"{task.status}: {_details(task)}",
        model=ref.model,
        request_id=str(ref),
        hint=REFUSED,
    )


def failed(task: Task, ref: Ref) -> UnavailableError:
    """Return the error of a task that broke down."""
    return UnavailableError(
        f"the model failed: {_details(task)}",
        maybe_billed=False,
        model=ref.model,
        request_id=str(ref),
        hint="The model broke down at BFL: try again, or with another --model.",
    )


def lost(ref: Ref) -> UnavailableError:
    """Return the error of a task that BFL does not know, though it took it."""
    return _gone("BFL does not know the task", ref.model, str(ref))


def _gone(said: str, model: str, job: str) -> UnavailableError:
    return UnavailableError(
        said,
        maybe_billed=True,
        model=model,
        request_id=job,
        hint="BFL does not know this task (any more): whether it was charged is not known.",
    )


def _details(task: Task) -> str:
    said = task.details or task.result or "no reason given"
    return str(said)[:TOLD_CHARS]
