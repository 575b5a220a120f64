"""What a person asked for: five segments, parameters, seed strategy. An edit makes a new one."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field

from domain.record import Fraction, Record, Seed

SegmentName = Literal["subject", "environment", "technical", "style", "negative"]
SEGMENTS: Final[tuple[SegmentName, ...]] = (
    "subject",
    "environment",
    "technical",
    "style",
    "negative",
)
TaskType = Literal["product", "brand", "ui", "character", "environment"]
TASKS: Final[tuple[TaskType, ...]] = ("product", "brand", "ui", "character", "environment")
Mode = Literal["txt2img", "img2img", "inpaint"]

MAX_COUNT: Final = 8
MAX_FAMILY: Final = 5
"""Models of one line."""
MAX_CELLS: Final = 25
"""Runs of one line: as many as one contact sheet shows."""
MAX_AXES: Final = 3
"""Things that may differ in one line."""
DEFAULT_COUNT: Final = 4
MAX_PROMPT_CHARS: Final = 8000
"""All five segments together, as typed."""
DEFAULT_DENOISING_STRENGTH: Final = 0.55

Weight = Annotated[float, Field(ge=-10.0, le=10.0, allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A file in the artifact store, by content: ``sha256:`` and 64 hexadecimal digits."""


class Segment(Record):
    """One of the five parts of a prompt, tunable alone."""

    text: str = ""
    weight: Weight = 1.0

    def __bool__(self) -> bool:
        """Whether anything was said."""
        return bool(self.text)


class Segments(Record):
    """The five segments, in the order in which ``::`` fills them."""

    subject: Segment = Segment()
    environment: Segment = Segment()
    technical: Segment = Segment()
    style: Segment = Segment()
    negative: Segment = Segment()

    def __getitem__(self, name: SegmentName) -> Segment:
        """Return one segment by its name."""
        segment: Segment = getattr(self, name)
        return segment

    def with_segment(self, name: SegmentName, segment: Segment) -> Self:
        """Return a copy in which *name* is replaced; the other four are byte-equal."""
        return self.model_copy(update={name: segment})

    @property
    def brief(self) -> str:
        """Subject and environment: what the image must show."""
        return ", ".join(part.text for part in (self.subject, self.environment) if part)


class SeedStrategy(Record):
    """Which seeds a run uses: a fixed first seed, the parent's, or fresh ones."""

    kind: Literal["fixed", "keep", "random"] = "random"
    seed: Seed | None = None
    """The first seed when ``kind`` is ``fixed``."""


def _ratio(text: str) -> str:
    left, _, right = text.partition(":")
    if not (left.isdecimal() and right.isdecimal() and int(left) and int(right)):
        raise ValueError("a ratio is two whole numbers: 16:9")
    return text


AspectRatio = Annotated[str, Field(max_length=11), AfterValidator(_ratio)]
"""``W:H`` in whole numbers, in lowest terms where the grammar made it."""


ControlKind = Literal["canny", "depth", "pose", "lineart", "softedge", "sketch", "structure"]
"""What of a control image is kept: its edges, its depth, its skeleton, its lines, its layout."""
CONTROL_KINDS: Final[tuple[ControlKind, ...]] = (
    "canny",
    "depth",
    "pose",
    "lineart",
    "softedge",
    "sketch",
    "structure",
)
Dimension = Literal["composition", "lighting", "style", "subject"]
"""What a reference image is looked at for."""
DIMENSIONS: Final[tuple[Dimension, ...]] = ("composition", "lighting", "style", "subject")
Operation = Literal["make", "upscale", "extend", "cutout"]
"""What is done: an image is made from words, or a finished one is enlarged, extended, cut out."""
FileFormat = Literal["png", "jpeg", "webp"]
Background = Literal["opaque", "transparent"]
LORA_WEIGHTS: Final = (-4.0, 4.0)
CONTROL_WEIGHTS: Final = (0.0, 4.0)
MAX_EXTEND_PX: Final = 2000
Pixels = Annotated[int, Field(ge=0, le=MAX_EXTEND_PX)]


class Control(Record):
    """A picture that holds the composition (ControlNet and its kin)."""

    kind: ControlKind
    image: Digest
    is_map: bool = False
    """Whether the picture is the map itself (edges, depth, a skeleton), and not a photo."""
    weight: Annotated[float, Field(ge=0.0, le=4.0, allow_inf_nan=False)] | None = None
    """1 is as trained; None: the model's default."""
    start: Fraction = 0.0
    """The fraction of the steps after which it acts."""
    end: Fraction = 1.0
    """The fraction of the steps up to which it acts."""


