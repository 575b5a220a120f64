"""The technical checks against their thresholds: every one, whether it fails or not."""

import math
from collections.abc import Iterator, Sequence

from domain.judging import UNCALIBRATED, Check
from domain.policy import Measured, PixelPolicy
from domain.spec import TaskType

BORDERS = ("top", "bottom", "left", "right")
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def hard(one: Measured, policy: PixelPolicy) -> list[Check]:
    """Return the checks that reject; only the first that fails says so: later ones repeat it."""
    found = list(_hard(one, policy))
    first = next((at for at, check in enumerate(found) if check.failed), len(found))
    return [
        check if at <= first else check.model_copy(update={"says": ""})
        for at, check in enumerate(found)
    ]


def _hard(one: Measured, policy: PixelPolicy) -> Iterator[Check]:
    scores = one.scores
    said = "all black: some models answer so instead of refusing"
    yield Check(
        rule="black", figure="", value="all black" if one.black else "no", beyond="is",
        threshold="all black", then="reject", failed=one.black, says=said if one.black else "",
    )  # fmt: skip
    blank = f"blank: {scores['lightness_range']:.0f} levels of 255"
    for figure, least in (
        ("lightness_range", policy.blank_range),
        ("lightness_std", policy.blank_std),
        ("entropy_bits", policy.blank_entropy_bits),
    ):
        yield _under("blank", figure, scores[figure], least, blank)
    sharpness = scores["sharpness_p90"]
    plain = f"nothing in it: a plain gradient, sharpness {sharpness:.1f}"
    flat = _under("flat", "sharpness_p90", sharpness, policy.flat_p90, plain)
    at_most = sharpness <= policy.flat_p90
    yield flat.model_copy(update={"failed": at_most, "says": plain if at_most else ""})
    yield from _noise(scores, policy)
    soft = f"blurred: sharpness {sharpness:.1f}, under {policy.blur_reject_p90:g}"
    yield _under("blurred", "sharpness_p90", sharpness, policy.blur_reject_p90, soft)


def _noise(scores: dict[str, float], policy: PixelPolicy) -> Iterator[Check]:
    """Noise is both: of high entropy, and rough."""
    bits, rough = scores["noise_entropy_bits"], scores["noise_p90"]
    failed = bits > policy.noise_entropy_bits and rough > policy.noise_p90
    said = f"noise: {bits:.1f} bits, as from a failed decoding"
    for figure, value, most in (
        ("noise_entropy_bits", bits, policy.noise_entropy_bits),
        ("noise_p90", rough, policy.noise_p90),
    ):
        check = _over("noise", figure, value, most, said, then="reject")
        yield check.model_copy(update={"failed": failed, "says": said if failed else ""})


def soft(one: Measured, policy: PixelPolicy, task: TaskType) -> Iterator[Check]:
    """Yield the checks that send to people."""
    yield from _focus(one.scores, policy)
    yield from _tone(one.scores, policy, task)
    yield from _borders(one.scores, policy)


def _focus(scores: dict[str, float], policy: PixelPolicy) -> Iterator[Check]:
    sharpness, grain = scores["sharpness_p90"], scores["grain_p10"]
    left, least = sharpness - grain, policy.blur_review_p90
    said = f"soft: sharpness {sharpness:.0f}, under {least:g}"
    check = _under("soft", "sharpness_p90", sharpness, least, said)
    dull = policy.blur_reject_p90 <= sharpness < least
    yield check.model_copy(update={"then": "review", "failed": dull, "says": said if dull else ""})
    drowned = sharpness >= least and (left < least or sharpness < policy.above_grain * grain)
    said = f"soft under its grain: {left:.0f} of sharpness {sharpness:.0f} is left"
    yield Check(
        rule="soft under its grain", figure="sharpness_p90 - grain_p10", value=round(left, 4),
        beyond="under", threshold=round(max(least, (policy.above_grain - 1) * grain), 4),
        failed=drowned, says=said if drowned else "",
    )  # fmt: skip
    rough = f"grainy: {grain:.0f} even where it is calm, over {policy.grain:g}"
    yield _over("grainy", "grain_p10", grain, policy.grain, rough)


