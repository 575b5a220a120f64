"""The contact sheet of several models: rows labelled, seeds in columns, never over its limit."""

import pytest

from bot.grid import GAP_PX
from bot.labels import PAPER
from bot.sheet import STRIP_PX, SheetRow, draw_sheet
from tests.bot.test_grid import opened, plain, tile

RED, BLUE = (200, 20, 20), (20, 20, 200)


def row(ref: str, colour: tuple[int, int, int], count: int = 2) -> SheetRow:
    tiles = tuple(tile(number, plain(colour)) for number in range(1, count + 1))
    return SheetRow(ref=ref, label="FLUX.1 [schnell]", figures="$0.012 · 3.4 s", tiles=tiles)


def test_rows_stand_one_below_the_other_under_their_labels() -> None:
    sheet = opened(draw_sheet([row("r1", RED), row("r2", BLUE)]))
    top = GAP_PX + STRIP_PX + 100
    below = top + 384 + STRIP_PX + GAP_PX
    assert sheet.getpixel((200, top)) == RED
    assert sheet.getpixel((200, below)) == BLUE
    strip = sheet.crop((0, GAP_PX, sheet.width, GAP_PX + STRIP_PX))
    assert len(strip.getcolors(100_000) or ()) > 10, "there are letters on it"


def test_what_was_not_made_is_an_empty_place_with_its_number() -> None:
    lacking = row("r2", BLUE).model_copy(update={"tiles": (tile(1, None), tile(2, plain(BLUE)))})
    sheet = opened(draw_sheet([row("r1", RED), lacking]))
    place = (GAP_PX + 350, GAP_PX + 2 * STRIP_PX + 384 + GAP_PX + 60)
    assert sheet.getpixel(place) == PAPER


def test_nothing_at_all_is_still_a_sheet() -> None:
    empty = row("r1", RED).model_copy(update={"tiles": (tile(1, None),)})
    assert opened(draw_sheet([empty])).width > 0


@pytest.mark.parametrize("count", [1, 4, 8])
def test_it_is_as_wide_as_a_chat_shows(count: int) -> None:
    assert opened(draw_sheet([row("r1", RED, count)])).width <= 1720


def test_it_never_exceeds_its_limit() -> None:
    assert len(draw_sheet([row(f"r{n}", RED, 8) for n in range(1, 6)], max_bytes=60_000)) <= 60_000