LoRAWeight = Annotated[float, Field(ge=-4.0, le=4.0, allow_inf_nan=False)]
LoRAPlace = Annotated[str, Field(max_length=300, pattern=r"^[^\s@,]+$")]
"""Where weights lie, by the name under which a model's host knows them."""


class LoRA(Record):
    """Adapter weights: one of the library, or by the name under which the model's host knows them.

    What the library says of it stays with the spec: children are made as their parent was.
    """

    name: LoRAPlace
    weight: LoRAWeight | None = None
    """1 is as trained; None: the library's default, else the model's."""
    family: str = ""
    """The base models that it was trained for (``sdxl``); empty: it is not of the library."""
    trigger: str = ""
    """Words without which it does nothing."""
    speaks_in: Literal["subject", "style"] = "subject"
    """The segment that the trigger words go into."""
    places: dict[str, LoRAPlace] = Field(default_factory=dict)
    """Where each provider finds it: a file's name, an address, a hub id."""


class ReferenceUse(Record):
    """A picture to go by, without being redrawn itself."""

    image: Digest
    dimension: Dimension = "subject"
    weight: Fraction | None = None
    """How much it counts; None: the model's default."""


class Margins(Record):
    """How many pixels are added on each side."""

    left: Pixels = 0
    right: Pixels = 0
    up: Pixels = 0
    down: Pixels = 0

    def __bool__(self) -> bool:
        """Whether anything is added."""
        return bool(self.left or self.right or self.up or self.down)


class TemplateUse(Record):
    """A template that a prompt was made from, as it then was; the words are in the segments."""

    name: str
    version: int
    slots: dict[str, str] = Field(default_factory=dict)
    """What its slots were filled with, defaults among them."""
    includes: tuple[str, ...] = ()
    """Templates that it took words from: ``kettle@2``."""
    segment: SegmentName | None = None
    """The one segment that it was named in (``subject=@kettle``); None: it was a whole prompt."""


class BundleUse(Record):
    """A house style or a character that was applied, as it then was."""

    name: str
    version: int
    phrase: str = ""
    """What it adds: a house to the style segment, a character to the subject."""
    references: tuple[Digest, ...] = ()
    """What images are held against, to see whether they look alike."""


class PromptSpec(Record):
    """Everything a person asked for, before any model was chosen."""

    segments: Segments
    task: TaskType | None = None
    """As asked; None lets routing guess."""
    model: str | None = None
    """Model id as asked (``provider:name``); None lets routing choose."""
    count: Annotated[int, Field(ge=1, le=MAX_COUNT)] = DEFAULT_COUNT
    seed: SeedStrategy = SeedStrategy()
    aspect_ratio: AspectRatio | None = None
    steps: Annotated[int, Field(ge=1, le=150)] | None = None
    cfg_scale: Annotated[float, Field(ge=0.0, le=50.0, allow_inf_nan=False)] | None = None
    init_image: Digest | None = None
    mask: Digest | None = None
    """White is repainted."""
    denoising_strength: Fraction | None = None
    """0 keeps the init image, 1 ignores it."""
    controls: tuple[Control, ...] = ()
    loras: tuple[LoRA, ...] = ()
    references: tuple[ReferenceUse, ...] = ()
    operation: Operation = "make"
    margins: Margins = Margins()
    """With ``extend``: what is added around the init image."""
    file_format: FileFormat | None = None
    background: Background | None = None
    brief: str | None = None
    """What fit is scored against; None means subject and environment."""
    template: TemplateUse | None = None
    pieces: tuple[TemplateUse, ...] = ()
    """Templates that were named in one segment each."""
    house: BundleUse | None = None
    character: BundleUse | None = None
    target: str | None = None
    """Where the asset goes (``config/targets.toml``): sizes and ratios it must have."""
    max_cost_usd: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] | None = None

    @property
    def mode(self) -> Mode:
        """The mode, derived from the inputs."""
        if self.mask:
            return "inpaint"
        return "img2img" if self.init_image else "txt2img"

    @property
    def images(self) -> tuple[Digest, ...]:
        """Every picture that it starts from or goes by, each once."""
        single = (self.init_image, self.mask)
        several = (one.image for many in (self.controls, self.references) for one in many)
        return tuple(dict.fromkeys((*filter(None, single), *several)))

    @property
    def scored_brief(self) -> str:
        """The brief that fit is scored against."""
        return self.brief or self.segments.brief
