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
    brief: str | None = None
    """What fit is scored against; None means subject and environment."""
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
    def scored_brief(self) -> str:
        """The brief that fit is scored against."""
        return self.brief or self.segments.brief
