"""What an answer of the images API holds: a picture or its address, and what it costs.

A stream tells of unfinished pictures first; its last event is read like an answer.
"""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.model import ModelCard, TokenPrice
from providers.openai.faults import StreamError
from providers.openai.wire import kind_of

MILLION: Final = 1_000_000
NOTE_CHARS: Final = 300
Tokens = Annotated[int, Field(ge=0, le=100 * MILLION)]


class Details(BaseModel):
    """What tokens stood for."""

    text_tokens: Tokens = 0
    image_tokens: Tokens = 0


class Usage(BaseModel):
    """The tokens that are billed."""

    input_tokens: Tokens
    output_tokens: Tokens
    input_tokens_details: Details
    output_tokens_details: Details | None = None

    def usd(self, price: TokenPrice) -> float:
        """Return what they cost."""
        went_in, came_out = self.input_tokens_details, self.output_tokens_details
        words = came_out.text_tokens if came_out and price.text_out is not None else 0
        words = min(words, self.output_tokens)
        usd = went_in.text_tokens * price.text_in + went_in.image_tokens * price.image_in
        usd += (self.output_tokens - words) * price.image_out + words * (price.text_out or 0.0)
        return usd / MILLION


class Image(BaseModel):
    """One picture of the answer: itself, or where it lies."""

    b64_json: str | None = None
    url: str | None = None
    revised_prompt: Any = None


class Answer(BaseModel):
    """The answer to either call; what we do not use is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    data: list[Image] = Field(min_length=1)
    usage: Any = None

    @property
    def url(self) -> str:
        """Where the first picture lies; empty if it came itself."""
        first = self.data[0]
        return "" if first.b64_json else first.url or ""

    @property
    def picture(self) -> bytes:
        """The first picture.

        Raises:
            ValueError: It is not base64, or not the beginning of a picture.
        """
        try:
            return picture(base64.b64decode(self.data[0].b64_json or "", validate=True))
        except binascii.Error as error:
            raise ValueError(f"not base64: {error}") from error

    @property
    def notes(self) -> tuple[str, ...]:
        """What the vendor made of the prompt, if it says so."""
        said = self.data[0].revised_prompt
        return (f"prompt as the vendor wrote it: {said}"[:NOTE_CHARS],) if said else ()

    def cost_usd(self, card: ModelCard) -> float:
        """Return what the tokens cost; the card's price where they were not told, or no matter."""
        if card.price.tokens is None:
            return card.price.usd_per_image
        try:
            return Usage.model_validate(self.usage).usd(card.price.tokens)
        except ValidationError:
            return card.price.usd_per_image


def picture(data: bytes) -> bytes:
    """Return *data*, which begins like a picture.

    Raises:
        ValueError: It does not.
    """
    if kind_of(data) is None:
        raise ValueError(f"no PNG, JPEG or WebP picture: it begins with {data[:16]!r}")
    return data


def unfinished(newest: str) -> bytes:
    """Return a picture that came before the last one; empty if it is none, which harms nobody."""
    try:
        data = base64.b64decode(newest, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if kind_of(data) else b""


def read(text: bytes) -> Answer:
    """Return an answer that came at once.

    Raises:
        ValueError: It is none.
    """
    return _checked(json.loads(text))


def _checked(told: Any) -> Answer:
    try:
        return Answer.model_validate(told)
    except ValidationError as error:  # its own words would repeat the whole picture
        where = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise ValueError(f"not an answer with pictures: {where or 'the whole'}") from None


async def read_stream(
    chunks: AsyncIterator[bytes], progressed: Callable[[int, str], None], max_bytes: int
) -> Answer:
    """Read a stream to its end; *progressed* is told how many unfinished pictures have come.

    It is handed the newest of them too, in base 64.

    Raises:
        StreamError: The server broke off with a reason.
        ValueError: It ended without a finished picture, or an event is too long.
    """
    done: Any = None
    async for event in _events(chunks, max_bytes):
        kind = str(event.get("type", ""))
        if event.get("error") is not None or kind == "error":
            raise StreamError(event.get("error") or event)
        if kind.endswith(".partial_image"):
            index = event.get("partial_image_index")
            newest = event.get("b64_json")
            come = index + 1 if isinstance(index, int) else 1
            progressed(come, newest if isinstance(newest, str) else "")
        elif kind.endswith(".completed"):
            done = event
    if done is None:
        raise ValueError("the stream ended without a finished picture")
    return _checked({"data": [done], "usage": done.get("usage")})


async def _events(chunks: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[dict[str, Any]]:
    """Yield the data of server-sent events; each is one line of JSON."""
    waiting = bytearray()
    async for chunk in chunks:
        start = len(waiting)
        waiting += chunk
        while (end := waiting.find(b"\n", start)) >= 0:
            line = bytes(waiting[:end]).strip()
            del waiting[: end + 1]
            start = 0
            if line.startswith(b"data:") and not line.endswith(b"[DONE]"):
                yield _event(line.removeprefix(b"data:"))
        if len(waiting) > max_bytes:
            raise ValueError(f"more than {max_bytes} bytes in one event")


def _event(text: bytes) -> dict[str, Any]:
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("an event is an object")  # noqa: TRY004 -- unreadable
    return told
