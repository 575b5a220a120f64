"""Prompts that are written from a brief: alternatives to choose from, and who writes them."""

from typing import Annotated, Final, Literal

from pydantic import Field

from domain.record import Record
from domain.spec import AspectRatio, Segments, TaskType

MAX_DRAFTS: Final = 4
MAX_BRIEF_CHARS: Final = 6000
"""About two pages: what is longer says more than one picture can show."""
RULES: Final = "rules:splitter"


class Draft(Record):
    """One way to make a brief into a prompt."""

    title: Annotated[str, Field(max_length=80)] = ""
    """What sets it apart, in a few words."""
    segments: Segments
    task: TaskType | None = None
    aspect_ratio: AspectRatio | None = None


Drafts = Annotated[tuple[Draft, ...], Field(max_length=MAX_DRAFTS)]


class Drafted(Record):
    """What a writer made of a brief."""

    drafts: Drafts
    refused: str = ""
    """Why there are none: it was refused or cut off, and may have cost something all the same."""
    hint: str = ""
    """What to do then."""
    cost_usd: float | None = None
    """As the vendor's usage says; None if it said nothing."""
    model_version: str | None = None
    request_id: str | None = None


class Writing(Record):
    """Who writes, and by which instructions; all of it is logged with each run."""

    model: Annotated[str, Field(pattern=r"^(openai:[a-z0-9][a-z0-9._/-]*|rules:splitter)$")]
    """``openai:NAME``, of the Responses API; ``rules:splitter`` asks no language model."""
    title: str
    """As people call it."""
    version: Annotated[str, Field(max_length=40)]
    """Of the instructions: whoever changes them changes it."""
    instructions: Annotated[str, Field(max_length=20_000)]
    """What the model is told."""
    alternatives: Annotated[int, Field(ge=1, le=MAX_DRAFTS)]
    """How many prompts are written, to choose from."""
    max_output_tokens: Annotated[int, Field(ge=200, le=100_000)]
    """Of all alternatives, the model's reasoning among them."""
    reasoning_effort: Literal["none", "low", "medium", "high"]
    """How long the model thinks before it writes."""
    timeout_s: Annotated[float, Field(ge=1, le=600)]
    """How long it may take."""
    usd_per_million_in: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """What the vendor takes for tokens of the brief."""
    usd_per_million_out: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """What it takes for tokens that it writes."""

    @property
    def by_rules(self) -> bool:
        """Whether no language model is asked."""
        return self.model == RULES

    def most_usd(self, brief: str) -> float:
        """Return what it costs at most: a token is no shorter than a character."""
        if self.by_rules:
            return 0.0
        tokens_in = len(self.instructions) + len(brief)
        usd = tokens_in * self.usd_per_million_in
        return round((usd + self.max_output_tokens * self.usd_per_million_out) / 1e6, 4)
