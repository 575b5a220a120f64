"""Failures of the images API in our words: refused, not now, down, or an answer that is none."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

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
from providers.broken import TOLD_CHARS, cut, retry_after_s

DEFAULT_RETRY_S: Final = 20.0
"""Ours; OpenAI counts requests by the minute."""
AGAIN_IN: Final = re.compile(r"try again in (\d+(?:\.\d+)?)\s*(ms|s)\b", re.IGNORECASE)
MODERATED: Final = frozenset({"moderation_blocked", "content_policy_violation"})
MODERATION: Final = re.compile(r"moderat|safety|nsfw|content polic", re.IGNORECASE)
"""In the words of servers that name no code for it."""
NO_CREDIT: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
LIMITED: Final = frozenset({"rate_limit_exceeded", "requests", "tokens"})
INVALID: Final = (400, 422)
NEVER_SENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
"""No byte of the request has left us."""


@dataclass(frozen=True, slots=True)
class House:
    """Who speaks the API, as hints name it."""

    name: str
    key: str
    """The environment variable of its key; empty if it wants none."""
    address: str
    """Where its address is set, in words."""
    verify: str = ""
    """What to do where a key may not use a model."""
    billing: str = "in its account"

    def hint(self, status: int) -> str:
        """Return what to do about a status for which a request is refused for good."""
        checked = f"check {self.key}" if self.key else f"name its variable in {self.address}"
        return {
            401: f"{self.name} did not accept the key: {checked}.",
            403: self.verify or f"{self.name} does not let this key use the model: {checked}.",
            404: f"{self.name} does not know this model (any more): choose another with --model.",
            413: f"The picture is too large for {self.name}: send a smaller one.",
        }.get(status, f"{self.name} did not accept the request: change it and send again.")


OPENAI: Final = House(
    "OpenAI",
    key="OPENAI_API_KEY",
    address="OPENAI_BASE_URL",
    verify="This OpenAI organisation may not use the model: verify it at platform.openai.com.",
    billing="at platform.openai.com/settings",
)


class StreamError(Exception):
    """A stream that broke off with a reason; it never leaves this package."""

    def __init__(self, told: Any) -> None:
        inside = told if isinstance(told, dict) else {"message": told}
        self.code = str(inside.get("code") or inside.get("type") or "")
        self.said = str(inside.get("message", ""))[:TOLD_CHARS]
        super().__init__(f"{self.code}: {self.said}")


@contextmanager
def told(model: str, house: House = OPENAI) -> Iterator[None]:
    """Turn whatever goes wrong inside, around a call that is billed, into one of our errors."""
    try:
        yield
    except openai.APIStatusError as error:
        raise _answered(error, model, house) from error
    except StreamError as error:
        raise _broken_off(error, model, house) from error
    except openai.APIConnectionError as error:
        sent = not isinstance(error.__cause__, NEVER_SENT)
        raise _cut(error.__cause__ or error, model, house, maybe=sent) from error
    except (httpx2.HTTPError, TimeoutError) as error:
        raise _cut(error, model, house, maybe=not isinstance(error, NEVER_SENT)) from error
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
        raise _unreadable(error, model, house) from error


def _answered(error: openai.APIStatusError, model: str, house: House) -> ProviderError:
    status, request_id = error.status_code, error.request_id
    code = str(error.code or error.type or "")  # the SDK hands on what it got, not always text
    said = f"{house.name} answered {status} {code}: {error.message}"[:TOLD_CHARS]
    refusal = _refusal(status, code, error.message, house)
    if refusal:
        return RejectedError(said, model=model, request_id=request_id, hint=refusal)
    if status == httpx2.codes.TOO_MANY_REQUESTS:
        return _limited(said, _retry_after_s(error), model, house, request_id)
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status == httpx2.codes.REQUEST_TIMEOUT:
        hint = f"{house.name} has a fault of its own; whether the picture was made is not known."
        return UnavailableError(
            said, maybe_billed=True, model=model, request_id=request_id, hint=hint
        )
    hint = f"Check {house.address}."
    return BadReplyError(said, model=model, request_id=request_id, hint=hint)


def _limited(
    said: str, retry_after_s: float, model: str, house: House, request_id: str | None = None
) -> RateLimitedError:
    return RateLimitedError(
        said,
        retry_after_s=retry_after_s,
        model=model,
        request_id=request_id,
        hint=f"{house.name} takes no more requests for a moment; it is tried again.",
    )


def _refusal(status: int, code: str, said: str, house: House) -> str:
    """Return what to do about a request that is refused for good; empty if it is not."""
    if code in NO_CREDIT or status == httpx2.codes.PAYMENT_REQUIRED:
        return f"The {house.name} account has no credit: add some {house.billing}."
    if code in MODERATED:
        return _filtered(house)
    later = status in (httpx2.codes.TOO_MANY_REQUESTS, httpx2.codes.REQUEST_TIMEOUT)
    if later or not httpx2.codes.is_client_error(status):
        return ""
    return _filtered(house) if status in INVALID and MODERATION.search(said) else house.hint(status)


def _filtered(house: House) -> str:
    return f"{house.name}'s safety filter refused it: say it in other words."


def _broken_off(error: StreamError, model: str, house: House) -> ProviderError:
    said = f"{house.name} broke off: {error}"[:TOLD_CHARS]
    refusal = _refusal(0, error.code, error.said, house)
    if refusal:
        return RejectedError(said, model=model, hint=refusal)
    if error.code in LIMITED:
        return _limited(said, DEFAULT_RETRY_S, model, house)
    hint = f"{house.name} has a fault of its own; whether the picture was made is not known."
    return UnavailableError(said, maybe_billed=True, model=model, hint=hint)


def _cut(error: BaseException, model: str, house: House, *, maybe: bool) -> UnavailableError:
    after = "whether the picture was made is not known" if maybe else "try again in a minute"
    return cut(house.name, error, model=model, maybe=maybe, then=f"; {after}")


def _unreadable(error: Exception, model: str, house: House) -> BadReplyError:
    return BadReplyError(
        f"{house.name}'s answer cannot be read: {type(error).__name__} {error}"[:TOLD_CHARS],
        model=model,
        hint=f"{house.name}'s answer holds no picture: try again, or with another --model.",
    )


def _retry_after_s(error: openai.APIStatusError) -> float:
    headers = error.response.headers
    inside = AGAIN_IN.search(error.message)
    unit_s = 0.001 if inside and inside[2].lower() == "ms" else 1.0
    told = (
        _seconds(headers.get("retry-after-ms"), 0.001),
        headers.get("retry-after"),
        _seconds(inside[1], unit_s) if inside else None,
    )
    return retry_after_s(told, DEFAULT_RETRY_S)


def _seconds(text: str | None, unit_s: float) -> float | None:
    try:
        return float(text or "nothing") * unit_s
    except ValueError:
        return None
