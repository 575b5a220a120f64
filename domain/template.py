"""Prompt templates: named pieces of a prompt with slots, kept in versions; and lines about them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from domain.asked import RunName
from domain.flags import NO_FLAGS, Flags
from domain.record import Moment, Record
from domain.shelf import ShelfLine
from domain.spec import SegmentName, Segments

MAX_SLOTS: Final = 20
SlotName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
TemplateName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
KEPT: Final = (
    "task", "models", "count", "aspect_ratio", "steps", "cfg_scale", "file_format", "background",
    "target",
)  # fmt: skip
"""The flags that a template may hold; those of the line go before them."""
SLOT: Final = (
    r"\{(?P<name>[a-z][a-z0-9_]{0,30})"
    r"(?::(?P<kind>[^{}=]{1,400}))?(?:=(?P<default>[^{}]{0,400}))?\}"
)
"""``{material}`` · ``{light=dusk}`` · ``{metal=brass|steel}`` · ``{metal:brass|steel}`` ·
``{count:number=3}``."""
INCLUDED: Final = r"\{@(?P<included>[a-z][a-z0-9-]{0,39})(?:@(?P<version>[1-9][0-9]{0,5}))?\}"
"""``{@kettle}`` or ``{@kettle@2}``: another template's words for the same segment."""


class Slot(Record):
    """One place in a template that is filled when it is used."""

    name: SlotName
    kind: Literal["text", "number", "choice"] = "text"
    choices: tuple[str, ...] = ()
    default: str | None = None
    """None: it must be given."""


class Template(Record):
    """One version of a template; it is never changed."""

    name: TemplateName
    version: Annotated[int, Field(ge=1)]
    segments: Segments
    """Their texts hold slots."""
    flags: Flags = NO_FLAGS
    """Of these, what ``KEPT`` names."""
    by: str
    """Who wrote it; empty for those that come with the program."""
    at: Moment | None = None
    retired: bool = False

    @property
    def named(self) -> str:
        """Its name with its version: ``hero@2``."""
        return f"{self.name}@{self.version}"

    @property
    def content(self) -> dict[str, Any]:
        """What makes two versions the same."""
        return {
            "segments": self.segments.model_dump(mode="json"),
            "flags": self.flags.model_dump(mode="json", include=set(KEPT)),
        }


class Usage(Record):
    """How often a version was used, and how much of it came to something."""

    runs: int = 0
    approved: int = 0
    """Runs of which a picture is approved."""

    @property
    def rate(self) -> float | None:
        """The share of runs with an approved picture; None where there is no run."""
        return self.approved / self.runs if self.runs else None


class Held(Record):
    """A template as it stands in the library: its newest version, and how it is used."""

    template: Template
    usage: Usage = Usage()
    """Of all its versions."""
    versions: int = 1
    shadows: bool = False
    """It stands before one of the same name that comes with the program."""


class Templates(ShelfLine):
    """A line about templates."""

    kind: Literal["templates"] = "templates"
    action: Literal["list", "find", "show", "add", "save", "diff", "retire", "restore"] = "list"
    name: TemplateName | None = None
    version: Annotated[int, Field(ge=1)] | None = None
    other: Annotated[int, Field(ge=1)] | None = None
    """With ``diff``: the newer of the two."""
    words: str = ""
    """With ``find``."""
    segments: Segments | None = None
    flags: Flags = NO_FLAGS
    slots: tuple[tuple[SlotName, str], ...] = ()
    """With ``save``: which words of the run become which slot."""
    only: SegmentName | None = None
    """With ``save``: this segment alone."""
    run: RunName | None = None

    @property
    def asks(self) -> bool:
        """Whether it changes nothing."""
        return self.action in {"list", "find", "show", "diff"}


Library = Mapping[str, Template]
"""Templates by ``name@version``, and their newest by name alone."""
