"""Words on a picture: the badge of a tile, readable over anything and at the width of a telephone.

Imports nothing but Pillow and the domain; for ``bot/grid.py``, in the pixel pool.
"""

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from domain.run import Verdict

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

PAPER: Final[Colour] = (247, 246, 243)
INK: Final[Colour] = (23, 21, 28)
WHITE: Final[Colour] = (255, 255, 255)
QUIET: Final[Colour] = (98, 94, 106)
"""Grey text: 6:1 on the paper."""
COLOURS: Final[dict[Verdict, Colour]] = {
    "pass": INK,
    "review": (138, 75, 0),
    "reject": (158, 27, 44),
}
"""The number's ground by verdict; white on each has a contrast of at least 6:1."""
WORDS: Final[dict[Verdict, str]] = {"pass": "pass", "review": "review", "reject": "rejected"}
HAIRLINE: Final = 64
"""Alpha, of 255, of the line that parts a white badge from a white picture."""
SMOOTH: Final = 4
"""Discs are drawn so many times larger, then shrunk: Pillow draws hard edges."""
DRAWN: Final = str.maketrans({"–": "−", "—": "−", "×": "x", "→": ">", "“": '"', "”": '"'})
"""Signs that the font does not have, and what is drawn for them."""
NO_CHARACTER: Final = "\uffff"


@dataclass(frozen=True, slots=True)
class Type:
    """The sizes of all that is written on one grid, in pixels: a number and a text size."""

    number: int
    text: int

    @classmethod
    def of(cls, grid_width: int, tile: tuple[int, int]) -> "Type":
        """Choose sizes for a grid that a telephone shows 350 pixels wide: number 13, text 10."""
        number = min(grid_width // 26, tile[0] // 7, tile[1] // 5)
        text = min(grid_width // 36, tile[0] // 15, tile[1] // 8)
        return cls(max(number, 18), max(text, 13))

    @property
    def disc(self) -> int:
        """Diameter of the number's disc, and height of the badge."""
        return round(self.number * 1.6)

    @property
    def line(self) -> int:
        """From one line of text to the next."""
        return round(self.text * 1.3)


def draw_badge(
    sheet: Image.Image,
    number: int,
    colour: Colour,
    lines: Sequence[str],
    bottom_left: tuple[int, int],
    room: int,
    scale: Type,
) -> None:
    """Draw the number on its disc, and beside it on a white pill the lines of words.

    Args:
        sheet: What is drawn on.
        number: The tile's.
        colour: Of the disc, and of the first line.
        lines: May be none: the disc stands alone.
        bottom_left: The badge's corner.
        room: How wide the badge may become, in pixels.
        scale: The sizes of this grid.
    """
    disc, inset = scale.disc, max(2, scale.disc // 16)
    shown = [cut(line, room - round(1.7 * disc), scale.text) for line in lines if line]
    longest = max((_width(line, scale.text) for line in shown), default=-0.75 * disc)
    box = (round(disc * 1.75 + longest), disc + max(0, len(shown) - 1) * scale.line)
    left, top = bottom_left[0], bottom_left[1] - box[1]
    _pill(sheet, (left, top), box, disc // 2, WHITE)
    centre = (left + disc // 2, top + disc // 2)
    _pill(sheet, (left + inset, top + inset), (disc - 2 * inset,) * 2, disc // 2 - inset, colour)
    draw = ImageDraw.Draw(sheet)
    draw.text(centre, str(number), fill=WHITE, font=font(scale.number), anchor="mm")
    for place, line in enumerate(shown):
        at = (left + round(disc * 1.25), centre[1] + place * scale.line)
        fill = INK if place else colour
        draw.text(at, line, fill=fill, font=font(scale.text), anchor="lm")


def draw_words(
    sheet: Image.Image, words: str, corner: tuple[int, int], size: tuple[int, int], scale: Type
) -> None:
    """Draw an empty tile: a quiet frame, and in its middle why there is no picture."""
    draw = ImageDraw.Draw(sheet)
    left, top = corner
    box = (left, top, left + size[0] - 1, top + size[1] - 1)
    draw.rectangle(box, outline=(222, 219, 212), width=2)
    lines = wrapped(words, round(size[0] * 0.8), scale.text, most=3)
    middle, first = left + size[0] // 2, top + (size[1] - scale.line * (len(lines) - 1)) // 2
    for place, line in enumerate(lines):
        at = (middle, first + place * scale.line)
        draw.text(at, line, fill=QUIET, font=font(scale.text), anchor="mm")


def wrapped(text: str, width_px: int, size_px: int, *, most: int) -> list[str]:
    """Break text into at most so many lines of a width; the last is cut."""
    words, lines = drawable(text).split(), [""]
    while words:
        longer = f"{lines[-1]} {words[0]}".strip()
        if lines[-1] and _width(longer, size_px) > width_px:
            if len(lines) == most:
                return [*lines[:-1], cut(f"{lines[-1]} {' '.join(words)}", width_px, size_px)]
            lines.append("")
            continue
        lines[-1] = longer
        del words[0]
    return [cut(line, width_px, size_px) for line in lines]


def cut(text: str, width_px: int, size_px: int) -> str:
    """Cut text to what fits into a width."""
    text = drawable(text)
    if _width(text, size_px) <= width_px:
        return text
    while text and _width(f"{text}…", size_px) > width_px:
        text = text[:-1]
    return f"{text.rstrip(' ,.:;·')}…" if text else ""


def drawable(text: str) -> str:
    """Replace what the font lacks by its nearest, or leave it out: no box is ever drawn."""
    kept = (sign if _has(sign) else _plain(sign) for sign in text.translate(DRAWN)[:400])
    return " ".join("".join(kept).split())


@functools.lru_cache(maxsize=32)
def font(size_px: int) -> Font:
    """Return Aileron, which Pillow brings along, in a size."""
    return ImageFont.load_default(size_px)


def _width(text: str, size_px: int) -> float:
    return font(size_px).getlength(text)


def _plain(sign: str) -> str:
    """Take the accents off a sign: é is e."""
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii())


@functools.lru_cache(maxsize=512)
def _has(sign: str) -> bool:
    """Whether the font has a sign: what it lacks is drawn as a box."""
    return sign.isspace() or bytes(font(32).getmask(sign)) != bytes(font(32).getmask(NO_CHARACTER))


def _pill(
    sheet: Image.Image, corner: tuple[int, int], size: tuple[int, int], radius: int, colour: Colour
) -> None:
    if colour == WHITE:
        outer = _mask((size[0] + 2, size[1] + 2), radius + 1).point(lambda on: on * HAIRLINE // 255)
        sheet.paste(INK, (corner[0] - 1, corner[1] - 1), outer)
    sheet.paste(colour, corner, _mask(size, radius))


def _mask(size: tuple[int, int], radius: int) -> Image.Image:
    """Return a rounded rectangle with smooth corners: a smooth disc, its quarters set apart."""
    mask, disc, side = Image.new("L", size, 255), _disc(radius), 2 * radius
    for left, right in ((0, radius), (radius, side)):
        for top, bottom in ((0, radius), (radius, side)):
            at = (size[0] - radius if left else 0, size[1] - radius if top else 0)
            mask.paste(disc.crop((left, top, right, bottom)), at)
    return mask


@functools.lru_cache(maxsize=16)
def _disc(radius: int) -> Image.Image:
    large = 2 * radius * SMOOTH
    disc = Image.new("L", (large, large))
    ImageDraw.Draw(disc).ellipse((0, 0, large - 1, large - 1), fill=255)
    return disc.reduce(SMOOTH)
