"""Where an image goes, and what it must be there: sizes, shape, format, transparency, colours."""

from math import gcd
from typing import Annotated, Literal

from pydantic import Field

from domain.record import Record
from domain.spec import AspectRatio, FileFormat

TargetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
HexColour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
"""``#1b4d3e``, in sRGB."""
Pixels = Annotated[int, Field(ge=1, le=30_000)]
Words = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\w")]


class Target(Record):
    """One use of images, as data."""

    title: str
    """As people call it: ``Web hero``."""
    width_px: Pixels
    """At least so wide."""
    height_px: Pixels
    """At least so high; width by height is the shape that it must have."""
    file_formats: tuple[FileFormat, ...] = ()
    """Those it takes, the preferred one first; none: any."""
    alpha: Literal["any", "required", "none"] = "any"
    """Whether there must be something transparent, or must not."""
    max_bytes: Annotated[int, Field(ge=1)] | None = None
    """How large the file may be."""
    colours: tuple[HexColour, ...] = ()
    """Brand colours, each of which must be seen in it."""
    max_delta_e: Annotated[float, Field(gt=0, le=100)] = 10.0
    """How far (CIEDE2000) a colour may be from the brand's: 2 is just seen, 10 at a glance."""

    lettering: tuple[Words, ...] = ()
    """What must be read in it, each letter by letter (the extra ``[ocr]`` reads it)."""
    safety: bool = False
    """Whether people look first at what may show nudity (the extra ``[safety]`` measures it)."""

    @property
    def aspect_ratio(self) -> AspectRatio:
        """The shape, in lowest terms."""
        common = gcd(self.width_px, self.height_px)
        return f"{self.width_px // common}:{self.height_px // common}"
