"""Rules as named settings: thresholds of the technical checks, and who must approve what."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from domain.record import Fraction, Record
from domain.run import Assurance, Verdict
from domain.spec import TaskType

NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Known = Annotated[str, Field(pattern=r"^[a-z]{2,20}:[\w-]{1,40}(:(group|role))?:[\w-]{1,40}$")]
"""A person, user group or role: ``slack:T1:U123``, ``slack:T1:group:S9``, ``discord:9:role:42``."""
Bits = Annotated[int, Field(ge=0, le=64)]


class ApprovalPolicy(Record):
    """How many people must approve an image, and whose word counts."""

    quorum: Annotated[int, Field(ge=1, le=20)] = 1
    """So many people."""
    approvers: tuple[Known, ...] = ()
    """Who may decide, beside those that admins name in chat. Nobody: every full member may."""
    admins: tuple[Known, ...] = ()
    """Who may change approvers; nobody: owners and admins of the workspace, on Discord those who
    may manage the server."""
    own_work: bool = True
    """Whether people may approve what they asked for themselves."""
    console_may_approve: bool = False
    """Whether a name that was only typed counts although approvers are named."""

    def approved(self, people: Iterable[tuple[str, Assurance]]) -> bool:
        """Return whether *people*, who approve, are enough; typed names count as one person.

        Whether the word of someone on a chat platform counts was looked up when they decided.
        """
        typed = self.console_may_approve or not self.approvers
        known = {
            "local" if assurance == "local" else person_key
            for person_key, assurance in people
            if typed or assurance != "local"
        }
        return len(known) >= self.quorum


class RejectReason(Record):
    """Why an image is not good to ship, in one tap."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]
    """Stored with the decision; never changed."""
    label: str
    says: str


class PixelPolicy(Record):
    """When a picture is rejected, and when people shall look at it.

    Sharpness is the 90th percentile of the Laplacian's variance over 8 × 8 tiles, at a long side of
    512 pixels, its grain the 10th; the figures were measured on photographs, sharp and blurred on
    purpose. What no source is named for is a judgement, to be replaced by the team's own votes.
    """

    blank_range: NonNegative = 8.0
    """Reject: lightness spans fewer levels than this (of 255)."""
    blank_std: NonNegative = 3.0
    """Reject: standard deviation of lightness below this."""
    blank_entropy_bits: NonNegative = 0.5
    """Reject: entropy of the lightness histogram below this."""
    flat_p90: NonNegative = 1.5
    """Reject: sharpness at most this is a gradient, whatever its contrast."""
    blur_reject_p90: NonNegative = 8.0
    """Reject: a blur of sigma 6 has 2 to 7; the softest sharp photograph with bokeh 7.5."""
    blur_review_p90: NonNegative = 30.0
    """Review: below this it may be blurred or have shallow depth of field; also when no more than
    this is left of its sharpness above its grain, since noise over a blur looks sharp."""
    above_grain: NonNegative = 1.15
    """Review: sharpness below this times the grain; that of noise alone is 1.06 to 1.08 times."""
    grain: NonNegative = 2000.0
    """Review: even its calmest tiles are rougher than the sharpest of sharp photographs (1,974)."""
    noise_entropy_bits: NonNegative = 7.5
    """Reject as noise: entropy of the native centre crop above this, and …"""
    noise_p90: NonNegative = 20_000.0
    """… its sharpness above this: uniform noise has 50,000, sharp photographs under 2,000."""
    clipping_fraction: Fraction = 0.25
    """Review: more of a channel than this is pure black or pure white."""
    clipping_ignored_for: tuple[TaskType, ...] = ("product", "brand", "ui")
    """Task types in which white grounds are wanted."""
    saturation_mean: Fraction = 0.70
    """Review: mean saturation weighted by value above this."""
    saturated_fraction: Fraction = 0.25
    """Review: more pixels than this have a saturation over 0.95 and are not dark."""
    border_fraction: Fraction = 0.04
    """Review: a bar of one colour with a straight end takes more of a side than this."""
    border_alone_fraction: Fraction = 0.25
    """… but one without a bar on the other side, and wider than this, is taken for plain ground."""
    duplicate_bits: Bits = 10
    """Review: perceptual hashes that differ in at most so many of 64 bits; unrelated ones 32."""
    duplicate_same_bits: Bits = 6
    """Called the same picture, not nearly the same: recompression and resizing leave 0 to 6."""
    ratio_tolerance: Fraction = 0.02
    """Review: width by height differs from what was asked by more than this part."""


class Swatch(Record):
    """One colour of a picture, and how much of it."""

    colour: str
    """``#rrggbb``."""
    share: Fraction


class Measured(Record):
    """What was measured of one artwork."""

    number: int
    scores: dict[str, float]
    """Figures by name: ``sharpness_p90``, ``entropy_bits``, …; empty if nothing was measured."""
    phash: str
    """Perceptual hash, 16 hexadecimal digits; empty if nothing was measured."""
    width: int
    height: int
    black: bool
    """Every pixel is (0, 0, 0): what some models return instead of a refusal."""
    media_type: str
    size_bytes: int = 0
    transparent: bool = False
    """Something in it can be seen through."""
    palette: tuple[Swatch, ...] = ()
    """The colours it is made of, the most frequent first."""
    missing: str = ""
    """Why it could not be measured; empty if it was."""


class Judgement(Record):
    """What triage says of one artwork, with its reasons in words."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
