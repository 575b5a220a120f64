"""The flags of a line, as data: what is asked for beside the words."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import Field

from domain.asked import BundleName, ControlAsked, ReferenceAsked, RunName, TemplateAsked
from domain.draft import MAX_BRIEF_CHARS
from domain.record import Fraction, Record, Seed
from domain.spec import (
    MAX_COUNT,
    AspectRatio,
    Background,
    BundleUse,
    FileFormat,
    LoRA,
    TaskType,
    TemplateUse,
)

_Asked = TypeVar("_Asked", ControlAsked, ReferenceAsked)


class Flags(Record):
    """What flags ask for; None means not given."""

    task: TaskType | None = None
    models: tuple[str, ...] = ()
    """The model to use; several make a family, one run each."""
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)] | None = None
    seed: Seed | Literal["keep", "random"] | None = None
    aspect_ratio: AspectRatio | None = None
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    cfg_scale: Annotated[float, Field(ge=0.0, le=50.0, allow_inf_nan=False)] | None = None
    no: tuple[str, ...] = ()
    """Things to keep out, in the order given; ``--no`` is repeatable and accumulates."""
    init_image: str | None = None
    """A file's path, ``sha256:…``, or the name of an attachment."""
    mask: str | None = None
    denoising_strength: Fraction | None = None
    controls: tuple[ControlAsked, ...] = ()
    references: tuple[ReferenceAsked, ...] = ()
    loras: tuple[LoRA, ...] = ()
    file_format: FileFormat | None = None
    background: Background | None = None
    template: TemplateAsked | None = None
    template_use: TemplateUse | None = None
    """What the library held under that name; no line says it."""
    pieces: tuple[TemplateUse, ...] = ()
    """What it held under names in segments (``@kettle``); no line says it."""
    house: BundleName | None = None
    character: BundleName | None = None
    house_use: BundleUse | None = None
    """What the library holds under that name; no line says it."""
    character_use: BundleUse | None = None
    brief: str | None = None
    from_brief: Annotated[str, Field(min_length=1, max_length=MAX_BRIEF_CHARS)] | None = None
    """Write prompts from this first, to choose from."""
    baseline: RunName | None = None
    target: str | None = None
    max_cost_usd: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] | None = None
    dry_run: bool = False

    @property
    def model(self) -> str | None:
        """The one model that is asked for; None where none is, or several."""
        return self.models[0] if len(self.models) == 1 else None

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """Every picture that is named: the flag that names it, and the name."""
        single = (("--init", self.init_image), ("--mask", self.mask))
        several = (("--control", self.controls), ("--ref", self.references))
        return (
            *((flag, name) for flag, name in single if name),
            *((flag, one.image) for flag, many in several for one in many),
        )

    def renamed(self, names: Mapping[str, str]) -> Self:
        """Return the flags with pictures under other names."""
        held = {
            "init_image": self.init_image and names[self.init_image],
            "mask": self.mask and names[self.mask],
            "controls": tuple(_renamed(one, names) for one in self.controls),
            "references": tuple(_renamed(one, names) for one in self.references),
        }
        return self.model_copy(update=held)


def _renamed(one: _Asked, names: Mapping[str, str]) -> _Asked:
    return one.model_copy(update={"image": names[one.image]})


NO_FLAGS: Final = Flags()
