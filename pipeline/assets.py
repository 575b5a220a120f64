"""Whether an image is fit for where it goes: each thing that its target asks for and it lacks."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from domain.judging import Check
from domain.look import Lookalike
from domain.policy import Measured, PixelPolicy
from domain.target import Target

Difference = Callable[[str, str], float]
"""Two colours, ``#rrggbb`` each → how far apart they are (CIEDE2000)."""
RATIO_TOLERANCE = 0.02
SEEN = 0.01
"""A colour that covers less than this part of an image is not seen."""


ASSET: Final = "like an approved asset"
UNCOMPARED: Final = Check(
    rule=ASSET, figure="", failed=True, says="it was not compared with approved work: that failed"
)


def seen_before(nearest: Lookalike, policy: PixelPolicy) -> Check:
    """Return how near an image is to the approved artwork that is nearest to it."""
    bits, most = nearest.bits, policy.duplicate_bits
    near = "the same" if bits <= policy.duplicate_same_bits else "nearly the same"
    named = f"#{nearest.number} of {nearest.run_id}"
    said = f"{near} as {named}, which is approved: {bits} of 64 bits differ"
    failed = bits <= most
    return Check(
        rule=ASSET, figure=f"bits that differ from approved {named}", value=bits, beyond="under",
        threshold=most + 1, source="target", failed=failed, says=said if failed else "",
    )  # fmt: skip


def no_faults(_one: Measured) -> Iterable[str]:
    """Return nothing: it was not said where the image goes."""
    return ()


def asset_faults(one: Measured, target: Target, difference: Difference) -> Iterator[str]:
    """Yield what an image lacks for *target*, in words."""
    if one.missing:
        return
    yield from _size(one, target)
    yield from _file(one, target)
    yield from _alpha(one, target)
    yield from _colours(one, target, difference)


def _size(one: Measured, target: Target) -> Iterator[str]:
    if one.width < target.width_px or one.height < target.height_px:
        needs = f"{target.width_px}×{target.height_px}"
        yield f"too small for {target.title}: {one.width}×{one.height}, needs {needs}"
    asked = target.width_px / target.height_px
    if abs(math.log(one.width / one.height / asked)) > math.log1p(RATIO_TOLERANCE):
        yield f"not the shape of {target.title}: {one.width}×{one.height}, is {target.aspect_ratio}"


def _file(one: Measured, target: Target) -> Iterator[str]:
    kind = one.media_type.partition("/")[2]
    if target.file_formats and kind not in target.file_formats:
        yield f"{target.title} takes {' or '.join(target.file_formats)}, this is {kind}"
    if target.max_bytes is not None and one.size_bytes > target.max_bytes:
        yield (
            f"too large a file for {target.title}: {one.size_bytes / 1e6:.1f} MB, "
            f"at most {target.max_bytes / 1e6:g} MB"
        )


def _alpha(one: Measured, target: Target) -> Iterator[str]:
    if target.alpha == "required" and not one.transparent:
        yield f"nothing is transparent, as {target.title} needs"
    if target.alpha == "none" and one.transparent:
        yield f"parts are transparent, {target.title} takes none"


def _colours(one: Measured, target: Target, difference: Difference) -> Iterator[str]:
    seen = [swatch.colour for swatch in one.palette if swatch.share >= SEEN]
    for colour in target.colours:
        near = min(((difference(colour, other), other) for other in seen), default=None)
        if near is None or near[0] > target.max_delta_e:
            best = f"; nearest is {near[1]}, ΔE {near[0]:.0f}" if near else ""
            yield f"brand colour {colour} is not in it{best}"
