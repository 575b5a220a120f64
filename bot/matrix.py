"""The contact sheet of a family that differs in words and values: a cell per run, axes labelled.

Of three axes the first makes blocks, the second rows and the third columns; one axis alone is a row
that is broken where it would be too wide. Top-level functions for the pixel pool.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

from PIL import Image, ImageDraw

from bot.grid import DIMMED, GAP_PX, MAX_BYTES, GridTile, encoded
from bot.labels import COLOURS, FRAME, INK, PAPER, QUIET, Type, cut, draw_words, font, wrapped
from domain.axis import Axis
from domain.errors import PictureError
from domain.picture import MAX_VENDOR_BYTES, Picture
from domain.record import Record
from scoring.pixels import flattened

WIDE_PX: Final = 1600
CELL_PX: Final = 384
"""The longest side of a cell."""
MIN_CELL_PX: Final = 150
ROW_LABEL_PX: Final = 230
HEAD_PX: Final = 72
"""Height of the names of columns."""
FOOT_PX: Final = 34
"""Height of the line under a cell: which run it is."""
BLOCK_PX: Final = 64
"""Height of a block's heading."""
BETWEEN_PX: Final = 36
"""Between two blocks."""
MOST_WIDE: Final = 5
"""Columns of one axis alone."""
NAME_PX: Final = 18
VALUE_PX: Final = 24
INSIDE_PX: Final = 4


