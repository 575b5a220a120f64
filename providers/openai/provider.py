"""Models of OpenAI: one call is billed and returns the picture; an init image makes it an edit."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Literal

import httpx2
import openai
from openai import AsyncAPIResponse
from pydantic import ValidationError

from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import (
    Delivered,
    ImageRequest,
    Pixels,
)
from providers.openai.faults import told
from providers.openai.mask import alpha_mask
from providers.openai.wire import Answer, fields, file_of, payload, pictures

API_URL: Final = "https://api.openai.com/v1"
CONNECT_S: Final = 5.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class OpenAIProvider:
    """The port over OpenAI's SDK; it never tries anything twice."""

    name: str = "openai"
    answers: Literal["blocking"] = "blocking"

    def __init__(
        self,
        api_key: str,
        cards: Sequence[ModelCard],
        pixels: Pixels,
        *,
        base_url: str = "",
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self._pixels = pixels
        self._max_answer_bytes = max_bytes * 4 // 3 + 64 * 1024  # base64, and the words around it
        address = base_url.rstrip("/") or API_URL
        longest_s = max((card.timeout_s for card in cards), default=60.0)
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=address,
            max_retries=0,
            timeout=httpx2.Timeout(longest_s, connect=CONNECT_S),
            # The SDK's own client follows redirects, also with a POST that is paid for.
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False,
                # A proxy of the environment is not used to speak to this machine itself.
                trust_env=httpx2.URL(address).host not in LOOPBACK,
            ),
        )

        # Asked for here, since the SDK imports and builds its parts when they are first asked for.
        self._images = self._client.images.with_streaming_response

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the fields of the one call, pictures as digests."""
        return payload(request)

    async def make(self, request: ImageRequest) -> Delivered:
        """Make one picture; the card's time limit holds from here to the last byte."""
        model = request.card.name
        with told(model):
            files = await self._files(request)
            async with asyncio.timeout(request.card.timeout_s):
                text, request_id = await self._answer(self._call(request, files))
            answer = _read(text)
            return Delivered(
                data=answer.picture,
                cost_usd=answer.cost_usd(request.card),
                request_id=request_id,
            )

    async def _files(self, request: ImageRequest) -> dict[str, Any]:
        given = pictures(request)
        if "mask" in given:
            given["mask"] = await self._pixels.run(alpha_mask, given["mask"], given["image"])
        return {name: file_of(data, name) for name, data in given.items()}

    def _call(
        self, request: ImageRequest, files: dict[str, Any]
    ) -> AbstractAsyncContextManager[AsyncAPIResponse[Any]]:
        sent = fields(request)
        return self._images.edit(**sent, **files) if files else self._images.generate(**sent)

    async def _answer(
        self, call: AbstractAsyncContextManager[AsyncAPIResponse[Any]]
    ) -> tuple[bytes, str | None]:
        text = bytearray()
        async with call as reply:
            async for chunk in reply.iter_bytes():
                text += chunk
                if len(text) > self._max_answer_bytes:
                    raise ValueError(f"more than {self._max_answer_bytes} bytes")
            return bytes(text), reply.request_id

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()


def _read(text: bytes) -> Answer:
    try:
        return Answer.model_validate(json.loads(text))
    except ValidationError as error:  # its own words would repeat the whole picture
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise ValueError(f"not an answer with pictures: {where or 'the whole'}") from None