def _tone(scores: dict[str, float], policy: PixelPolicy, task: TaskType) -> Iterator[Check]:
    low, high = scores["clipped_low"], scores["clipped_high"]
    clipped = max(low, high)
    ends = "black" if low == clipped else "white"
    said = f"clipped: {clipped:.0%} of a channel is pure {ends}"
    figure = f"clipped_{'low' if low == clipped else 'high'}"
    check = _over("clipped", figure, clipped, policy.clipping_fraction, said)
    if task in policy.clipping_ignored_for:
        wanted = {"threshold": None, "beyond": "", "failed": False, "says": ""}
        yield check.model_copy(update=wanted | {"source": f"no rule for {task}"})
    else:
        yield check
    mean, part = scores["saturation_mean"], scores["saturated_fraction"]
    whole = _over(
        "over-saturated", "saturation_mean", mean, policy.saturation_mean,
        f"over-saturated: {mean:.2f} on the whole",
    )  # fmt: skip
    yield whole
    strong = f"over-saturated: {part:.0%} of it"
    over = _over("over-saturated", "saturated_fraction", part, policy.saturated_fraction, strong)
    yield over.model_copy(update={"says": ""}) if whole.failed else over


def _borders(scores: dict[str, float], policy: PixelPolicy) -> Iterator[Check]:
    wide = {side: scores[f"border_{side}"] for side in BORDERS}
    found = [
        side
        for side, part in wide.items()
        if part > policy.border_fraction
        and (part <= policy.border_alone_fraction or wide[OPPOSITE[side]] > policy.border_fraction)
    ]
    named = found or [max(BORDERS, key=lambda side: wide[side])]
    widest = max(wide[side] for side in named)
    said = f"border: one colour at the {' and '.join(found)}, {widest:.0%} of a side"
    yield Check(
        rule="border", figure=f"border_{max(named, key=lambda side: wide[side])}", value=widest,
        beyond="over", threshold=policy.border_fraction, source=UNCALIBRATED,
        failed=bool(found), says=said if found else "",
    )  # fmt: skip


def size(
    one: Measured,
    policy: PixelPolicy,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
) -> Iterator[Check]:
    """Yield whether it is as large as asked, and of the shape."""
    is_size = f"{one.width}×{one.height}"
    if asked_size:
        small = one.width < asked_size[0] or one.height < asked_size[1]
        asked_text = f"{asked_size[0]}×{asked_size[1]}"
        said = f"too small: {is_size}, asked {asked_text}" if small else ""
        yield Check(
            rule="too small", figure="size", value=is_size, beyond="under", threshold=asked_text,
            failed=small, says=said,
        )  # fmt: skip
    asked = _ratio(asked_size, asked_ratio)
    if asked:
        off = abs(math.log(one.width / one.height / asked))
        failed = off > math.log1p(policy.ratio_tolerance)
        said = f"wrong ratio: {is_size}, asked {asked_ratio or f'{asked:.2f}'}" if failed else ""
        yield Check(
            rule="wrong ratio", figure="ratio off by", value=round(math.expm1(off), 4),
            beyond="over", threshold=policy.ratio_tolerance, failed=failed, says=said,
        )  # fmt: skip


def _ratio(asked: tuple[int, int] | None, ratio: str | None) -> float | None:
    if asked:
        return asked[0] / asked[1]
    if ratio:
        width, _, height = ratio.partition(":")
        return int(width) / int(height)
    return None


def duplicate(one: Measured, earlier: Sequence[Measured], policy: PixelPolicy) -> Iterator[Check]:
    """Yield how near it is to a sound one before it; those that are the same share a hash."""
    compared = [
        ((int(one.phash, 16) ^ int(other.phash, 16)).bit_count(), other.number)
        for other in earlier
        if one.phash and other.phash
    ]
    if not compared:
        return
    most = policy.duplicate_bits
    bits, number = next((pair for pair in compared if pair[0] <= most), min(compared))
    near = "the same" if bits <= policy.duplicate_same_bits else "nearly the same"
    failed = bits <= most
    yield Check(
        rule="duplicate", figure=f"bits that differ from #{number}", value=bits, beyond="under",
        threshold=most + 1, failed=failed,
        says=f"{near} as #{number}: {bits} of 64 bits differ" if failed else "",
    )  # fmt: skip


def _under(rule: str, figure: str, value: float, least: float, says: str) -> Check:
    failed = value < least
    return Check(
        rule=rule, figure=figure, value=value, beyond="under", threshold=least, then="reject",
        failed=failed, says=says if failed else "",
    )  # fmt: skip


def _over(
    rule: str, figure: str, value: float, most: float, says: str, *, then: str = "review"
) -> Check:
    failed = value > most
    source = UNCALIBRATED if then == "review" else "rule"
    return Check.model_validate({
        "rule": rule, "figure": figure, "value": value, "beyond": "over", "threshold": most,
        "then": then, "failed": failed, "source": source, "says": says if failed else "",
    })  # fmt: skip
