"""The contact sheet of a family: a labelled row of images for each run, the same seeds in columns.

Top-level functions for the pixel pool; imports nothing but Pillow and pure rooms.
"""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from bot.grid import DIMMED, GAP_PX, MAX_BYTES, GridTile, encoded
from bot.labels import COLOURS, INK, PAPER, QUIET, WORDS, Type, cut, draw_badge, draw_words, font
from domain.errors import PictureError
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.record import Record
from scoring.pixels import flattened

WIDE_PX: Final = 1600
"""About so wide is a sheet: what a chat client shows at its largest."""
TILE_PX: Final = 384
"""The longest side of a tile; a thumbnail is no larger."""
MIN_TILE_PX: Final = 120
TITLE_PX: Final = 26
STRIP_PX: Final = 44
"""Height of the line above a row."""


class SheetRow(Record):
    """One run: what it is called, and its images."""

    ref: str
    label: str
    figures: str
    tiles: tuple[GridTile, ...]


def draw_sheet(rows: Sequence[SheetRow], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Draw the rows one below the other; PNG if it fits, else JPEG, never over *max_bytes*."""
    wide = max(len(row.tiles) for row in rows)
    pictures = [[_opened(tile) for tile in row.tiles] for row in rows]
    size = _tile_size(pictures, wide)
    width = wide * (size[0] + GAP_PX) + GAP_PX
    height = len(rows) * (STRIP_PX + size[1] + GAP_PX) + GAP_PX
    sheet = Image.new("RGB", (width, height), PAPER)
    scale = Type.of(width, size, ())
    for place, (row, shown) in enumerate(zip(rows, pictures, strict=True)):
        top = GAP_PX + place * (STRIP_PX + size[1] + GAP_PX)
        _draw_title(sheet, row, top)
        for column, (tile, picture) in enumerate(zip(row.tiles, shown, strict=True)):
            left = GAP_PX + column * (size[0] + GAP_PX)
            box = (left, top + STRIP_PX, left + size[0], top + STRIP_PX + size[1])
            _draw_tile(sheet, tile, picture, box, scale)
    return encoded(sheet, max_bytes)


def _opened(tile: GridTile) -> Image.Image | None:
    if tile.data is None:
        return None
    try:
        return flattened(Picture.open(tile.data, max_bytes=MAX_VENDOR_BYTES).image, PAPER)
    except PictureError:
        return None


def _tile_size(pictures: Sequence[Sequence[Image.Image | None]], wide: int) -> tuple[int, int]:
    """Return the size that all tiles have: the first picture's shape, as wide as there is room."""
    first = next((one for row in pictures for one in row if one is not None), None)
    shape = first.size if first else (1, 1)
    long = max(MIN_TILE_PX, min(TILE_PX, WIDE_PX // wide))
    scale = long / max(shape)
    return max(MIN_TILE_PX, round(shape[0] * scale)), max(MIN_TILE_PX, round(shape[1] * scale))


def _draw_title(sheet: Image.Image, row: SheetRow, top: int) -> None:
    """Write what the row is: its number, its model, and at the right what it took."""
    draw, middle = ImageDraw.Draw(sheet), top + STRIP_PX // 2
    draw.text((GAP_PX + 2, middle), row.ref, fill=QUIET, font=font(TITLE_PX), anchor="lm")
    left = round(GAP_PX + 14 + font(TITLE_PX).getlength(row.ref))
    right = sheet.width - GAP_PX
    figures = cut(row.figures, (right - left) // 2, TITLE_PX - 6)
    draw.text((right, middle), figures, fill=QUIET, font=font(TITLE_PX - 6), anchor="rm")
    room = right - left - round(font(TITLE_PX - 6).getlength(figures)) - GAP_PX
    draw.text(
        (left, middle), cut(row.label, room, TITLE_PX), fill=INK, font=font(TITLE_PX), anchor="lm"
    )


def _draw_tile(
    sheet: Image.Image,
    tile: GridTile,
    picture: Image.Image | None,
    box: tuple[int, int, int, int],
    scale: Type,
) -> None:
    if picture is None:
        draw_words(sheet, tile.note or "not made yet", box, scale)
        draw_badge(sheet, tile.number, QUIET, (), tile=box, scale=scale)
        return
    size = (box[2] - box[0], box[3] - box[1])
    shown = picture.copy()
    shown.thumbnail(size, Image.Resampling.BICUBIC)
    if tile.verdict == "reject":
        shown = Image.blend(Image.new("RGB", shown.size, PAPER), shown, DIMMED)
    left, top = box[0] + (size[0] - shown.width) // 2, box[1] + (size[1] - shown.height) // 2
    sheet.paste(shown, (left, top))
    words = () if tile.verdict == "pass" else (WORDS[tile.verdict],)
    draw_badge(sheet, tile.number, COLOURS[tile.verdict], words, tile=box, scale=scale)
