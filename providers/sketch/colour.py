"""Colours as #rrggbb and as fractions: mixing, lighting, recolouring."""

import colorsys
from collections.abc import Sequence

RGB = tuple[float, float, float]
STROKE_LIGHTNESS = 0.12
"""What is darker is ink and stays ink when a thing changes its colour."""


def rgb(code: str) -> RGB:
    """Return #rrggbb as three fractions."""
    return int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255


def hexed(colour: Sequence[float]) -> str:
    """Return three fractions as #rrggbb; what is out of range is clipped."""
    return "#" + "".join(f"{max(0, min(255, round(part * 255))):02x}" for part in colour)


def mix(one: RGB, other: RGB, share: float) -> RGB:
    """Return *one* with a share of *other*."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def times(one: RGB, light: Sequence[float]) -> RGB:
    """Return a colour under a light."""
    red, green, blue = (min(1.0, a * b) for a, b in zip(one, light, strict=True))
    return red, green, blue


def mixed(one: str, other: str, share: float) -> str:
    """Mix two colours given as #rrggbb."""
    return hexed(mix(rgb(one), rgb(other), share))


def lightness(colour: RGB) -> float:
    """Return the lightness of HLS."""
    return (max(colour) + min(colour)) / 2


def repaint(code: str, wanted: str) -> str:
    """Give a colour the wanted hue; light and dark parts stay lighter and darker."""
    hue, light, strength = colorsys.rgb_to_hls(*rgb(wanted))
    _, own, _ = colorsys.rgb_to_hls(*rgb(code))
    if own < STROKE_LIGHTNESS:
        return code
    return hexed(
        colorsys.hls_to_rgb(hue, max(0.08, min(0.95, light + (own - 0.80) * 0.6)), strength)
    )


def shaded(code: str, factor: float) -> str:
    """Return a colour made darker (below 1) or lighter (above)."""
    return hexed([part * factor for part in rgb(code)])


def warmer(colour: RGB, amount: float) -> RGB:
    """Move a colour toward warm (positive) or cold."""
    return times(colour, (1 + 0.16 * amount, 1 + 0.02 * amount, 1 - 0.18 * amount))
