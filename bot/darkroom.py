"""What is done to the pixels of a fresh picture: one decoding in the pool serves all who ask later.

Facts for the log, figures for triage, a small picture for the grid and a thumbnail for the gallery.
What is kept here only saves time: after a restart everything is made again from the stored bytes.
"""

import asyncio
import io
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.grid import Shrunk, shrunken
from domain.errors import StorageError
from domain.picture import MAX_VENDOR_BYTES, Picture, PictureFacts, digest_of
from domain.policy import Measured
from domain.ports import (
    ArtifactStore,
    Pixels,
)
from domain.run import Artwork
from domain.spec import ControlKind, Digest
from providers.canny import canny_map
from scoring.pixels import measure, measure_artwork
from storage.thumbnails import Thumbnails

MAPS: Final[Mapping[ControlKind, Callable[[bytes], bytes]]] = {"canny": canny_map}
"""What makes the map of a control; ``pipeline.inputs.PREPARED`` names the same kinds."""
logger = logging.getLogger(__name__)
KEPT: Final = 16
"""Pictures whose prints are kept until their grid is drawn; each is 1.8 MB at most."""
THUMBNAIL_PX: Final = 384
"""The long side: a tile of the gallery, twice as sharp as its place on the page."""


@dataclass(frozen=True, slots=True)
class Prints:
    """What one decoding gives."""

    facts: PictureFacts
    measured: Measured | None
    """None: a scorer failed; it will say so itself when it is asked again."""
    shrunk: Shrunk
    thumbnail: bytes


def develop(data: bytes) -> Prints:
    """Decode a vendor's picture once, for everything; for the pixel pool.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    picture = Picture.open(data, max_bytes=MAX_VENDOR_BYTES)
    facts = PictureFacts(picture.media_type, picture.width_px, picture.height_px)
    shrunk = shrunken(picture.image)
    return Prints(facts, _measured(picture), shrunk, _thumbnail(shrunk.image()))


def thumbnail(data: bytes) -> bytes:
    """Return a picture's thumbnail as WebP; for the pixel pool.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    picture = Picture.open(data, max_bytes=MAX_VENDOR_BYTES)
    return _thumbnail(shrunken(picture.image).image())


class Darkroom:
    """Looks at fresh pictures, and remembers what it saw until the run is presented."""

    def __init__(self, pixels: Pixels, artifacts: ArtifactStore, thumbnails: Thumbnails) -> None:
        self._pixels = pixels
        self._artifacts = artifacts
        self._thumbnails = thumbnails
        self._prints: OrderedDict[Digest, Prints] = OrderedDict()
        self._making: dict[Digest, asyncio.Task[bytes]] = {}

    async def prepare(self, kind: ControlKind, data: bytes) -> bytes:
        """Make the map of a control from a photo.

        Raises:
            PictureError: It is no picture.
        """
        if kind not in MAPS:
            raise ValueError(f"nothing here makes a {kind} map: routing has seen to that")
        return await self._pixels.run(MAPS[kind], data)

    async def look(self, data: bytes) -> PictureFacts:
        """Return the facts of a fresh picture.

        Raises:
            PictureError: It is no picture, or damaged.
        """
        prints = await self._pixels.run(develop, data)
        digest = f"sha256:{digest_of(data)}"
        self._prints[digest] = prints
        while len(self._prints) > KEPT:
            self._prints.popitem(last=False)
        await self._keep_thumbnail(digest, prints.thumbnail)
        return prints.facts

    async def measured(self, artwork: Artwork) -> Measured:
        """Return the figures of an artwork.

        Raises:
            HandlerError: Its file is gone or damaged.
        """
        known = self._prints.get(artwork.digest)
        if known is not None and known.measured is not None:
            return known.measured.model_copy(update={"number": artwork.index})
        data = await self._artifacts.get(artwork.digest)
        return await self._pixels.run(measure_artwork, data, artwork.index)

    def taken(self, digest: Digest) -> Shrunk | None:
        """Hand out the small picture of an artwork, once."""
        prints = self._prints.pop(digest, None)
        return prints.shrunk if prints else None

    async def thumbnail(self, digest: Digest) -> bytes:
        """Return an artwork's thumbnail, made now if it is not there; by many at once, made once.

        Raises:
            NotFoundError: There is no such artwork.
            PictureError: Its file is damaged.
        """
        stored = await self._thumbnails.get(digest)
        if stored is not None:
            return stored
        making = self._making.get(digest)
        if making is None:
            making = asyncio.create_task(self._made(digest), name="thumbnail")
            making.add_done_callback(lambda _: self._making.pop(digest, None))
            self._making[digest] = making
        return await asyncio.shield(making)

    async def _made(self, digest: Digest) -> bytes:
        data = await self._artifacts.get(digest)
        made = await self._pixels.run(thumbnail, data)
        await self._keep_thumbnail(digest, made)
        return made

    async def _keep_thumbnail(self, digest: Digest, data: bytes) -> None:
        try:
            await self._thumbnails.put(digest, data)
        except StorageError as error:
            logger.warning("thumbnail not kept %s: %s", digest, error.message)


def _measured(picture: Picture) -> Measured | None:
    try:
        return measure(picture, 0)
    except Exception:
        # A scorer's own fault must not cost a picture that was paid for.
        logger.exception("not measured %s", picture.digest)
        return None


def _thumbnail(image: Image.Image) -> bytes:
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=2)
    return out.getvalue()
