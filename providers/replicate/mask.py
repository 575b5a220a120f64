"""Turns our mask (white is repainted) into one where black is; runs in the pixel pool."""

import io

from PIL import ImageOps

from domain.picture import MAX_VENDOR_BYTES, Picture


def inverted_mask(mask: bytes) -> bytes:
    """Return a PNG of the same size with black and white exchanged.

    Raises:
        PictureError: It is no picture.
    """
    white = Picture.open(mask, max_bytes=MAX_VENDOR_BYTES).image.convert("L")
    out = io.BytesIO()
    ImageOps.invert(white).save(out, "PNG")
    return out.getvalue()
