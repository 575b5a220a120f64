"""The calls to Stability: the key on each, no redirects, every answer bounded in size and time."""

import asyncio
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from domain.errors import BadReplyError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from providers.downloads import by_proxy
from providers.stability.faults import AnsweredError, blurred
from providers.stability.wire import File

API_URL: Final = "https://api.stability.ai"
MAX_SEED: Final = 2**32 - 2
MAX_ERROR_BYTES: Final = 64 * 1024
SUCCESS: Final = "SUCCESS"
FILTERED: Final = "CONTENT_FILTERED"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, from the first byte sent to the last received."""

    connect_s: float = 5.0
    make_s: float = 150.0
    ask_s: float = 20.0
    fetch_s: float = 55.0
    between_s: float = 10.0
    """A job is asked after no more often: what is asked for more often is answered late."""


class _Key(httpx.Auth):
    """Puts the key on a call, and on that one alone; what is shown of it says nothing."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._api_key}"
        yield request


class Api:
    """A client that speaks to one address alone; it never tries anything twice."""

    def __init__(
        self, api_key: str, base_url: str, limits: Limits, max_bytes: int = MAX_VENDOR_BYTES
    ) -> None:
        self.limits = limits
        self._base = (base_url or API_URL).rstrip("/")
        self._max_bytes = max_bytes
        self._key = _Key(api_key)
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=by_proxy(self._base),
            timeout=httpx.Timeout(limits.make_s, connect=limits.connect_s),
            headers={"accept": "image/*", "accept-encoding": "identity"},
        )

    async def post(
        self, path: str, form: Mapping[str, File], limit_s: float
    ) -> tuple[httpx.Response, bytes]:
        """Send a form and return the answer, read whole."""
        async with self.asked("POST", path, limit_s, form) as reply:
            return reply, await self.read(reply)

    @asynccontextmanager
    async def asked(
        self, method: str, path: str, limit_s: float, form: Mapping[str, File] | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Make a call; its answer is 200 or 202, and not read yet.

        Raises:
            AnsweredError: Another status.
        """
        url = httpx.URL(self._base + path)
        async with (
            asyncio.timeout(limit_s),
            self._client.stream(method, url, auth=self._key, files=form) as reply,
        ):
            if reply.status_code not in (httpx.codes.OK, httpx.codes.ACCEPTED):
                raise AnsweredError(reply, await self.read(reply, MAX_ERROR_BYTES))
            yield reply

    async def read(self, reply: httpx.Response, max_bytes: int = 0) -> bytes:
        """Return the body of an answer; ``ValueError`` if it is longer than we take."""
        limit = max_bytes or self._max_bytes
        data = bytearray()
        async for chunk in reply.aiter_raw():
            data += chunk
            if len(data) > limit:
                raise ValueError(f"more than {limit} bytes")
        return bytes(data)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()


def refuse_unfinished(reply: httpx.Response, model: str, job: str | None = None) -> None:
    """Let only a finished picture through.

    Raises:
        RejectedError: It was filtered: what comes is a blurred picture, with status 200.
        BadReplyError: It is no picture.
    """
    request_id = job or reply.headers.get("x-request-id")
    reason = reply.headers.get("finish-reason", SUCCESS)
    if reason.upper() == FILTERED:
        raise blurred(model, request_id)
    kind = reply.headers.get("content-type", "")
    if reason != SUCCESS or not kind.startswith("image/"):
        raise BadReplyError(
            f"finished as {reason!r}, as {kind!r}"[:300],
            model=model,
            request_id=request_id,
            hint="Stability's answer is no picture: try again, or with another --model.",
        )


def seed_of(reply: httpx.Response, card: ModelCard | None) -> int | None:
    """Return the seed that was used, where the model has one and the answer tells it."""
    said = reply.headers.get("seed", "")
    if card is None or card.seed is None or not said.isascii() or not said.isdecimal():
        return None
    return int(said) if int(said[:12]) <= MAX_SEED else None
