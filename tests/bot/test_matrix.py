"""The contact sheet of words and values: a cell for each combination, never over its limit."""

import pytest

from bot.labels import PAPER
from bot.matrix import MatrixCell, draw_matrix
from domain.axis import Axis
from tests.bot.test_grid import opened, plain, tile

RED = (200, 20, 20)


def axes(*sizes: int) -> list[Axis]:
    return [
        Axis(name=f"axis_{at}", values=tuple(f"value {one}" for one in range(size)))
        for at, size in enumerate(sizes)
    ]


def cell(number: int, count: int = 1) -> MatrixCell:
    tiles = tuple(tile(one, plain(RED)) for one in range(1, count + 1))
    return MatrixCell(ref=f"r{number}", figures="free", tiles=tiles)


@pytest.mark.parametrize(
    "sizes", [(2,), (7,), (25,), (2, 3), (5, 5), (2, 3, 3), (3, 2, 4), (2, 12)]
)
def test_every_combination_has_its_cell_and_the_sheet_is_as_wide_as_a_chat_shows(
    sizes: tuple[int, ...],
) -> None:
    total = 1
    for size in sizes:
        total *= size
    sheet = opened(draw_matrix(axes(*sizes), [cell(at) for at in range(total)]))
    assert sheet.width <= 2300
    reds = sum(many for many, colour in sheet.getcolors(10_000_000) or () if colour == RED)
    assert reds >= total * 150 * 100
    assert sheet.getpixel((0, 0)) == PAPER


def test_a_cell_holds_all_images_of_its_run() -> None:
    sheet = opened(draw_matrix(axes(2, 2), [cell(at, 4) for at in range(4)]))
    assert sheet.width > 300


def test_it_never_exceeds_its_limit() -> None:
    drawn = draw_matrix(axes(5, 5), [cell(at, 4) for at in range(25)], max_bytes=60_000)
    assert len(drawn) <= 60_000
