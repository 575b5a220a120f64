"""A picture with nothing but its pixels: a file's notes may say who made it, and with what.

Top-level functions for the pixel pool; imports nothing but Pillow and pure rooms.
"""

import io

from bot.grid import shrunken
from domain.picture import MAX_VENDOR_BYTES, Picture


def plain(data: bytes) -> bytes:
    """Return a picture as a WebP of a tile's size.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    out = io.BytesIO()
    picture = Picture.open(data, max_bytes=MAX_VENDOR_BYTES)
    shrunken(picture.image).image().save(out, "WEBP", quality=90, method=2)
    return out.getvalue()
