"""What flags ask for beside words: control images, references and LoRA, as people name them."""

from typing import Annotated

from pydantic import Field

from domain.record import Fraction, Record
from domain.spec import Control, ControlKind, Dimension, ReferenceUse

ImageName = Annotated[
    str, Field(min_length=1, max_length=1000, pattern=r"^[^\s@](?:[^\n@]*[^\s@])?$")
]
"""A file's path, ``sha256:…``, or the name of an attachment; the sign @ begins a weight."""


class ControlAsked(Record):
    """One ``--control``: ``canny:photo.jpg@0.8@0-0.6``, ``pose-map:skeleton.png``."""

    kind: ControlKind
    is_map: bool = False
    image: ImageName
    weight: Annotated[float, Field(ge=0.0, le=4.0, allow_inf_nan=False)] | None = None
    start: Fraction = 0.0
    end: Fraction = 1.0

    def held_by(self, digest: str) -> Control:
        """Return the control of a spec, with its picture stored."""
        return Control(**self.model_dump(exclude={"image"}), image=digest)


class ReferenceAsked(Record):
    """One ``--ref``: ``mood.jpg:style@0.6``."""

    image: ImageName
    dimension: Dimension = "subject"
    weight: Fraction | None = None

    def held_by(self, digest: str) -> ReferenceUse:
        """Return the reference of a spec, with its picture stored."""
        return ReferenceUse(dimension=self.dimension, weight=self.weight, image=digest)
