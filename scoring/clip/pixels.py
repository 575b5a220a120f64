"""A picture as a network takes it: flattened on white, made square, normalised."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from scoring.pixels import flattened

MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
STD: Final = (0.26862954, 0.26130258, 0.27577711)
"""Of the channels, as OpenAI's CLIP has them (open_clip's ``OPENAI_DATASET_MEAN`` and ``_STD``)."""


def squared(image: Image.Image, side: int, mode: str = "squash") -> npt.NDArray[np.uint8]:
    """Return any picture as (side, side, 3), by open_clip's ``resize_mode``.

    ``squash`` squeezes, ``shortest`` cuts the middle out, ``longest`` lays it on black.
    Transparent pictures are laid on white first.
    """
    plain = flattened(image)
    width, height = (side, side) if mode == "squash" else _size(plain, side, mode)
    small = plain.resize((width, height), Image.Resampling.BICUBIC)
    if (width, height) != (side, side):
        # torchvision's CenterCrop rounds half to even; a margin below zero pads.
        left, top = round((width - side) / 2), round((height - side) / 2)
        small = small.crop((left, top, left + side, top + side))
    return np.asarray(small, dtype=np.uint8)


def _size(image: Image.Image, side: int, mode: str) -> tuple[int, int]:
    # torchvision cuts the longer side off at a whole pixel, open_clip's own resize rounds it.
    if mode == "shortest":
        width, height = (int(side * length / min(image.size)) for length in image.size)
    else:
        width, height = (max(1, round(side * length / max(image.size))) for length in image.size)
    return width, height


def normalised(
    images: npt.NDArray[np.uint8],
    mean: tuple[float, float, float] = MEAN,
    std: tuple[float, float, float] = STD,
) -> npt.NDArray[np.float32]:
    """Turn (n, side, side, 3) levels into what a network takes, (n, 3, side, side) float32."""
    levels = images.astype(np.float32) / np.float32(255)
    centred = (levels - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(centred.transpose(0, 3, 1, 2))
