"""What a CLIP learns from: a drawing, and what each text of its brief means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

PARTS: Final = ("whole", "subject", "environment")
"""The texts of a lesson: the brief as a whole, and two of its segments, which may be empty."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One drawing with its brief."""

    image: npt.NDArray[np.uint8]
    """(side, side, 3), as ``scoring.clip.pixels.squared`` makes it."""
    texts: Mapping[str, str]
    """By part; an empty text teaches nothing."""
    meanings: Mapping[str, str]
    """By part: texts of one meaning ("sofa", "couch") are never held against one another."""
