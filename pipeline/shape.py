"""The shape of a picture, as people say it."""

import math
from fractions import Fraction
from typing import Final

COMMON: Final = tuple(
    Fraction(width, height)
    for width, height in (
        *((1, 1), (5, 4), (4, 5), (4, 3), (3, 4), (3, 2), (2, 3), (16, 9), (9, 16)),
        *((2, 1), (1, 2), (21, 9), (9, 21)),
    )
)
NEARLY: Final = 1.02
"""So much wider or taller than one of them is that one: 1920 by 1081 pixels is 16:9."""
FINEST: Final = 100
"""No side of a ratio has more than so many parts."""


def ratio_of(width_px: int, height_px: int) -> str:
    """Return a picture's shape as ``W:H``: one that is common, if it nearly is, else its own."""
    exact = Fraction(width_px, height_px)
    near = min(COMMON, key=lambda one: abs(math.log(one / exact)))
    if abs(math.log(near / exact)) <= math.log(NEARLY):
        return _written(near)
    if exact < 1:
        return _written(1 / (1 / exact).limit_denominator(FINEST))
    return _written(exact.limit_denominator(FINEST))


def _written(ratio: Fraction) -> str:
    return f"{ratio.numerator}:{ratio.denominator}"
