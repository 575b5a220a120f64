"""How near a picture's figures lie to the thresholds, and how far opinions of it lie apart."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.judging import CALIBRATED
from domain.policy import PixelPolicy
from domain.record import Record
from domain.spec import TaskType

FAR: Final = 1e9
"""The margin of a picture of which nothing was measured: it stands behind all others."""
SIDES: Final = ("top", "bottom", "left", "right")
BOUND: Final = (
    "sharpness_p90",
    "grain_p10",
    "lightness_range",
    "lightness_std",
    "entropy_bits",
    "saturation_mean",
    "saturated_fraction",
    "clipped_low",
    "clipped_high",
    *(f"border_{side}" for side in SIDES),
)
"""The figures that have thresholds."""
FIT_UNIT: Final = 0.25
"""As far from its threshold as this, a figure of fit counts as far: it may be 0 or less."""
OF_FIT: Final = {
    CALIBRATED: "fit {}, rejected under {}",
    "subject": "subject {}, review under {}",
    "subject, beside the others": "subject {} behind the best, review over {}",
    "forbidden": "something forbidden {}, review over {}",
}
"""The checks of fit that have a threshold, as said in the queue."""
DOUBLE: Final = math.log(2)
"""Further than twice or half of its threshold no figure is near it."""
FINE: Final = 10.0
"""Below this a figure is written with a decimal."""
LIKED: Final = 0.5
"""An opinion above this is for a picture, one below it is against it."""
SEVERAL: Final = 2


class Call(Record):
    """Where a picture stands in an order, and why, in words."""

    margin: float
    """What is ordered by; the smallest comes first."""
    says: str


@dataclass(frozen=True, slots=True)
class Held:
    """A figure of fit as it was held against its threshold when the picture was judged."""

    rule: str
    value: float
    threshold: float

    @property
    def margin(self) -> float:
        """How far the figure is from its threshold, in units of ``FIT_UNIT``."""
        return abs(self.value - self.threshold) / FIT_UNIT * DOUBLE

    @property
    def says(self) -> str:
        """The figure and its threshold in words."""
        return OF_FIT[self.rule].format(f"{self.value:.2f}", f"{self.threshold:.2f}")


@dataclass(frozen=True, slots=True)
class _Bound:
    label: str
    value: float
    threshold: float
    beyond: str
    """What happens beyond the threshold: ``review under``, ``review over``, ``rejected under``."""
    share: bool = False

    @property
    def margin(self) -> float:
        """How far the value is from the threshold: |ln(value / threshold)|.

        Close by, that is the part of the threshold by which they differ; far off, twice as much and
        half as much are equally far, so that a figure near 0 is not called close to anything.
        """
        return abs(math.log(self.value / self.threshold))

    @property
    def says(self) -> str:
        value, threshold = self._text(self.value), self._text(self.threshold)
        return f"{self.label} {value}, {self.beyond} {threshold}"

    def _text(self, figure: float) -> str:
        if self.share:
            return f"{figure:.1%}" if self.threshold < 0.1 else f"{figure:.0%}"  # noqa: PLR2004  a tenth
        return f"{figure:.1f}" if self.threshold < FINE else f"{figure:.0f}"


def closest_call(
    scores: Mapping[str, float],
    policy: PixelPolicy,
    task: TaskType | str,
    held: Sequence[Held] = (),
) -> Call:
    """Return the smallest relative distance of a picture's figures to a threshold.

    Args:
        scores: Figures by name, as they are stored.
        policy: The thresholds.
        task: Some checks hold only for some task types.
        held: Its fit, as it was held against the thresholds of its day.
    """
    bounds = (one for one in _bounds(scores, policy, task) if min(one.threshold, one.value) > 0)
    near: list[_Bound | Held] = [*bounds, *held]
    nearest = min(near, key=lambda one: one.margin, default=None)
    if nearest is None:
        return Call(margin=FAR, says="nothing was measured")
    far = "no figure is near a threshold; the nearest: " if nearest.margin > DOUBLE else ""
    return Call(margin=nearest.margin, says=f"{far}{nearest.says}")


def _bounds(scores: Mapping[str, float], policy: PixelPolicy, task: str) -> Iterator[_Bound]:
    plain = (
        ("sharpness_p90", "sharpness", policy.blur_review_p90, "review under", False),
        ("sharpness_p90", "sharpness", policy.blur_reject_p90, "rejected under", False),
        ("lightness_range", "levels", policy.blank_range, "rejected under", False),
        ("lightness_std", "contrast", policy.blank_std, "rejected under", False),
        ("entropy_bits", "entropy", policy.blank_entropy_bits, "rejected under", False),
        ("grain_p10", "grain", policy.grain, "review over", False),
        ("saturation_mean", "saturation", policy.saturation_mean, "review over", True),
        ("saturated_fraction", "saturated", policy.saturated_fraction, "review over", True),
    )
    for name, label, threshold, beyond, share in plain:
        if name in scores:
            yield _bound(label, scores[name], threshold, beyond, share=share)
    if "sharpness_p90" in scores and scores.get("grain_p10", 0.0) > 0:
        left = scores["sharpness_p90"] - scores["grain_p10"]
        yield _bound("sharpness above its grain", left, policy.blur_review_p90, "review under")
    clipped = [scores[name] for name in ("clipped_low", "clipped_high") if name in scores]
    if clipped and task not in policy.clipping_ignored_for:
        threshold = policy.clipping_fraction
        yield _bound("clipped", max(clipped), threshold, "review over", share=True)
    wide = [scores[f"border_{side}"] for side in SIDES if f"border_{side}" in scores]
    if any(wide):
        threshold = policy.border_fraction
        yield _bound("border", max(wide), threshold, "review over", share=True)


def _bound(
    label: str, value: float, threshold: float, beyond: str, *, share: bool = False
) -> _Bound:
    return _Bound(label=label, value=value, threshold=threshold, beyond=beyond, share=share)


def disagreement(opinions: Sequence[float], fit: float | None, fits: Sequence[float]) -> Call:
    """Return how far opinions of a picture lie apart: people among themselves, or from its fit.

    Args:
        opinions: What each person thinks of it, in [0, 1].
        fit: Its fit to the brief, if that was measured.
        fits: Those of all pictures of its run, itself among them.

    Returns:
        A margin in [0, 1]: 0 is as far apart as can be, 1 is no disagreement.
    """
    among, above = _among_people(opinions), _from_fit(opinions, fit, fits)
    return min(among, above, key=lambda one: one.margin)


def _among_people(opinions: Sequence[float]) -> Call:
    """Four times the variance is 1 where half are wholly for it and half wholly against it."""
    if len(opinions) < SEVERAL:
        return Call(margin=1.0, says="one vote" if opinions else "no votes")
    mean = sum(opinions) / len(opinions)
    spread = 4 * sum((one - mean) ** 2 for one in opinions) / len(opinions)
    liked = sum(one > LIKED for one in opinions)
    disliked = sum(one < LIKED for one in opinions)
    between = len(opinions) - liked - disliked
    said = f"{liked} for it, {disliked} against" + (f", {between} between" if between else "")
    return Call(margin=max(0.0, 1 - spread), says=said)


def _from_fit(opinions: Sequence[float], fit: float | None, fits: Sequence[float]) -> Call:
    """The fit counts as its rank within the run: scores mean nothing beyond it."""
    if not opinions or fit is None or len(fits) < SEVERAL:
        return Call(margin=1.0, says="no votes" if not opinions else "votes and figures agree")
    rating = sum(opinions) / len(opinions)
    better = sum(other > fit for other in fits)
    rank = 1 - better / (len(fits) - 1)
    said = f"people rate it {rating:.2f}, its fit is {_place(better + 1, len(fits))}"
    return Call(margin=1 - abs(rating - rank), says=said)


def _place(place: int, many: int) -> str:
    if place == 1:
        return f"the best of {many}"
    return f"the worst of {many}" if place == many else f"number {place} of {many}"
