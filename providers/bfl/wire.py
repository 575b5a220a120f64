"""BFL's words: what is sent for an image, and how its answers about a task are read.

Sources: BFL's OpenAPI as docs.bfl.ai shows it (FLUX.2, Kontext, FLUX 1.1, dev; get_result), read
2026-11-23.
"""

import asyncio
import base64
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlencode

import httpx
from pydantic import BaseModel, ConfigDict, Field

from domain.picture import digest_of
from domain.ports import ImageRequest

MAX_CREDITS: Final = 10_000.0
"""Above this a reported cost is none."""
CHUNK_BYTES: Final = 3 * 128 * 1024
"""Of a picture, encoded at once; a multiple of three, so that base64 needs no padding between."""
FIELDS: Final = {
    "seed": "seed",
    "steps": "steps",
    "cfg_scale": "guidance",
    "width": "width",
    "height": "height",
    "aspect_ratio": "aspect_ratio",
    "file_format": "output_format",
}
"""Our word for a parameter, and BFL's."""
PICTURE: Final = "input_image"
"""BFL's name of the first picture; the next are ``input_image_2`` and so on."""


def fields(request: ImageRequest) -> dict[str, Any]:
    """Return everything that is sent for one image, but for the pictures."""
    given, card = request.parameters, request.card
    ratios = card.sizes.kind == "ratios"
    taken = {
        "seed": card.seed,
        "steps": card.steps,
        "cfg_scale": card.cfg_scale,
        "width": not ratios,
        "height": not ratios,
        "aspect_ratio": ratios,
        "file_format": card.file_formats,
    }
    sent: dict[str, Any] = {"prompt": given.prompt}
    for ours, theirs in FIELDS.items():
        value = getattr(given, ours)
        if taken[ours] and value is not None:
            sent[theirs] = value
    for name, value in card.settings.items():
        sent[name] = given.settings.get(name, value)
    return sent | _weight(request)


def _weight(request: ImageRequest) -> dict[str, float]:
    """Return how much the reference counts, where the model takes one and lets it be said."""
    name, references = request.card.wire.get("reference_weight"), request.card.references
    used = request.parameters.references[:1]
    if not name or references is None or references.weight is None or not used:
        return {}
    return {name: references.weight.default or 0.0 if used[0].weight is None else used[0].weight}


def pictures(request: ImageRequest) -> dict[str, bytes]:
    """Return the pictures that are sent along, by BFL's names: the init image is the first."""
    card = request.card
    init = (request.init_image,) if request.init_image and card.takes_pictures else ()
    given = (*init, *(request.references if card.references else ()))
    first = card.wire.get("references", PICTURE)
    return {
        first if number == 1 else f"{first}_{number}": data for number, data in enumerate(given, 1)
    }


def payload(request: ImageRequest) -> dict[str, Any]:
    """Return the body of the create call, each picture as the digest of its bytes."""
    digests = {name: f"sha256:{digest_of(data)}" for name, data in pictures(request).items()}
    return fields(request) | digests


class Body:
    """The create call's body, written in pieces: eight pictures are never one text in memory."""

    def __init__(self, request: ImageRequest) -> None:
        text = json.dumps(fields(request), ensure_ascii=False, allow_nan=False).encode()
        self._head = text[:-1]
        self._pictures = pictures(request)

    @property
    def headers(self) -> dict[str, str]:
        """The type, and the length that is known before a byte is encoded."""
        names = sum(len(name) + len(',"":""') for name in self._pictures)
        encoded = sum(math.ceil(len(data) / 3) * 4 for data in self._pictures.values())
        length = len(self._head) + names + encoded + 1
        return {"content-type": "application/json", "content-length": str(length)}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._head
        for name, data in self._pictures.items():
            yield f',"{name}":"'.encode()
            for at in range(0, len(data), CHUNK_BYTES):
                yield base64.b64encode(data[at : at + CHUNK_BYTES])
                await asyncio.sleep(0)
            yield b'"'
        yield b"}"


class Accepted(BaseModel):
    """The answer to a create call; what we do not use is not looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    polling_url: Annotated[str, Field(max_length=1000)]
    cost: Any = None


class Task(BaseModel):
    """A task as BFL tells of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: str
    result: Any = None
    progress: Any = None
    details: Any = None
    cost: Any = None

    @property
    def sample(self) -> str:
        """Where the picture lies; empty if it is not told."""
        address = self.result.get("sample") if isinstance(self.result, dict) else None
        return address if isinstance(address, str) else ""

    @property
    def share(self) -> float | None:
        """How far it is, in [0, 1]."""
        told = number(self.progress)
        return None if told is None else min(max(told, 0.0), 1.0)


def number(value: Any) -> float | None:
    """Return a number that makes sense; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < MAX_CREDITS and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Ref:
    """What a job is known by: where it is asked after, whose it is, what it costs."""

    url: httpx.URL
    model: str
    spent: float | None
    """In credits."""

    def __str__(self) -> str:
        told = {"model": self.model}
        if self.spent is not None:
            told["credits"] = f"{self.spent:g}"
        return str(self.url.copy_with(fragment=urlencode(told)))

    @classmethod
    def read(cls, text: str) -> "Ref":
        """Return what :meth:`__str__` wrote.

        Raises:
            ValueError: It is not that.
        """
        url = httpx.URL(text)
        told = parse_qs(url.fragment)
        told_credits = told.get("credits", [""])[0]
        return cls(
            url=url.copy_with(fragment=None),
            model=told.get("model", [""])[0],
            spent=float(told_credits) if told_credits else None,
        )
