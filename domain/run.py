"""The record of what happened: runs, their artworks, scores, verdicts, approvals and cost."""

from typing import Literal

from pydantic import Field

from domain.draft import Drafts
from domain.event import Person, Place
from domain.model import Adjustment, Parameters, Quote, Route
from domain.record import Fraction, Moment, Record, Seed
from domain.spec import Digest, PromptSpec

RunKind = Literal[
    "imagine",
    "edit",
    "branch",
    "reroll",
    "undo",
    "again",
    "upscale",
    "extend",
    "cutout",
    "select",
    "vary",
    "text",
]
"""``select`` and ``vary`` are done elsewhere, by hand: one image alone, four near to one.
``text``: prompts written from a brief, no images."""
RunState = Literal[
    "planned", "queued", "handed", "running", "done", "failed", "unknown", "cancelled"
]
"""``handed``: it waits for pictures that a person makes elsewhere and hands in."""
Stage = Literal["queued", "handed", "generate", "score", "present", "ended"]
Verdict = Literal["pass", "review", "reject"]

Assurance = Literal["local", "platform"]
"""How sure it is who someone is: ``local``, the name was only typed."""

ENDED: frozenset[RunState] = frozenset({"done", "failed", "unknown", "cancelled"})


class Approval(Record):
    """One person's decision for an artwork, given for the bytes it then had."""

    by: str
    at: Moment
    surface: str
    assurance: Assurance
    digest: Digest


class Artwork(Record):
    """One image of a run, known by run and number."""

    index: int
    """1 to 8, as drawn on the grid; numbers never shift."""
    seed: Seed | None
    digest: Digest
    media_type: str
    size_bytes: int
    width: int
    height: int
    parameters: Parameters
    """What was sent for this one image."""
    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()
    scores: dict[str, float] = {}  # noqa: RUF012  pydantic copies a field's default
    score_versions: dict[str, str] = Field(default={}, exclude=True)
    """Which scorers measured each of them: only what one version measured is comparable."""
    notes: tuple[str, ...] = ()
    """What its maker said of it ("could not draw: gravitas")."""
    rating: Fraction | None = None
    picked_by: tuple[str, ...] = ()
    favourite_of: tuple[str, ...] = ()
    approved: bool = False
    approvals: tuple[Approval, ...] = ()
    rejected_by: tuple[str, ...] = ()
    restored_by: str | None = None
    cost_usd: float | None = None
    model_version: str | None = None


class Notice(Record):
    """A warning on a card: something that will surprise, though it was asked for."""

    code: str
    text: str


class Failure(Record):
    """Why a run, or one image of it, did not end well."""

    kind: str
    message: str
    hint: str = ""
    number: int | None = None


class Parent(Record):
    """Where a child run came from."""

    run: str
    number: int | None = None
    """The artwork it was branched from, if any."""


class Run(Record):
    """One dispatch of one spec to one model, as the log knows it now."""

    id: str
    root: str
    """The first run of its thread."""
    ref: str
    """``r1``, ``r2``, …: its number in the thread."""
    kind: RunKind
    state: RunState
    stage: Stage
    attempt_round: int = 1
    """1, and one more for each retry."""
    person: Person
    place: Place
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    spec: PromptSpec
    route: Route
    quote: Quote
    parameters: Parameters
    adjustments: tuple[Adjustment, ...] = ()
    warnings: tuple[Notice, ...] = ()
    seeds: tuple[Seed, ...]
    """The seed of each image, whether the model takes one or not."""
    parent: Parent | None = None
    baseline: str | None = None
    """The run that this one is compared with; None for the baseline itself."""
    artworks: tuple[Artwork, ...] = ()
    failures: tuple[Failure, ...] = ()
    progress: tuple[float | None, ...] = ()
    """How far each image is, in [0, 1], while the run is under way."""
    cost_usd: float | None = None
    timings_s: dict[str, float] = {}  # noqa: RUF012  pydantic copies a field's default
    error: Failure | None = None
    grid: Digest | None = None
    cancel_requested_by: str | None = None
    model_version: str | None = None
    taken_down_by: str | None = None
    """Who took it off the platform; the record stays."""
    family: str | None = None
    """The first run of its family, if it was asked for with others in one line."""
    promoted_by: str | None = None
    """Who chose it from its family: only then it has a card of its own."""
    drafts: Drafts = ()
    """Of a run of kind ``text``: the prompts that were written, to choose from."""
    revision: int = 0
    """Counts every change; what a card shows is the state at one revision."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen without being asked for."""
        return self.state in ENDED

    @property
    def alone(self) -> bool:
        """Whether it has a card of its own."""
        return self.family is None or self.promoted_by is not None

    @property
    def rests(self) -> bool:
        """Whether nothing more will happen before somebody does something."""
        return self.ended or self.state == "handed"

    def artwork(self, number: int) -> Artwork | None:
        """Return artwork *number*, if it was made."""
        return next((made for made in self.artworks if made.index == number), None)
