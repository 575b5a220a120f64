"""Colours as eyes tell them apart: sRGB to CIE L*a*b*, and the difference CIEDE2000.

Formulae: IEC 61966-2-1 (sRGB, D65); Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference
formula", with whose published pairs the tests check it.
"""

import math
from collections import Counter
from typing import Final

from PIL import Image

from domain.policy import Swatch

Lab = tuple[float, float, float]
WHITE_D65: Final = (0.95047, 1.0, 1.08883)
PALETTE: Final = 12
"""So many colours a picture is reduced to."""
SAMPLE_PX: Final = 96
_25_7: Final = 25.0**7


def palette(rgb: Image.Image) -> tuple[Swatch, ...]:
    """Return the colours that a picture is made of, the most frequent first."""
    small = rgb.copy()
    small.thumbnail((SAMPLE_PX, SAMPLE_PX), Image.Resampling.BOX)
    reduced = small.quantize(PALETTE, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    levels = reduced.getpalette() or []
    counts = Counter(reduced.tobytes())
    total = small.width * small.height
    return tuple(
        Swatch(colour="#" + bytes(levels[3 * at : 3 * at + 3]).hex(), share=round(count / total, 4))
        for at, count in counts.most_common()
    )


def delta_e(one: str, other: str) -> float:
    """Return the CIEDE2000 difference of two colours, ``#rrggbb`` each: 0 is the same."""
    return ciede2000(lab(one), lab(other))


def lab(colour: str) -> Lab:
    """Return a colour ``#rrggbb`` in CIE L*a*b* under D65."""
    red, green, blue = (_linear(level / 255) for level in bytes.fromhex(colour[1:]))
    xyz = (
        0.4124564 * red + 0.3575761 * green + 0.1804375 * blue,
        0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
        0.0193339 * red + 0.1191920 * green + 0.9503041 * blue,
    )
    x, y, z = (_cube(value / white) for value, white in zip(xyz, WHITE_D65, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def ciede2000(one: Lab, other: Lab) -> float:
    """Return the difference of two colours in L*a*b*, with all weights 1."""
    mean_chroma = (math.hypot(*one[1:]) + math.hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * math.sqrt(mean_chroma**7 / (mean_chroma**7 + _25_7))
    chroma_1, hue_1 = _polar(one, stretch)
    chroma_2, hue_2 = _polar(other, stretch)
    turn = _turn(hue_1, hue_2, chroma_1 * chroma_2)
    light = other[0] - one[0]
    chroma = chroma_2 - chroma_1
    hue = 2 * math.sqrt(chroma_1 * chroma_2) * math.sin(math.radians(turn) / 2)
    middle = _middle(hue_1, hue_2, chroma_1 * chroma_2)
    between = (chroma_1 + chroma_2) / 2
    dark = ((one[0] + other[0]) / 2 - 50) ** 2
    by_light = light / (1 + 0.015 * dark / math.sqrt(20 + dark))
    by_chroma = chroma / (1 + 0.045 * between)
    by_hue = hue / (1 + 0.015 * between * _weight(middle))
    rotation = _rotation(middle, between)
    return math.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue)


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _cube(value: float) -> float:
    return math.cbrt(value) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def _polar(colour: Lab, stretch: float) -> tuple[float, float]:
    """Return chroma, and hue in degrees, with *a* stretched."""
    a, b = colour[1] * stretch, colour[2]
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _turn(hue_1: float, hue_2: float, chromas: float) -> float:
    """Return the shorter way from one hue to the other, in degrees; a grey has none."""
    return 0.0 if chromas == 0 else (hue_2 - hue_1 + 180) % 360 - 180


def _middle(hue_1: float, hue_2: float, chromas: float) -> float:
    """Return the hue between two, in degrees, on the shorter way."""
    if chromas == 0:
        return hue_1 + hue_2
    return (hue_1 + _turn(hue_1, hue_2, chromas) / 2) % 360


def _weight(hue: float) -> float:
    waves = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    return 1 + sum(size * math.cos(math.radians(times * hue + by)) for size, times, by in waves)


def _rotation(hue: float, chroma: float) -> float:
    angle = 60 * math.exp(-(((hue - 275) / 25) ** 2))
    part = math.sqrt(chroma**7 / (chroma**7 + _25_7))
    return -2 * part * math.sin(math.radians(angle))
