"""Replicate's failures in our words: refused, not now, down, or an answer that is none."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import replicate

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from providers.broken import NEVER_SENT, TOLD_CHARS, cut, retry_after_s
from providers.replicate.wire import Prediction

DEFAULT_RETRY_S: Final = 10.0
"""Ours; near-empty accounts get 6 calls a minute (Replicate's docs on rate limits, 2026-11)."""
RESETS: Final = re.compile(r"resets? in ~?(\d+(?:\.\d+)?)\s*s", re.IGNORECASE)
MODERATED: Final = re.compile(
    r"nsfw|flagged as sensitive|\(E005\)|moderat|safety|content polic", re.IGNORECASE
)
"""Wordings of flux and SDXL, collected from public code and replicate/cog-flux, 2026-11."""
GONE: Final = re.compile(
    r"invalid version|\b(?:model|version)\b.{0,80}"
    r"(?:not exist|not permitted|no longer|deprecated|disabled|archived|retired)",
    re.IGNORECASE | re.DOTALL,
)
"""Wordings of a 422 for a model or version that was withdrawn."""
LORA: Final = re.compile(r"\blora|\.safetensors|\.tar\b|weights", re.IGNORECASE)
"""A model that cannot fetch or read its weights names them in what it failed of."""
RETIRED: Final = (
    "Replicate does not know this model (any more), it may be retired: choose another with --model."
)
HINTS: Final = {
    401: "Replicate did not accept the key: check REPLICATE_API_TOKEN.",
    402: "The Replicate account has no credit: add some at replicate.com/account/billing.",
    403: "This Replicate key may not use the model: check the account's permissions.",
    404: RETIRED,
    413: "The picture is too large for Replicate: give one under 100 MB.",
    422: "Replicate did not accept the parameters: change them and send again.",
}


@contextmanager
def told(*, model: str = "", job: str | None = None, creates: bool = False) -> Iterator[None]:
    """Turn whatever goes wrong inside into one of our errors.

    Args:
        model: Whom it concerns, for the error.
        job: The vendor's id of the job, if there is one.
        creates: The call is billed, so a lost answer may be a job that runs.
    """
    try:
        yield
    except replicate.APIStatusError as error:
        raise _answered(error, model=model, job=job, creates=creates) from error
    except replicate.APIConnectionError as error:
        sent = not isinstance(error.__cause__, NEVER_SENT)
        raise cut(
            "Replicate", error.__cause__ or error, model=model, job=job, maybe=creates and sent
        ) from error
    except (httpx.HTTPError, TimeoutError) as error:
        sent = not isinstance(error, NEVER_SENT)
        raise cut("Replicate", error, model=model, job=job, maybe=creates and sent) from error
    except UnicodeEncodeError as error:
        raise RejectedError(
            f"cannot be sent: {error.reason}",
            model=model,
            hint="The prompt holds a character that cannot be sent: type it anew.",
        ) from error
    except (replicate.ReplicateError, httpx.StreamError, httpx.InvalidURL, ValueError) as error:
        raise _unreadable(error, model, job, creates=creates) from error
    except RecursionError as error:
        raise _unreadable(error, model, job, creates=creates) from error


def _answered(
    error: replicate.APIStatusError, *, model: str, job: str | None, creates: bool
) -> ProviderError:
    status = error.status_code
    said = f"Replicate answered {status}: {_words(error)}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(
            said,
            retry_after_s=_retry_after_s(error),
            model=model,
            request_id=job,
            hint="Replicate takes no more requests for a moment; it is tried again.",
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.REQUEST_TIMEOUT:
        hint = "Replicate has a fault of its own: try again in a minute, or with another --model."
        return UnavailableError(said, maybe_billed=creates, model=model, request_id=job, hint=hint)
    if status < httpx.codes.BAD_REQUEST or (job and status == httpx.codes.NOT_FOUND):
        hint = "Replicate does not know this job any more." if job else "Check REPLICATE_BASE_URL."
        return BadReplyError(said, model=model, request_id=job, hint=hint)
    if creates and status == httpx.codes.UNPROCESSABLE_ENTITY and GONE.search(_words(error)):
        return RejectedError(said, model=model, request_id=job, hint=RETIRED)
    hint = HINTS.get(status, "Replicate refused the request: change it and send again.")
    return RejectedError(said, model=model, request_id=job, hint=hint)


def _unreadable(error: Exception, model: str, job: str | None, *, creates: bool) -> ProviderError:
    said = f"Replicate's answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS]
    if creates:  # a job may run whose id we could not read: the same as an answer that was lost
        hint = "Replicate's answer was lost; it is asked whether it has the job."
        return UnavailableError(said, maybe_billed=True, model=model, request_id=job, hint=hint)
    hint = "Replicate's answer is not what it promises: try again, or with another --model."
    return BadReplyError(said, model=model, request_id=job, hint=hint)


def _words(error: replicate.APIStatusError) -> str:
    answer: Any = error.body
    if isinstance(answer, dict):
        parts = (answer.get("title"), answer.get("detail"))
        return " - ".join(str(part) for part in parts if part)[:TOLD_CHARS]
    return str(answer)[:TOLD_CHARS]


def _retry_after_s(error: replicate.APIStatusError) -> float:
    answer: Any = error.body if isinstance(error.body, dict) else {}
    inside = RESETS.search(str(answer.get("detail", "")))
    header = error.response.headers.get("retry-after")
    told_s = (header, answer.get("retry_after"), inside and inside[1])
    return retry_after_s(told_s, DEFAULT_RETRY_S)


def failed(prediction: Prediction) -> ProviderError:
    """Return what a job that ended with ``failed`` failed of."""
    text = str(prediction.error or "no reason given")[:TOLD_CHARS]
    said = f"the model failed: {text}"
    job, model = prediction.id, prediction.model or ""
    if MODERATED.search(text):
        hint = "Replicate's safety filter refused it: say it in other words, or take another seed."
        return RejectedError(said, model=model, request_id=job, hint=hint)
    if "E1001" in text or "out of memory" in text.lower():
        hint = "It is too large for the model's memory: ask for less, or take another --model."
        return RejectedError(said, model=model, request_id=job, hint=hint)
    if LORA.search(text):
        hint = "The model could not load the LoRA: check its name, and that it may be fetched."
        return RejectedError(said, model=model, request_id=job, hint=hint)
    hint = "The model broke down at Replicate: try again, or with another --model."
    return UnavailableError(said, maybe_billed=False, model=model, request_id=job, hint=hint)


def overdue(prediction: Prediction) -> UnavailableError:
    """Return the error of a job that its deadline ended; one that had begun is charged."""
    began = prediction.status == "canceled"
    return UnavailableError(
        f"{prediction.id} was {prediction.status} at its deadline",
        maybe_billed=began,
        model=prediction.model or "",
        request_id=prediction.id,
        hint="Replicate was too slow and the job was stopped: try again later.",
    )