class MatrixCell(Record):
    """One run: what it is called, and its images."""

    ref: str
    figures: str
    tiles: tuple[GridTile, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where everything stands, in pixels."""

    columns: int
    rows: int
    cell: tuple[int, int]
    label_px: int
    """Room for the names of rows; 0 where there is one row of values only."""
    head_px: int

    @property
    def width(self) -> int:
        return self.label_px + self.columns * (self.cell[0] + GAP_PX) + GAP_PX

    @property
    def step(self) -> int:
        return self.cell[1] + FOOT_PX + GAP_PX + (self.head_px if not self.label_px else 0)

    @property
    def height(self) -> int:
        return (self.head_px if self.label_px else 0) + self.rows * self.step + GAP_PX


def draw_matrix(
    axes: Sequence[Axis], cells: Sequence[MatrixCell], *, max_bytes: int = MAX_BYTES
) -> bytes:
    """Draw the cells in the order of their axes; PNG if it fits, else JPEG."""
    blocks, axes = (axes[0], axes[1:]) if len(axes) > 2 else (None, axes)  # noqa: PLR2004
    many = len(blocks.values) if blocks else 1
    pictures = [[_opened(tile) for tile in cell.tiles] for cell in cells]
    plan = _planned(axes, pictures, many)
    beside = max(1, min(many, (WIDE_PX + BETWEEN_PX) // (plan.width + BETWEEN_PX)))
    above = BLOCK_PX if blocks else 0
    high = ceil(many / beside)
    size = (
        beside * plan.width + (beside - 1) * BETWEEN_PX,
        high * (plan.height + above) + (high - 1) * BETWEEN_PX,
    )
    sheet = Image.new("RGB", size, PAPER)
    share = len(cells) // many
    for at in range(many):
        row, column = divmod(at, beside)
        left = column * (plan.width + BETWEEN_PX)
        top = row * (plan.height + above + BETWEEN_PX)
        if blocks:
            _head_block(sheet, blocks, at, (left, top, plan.width))
        part = slice(at * share, (at + 1) * share)
        _draw_block(sheet, axes, cells[part], pictures[part], plan, corner=(left, top + above))
    return encoded(sheet, max_bytes)


def _planned(
    axes: Sequence[Axis], pictures: Sequence[Sequence[Image.Image | None]], blocks: int
) -> _Plan:
    two = len(axes) > 1
    across = len(axes[-1].values)
    columns = across if two or across <= MOST_WIDE else ceil(sqrt(across))
    rows = len(axes[0].values) if two else ceil(across / columns)
    label = _label_px(axes[0]) if two else 0
    beside = 2 if blocks > 1 and columns <= 3 else 1  # noqa: PLR2004  two blocks side by side
    room = (WIDE_PX - (beside - 1) * BETWEEN_PX) // beside - label - GAP_PX
    long = max(MIN_CELL_PX, min(CELL_PX, room // columns - GAP_PX))
    first = next((one for row in pictures for one in row if one is not None), None)
    shape = first.size if first else (1, 1)
    scale = long / max(shape)
    cell = max(MIN_CELL_PX, round(shape[0] * scale)), max(MIN_CELL_PX, round(shape[1] * scale))
    return _Plan(columns, rows, cell, label, HEAD_PX)


def _label_px(axis: Axis) -> int:
    """Return how much room the names of rows need; longer ones are broken into lines."""
    wide = max(font(VALUE_PX).getlength(one) for one in axis.values)
    name = font(NAME_PX).getlength(_named(axis))
    return min(ROW_LABEL_PX, round(max(wide, name)) + 3 * GAP_PX)


def _opened(tile: GridTile) -> Image.Image | None:
    if tile.data is None:
        return None
    try:
        return flattened(Picture.open(tile.data, max_bytes=MAX_VENDOR_BYTES).image, PAPER)
    except PictureError:
        return None


def _head_block(sheet: Image.Image, axis: Axis, at: int, box: tuple[int, int, int]) -> None:
    """Write what all cells of a block share, above a line."""
    left, top, wide = box
    draw = ImageDraw.Draw(sheet)
    name = _named(axis)
    middle = top + BLOCK_PX // 2
    draw.text((left + GAP_PX, middle), name, fill=QUIET, font=font(NAME_PX), anchor="lm")
    begin = left + GAP_PX + round(font(NAME_PX).getlength(name)) + 12
    value = cut(axis.values[at], left + wide - begin - GAP_PX, VALUE_PX + 4)
    draw.text((begin, middle), value, fill=INK, font=font(VALUE_PX + 4), anchor="lm")
    line = top + BLOCK_PX - 4
    draw.line((left + GAP_PX, line, left + wide - GAP_PX, line), fill=FRAME, width=2)


def _draw_block(
    sheet: Image.Image,
    axes: Sequence[Axis],
    cells: Sequence[MatrixCell],
    pictures: Sequence[Sequence[Image.Image | None]],
    plan: _Plan,
    *,
    corner: tuple[int, int],
) -> None:
    two, across = len(axes) > 1, axes[-1]
    first_row = corner[1] + (plan.head_px if two else 0)
    if two:
        for column, value in enumerate(across.values):
            _label(sheet, across, value, (_left(plan, corner, column), corner[1]), plan)
        for row, value in enumerate(axes[0].values):
            top = first_row + row * plan.step
            _label_row(sheet, axes[0], value, (corner[0] + GAP_PX, top), plan)
    for at, (cell, shown) in enumerate(zip(cells, pictures, strict=True)):
        row, column = divmod(at, plan.columns)
        left, top = _left(plan, corner, column), first_row + row * plan.step
        if not two:
            _label(sheet, across, across.values[at], (left, top), plan)
            top += plan.head_px
        _draw_cell(sheet, cell, shown, (left, top), plan.cell)


def _left(plan: _Plan, corner: tuple[int, int], column: int) -> int:
    return corner[0] + plan.label_px + GAP_PX + column * (plan.cell[0] + GAP_PX)


def _named(axis: Axis) -> str:
    """Return an axis's name as people write it: ``cfg scale``."""
    return axis.name.replace("_", " ")


def _label(
    sheet: Image.Image, axis: Axis, value: str, corner: tuple[int, int], plan: _Plan
) -> None:
    """Write a value over its column, its axis's name small above it."""
    draw, middle = ImageDraw.Draw(sheet), corner[0] + plan.cell[0] // 2
    name = cut(_named(axis), plan.cell[0], NAME_PX)
    draw.text((middle, corner[1] + 20), name, fill=QUIET, font=font(NAME_PX), anchor="mm")
    shown = cut(value, plan.cell[0], VALUE_PX)
    draw.text((middle, corner[1] + 48), shown, fill=INK, font=font(VALUE_PX), anchor="mm")


def _label_row(
    sheet: Image.Image, axis: Axis, value: str, corner: tuple[int, int], plan: _Plan
) -> None:
    """Write a value beside its row, in up to four lines."""
    draw, wide = ImageDraw.Draw(sheet), plan.label_px - GAP_PX
    lines = wrapped(value, wide, VALUE_PX, most=4)
    high = VALUE_PX + 6
    top = corner[1] + (plan.cell[1] - high * len(lines) - NAME_PX - 8) // 2
    name = cut(_named(axis), wide, NAME_PX)
    draw.text((corner[0], top), name, fill=QUIET, font=font(NAME_PX), anchor="lt")
    for at, line in enumerate(lines):
        y = top + NAME_PX + 10 + at * high
        draw.text((corner[0], y), line, fill=INK, font=font(VALUE_PX), anchor="lt")


def _draw_cell(
    sheet: Image.Image,
    cell: MatrixCell,
    pictures: Sequence[Image.Image | None],
    corner: tuple[int, int],
    size: tuple[int, int],
) -> None:
    left, top = corner
    for tile, picture, box in zip(cell.tiles, pictures, _boxes(size, len(pictures)), strict=True):
        at = (left + box[0], top + box[1], left + box[2], top + box[3])
        _draw_tile(sheet, tile, picture, at)
    draw, foot = ImageDraw.Draw(sheet), top + size[1] + FOOT_PX // 2
    draw.text((left, foot), cell.ref, fill=INK, font=font(NAME_PX), anchor="lm")
    room = size[0] - round(font(NAME_PX).getlength(cell.ref)) - 10
    figures = cut(cell.figures, room, NAME_PX - 2)
    draw.text((left + size[0], foot), figures, fill=QUIET, font=font(NAME_PX - 2), anchor="rm")


def _boxes(size: tuple[int, int], count: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the places of a run's images inside its cell, in reading order."""
    across = ceil(sqrt(count))
    down = ceil(count / across)
    wide = (size[0] - (across - 1) * INSIDE_PX) // across
    high = (size[1] - (down - 1) * INSIDE_PX) // down
    for at in range(count):
        row, column = divmod(at, across)
        left, top = column * (wide + INSIDE_PX), row * (high + INSIDE_PX)
        yield left, top, left + wide, top + high


def _draw_tile(
    sheet: Image.Image,
    tile: GridTile,
    picture: Image.Image | None,
    box: tuple[int, int, int, int],
) -> None:
    size = (box[2] - box[0], box[3] - box[1])
    if picture is None:
        draw_words(sheet, tile.note or "not made", box, Type(number=18, text=16))
        return
    shown = picture.copy()
    shown.thumbnail(size, Image.Resampling.BICUBIC)
    if tile.verdict == "reject":
        shown = Image.blend(Image.new("RGB", shown.size, PAPER), shown, DIMMED)
    left, top = box[0] + (size[0] - shown.width) // 2, box[1] + (size[1] - shown.height) // 2
    sheet.paste(shown, (left, top))
    if tile.verdict != "pass":
        edge = (left, top, left + shown.width - 1, top + shown.height - 1)
        ImageDraw.Draw(sheet).rectangle(edge, outline=COLOURS[tile.verdict], width=4)
