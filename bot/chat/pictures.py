"""Pictures for a platform: the original where it fits, else a preview that does."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from domain.errors import PictureError
from domain.picture import Picture
from domain.ports import Pixels
from storage.artifacts import LocalArtifacts

PREVIEWS: Final = ((2048, 88), (1600, 82), (1280, 75), (960, 70), (640, 60))
"""Longest side in pixels and JPEG quality, until one fits."""
TYPES: Final = {b"\x89PNG": ("png", "image/png"), b"\xff\xd8\xff": ("jpg", "image/jpeg")}
SHOWN: Final = frozenset({"png", "jpg"})
"""What every platform shows; Slack takes no WebP."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as it is sent."""

    name: str
    data: bytes
    media_type: str
    whole: bool
    """The original's own bytes; else a preview of them."""


class Pictures:
    """Reads stored pictures for surfaces."""

    def __init__(self, artifacts: LocalArtifacts, pixels: Pixels) -> None:
        self._artifacts = artifacts
        self._pixels = pixels

    async def fitting(self, digest: str, name: str, *, max_bytes: int) -> Shot:
        """Return the picture of a digest, or a preview if it is larger than the platform takes.

        Args:
            digest: Of a stored file.
            name: Of the file that is sent, without its ending.
            max_bytes: The platform's limit.

        Raises:
            NotFoundError: There is no such file.
            PictureError: Not even the smallest preview fits.
        """
        data = await self._artifacts.get(digest)
        ending, media_type = _type(data)
        if len(data) <= max_bytes and ending in SHOWN:
            return Shot(f"{name}.{ending}", data, media_type, whole=True)
        small = await self._pixels.run(preview, data, max_bytes)
        return Shot(f"{name}-preview.jpg", small, "image/jpeg", whole=False)


def preview(data: bytes, max_bytes: int) -> bytes:
    """Return a JPEG of a picture that has at most *max_bytes*; runs in the pixel pool.

    Raises:
        PictureError: None fits.
    """
    whole = Picture.open(data).image.convert("RGB")
    for side, quality in PREVIEWS:
        small = whole.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= max_bytes:
            return out.getvalue()
    raise PictureError(f"no preview fits into {max_bytes} bytes")


def _type(data: bytes) -> tuple[str, str]:
    found = (kind for magic, kind in TYPES.items() if data.startswith(magic))
    return next(found, ("webp", "image/webp"))
