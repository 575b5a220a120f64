"""The perceptual hash of a picture: 64 bits that near-duplicates share."""

import functools

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 32
KEPT = 8


def phash(image: Image.Image) -> str:
    """Return the hash as 16 hexadecimal digits.

    The low 8 × 8 frequencies of a DCT-II of the 32 × 32 grey picture, each bit above the median, as
    in Zauner 2010, *Implementation and Benchmarking of Perceptual Image Hash Functions*, and in the
    package ``imagehash``, whose bits these are.
    """
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(grey, dtype=np.float64)
    low = (_cosines() @ pixels @ _cosines().T)[:KEPT, :KEPT]
    bits = (low > np.median(low)).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


@functools.cache
def _cosines() -> npt.NDArray[np.float64]:
    """Return the matrix of the DCT-II, (8, 32): the frequencies that are kept."""
    frequency, place = np.arange(KEPT)[:, None], np.arange(SIDE)[None, :]
    cosines: npt.NDArray[np.float64] = 2 * np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE))
    return cosines
