"""OpenAI's words: what is sent for an image, and how its answer is read and priced.

Sources: the parameters of ``images.generate`` and ``images.edit`` in openai 3.54.0; OpenAI's
OpenAPI of 2026-08-21.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.model import ModelCard
from domain.picture import MEDIA_TYPES, SUFFIXES, digest_of
from domain.ports import ImageRequest

NOT_FOR_EDITS: Final = frozenset({"moderation"})
"""What ``images.edit`` has no parameter for."""
SIGNATURES: Final = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """USD for a million tokens."""

    text_in: float
    image_in: float
    image_out: float


RATES: Final = {"gpt-image-2.5-flare": Rates(text_in=5.0, image_in=8.0, image_out=30.0)}
"""OpenAI's pricing as in LiteLLM 1.109.1 and articles of 2026-09-09; read 2026-11-22."""


def fields(request: ImageRequest) -> dict[str, Any]:
    """Return everything that is sent for one image, but for the pictures."""
    given, card = request.parameters, request.card
    sent: dict[str, Any] = {
        "model": card.name,
        "prompt": given.prompt,
        "n": 1,
        "size": f"{given.width}x{given.height}",
    }
    edits = NOT_FOR_EDITS if pictures(request) else frozenset()
    for name, value in card.settings.items():
        if name not in edits:
            sent[name] = given.settings.get(name, value)
    return sent


def pictures(request: ImageRequest) -> dict[str, bytes]:
    """Return the pictures that are sent along, as we were given them: what the card takes."""
    card, sent = request.card, {}
    if request.init_image is not None and card.takes_pictures:
        sent["image"] = request.init_image
        if request.mask is not None and card.mask:
            sent["mask"] = request.mask
    return sent


def payload(request: ImageRequest) -> dict[str, Any]:
    """Return what is sent, each picture as the digest of the bytes we were given for it."""
    digests = {name: f"sha256:{digest_of(data)}" for name, data in pictures(request).items()}
    return fields(request) | digests


def file_of(data: bytes, stem: str) -> tuple[str, bytes, str]:
    """Return a picture as the SDK takes a file: name, bytes, media type."""
    media_type = MEDIA_TYPES[kind_of(data) or "PNG"]
    return f"{stem}{SUFFIXES[media_type]}", data, media_type


def kind_of(data: bytes) -> str | None:
    """Return the format that the first bytes promise; None if they promise no picture."""
    return next((kind for mark, kind in SIGNATURES.items() if data.startswith(mark)), None)


Tokens = Annotated[int, Field(ge=0, le=100 * MILLION)]


class InputDetails(BaseModel):
    """What the tokens that went in stood for."""

    text_tokens: Tokens
    image_tokens: Tokens


class Usage(BaseModel):
    """The tokens that are billed."""

    input_tokens: Tokens
    output_tokens: Tokens
    input_tokens_details: InputDetails


class Image(BaseModel):
    """One picture of the answer."""

    b64_json: str


class Answer(BaseModel):
    """The answer to either call; what we do not use is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    data: list[Image] = Field(min_length=1)
    usage: Any = None

    @property
    def picture(self) -> bytes:
        """The first picture.

        Raises:
            ValueError: It is not base64, or not the beginning of a picture.
        """
        try:
            data = base64.b64decode(self.data[0].b64_json, validate=True)
        except binascii.Error as error:
            raise ValueError(f"not base64: {error}") from error
        if kind_of(data) is None:
            raise ValueError(f"no PNG, JPEG or WebP picture: it begins with {data[:16]!r}")
        return data

    def cost_usd(self, card: ModelCard) -> float:
        """Return what the tokens cost; the card's price where they were not told."""
        rates = RATES.get(card.name)
        try:
            used = Usage.model_validate(self.usage)
        except ValidationError:
            return card.price.usd_per_image
        if rates is None:
            return card.price.usd_per_image
        went_in = used.input_tokens_details
        usd = went_in.text_tokens * rates.text_in + went_in.image_tokens * rates.image_in
        return (usd + used.output_tokens * rates.image_out) / MILLION
