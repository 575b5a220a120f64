"""What a model can do, as data; what was chosen and why; and what it could not take as asked."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.record import Record, Seed
from domain.spec import (
    Background,
    ControlKind,
    Digest,
    Dimension,
    FileFormat,
    LoRAPlace,
    LoRAWeight,
    Margins,
    Operation,
    TaskType,
)

Setting = str | int | float | bool
ModelId = Annotated[str, Field(pattern=r"^[a-z]+:[a-z0-9][a-z0-9._/-]*$")]
"""``provider:name``, as in ``replicate:black-forest-labs/flux-schnell``."""


class Range(Record):
    """What a parameter may be, and what we send when nobody asked; both ends are allowed."""

    minimum: float
    maximum: float
    default: float | None = None

    def nearest(self, value: float) -> float:
        """Return the allowed value that is nearest to *value*."""
        return min(max(value, self.minimum), self.maximum)


class Sizes(Record):
    """Which sizes a model makes: one of some ratios, pixels in bounds, or as what it is given."""

    kind: Literal["ratios", "pixels", "given"]
    """``given``: the shape of the picture that goes in, or the vendor's choice; nothing is sent."""
    ratios: tuple[str, ...] = ()
    """With ``ratios``: the vendor's own list; it chooses the pixels."""
    multiple_px: int = 1
    minimum_px: int = 256
    maximum_px: int = 2048
    area_px: int = 1024 * 1024
    """With ``pixels``: the area we ask for when only a ratio was given."""
    max_ratio: float = 4.0


class TokenPrice(Record):
    """USD for a million tokens, where the vendor bills by them."""

    text_in: float
    image_in: float
    image_out: float
    text_out: float | None = None
    """None: what comes out is billed as image, whatever it is."""


class Price(Record):
    """What one image costs, and how we know; what was really billed stands in the run."""

    usd_per_image: float
    usd_per_second: float | None = None
    """Where the vendor bills its machine's time: what a second costs; the price of an image is then
    an estimate, and what a job really took is billed."""
    tokens: TokenPrice | None = None
    """Where the vendor bills by tokens: what is really billed, from the usage that it reports."""
    source: str
    as_of: date


class ControlCan(Record):
    """How a model takes one kind of control image."""

    preprocessed: bool
    """True: it takes the map (edges, depth, a skeleton), and we make it from a photo where we can.
    False: it takes the photo and makes the map itself."""
    weight: Range | None = None
    share: bool = False
    """Whether it takes from which fraction of the steps to which the control acts."""
    wire: str = ""
    """The vendor's own word for the kind; empty if the model has only this one."""
    prepared_by: str = ""
    """The model that makes the map from a photo; the settings name it."""


class LoRACan(Record):
    """How a model takes LoRA weights."""

    maximum: int = 1
    weight: Range = Range(minimum=-1.0, maximum=3.0, default=1.0)
    base: str = ""
    """The family of models that fitting weights were trained for: ``sdxl``; empty: not known."""


class ReferenceCan(Record):
    """How a model takes reference images."""

    maximum: int = 1
    dimensions: tuple[Dimension, ...] = ()
    """What it can go by; empty: the words say it."""
    weight: Range | None = None


Input = Literal["init_image", "mask", "control", "reference"]


