"""Turns our mask (white is repainted) into OpenAI's (transparent is repainted).

Runs in the pixel pool, so this module imports nothing but Pillow and the picture.
"""

import io

from PIL import Image

from domain.picture import MAX_VENDOR_BYTES, Picture


def alpha_mask(mask: bytes, init_image: bytes) -> bytes:
    """Return a PNG of the init image's size whose transparent pixels are the mask's white ones.

    Raises:
        PictureError: One of the two is no picture.
    """
    size = Picture.open(init_image, max_bytes=MAX_VENDOR_BYTES).image.size
    white = Picture.open(mask, max_bytes=MAX_VENDOR_BYTES).image.convert("L")
    if white.size != size:
        white = white.resize(size, Image.Resampling.NEAREST)
    kept = white.point([255] * 128 + [0] * 128)  # only wholly transparent is repainted
    out = io.BytesIO()
    Image.merge("LA", (Image.new("L", size), kept)).convert("RGBA").save(out, "PNG")
    return out.getvalue()
