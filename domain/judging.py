"""How a verdict came about: every figure, what it was held against, and where that comes from."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field

from domain.policy import PixelPolicy
from domain.record import Fraction, Record
from domain.run import Verdict
from domain.spec import TaskType

RULES: Final = 2
"""Counts changes of the rules themselves, which no threshold shows."""
UNCALIBRATED: Final = "uncalibrated default"
RULE: Final = "rule"
SCORE: Final = "fit"
"""The figure that is calibrated on a team's votes."""
CALIBRATED: Final = "calibrated fit"
"""The rule by which the team's own votes reject."""
EXPLORED: Final = "one in twenty: looked at to keep the thresholds honest"
"""Says nothing of which side it lay on: whoever looks is not to be led."""


class FitPolicy(Record):
    """When a picture's fit sends it to people, until the team's own votes have calibrated it.

    Measured on sketches with the weights that ship; other weights have another scale, and nothing
    is judged by theirs before it is calibrated.
    """

    weights: Annotated[str, Field(pattern=r"^[a-z0-9][\w.-]{0,80}$")] = "sketch-small"
    """The weights that these thresholds were measured for."""
    subject_least: Annotated[float, Field(ge=-1, le=1)] = -0.07
    """Review: the picture is further from its subject than this from other briefs' subjects."""
    subject_behind: Annotated[float, Field(ge=0, le=2)] = 0.26
    """Review: its subject is seen so much less than in the best picture of its run."""
    present: Annotated[float, Field(ge=-1, le=1)] = 0.07
    """Review: a forbidden word would add more than this."""


class ExtrasPolicy(Record):
    """When people look at a picture for its lettering or its safety, where these matter."""

    lettering_least: Annotated[float, Field(gt=0, le=1)] = 0.85
    """Review: less of a text that is to be read stands there; 1 is letter by letter."""
    lettering_sure: Annotated[float, Field(ge=0, le=1)] = 0.8
    """What the reader is less sure of than this was not read."""
    unsafe_most: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Review: nudity is likelier than this; its makers call less than 0.2 safe, over 0.8 unsafe."""
    unsafe_for: tuple[TaskType, ...] = ("character",)
    """Task types for which that is measured, beside the targets that ask for it."""


class Policy(Record):
    """The thresholds for one task type and target."""

    pixels: PixelPolicy = PixelPolicy()
    fit: FitPolicy = FitPolicy()
    extras: ExtrasPolicy = ExtrasPolicy()

    @property
    def version(self) -> str:
        """Changes with any threshold and any rule; it is kept with each verdict."""
        said = f"{RULES}:{self.model_dump_json()}"
        return f"policy-{RULES}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"

    def changed(self, changes: Mapping[str, float]) -> "Policy":
        """Return the same with other thresholds, by name.

        Raises:
            ValidationError: A threshold has no such name, or no such range.
        """
        fit = {name: one for name, one in changes.items() if name in FitPolicy.model_fields}
        more = {name: one for name, one in changes.items() if name in ExtrasPolicy.model_fields}
        pixels = {name: one for name, one in changes.items() if name not in fit | more}
        return Policy(
            extras=ExtrasPolicy.model_validate(self.extras.model_dump() | more),
            pixels=PixelPolicy.model_validate(self.pixels.model_dump() | pixels),
            fit=FitPolicy.model_validate(self.fit.model_dump() | fit),
        )


class Calibrated(Record):
    """A threshold from the team's own votes, and what it promises."""

    number: int = 0
    """Counts the calibrations of a team."""
    task: str
    score: str = SCORE
    version: str
    """Of the figure: it holds for no other."""
    n: int
    """Approved pictures that it was worked out from."""
    k: int
    """The threshold is the k-th lowest of them; 0: nothing is rejected."""
    a: Fraction
    """The share of what people approve that may be rejected, …"""
    d: Fraction
    """… but for this risk."""
    threshold: float | None = None
    """Rejected below this; None: too few votes to reject anything."""
    marginal: float | None = None
    """Where the threshold would lie on the average, without a margin; for display alone."""
    rejected: int = 0
    """Pictures that people rejected, from which the other threshold is worked out."""
    passes: float | None = None
    """At this or above, what uncalibrated defaults doubt passes; None: too few votes."""
    explore: Fraction = 0.05
    """The share of all pictures that people look at whatever the figure says."""
    suspended: str = ""
    """Why it rejects nothing for now; empty while it holds."""

    @property
    def holds(self) -> bool:
        """Whether it rejects."""
        return self.threshold is not None and not self.suspended

    @property
    def guarantee(self) -> str:
        """Say what it does and promises, in words."""
        votes = f"{self.n} vote{'' if self.n == 1 else 's'}"
        if self.threshold is None:
            return f"rejects nothing; {votes}"
        held = f"FRR ≤ {self.a:.0%} with {1 - self.d:.0%} confidence"
        said = f"rejects < {self.threshold:.2f}; {votes}; {held}"
        return f"{said}; suspended: {self.suspended}" if self.suspended else said


class Check(Record):
    """One figure of a picture against one threshold."""

    rule: str
    figure: str
    """The name of the score; empty where there is none."""
    value: float | str | None = None
    """None: not measured."""
    beyond: Literal["under", "over", "is", ""] = ""
    """On which side of the threshold it fails."""
    threshold: float | str | None = None
    then: Verdict = "review"
    """What failing leads to."""
    source: str = RULE
    """Where the threshold comes from."""
    failed: bool = False
    says: str = ""
    """The reason in words, as the card shows it; empty where it adds nothing."""


class Explained(Record):
    """A verdict with all that was held against it."""

    number: int
    verdict: Verdict
    policy: str
    """The version of the thresholds."""
    checks: tuple[Check, ...]
    explored: bool = False
    """Picked by chance for people to look at, to keep the calibration honest."""
    calibration: int | None = None
    """The number of the calibration that was in force."""


def explored(run_id: str, number: int, share: float) -> bool:
    """Say whether an artwork is among the *share* that people look at, by its name alone."""
    drawn = hashlib.sha256(f"{run_id}#{number}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") < share * 2**32


class CalibrationPolicy(Record):
    """How far the team's own votes may reject, and which of them count."""

    false_rejects: Annotated[float, Field(ge=0.001, le=0.5)] = 0.05
    """At most this share of what people approve may be rejected, …"""
    risk: Annotated[float, Field(ge=0.001, le=0.5)] = 0.1
    """… but for this risk that chance misled."""
    false_passes: Annotated[float, Field(ge=0.001, le=0.5)] = 0.02
    """At most this share of what people reject may escape the uncalibrated defaults."""
    explore: Annotated[float, Field(ge=0.001, le=1)] = 0.05
    """So many of all pictures are looked at by people, whatever a calibrated figure says."""
    labels: Annotated[int, Field(ge=50, le=100_000)] = 500
    """So many of the newest labels count, …"""
    days: Annotated[float, Field(ge=1, le=3650)] = 60.0
    """… of pictures that are no older than this."""
    rejects: bool = True
    """Whether a calibrated figure rejects; off: it is shown only."""
