"""What flags ask for beside words: control images, references and LoRA, as people name them."""

from typing import Annotated, Literal

from pydantic import Field

from domain.record import Fraction, Record
from domain.spec import Control, ControlKind, Dimension, ReferenceUse

ImageName = Annotated[
    str, Field(min_length=1, max_length=1000, pattern=r"^[^\s@](?:[^\n@]*[^\s@])?$")
]
"""A file's path, ``sha256:…``, or the name of an attachment; the sign @ begins a weight."""


BundleName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}(@[1-9][0-9]{0,5})?$")]
"""A house style or a character: ``noir``, or one version of it, ``noir@2``."""
RunName = Annotated[str, Field(pattern=r"^(r[1-9][0-9]{0,5}|[0-9A-HJKMNP-TV-Z]{26})$")]
"""A run as people name it: ``r2`` in its thread, or its ULID."""


class TemplateAsked(Record):
    """One ``--template``: ``hero``, ``hero@2 material=brass light=dusk``."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    version: Annotated[int, Field(ge=1, le=999_999)] | None = None
    """None: the newest."""
    slots: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Write it as people type it."""
        version = f"@{self.version}" if self.version else ""
        return " ".join((f"{self.name}{version}", *(f"{slot}={text}" for slot, text in self.slots)))


class Attach(Record):
    """Hand in the pictures of a run that a person makes elsewhere."""

    kind: Literal["attach"] = "attach"
    run: RunName | None = None
    """None: the one of its thread that waits for them."""
    form: Literal["grid", "single"] | None = None
    """One picture that holds four, or images alone; None: it is seen."""
    pictures: tuple[ImageName, ...] = ()


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
