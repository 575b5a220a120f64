"""A picture as a network takes it: flattened on white, squared without a crop, normalised."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from scoring.pixels import flattened

MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
STD: Final = (0.26862954, 0.26130258, 0.27577711)
"""Of the channels, as OpenAI's CLIP has them (open_clip's ``OPENAI_DATASET_MEAN`` and ``_STD``)."""


def squared(image: Image.Image, side: int) -> npt.NDArray[np.uint8]:
    """Return any picture as (side, side, 3): squeezed, since a crop would lose what is at the edge.

    open_clip calls this ``resize_mode="squash"``. Transparent pictures are laid on white first.
    """
    small = flattened(image).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(small, dtype=np.uint8)


def normalised(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Turn (n, side, side, 3) levels into what a network takes, (n, 3, side, side) float32."""
    levels = images.astype(np.float32) / np.float32(255)
    centred = (levels - np.asarray(MEAN, np.float32)) / np.asarray(STD, np.float32)
    return np.ascontiguousarray(centred.transpose(0, 3, 1, 2))
