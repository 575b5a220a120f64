"""Models behind OpenAI's images API, at OpenAI or elsewhere: one call returns the picture.

A picture that goes in makes it an edit.
"""

import asyncio
import inspect
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Literal

import httpx2
import openai
from openai import AsyncAPIResponse
from openai.resources.images import AsyncImages

from domain.errors import RateLimitedError, RejectedError, UnavailableError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import (
    Delivered,
    ImageRequest,
    Pixels,
)
from providers.downloads import Downloads, Source
from providers.openai.answers import Answer, picture, read, read_stream, unfinished
from providers.openai.faults import OPENAI, House, told
from providers.openai.mask import alpha_mask
from providers.openai.wire import data_url, fields, file_of, in_words, payload, pictures

API_URL: Final = "https://api.openai.com/v1"
CONNECT_S: Final = 5.0
FETCH_S: Final = 55.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
GENERATE: Final = frozenset(inspect.signature(AsyncImages.generate).parameters)
EDIT: Final = frozenset(inspect.signature(AsyncImages.edit).parameters)
"""What the SDK has a parameter for; everything else goes as ``extra_body``."""


class OpenAIProvider:
    """The port over OpenAI's SDK; it never tries anything twice."""

    answers: Literal["blocking"] = "blocking"

    def __init__(
        self,
        api_key: str,
        cards: Sequence[ModelCard],
        pixels: Pixels,
        *,
        base_url: str = "",
        house: House = OPENAI,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self.name = cards[0].provider if cards else "openai"
        self._pixels = pixels
        self._house = house
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
        if house is not OPENAI:  # the SDK takes these from the environment, and they are OpenAI's
            self._client.organization = self._client.project = None
        self._downloads = _downloads(house, address, max_bytes)

        # Asked for here, since the SDK imports and builds its parts when they are first asked for.
        self._images = self._client.images.with_streaming_response

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the fields of the one call, pictures as digests."""
        return payload(request)

    async def make(self, request: ImageRequest) -> Delivered:
        """Make one picture; the card's time limit holds from here to the last byte."""
        _refuse_unfit(request)
        with told(request.card.name, self._house):
            files = await self._files(request)
            async with asyncio.timeout(request.card.timeout_s):
                answer, request_id = await self._answer(self._call(request, files), request)
                data = await self._picture(answer, request)
            return Delivered(
                data=data,
                cost_usd=answer.cost_usd(request.card),
                request_id=request_id,
                notes=answer.notes,
            )

    async def _files(self, request: ImageRequest) -> dict[str, Any]:
        given = pictures(request)
        if in_words(request):
            return {
                name: [data_url(one) for one in data] if isinstance(data, list) else data_url(data)
                for name, data in given.items()
            }
        if "mask" in given and request.mask and request.init_image:
            given["mask"] = await self._pixels.run(alpha_mask, request.mask, request.init_image)
        return {
            name: [file_of(one, f"{name}-{number}") for number, one in enumerate(data, 1)]
            if isinstance(data, list)
            else file_of(data, name)
            for name, data in given.items()
        }

    def _call(
        self, request: ImageRequest, files: dict[str, Any]
    ) -> AbstractAsyncContextManager[AsyncAPIResponse[Any]]:
        as_edit = bool(files) and not in_words(request)
        sent, known = fields(request) | files, EDIT if as_edit else GENERATE
        own = {name: value for name, value in sent.items() if name not in known}
        named = {name: value for name, value in sent.items() if name in known}
        call = self._images.edit if as_edit else self._images.generate
        return call(**named, extra_body=own or None)

    async def _answer(
        self, call: AbstractAsyncContextManager[AsyncAPIResponse[Any]], request: ImageRequest
    ) -> tuple[Answer, str | None]:
        async with call as reply:
            if reply.headers.get("content-type", "").startswith("text/event-stream"):
                expected = int(request.parameters.settings.get("partial_images") or 0) + 1

                def progressed(come: int, newest: str) -> None:
                    request.progressed(min(max(come / expected, 0.0), 1.0))
                    if preview := unfinished(newest):
                        request.previewed(preview)

                chunks = reply.iter_bytes()
                stream = await read_stream(chunks, progressed, self._max_answer_bytes)
                return stream, reply.request_id
            text = bytearray()
            async for chunk in reply.iter_bytes():
                text += chunk
                if len(text) > self._max_answer_bytes:
                    raise ValueError(f"more than {self._max_answer_bytes} bytes")
            return read(bytes(text)), reply.request_id

    async def _picture(self, answer: Answer, request: ImageRequest) -> bytes:
        if not answer.url:
            return answer.picture
        if self._downloads is None:
            raise ValueError("an address instead of a picture")
        try:
            return picture(await self._downloads.get(answer.url))
        except (RateLimitedError, UnavailableError) as error:
            raise UnavailableError(
                error.message,
                maybe_billed=True,  # it is made and paid for: only its picture did not come
                model=request.card.name,
                hint=f"{self._house.name} made the picture, and does not hand it out just now.",
            ) from error

    async def close(self) -> None:
        """Give back connections."""
        await self._client.close()
        if self._downloads is not None:
            await self._downloads.close()


def _downloads(house: House, address: str, max_bytes: int) -> Downloads | None:
    """Return what fetches pictures by their address; OpenAI itself always sends them whole."""
    if house is OPENAI:
        return None
    source = Source(house.name, address)
    return Downloads(source, limit_s=FETCH_S, connect_s=CONNECT_S, max_bytes=max_bytes)


def _refuse_unfit(request: ImageRequest) -> None:
    """Refuse what the API refuses, before it is sent.

    Raises:
        RejectedError: Too many pictures, or a transparent JPEG.
    """
    given, card = request.parameters, request.card
    count = int(request.init_image is not None) + len(request.references)
    allowed = card.references.maximum if card.references else 1
    if card.references and count > allowed:
        raise RejectedError(
            f"{count} pictures, and {card.title} takes at most {allowed}",
            model=card.name,
            hint=f"Leave out {count - allowed}: an init image and references count together.",
        )
    if given.background == "transparent" and given.file_format == "jpeg":
        raise RejectedError(
            "a transparent background in a JPEG",
            model=card.name,
            hint="A JPEG has no transparency: ask for --format png or webp.",
        )
