"""Stability's failures in our words: refused, not now, down, or an answer that is none."""

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
from providers.broken import NEVER_SENT, TOLD_CHARS, cut, retry_after_s

DEFAULT_RETRY_S: Final = 60.0
"""Whoever sends more than 150 requests within ten seconds is left out for a minute."""
MODERATED: Final = re.compile(r"moderat|content_filtered", re.IGNORECASE)
REFUSED: Final = "Stability's moderation refused it and charges nothing: say it in other words."
BLURRED: Final = "content_filtered: the picture came blurred, and is no artwork"
HINTS: Final = {
    400: "Stability did not accept the parameters: change them and send again.",
    401: "Stability did not accept the key: check STABILITY_API_KEY.",
    402: "The Stability account has no credit: buy some at platform.stability.ai.",
    403: "Stability did not accept the key for this: check STABILITY_API_KEY and what it may use.",
    404: "Stability does not know this model (any more): choose another with --model.",
    413: "The pictures are too large for Stability, which takes 10 MiB: send smaller ones.",
    422: "Stability did not accept the words: it reads English only, and draws no known people.",
}


class AnsweredError(Exception):
    """An answer with another status than 200 or 202; it never leaves this package."""

    def __init__(self, reply: httpx.Response, text: bytes) -> None:
        super().__init__(f"status {reply.status_code}")
        self.status = reply.status_code
        self.headers = reply.headers
        self.said = _words(text)


@contextmanager
def told(*, model: str, job: str | None = None) -> Iterator[None]:
    """Turn whatever goes wrong inside a call into one of our errors.

    Args:
        model: Whom it concerns, for the error.
        job: What the job is known by that is asked after; None: the call creates, and is billed.
    """
    try:
        yield
    except AnsweredError as error:
        raise _answered(error, model, job) from error
    except (httpx.HTTPError, TimeoutError) as error:
        maybe = job is not None or not isinstance(error, NEVER_SENT)
        raise cut("Stability", error, model=model, job=job, maybe=maybe) from error
    except UnicodeEncodeError as error:
        raise RejectedError(
            f"cannot be sent: {error.reason}",
            model=model,
            hint="The prompt holds a character that cannot be sent: type it anew.",
        ) from error
    except (httpx.StreamError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise _unreadable(error, model, job) from error


def _answered(error: AnsweredError, model: str, job: str | None) -> ProviderError:
    status = error.status
    said = f"Stability answered {status}: {error.said}"[:TOLD_CHARS]
    known: dict[str, Any] = {
        "model": model,
        "request_id": job or error.headers.get("x-request-id"),
    }
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait_s = retry_after_s([error.headers.get("retry-after")], DEFAULT_RETRY_S)
        hint = "Stability takes no more calls for a moment; it is tried again."
        return RateLimitedError(said, retry_after_s=wait_s, hint=hint, **known)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        hint = "Stability has a fault of its own: try again in a minute, or with another --model."
        return UnavailableError(said, maybe_billed=True, hint=hint, **known)
    if job and status == httpx.codes.NOT_FOUND:
        hint = "Stability does not know this job (any more): it keeps a picture for a day."
        return UnavailableError(said, maybe_billed=True, hint=hint, **known)
    if status < httpx.codes.BAD_REQUEST:
        return BadReplyError(said, hint="Check STABILITY_BASE_URL.", **known)
    hint = HINTS.get(status, "Stability refused the request: change it and send again.")
    return RejectedError(said, hint=REFUSED if MODERATED.search(error.said) else hint, **known)


def _unreadable(error: Exception, model: str, job: str | None) -> ProviderError:
    said = f"Stability's answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS]
    if job is None:
        hint = "Stability's answer was lost: whether it was charged is not known."
        return UnavailableError(said, maybe_billed=True, model=model, hint=hint)
    hint = "Stability's answer is not what it promises: try again, or with another --model."
    return BadReplyError(said, model=model, request_id=job, hint=hint)


def blurred(model: str, request_id: str | None) -> RejectedError:
    """Return the error of a picture that was filtered: it comes with status 200, and blurred."""
    return RejectedError(BLURRED, model=model, request_id=request_id, hint=REFUSED)


def _words(text: bytes) -> str:
    """Return what an answer says: ``{"id", "name", "errors": [...]}``."""
    try:
        answer: Any = json.loads(text)
    except (ValueError, RecursionError):
        return repr(text[:TOLD_CHARS])
    if not isinstance(answer, dict):
        return str(answer)[:TOLD_CHARS]
    errors = answer.get("errors")
    listed = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
    return f"{answer.get('name', '')}: {listed}".strip(": ")[:TOLD_CHARS]
