"""Words on a picture: the badge of a tile, readable over anything and at the width of a telephone.

Imports nothing but Pillow and the domain; for ``bot/grid.py``, in the pixel pool.
"""

import functools
import unicodedata
from collections.abc import Iterable, Sequence
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
FRAME: Final[Colour] = (222, 219, 212)
COLOURS: Final[dict[Verdict, Colour]] = {
    "pass": INK,
    "review": (138, 75, 0),
    "reject": (158, 27, 44),
}
"""The number's ground by verdict; white on each has a contrast of at least 6:1."""
WORDS: Final[dict[Verdict, str]] = {"pass": "pass", "review": "review", "reject": "rejected"}
HAIRLINE: Final = 64
"""Alpha, of 255, of the line that parts a white badge from a white picture."""
BEFORE: Final = 1.2
"""Where words begin on a badge, in discs."""
AFTER: Final = 0.42
"""What is left free behind them."""
SMOOTH: Final = 4
"""Discs are drawn so many times larger, then shrunk: Pillow draws hard edges."""
DASH: Final = "–"
"""The font has none: it is drawn as a line."""
DASH_EM: Final = 0.5
NEAREST: Final = str.maketrans(
    {"—": DASH, "−": DASH, "×": "x", "→": ">", "“": '"', "”": '"', "≤": "<", "≥": ">"}
)
"""Other signs that the font does not have, and what is drawn for them."""
MAX_CHARS: Final = 400
NO_CHARACTER: Final = "\uffff"
SHRUNK: Final = 0.8
"""How much smaller the text of a grid may become so that its lines need not be cut."""


@dataclass(frozen=True, slots=True)
class Type:
    """The sizes of all that is written on one grid, in pixels: a number and a text size."""

    number: int
    text: int

    @classmethod
    def of(cls, grid_width: int, tile: tuple[int, int], lines: Iterable[str]) -> "Type":
        """Choose sizes for a grid that a telephone shows 350 pixels wide: number 13, text 8 to 10.

        The numbers go first: they are what people type. The text is as large as lets most lines
        stand uncut.
        """
        number = max(18, min(grid_width // 26, tile[0] // 10, tile[1] // 5))
        text = max(13, min(grid_width // 36, tile[0] // 15, tile[1] // 8))
        largest = cls(number, text)
        longest = max((_width(drawable(line), text) for line in lines), default=0.0)
        fits = largest.room(tile[0]) / max(longest, 1.0)
        return cls(number, max(13, int(text * min(1.0, max(SHRUNK, fits)))))

    def room(self, tile_width: int) -> int:
        """Return how wide a line beside the number may be."""
        return tile_width - 2 * self.margin - round((BEFORE + AFTER) * self.disc)

    @property
    def margin(self) -> int:
        """From the edges of a tile to its badge."""
        return self.disc // 4

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
    number: int | str,
    colour: Colour,
    lines: Sequence[str],
    *,
    tile: tuple[int, int, int, int],
    scale: Type,
) -> None:
    """Draw the number on its disc, and beside it on a white pill the lines of words.

    Args:
        sheet: What is drawn on.
        number: The tile's, or its letter.
        colour: Of the disc, and of the first line.
        lines: May be none: the disc stands alone.
        tile: Left, top, right and bottom of the tile; the badge stands at its foot.
        scale: The sizes of this grid.
    """
    disc, inset = scale.disc, max(2, scale.disc // 16)
    shown = [cut(line, scale.room(tile[2] - tile[0]), scale.text) for line in lines if line]
    longest = max((_width(line, scale.text) for line in shown), default=0.0)
    width = round(disc * (BEFORE + AFTER) + longest) if shown else disc
    box = (width, disc + max(0, len(shown) - 1) * scale.line)
    left, top = tile[0] + scale.margin, tile[3] - scale.margin - box[1]
    _pill(sheet, (left, top), box, disc // 2, WHITE)
    centre = (left + disc // 2, top + disc // 2)
    _pill(sheet, (left + inset, top + inset), (disc - 2 * inset,) * 2, disc // 2 - inset, colour)
    draw = ImageDraw.Draw(sheet)
    draw.text(centre, str(number), fill=WHITE, font=font(scale.number), anchor="mm")
    for place, line in enumerate(shown):
        at = (left + round(disc * BEFORE), centre[1] + place * scale.line)
        _write(draw, at, line, INK if place else colour, scale.text)


def draw_words(
    sheet: Image.Image, words: str, tile: tuple[int, int, int, int], scale: Type
) -> None:
    """Draw an empty tile: a quiet frame, and in its middle why there is no picture."""
    draw = ImageDraw.Draw(sheet)
    left, top, right, bottom = tile
    draw.rectangle((left, top, right - 1, bottom - 1), outline=FRAME, width=2)
    lines = wrapped(words, round((right - left) * 0.8), scale.text, most=3)
    middle, first = (left + right) // 2, (top + bottom - scale.line * (len(lines) - 1)) // 2
    for place, line in enumerate(lines):
        at = (middle - round(_width(line, scale.text) / 2), first + place * scale.line)
        _write(draw, at, line, QUIET, scale.text)


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
    near = text[:MAX_CHARS].translate(NEAREST)
    kept = (sign if sign == DASH or _has(sign) else _plain(sign) for sign in near)
    return " ".join("".join(kept).split()).replace(" · ", "  ·  ")


@functools.lru_cache(maxsize=32)
def font(size_px: int) -> Font:
    """Return Aileron, which Pillow brings along, in a size."""
    return ImageFont.load_default(size_px)


def _width(text: str, size_px: int) -> float:
    parts = text.split(DASH)
    return sum(map(font(size_px).getlength, parts)) + (len(parts) - 1) * DASH_EM * size_px


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], line: str, colour: Colour, size_px: int
) -> None:
    """Write a line from its left middle; a dash is a line of the width of half a letter M."""
    x, thick = float(at[0]), max(1, round(size_px * 0.07))
    for place, part in enumerate(line.split(DASH)):
        if place:
            y, pad = at[1] + round(size_px * 0.06), DASH_EM * size_px * 0.06
            end = x + DASH_EM * size_px
            draw.rectangle((round(x + pad), y, round(end - pad), y + thick - 1), fill=colour)
            x = end
        draw.text((x, at[1]), part, fill=colour, font=font(size_px), anchor="lm")
        x += font(size_px).getlength(part)


def _plain(sign: str) -> str:
    """Take the accents off a sign: é is e."""
    parts = unicodedata.normalize("NFKD", sign)
    return "".join(part for part in parts if part.isascii() and part.isprintable())


@functools.lru_cache(maxsize=512)
def _has(sign: str) -> bool:
    """Whether the font has a sign: what it lacks is drawn as a box."""
    if sign.isspace() or not sign.isprintable():
        return sign.isspace()
    return bytes(font(32).getmask(sign)) != bytes(font(32).getmask(NO_CHARACTER))


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