class ModelCard(Record):
    """A model's capabilities, limits, price and status; the wire does what the card says."""

    id: ModelId
    title: str
    about: str = ""
    answers: Literal["blocking", "polled", "handed"]
    """One call that returns the picture, or a job that is asked after; ``handed``: nothing is
    called, a person makes it elsewhere and the pictures are handed in."""
    same_seed: int | None = None
    """How many images one call always makes, all of one seed; None: one call, one image."""
    seed: Range | None = None
    """None: the vendor takes no seed; the log then holds null, never a number of ours."""
    steps: Range | None = None
    cfg_scale: Range | None = None
    negative_prompt: bool = False
    denoising_strength: Range | None = None
    """Not None: takes an init image and denoises it; sent only with one, and null without."""
    edit_input: bool = False
    """Takes a picture to edit or refer to, without a denoising strength."""
    mask: bool = False
    controls: dict[ControlKind, ControlCan] = Field(default_factory=dict)
    max_controls: int = 1
    loras: LoRACan | None = None
    references: ReferenceCan | None = None
    operations: tuple[Operation, ...] = ("make",)
    makes_map: ControlKind | None = None
    """It makes no images but maps from photos, for the controls of other models."""
    needs: tuple[Input, ...] = ()
    """Inputs without which the vendor refuses: a fill model needs an init image."""
    file_formats: tuple[FileFormat, ...] = ()
    """Which formats can be asked for, the default first; empty: it is not asked."""
    backgrounds: tuple[Background, ...] = ()
    """Which backgrounds can be asked for, the default first; empty: it is not asked."""
    lettering: bool = False
    """Writes words that are asked for in quotes."""
    source: str = ""
    """Where the adapter finds it, if not by its name: the vendor's version, a workflow's file, a
    folder or hub id of weights."""
    wire: dict[str, str] = Field(default_factory=dict)
    """Our word for a parameter, and this model's own, where the adapter does not know it anyway:
    ``{ cfg_scale = "guidance" }``."""
    sizes: Sizes
    prompt_style: Literal["segments", "prose"] = "prose"
    max_prompt_chars: int = 4000
    takes_prompt: bool = True
    english_only: bool = False
    """The vendor refuses prompts in other languages."""
    settings: dict[str, Setting] = Field(default_factory=dict)
    """Every other vendor parameter with the value we send, so that no vendor default decides."""
    left_to_vendor: tuple[str, ...] = ()
    """Vendor parameters that we never send, on purpose."""
    price: Price
    repeatable: bool = False
    """A create call may be sent again: it is free, and the same call makes the same picture."""
    cancels: bool = False
    """What runs can be stopped at the vendor."""
    timeout_s: float = 180.0
    """How long one image may take, from submission to bytes."""
    status: Literal["active", "deprecated", "retired"] = "active"
    retired_on: date | None = None
    """The day on which the vendor ends it, or has."""
    replacement: ModelId | None = None
    attribution: str = ""
    """Whom pictures of this model must name, and under which licence."""

    @property
    def provider(self) -> str:
        """The provider's name, as it stands before the colon."""
        return self.id.partition(":")[0]

    @property
    def name(self) -> str:
        """The vendor's own name of the model."""
        return self.id.partition(":")[2]

    @property
    def unpriced(self) -> str:
        """What stands in the place of a price of nothing."""
        return "by subscription" if self.answers == "handed" else "free"

    @property
    def takes_pictures(self) -> bool:
        """Whether an init image can be handed to it in any way."""
        return self.edit_input or self.denoising_strength is not None

    def is_retired(self, today: date) -> bool:
        """Whether its vendor has ended it, by the day that the vendor named."""
        return self.status == "retired" or (
            self.retired_on is not None and self.retired_on <= today
        )

    @property
    def abilities(self) -> tuple[str, ...]:
        """What it takes and does, in the words of flags and verbs."""
        references = self.references.maximum if self.references else 0
        named = {
            "seed": self.seed is not None,
            "steps": self.steps is not None,
            "cfg": self.cfg_scale is not None,
            "negative": self.negative_prompt,
            "strength": self.denoising_strength is not None,
            "edit": self.edit_input,
            "mask": self.mask,
            f"control {'/'.join(self.controls)}": bool(self.controls),
            "LoRA": self.loras is not None,
            "1 reference" if references == 1 else f"{references} references": references > 0,
            "lettering": self.lettering,
            "transparent": "transparent" in self.backgrounds,
        }
        maps = [f"{self.makes_map} maps from photos"] if self.makes_map else []
        does = [*maps, *(one for one in self.operations if one != "make")]
        return (*does, *(name for name, taken in named.items() if taken))

    @property
    def takes_references(self) -> bool:
        """Whether reference images can be handed to it."""
        return self.references is not None


class Adjustment(Record):
    """A parameter that a model could not take as asked: on the card, and in the log."""

    parameter: str
    asked: str
    used: str | None
    """None: not sent at all."""
    reason: str


class Route(Record):
    """The model that was chosen, for which task, and why."""

    model: ModelId
    task: TaskType
    task_guessed: bool
    reason: str


class Quote(Record):
    """What a run will make and cost; a line on its card from the first second."""

    images: int
    usd: float
    """0 is free."""
    text: str


class ControlUsed(Record):
    """A control image as it is sent, every value resolved."""

    kind: ControlKind
    image: Digest
    """As it was given: a photo, or a map."""
    prepare: bool = False
    """Whether we make the map from it before it is sent."""
    prepared_by: str = ""
    """The model that makes the map; empty: we do, if ``prepare`` is set."""
    weight: float | None = None
    """Null where the model takes none."""
    start: float | None = None
    end: float | None = None


class LoRAUsed(Record):
    """Adapter weights as they are sent."""

    name: LoRAPlace
    """Where the model's host finds them."""
    weight: LoRAWeight = 1.0
    library: str = ""
    """Their name in the team's library; empty if they were named by their place."""


class ReferenceUsed(Record):
    """A reference image as it is sent."""

    image: Digest
    dimension: Dimension
    weight: float | None = None


class Parameters(Record):
    """Everything that is sent for a run, or for one image of it; the log's ``parameters``.

    A value is null only where the model card says that the model does not take it.
    """

    model: ModelId
    prompt: str
    negative_prompt: str | None
    seed: Seed | None
    cfg_scale: float | None
    steps: int | None
    width: int | None
    """Pixels; null where the vendor chooses them from ``aspect_ratio``."""
    height: int | None
    aspect_ratio: str | None
    denoising_strength: float | None
    init_image: Digest | None
    mask: Digest | None
    controls: tuple[ControlUsed, ...] = ()
    loras: tuple[LoRAUsed, ...] = ()
    references: tuple[ReferenceUsed, ...] = ()
    operation: Operation = "make"
    margins: Margins | None = None
    """Null but for ``extend``."""
    file_format: FileFormat | None = None
    background: Background | None = None
    count: int
    settings: dict[str, Setting]
    left_to_vendor: tuple[str, ...]
