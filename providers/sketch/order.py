"""What the storyboard artist is asked for, and what it hands back."""

from dataclasses import dataclass
from typing import Final

ATTRIBUTION: Final = "Drawings: OpenMoji, CC BY-SA 4.0"
"""Who drew the things; stands in the record and the sidecar of every sketch."""
LICENCE: Final = "CC BY-SA 4.0"
LICENCE_URL: Final = "https://creativecommons.org/licenses/by-sa/4.0/"


@dataclass(frozen=True, slots=True)
class SketchOrder:
    """One picture to draw: the five segments as plain text, and the parameters."""

    subject: str
    environment: str
    technical: str
    style: str
    negative: str
    seed: int
    """In [0, 2**32 - 1]."""
    width_px: int
    height_px: int
    weights: tuple[float, float, float, float, float] = (1.0,) * 5
    """Of the segments, in their order: how large, how dense, how near, how strong a mood."""
    init_image: bytes | None = None
    """PNG, JPEG or WebP, guarded by the caller."""
    denoising_strength: float | None = None
    """With an init image: 0 keeps it, 1 ignores it."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing, and what of the brief it holds."""

    png: bytes
    drawn: tuple[str, ...]
    """Things that were drawn and words that acted."""
    not_drawn: tuple[str, ...]
    """Words of the brief that it could not draw."""
