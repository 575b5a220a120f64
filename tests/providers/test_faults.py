"""No exception of an SDK or of its HTTP library comes through: each is turned into one of ours."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import httpx
import httpx2
import openai
import pytest
import replicate

from domain.errors import BadReplyError, ProviderError, RejectedError, UnavailableError
from providers.bfl import faults as bfl_faults
from providers.broken import MAX_RETRY_S
from providers.openai import faults as openai_faults
from providers.replicate import faults as replicate_faults
from providers.stability import faults as stability_faults

Guard = Callable[[], AbstractContextManager[None]]

OPENAI: Guard = partial(openai_faults.told, "gpt-image-2.5-flare")
CREATE: Guard = partial(replicate_faults.told, model="m", creates=True)
ASK: Guard = partial(replicate_faults.told, job="j")

BFL_CREATE: Guard = partial(bfl_faults.told, model="m", creates=True)
BFL_ASK: Guard = partial(bfl_faults.told, model="m", job="j")
STABILITY_CREATE: Guard = partial(stability_faults.told, model="m")
STABILITY_ASK: Guard = partial(stability_faults.told, model="m", job="j")


GUARDS = (CREATE, ASK, OPENAI, BFL_CREATE, BFL_ASK, STABILITY_CREATE, STABILITY_ASK)


def family(first: type[BaseException]) -> Iterator[type[BaseException]]:
    yield first
    for child in first.__subclasses__():
        yield from family(child)


def instance(kind: type[BaseException], http: Any) -> BaseException:
    """Return an exception as the library itself makes it, as far as our code looks at it."""
    request = http.Request("POST", "http://127.0.0.1/")
    if issubclass(kind, replicate.APIStatusError | openai.APIStatusError):
        status = getattr(kind, "status_code", 500)
        response = http.Response(status if isinstance(status, int) else 500, request=request)
        said = () if kind is openai.OAuthError else ("as told",)
        return kind(*said, response=response, body={"detail": "x"})
    if issubclass(kind, replicate.APITimeoutError | openai.APITimeoutError):
        return kind(request=request)
    if issubclass(kind, replicate.APIConnectionError | openai.APIConnectionError):
        return kind(request=request)
    bare: BaseException = kind.__new__(kind, "as told")
    return bare


SDKS = [
    *[(CREATE, kind, httpx) for kind in family(replicate.ReplicateError)],
    *[(ASK, kind, httpx) for kind in family(replicate.ReplicateError)],
    *[(OPENAI, kind, httpx2) for kind in family(openai.OpenAIError)],
]
LIBRARIES = [
    *[(CREATE, kind, httpx) for kind in family(httpx.HTTPError)],
    *[(ASK, kind, httpx) for kind in family(httpx.StreamError)],
    *[(ASK, httpx.InvalidURL, httpx)],
    *[(BFL_CREATE, kind, httpx) for kind in family(httpx.HTTPError)],
    *[(BFL_ASK, kind, httpx) for kind in family(httpx.StreamError)],
    *[(BFL_ASK, httpx.InvalidURL, httpx)],
    *[(STABILITY_CREATE, kind, httpx) for kind in family(httpx.HTTPError)],
    *[(STABILITY_ASK, kind, httpx) for kind in family(httpx.StreamError)],
    *[(STABILITY_ASK, httpx.InvalidURL, httpx)],
    *[(OPENAI, kind, httpx2) for kind in family(httpx2.HTTPError)],
    *[(OPENAI, kind, httpx2) for kind in family(httpx2.StreamError)],
]
ANYTHING = [
    (guard, kind, httpx) for guard in GUARDS for kind in (TimeoutError, ValueError, RecursionError)
]


@pytest.mark.parametrize(
    ("guard", "kind", "http"),
    [*SDKS, *LIBRARIES, *ANYTHING],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_nothing_foreign_comes_through(guard: Guard, kind: type[BaseException], http: Any) -> None:
    first = instance(kind, http)
    with pytest.raises(ProviderError) as caught, guard():
        raise first
    assert caught.value.__cause__ is first
    assert caught.value.hint


def test_there_are_errors_to_look_at() -> None:
    assert len(SDKS) > 30
    assert len(LIBRARIES) > 30


@pytest.mark.parametrize("guard", GUARDS)
def test_a_cancelled_wait_and_a_bug_of_ours_are_let_through(guard: Guard) -> None:
    with pytest.raises(asyncio.CancelledError), guard():
        raise asyncio.CancelledError
    with pytest.raises(ZeroDivisionError), guard():
        _ = 1 / 0


@pytest.mark.parametrize(
    ("guard", "sdk", "cause", "maybe_billed"),
    [
        (CREATE, replicate, httpx.ConnectError("refused"), False),
        (CREATE, replicate, httpx.ConnectTimeout("slow"), False),
        (CREATE, replicate, httpx.PoolTimeout("full"), False),
        (CREATE, replicate, httpx.ReadTimeout("slow"), True),
        (CREATE, replicate, httpx.ReadError("cut"), True),
        (CREATE, replicate, httpx.WriteError("cut"), True),
        (CREATE, replicate, httpx.RemoteProtocolError("lies"), True),
        (ASK, replicate, httpx.ReadTimeout("slow"), False),
        (OPENAI, openai, httpx2.ConnectError("refused"), False),
        (OPENAI, openai, httpx2.ConnectTimeout("slow"), False),
        (OPENAI, openai, httpx2.ReadTimeout("slow"), True),
        (OPENAI, openai, httpx2.RemoteProtocolError("lies"), True),
    ],
)
def test_only_what_was_never_sent_is_surely_not_billed(
    guard: Guard,
    sdk: Any,
    cause: Exception,
    maybe_billed: bool,  # noqa: FBT001 -- a table's column
) -> None:
    http = httpx if sdk is replicate else httpx2
    for kind in (sdk.APIConnectionError, sdk.APITimeoutError):
        with pytest.raises(UnavailableError) as caught, guard():
            raise instance(kind, http) from cause
        assert caught.value.maybe_billed == maybe_billed
        with pytest.raises(UnavailableError) as caught, guard():
            raise cause
        assert caught.value.maybe_billed == maybe_billed


def test_an_answer_to_a_create_call_that_cannot_be_read_is_a_job_that_may_run() -> None:
    with pytest.raises(UnavailableError) as caught, CREATE():
        raise ValueError("not JSON")
    assert caught.value.maybe_billed
    with pytest.raises(BadReplyError), ASK():
        raise ValueError("not JSON")


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "30"}, {"retry_after": 5}, 30.0),
        ({}, {"retry_after": 5, "detail": "resets in ~9s"}, 5.0),
        ({}, {"detail": "Your rate limit resets in ~9s."}, 9.0),
        ({"retry-after": "Mon, 23 Nov 2026 01:00:00 GMT"}, {"detail": "resets in 4s"}, 4.0),
        ({}, {}, replicate_faults.DEFAULT_RETRY_S),
        ({}, {"retry_after": [1], "detail": [2]}, replicate_faults.DEFAULT_RETRY_S),
        ({}, {"retry_after": 10**400}, replicate_faults.DEFAULT_RETRY_S),
        ({}, "no JSON at all", replicate_faults.DEFAULT_RETRY_S),
        ({"retry-after": "-3"}, {}, 0.0),
        ({"retry-after": "99999999"}, {}, MAX_RETRY_S),
        ({"retry-after": "nan"}, {}, replicate_faults.DEFAULT_RETRY_S),
        ({"retry-after": "inf"}, {}, MAX_RETRY_S),
    ],
)
def test_how_long_replicate_wants_us_to_wait(
    headers: dict[str, str], body: object, seconds: float
) -> None:
    request = httpx.Request("POST", "http://127.0.0.1/")
    response = httpx.Response(429, headers=headers, request=request)
    error = replicate.RateLimitError("429", response=response, body=body)
    assert replicate_faults._retry_after_s(error) == seconds


@pytest.mark.parametrize("code", [None, 5, ["a"], {"b": 1}, "x" * 9999])
def test_a_code_that_is_no_text_is_no_reason_to_break(code: object) -> None:
    response = httpx2.Response(400, request=httpx2.Request("POST", "http://127.0.0.1/"))
    body = {"message": code, "code": code, "type": code}
    with pytest.raises(RejectedError) as caught, OPENAI():
        raise openai.BadRequestError("as told", response=response, body=body)
    assert len(caught.value.message) <= 300


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, "", 1.5),
        ({"retry-after": "9"}, "try again in 3s", 9.0),
        ({}, "Please try again in 250ms.", 0.25),
        ({}, "Please try again in 12.5s.", 12.5),
        ({}, "", openai_faults.DEFAULT_RETRY_S),
        ({"retry-after": "nan"}, "", openai_faults.DEFAULT_RETRY_S),
    ],
)
def test_how_long_openai_wants_us_to_wait(
    headers: dict[str, str], message: str, seconds: float
) -> None:
    request = httpx2.Request("POST", "http://127.0.0.1/")
    response = httpx2.Response(429, headers=headers, request=request)
    error = openai.RateLimitError(message, response=response, body=None)
    assert openai_faults._retry_after_s(error) == seconds
