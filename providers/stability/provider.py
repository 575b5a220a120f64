"""Models of Stability AI: one call returns the picture, what it filtered is a refusal."""

import asyncio
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx

from domain.errors import BadReplyError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import Delivered, ImageRequest
from providers.downloads import by_proxy
from providers.stability.faults import AnsweredError, blurred, told
from providers.stability.wire import form, path, payload

API_URL: Final = "https://api.stability.ai"
MAX_SEED: Final = 2**32 - 2
SUCCESS: Final = "SUCCESS"
FILTERED: Final = "CONTENT_FILTERED"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, from the first byte sent to the last received."""

    connect_s: float = 5.0
    make_s: float = 150.0


class _Key(httpx.Auth):
    """Puts the key on a call, and on that one alone; what is shown of it says nothing."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["authorization"] = f"Bearer {self._api_key}"
        yield request


class StabilityProvider:
    """The port over Stability's REST interface; it never tries anything twice."""

    name: str = "stability"
    answers: Literal["blocking"] = "blocking"

    def __init__(
        self,
        api_key: str,
        cards: Sequence[ModelCard],
        *,
        base_url: str = "",
        limits: Limits | None = None,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self._limits = limits or Limits()
        self._prices = {card.id: card.price.usd_per_image for card in cards}
        self._base = (base_url or API_URL).rstrip("/")
        self._max_bytes = max_bytes
        self._key = _Key(api_key)
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=by_proxy(self._base),
            timeout=httpx.Timeout(self._limits.make_s, connect=self._limits.connect_s),
            headers={"accept": "image/*", "accept-encoding": "identity"},
        )

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the form of the call, pictures as digests."""
        return payload(request)

    async def make(self, request: ImageRequest) -> Delivered:
        """Have one image made; a failed or filtered one is not charged.

        Raises:
            ProviderError: It was refused, or is not to be had.
        """
        card = request.card
        with told(model=card.name):
            reply, data = await self._asked(request)
        request_id = reply.headers.get("x-request-id")
        reason = reply.headers.get("finish-reason", SUCCESS)
        if reason == FILTERED:
            raise blurred(card.name, request_id)
        if reason != SUCCESS or not reply.headers.get("content-type", "").startswith("image/"):
            raise BadReplyError(
                f"finished as {reason!r}, as {reply.headers.get('content-type')!r}",
                model=card.name,
                request_id=request_id,
                hint="Stability's answer is no picture: try again, or with another --model.",
            )
        return Delivered(
            data=data,
            cost_usd=self._prices.get(card.id, card.price.usd_per_image),
            seed=_seed(reply.headers.get("seed"), card),
            request_id=request_id,
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

    async def _asked(self, request: ImageRequest) -> tuple[httpx.Response, bytes]:
        data = bytearray()
        url = httpx.URL(self._base + path(request))
        async with (
            asyncio.timeout(min(self._limits.make_s, request.card.timeout_s)),
            self._client.stream("POST", url, auth=self._key, files=form(request)) as reply,
        ):
            async for chunk in reply.aiter_raw():
                data += chunk
                if len(data) > self._max_bytes:
                    raise ValueError(f"more than {self._max_bytes} bytes")
        if reply.status_code != httpx.codes.OK:
            raise AnsweredError(reply, bytes(data))
        return reply, bytes(data)


def _seed(told: str | None, card: ModelCard) -> int | None:
    """Return the seed that was used, where the model has one and the answer tells it."""
    if card.seed is None or told is None or not told.isascii() or not told.isdecimal():
        return None
    return int(told) if int(told) <= MAX_SEED else None
