"""OpenAI's failures in our words: refused, not now, down, or an answer that is none."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx2
import openai

from domain.errors import (
    BadReplyError,
    PictureError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)

DEFAULT_RETRY_S: Final = 20.0
"""Ours; OpenAI counts requests by the minute."""
MAX_RETRY_S: Final = 600.0
TOLD_CHARS: Final = 300
AGAIN_IN: Final = re.compile(r"try again in (\d+(?:\.\d+)?)\s*(ms|s)\b", re.IGNORECASE)
MODERATED: Final = frozenset({"moderation_blocked", "content_policy_violation"})
NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
NEVER_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
"""No byte of the request has left us."""
HINTS: Final = {
    401: "OpenAI did not accept the key: check OPENAI_API_KEY.",
    403: "This OpenAI organisation may not use the model: verify it at platform.openai.com.",
    404: "OpenAI does not know this model (any more): choose another with --model.",
    413: "The picture is too large for OpenAI: send a smaller one.",
}
REFUSED: Final = "OpenAI's safety filter refused it: say it in other words."
CREDIT: Final = "The OpenAI account has no credit: add some at platform.openai.com/settings."


@contextmanager
def told(model: str) -> Iterator[None]:
    """Turn whatever goes wrong inside, around a call that is billed, into one of our errors."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _answered(error, model) from error
    except openai.APIConnectionError as error:
        sent = not isinstance(error.__cause__, NEVER_SENT)
        raise _cut(error.__cause__ or error, model, maybe=sent) from error
    except (httpx2.HTTPError, TimeoutError) as error:
        raise _cut(error, model, maybe=not isinstance(error, NEVER_SENT)) from error
    except UnicodeEncodeError as error:
        hint = "The prompt holds a character that cannot be sent: type it anew."
        raise RejectedError(f"cannot be sent: {error.reason}", model=model, hint=hint) from error
    except PictureError as error:
        raise RejectedError(error.message, model=model, hint=error.hint) from error
    except (
        openai.OpenAIError,
        httpx2.StreamError,
        httpx2.InvalidURL,
        ValueError,
        RecursionError,
    ) as error:
        raise _unreadable(error, model) from error


def _answered(error: openai.APIStatusError, model: str) -> ProviderError:
    status, request_id = error.status_code, error.request_id
    code = str(error.code or error.type or "")  # the SDK hands on what it got, not always text
    said = f"OpenAI answered {status} {code}: {error.message}"[:TOLD_CHARS]
    refusal = _refusal(status, code)
    if refusal:
        return RejectedError(said, model=model, request_id=request_id, hint=refusal)
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return RateLimitedError(
            said,
            retry_after_s=_retry_after_s(error),
            model=model,
            request_id=request_id,
            hint="OpenAI takes no more requests for a moment; it is tried again.",
        )
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status == httpx2.codes.REQUEST_TIMEOUT:
        hint = "OpenAI has a fault of its own; whether the picture was made is not known."
        return UnavailableError(
            said, maybe_billed=True, model=model, request_id=request_id, hint=hint
        )
    return BadReplyError(said, model=model, request_id=request_id, hint="Check OPENAI_BASE_URL.")


def _refusal(status: int, code: str) -> str:
    """Return what to do about a request that is refused for good; empty if it is not."""
    if code in MODERATED:
        return REFUSED
    if code in NO_CREDIT or status == httpx2.codes.PAYMENT_REQUIRED:
        return CREDIT
    later = status in (httpx2.codes.TOO_MANY_REQUESTS, httpx2.codes.REQUEST_TIMEOUT)
    if later or not httpx2.codes.is_client_error(status):
        return ""
    return HINTS.get(status, "OpenAI did not accept the request: change it and send again.")


def _cut(error: BaseException, model: str, *, maybe: bool) -> UnavailableError:
    late = isinstance(error, TimeoutError | httpx2.TimeoutException)
    what = "did not answer in time" if late else "could not be reached or broke off"
    after = "whether the picture was made is not known" if maybe else "try again in a minute"
    return UnavailableError(
        f"OpenAI {what}: {type(error).__name__} {error}"[:TOLD_CHARS],
        maybe_billed=maybe,
        model=model,
        hint=f"OpenAI {what}; {after}.",
    )


def _unreadable(error: Exception, model: str) -> BadReplyError:
    return BadReplyError(
        f"OpenAI's answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS],
        model=model,
        hint="OpenAI's answer holds no picture: try again, or with another --model.",
    )


def _retry_after_s(error: openai.APIStatusError) -> float:
    headers = error.response.headers
    inside = AGAIN_IN.search(error.message)
    unit_s = 0.001 if inside and inside[2].lower() == "ms" else 1.0
    candidates = (
        (headers.get("retry-after-ms"), 0.001),
        (headers.get("retry-after"), 1.0),
        (inside and inside[1], unit_s),
    )
    for text, unit in candidates:
        try:
            wanted_s = float(text or "nothing") * unit
        except (ValueError, OverflowError):
            continue
        if not math.isnan(wanted_s):
            return min(max(wanted_s, 0.0), MAX_RETRY_S)
    return DEFAULT_RETRY_S
