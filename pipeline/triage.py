"""Measurements and a policy become verdicts: pure, with every reason in words.

Hard technical faults reject; everything softer sends to people; nothing is deleted.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from domain.policy import Judgement, Measured, PixelPolicy
from domain.spec import TaskType

BORDERS = ("top", "bottom", "left", "right")
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def triage(
    measured: Sequence[Measured],
    *,
    policy: PixelPolicy,
    task: TaskType,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
    lacks: Callable[[Measured], Iterable[str]] = lambda _one: (),
) -> tuple[Judgement, ...]:
    """Judge the artworks of one run, in the order in which they are given.

    Args:
        measured: What was measured of each.
        policy: The thresholds.
        task: Some checks hold only for some task types.
        asked_size: Width and height in pixels that were asked for, if they were.
        asked_ratio: ``W:H`` that was asked for, if no pixels were.
        lacks: What an image lacks for where it goes, if that was said.
    """
    judged: list[Judgement] = []
    sound: list[Measured] = []
    for one in measured:
        hard = tuple(_hard(one, policy))
        soft = (
            *_soft(one, policy, task),
            *_wrong_size(one, policy, asked_size, asked_ratio),
            *(() if hard else _duplicates(one, sound, policy)),
            *(() if hard else lacks(one)),
        )
        sound += [] if hard else [one]
        verdict = "reject" if hard else "review" if soft else "pass"
        judged.append(Judgement.model_validate({"verdict": verdict, "reasons": (*hard, *soft)}))
    return tuple(judged)


def _hard(one: Measured, policy: PixelPolicy) -> Iterator[str]:
    """Yield the first fault that nobody has to look at; the later ones only repeat it."""
    if one.missing:
        return
    scores = one.scores
    sharpness = scores["sharpness_p90"]
    if one.black:
        yield "all black: some models answer so instead of refusing"
    elif _blank(scores, policy):
        yield f"blank: {scores['lightness_range']:.0f} levels of 255"
    elif sharpness <= policy.flat_p90:
        yield f"nothing in it: a plain gradient, sharpness {sharpness:.1f}"
    elif _noise(scores, policy):
        yield f"noise: {scores['noise_entropy_bits']:.1f} bits, as from a failed decoding"
    elif sharpness < policy.blur_reject_p90:
        yield f"blurred: sharpness {sharpness:.1f}, under {policy.blur_reject_p90:g}"


def _blank(scores: dict[str, float], policy: PixelPolicy) -> bool:
    return (
        scores["lightness_range"] < policy.blank_range
        or scores["lightness_std"] < policy.blank_std
        or scores["entropy_bits"] < policy.blank_entropy_bits
    )


def _noise(scores: dict[str, float], policy: PixelPolicy) -> bool:
    return (
        scores["noise_entropy_bits"] > policy.noise_entropy_bits
        and scores["noise_p90"] > policy.noise_p90
    )


def _soft(one: Measured, policy: PixelPolicy, task: TaskType) -> Iterator[str]:
    """Yield what people shall look at."""
    if one.missing:
        yield one.missing
        return
    scores = one.scores
    yield from _soft_focus(scores, policy)
    clipped = max(scores["clipped_low"], scores["clipped_high"])
    if task not in policy.clipping_ignored_for and clipped > policy.clipping_fraction:
        ends = "black" if scores["clipped_low"] == clipped else "white"
        yield f"clipped: {clipped:.0%} of a channel is pure {ends}"
    if scores["saturation_mean"] > policy.saturation_mean:
        yield f"over-saturated: {scores['saturation_mean']:.2f} on the whole"
    elif scores["saturated_fraction"] > policy.saturated_fraction:
        yield f"over-saturated: {scores['saturated_fraction']:.0%} of it"
    yield from _borders(scores, policy)


def _soft_focus(scores: dict[str, float], policy: PixelPolicy) -> Iterator[str]:
    sharpness, grain = scores["sharpness_p90"], scores["grain_p10"]
    left = sharpness - grain
    drowned = left < policy.blur_review_p90 or sharpness < policy.above_grain * grain
    if policy.blur_reject_p90 <= sharpness < policy.blur_review_p90:
        yield f"soft: sharpness {sharpness:.0f}, under {policy.blur_review_p90:g}"
    elif sharpness >= policy.blur_review_p90 and drowned:
        yield f"soft under its grain: {left:.0f} of sharpness {sharpness:.0f} is left"
    if grain > policy.grain:
        yield f"grainy: {grain:.0f} even where it is calm, over {policy.grain:g}"


def _borders(scores: dict[str, float], policy: PixelPolicy) -> Iterator[str]:
    wide = {side: scores[f"border_{side}"] for side in BORDERS}
    found = [
        side
        for side, part in wide.items()
        if part > policy.border_fraction
        and (part <= policy.border_alone_fraction or wide[OPPOSITE[side]] > policy.border_fraction)
    ]
    if found:
        widest = max(wide[side] for side in found)
        yield f"border: one colour at the {' and '.join(found)}, {widest:.0%} of a side"


def _wrong_size(
    one: Measured,
    policy: PixelPolicy,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
) -> Iterator[str]:
    if asked_size and (one.width < asked_size[0] or one.height < asked_size[1]):
        yield f"too small: {one.width}×{one.height}, asked {asked_size[0]}×{asked_size[1]}"
    asked = _ratio(asked_size, asked_ratio)
    if asked and abs(math.log(one.width / one.height / asked)) > math.log1p(policy.ratio_tolerance):
        wanted = asked_ratio or f"{asked:.2f}"
        yield f"wrong ratio: {one.width}×{one.height}, asked {wanted}"


def _ratio(size: tuple[int, int] | None, ratio: str | None) -> float | None:
    if size:
        return size[0] / size[1]
    if ratio:
        width, _, height = ratio.partition(":")
        return int(width) / int(height)
    return None


def _duplicates(one: Measured, earlier: Sequence[Measured], policy: PixelPolicy) -> Iterator[str]:
    for other in earlier:
        if one.phash and other.phash:
            bits = (int(one.phash, 16) ^ int(other.phash, 16)).bit_count()
            if bits <= policy.duplicate_bits:
                near = "the same" if bits <= policy.duplicate_same_bits else "nearly the same"
                yield f"{near} as #{other.number}: {bits} of 64 bits differ"
                return
