"""What turns pictures and words into vectors of one space, whichever engine does it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
"""(n, dim), each of length 1, so that a product of two is their cosine."""


class Embedder(Protocol):
    """Pictures and words as vectors; a call holds its thread, never the event loop."""

    @property
    def backbone_id(self) -> str:
        """Which weights, to the byte: heads and thresholds hold for one backbone alone."""

    @property
    def dim(self) -> int:
        """How long a vector is."""

    @property
    def side_px(self) -> int:
        """The side of the square that a picture is made into."""

    def images(self, squares: npt.NDArray[np.uint8]) -> Vectors:
        """Embed pictures, (n, side, side, 3) as ``scoring.clip.pixels.squared`` makes them."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Embed texts."""

    def unknown(self, text: str) -> list[str]:
        """Return the words of a text that these weights cannot read."""
