"""Hands pictures to a model: small ones inside the request, others by way of Replicate's files.

``wire.pictures`` of a card overrules the size: ``data`` for models that refuse an address without
an ending, ``file`` for those that refuse data.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.errors import PictureError, RejectedError
from domain.model import ModelCard
from domain.ports import Pixels
from providers.replicate.api import Api
from providers.replicate.inputs import Piece
from providers.replicate.mask import inverted_mask

INSIDE_BYTES: Final = 64 * 1024
"""Replicate advises 256 kB at most; a page of 100 jobs with their inputs has to be read, too."""
MAX_FILE_BYTES: Final = 100_000_000
"""Replicate's OpenAPI of 2026-03-16: "Files must be less than 100MB in size"."""
REUSE_S: Final = 3600.0
"""How long a file is named again instead of laid down anew; Replicate keeps it for a day."""
REMEMBERED: Final = 256
KINDS: Final = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"RIFF", "webp"),
)


@dataclass(slots=True)
class _File:
    """A file at Replicate."""

    address: str = ""
    until_s: float = float("-inf")
    """On the loop's clock."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Courier:
    """Brings pictures to Replicate, and knows its own again."""

    def __init__(self, api: Api, pixels: Pixels) -> None:
        self._api = api
        self._pixels = pixels
        self._files: dict[str, _File] = {}

    async def addresses(self, card: ModelCard, pieces: Sequence[Piece]) -> dict[Piece, str]:
        """Return under which address the model gets each picture; nothing of it is billed.

        Raises:
            ProviderError: It is no picture, too large, or could not be handed over.
        """
        how = card.wire.get("pictures", "")
        found: dict[Piece, str] = {}
        for piece in dict.fromkeys(pieces):
            data = await self._ready(piece)
            kind = _kind(data)
            if how == "data" or (how != "file" and len(data) <= INSIDE_BYTES):
                text = base64.b64encode(data).decode()
                found[piece] = f"data:image/{kind};base64,{text}"
            else:
                found[piece] = await self._laid_down(data, kind, card.name)
        return found

    async def _laid_down(self, data: bytes, kind: str, model: str) -> str:
        """Return a file's address; the images of a run share the file of their picture."""
        digest = hashlib.sha256(data).hexdigest()
        file = self._files.setdefault(digest, _File())
        async with file.lock:
            now_s = asyncio.get_running_loop().time()
            if now_s >= file.until_s:
                name = f"{digest[:16]}.{kind}"
                file.address = await self._api.upload(name, data, f"image/{kind}", model)
                file.until_s = now_s + REUSE_S
        while len(self._files) > REMEMBERED:
            del self._files[next(iter(self._files))]
        return file.address

    async def same(self, pieces: Sequence[Piece], inputs: Mapping[str, Any]) -> bool | None:
        """Tell whether *inputs* hold these pictures; None if that cannot be told any more."""
        doubt = False
        for name in dict.fromkeys(piece.field for piece in pieces):
            wanted = [piece for piece in pieces if piece.field == name]
            told = inputs.get(name)
            given = told if isinstance(told, list) else [told]
            if len(given) != len(wanted):
                return False
            for piece, address in zip(wanted, given, strict=True):
                is_it = await self._is(piece, address)
                if is_it is False:
                    return False
                doubt = doubt or is_it is None
        return None if doubt else True

    async def _is(self, piece: Piece, address: object) -> bool | None:
        if not isinstance(address, str):
            return False
        data = await self._ready(piece)
        if address.startswith("data:"):
            try:
                return base64.b64decode(address.partition(",")[2], validate=True) == data
            except binascii.Error:
                return None
        checksum = await self._api.checksum(address)
        return None if checksum is None else checksum == hashlib.sha256(data).hexdigest()

    async def _ready(self, piece: Piece) -> bytes:
        """Return the picture as the model reads it."""
        if not piece.inverted:
            return piece.data
        try:
            return await self._pixels.run(inverted_mask, piece.data)
        except PictureError as error:
            raise _no_picture(str(error)) from error


def _kind(data: bytes) -> str:
    if len(data) > MAX_FILE_BYTES:
        raise _no_picture(f"{len(data)} bytes are more than Replicate takes")
    for start, kind in KINDS:
        if data.startswith(start):
            return kind
    raise _no_picture("it is neither PNG nor JPEG, WebP or GIF")


def _no_picture(why: str) -> RejectedError:
    return RejectedError(
        f"a picture that goes in: {why}",
        hint="Replicate cannot take this picture: give a PNG, JPEG or WebP under 100 MB.",
    )
