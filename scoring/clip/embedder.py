"""What turns pictures and words into vectors of one space, whichever engine does it."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from scoring.clip.weights import WeightsError

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


def unit(rows: npt.NDArray[Any], dim: int, backbone_id: str) -> Vectors:
    """Return vectors at length 1, in float32 whatever the network computed in.

    Raises:
        WeightsError: They are none: of another length, not finite, or nothing at all.
    """
    vectors = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if vectors.shape[1] != dim or not np.all(np.isfinite(lengths)) or not lengths.all():
        raise WeightsError(f"{backbone_id} yields no vectors of {dim} figures")
    found: Vectors = vectors / lengths
    return found
