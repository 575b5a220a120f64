import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bot.grid import GAP_PX, SMALLEST_PX, TILE_PX, GridTile, draw_grid, encoded
from bot.labels import COLOURS, PAPER, QUIET, Type, cut, drawable, font, wrapped
from domain.errors import PictureError
from domain.run import Verdict
from tests.scoring.given import noise, png, scene

GROUNDS = ("white", "black", "noise", "photo")
VERDICTS: tuple[Verdict, ...] = ("pass", "review", "reject")
TELEPHONE_PX = 350
"""How wide a telephone shows a grid."""


def tile(number: int, image: Image.Image | None, verdict: Verdict = "pass") -> GridTile:
    data = png(image) if image else None
    note = "" if verdict == "pass" else "soft: sharpness 24"
    return GridTile(
        number=number, data=data, caption="fit – · sharp 212", verdict=verdict, note=note
    )


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.convert("RGB")


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (512, 512)) -> Image.Image:
    return Image.new("RGB", size, colour)


def ground(name: str) -> Image.Image:
    if name == "photo":
        return scene()
    return noise() if name == "noise" else plain((255, 255, 255) if name == "white" else (0, 0, 0))


def test_four_tiles_stand_in_reading_order() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    grid = opened(draw_grid([tile(i, plain(c)) for i, c in enumerate(colours, 1)]))
    quarter = grid.width // 4
    seen = [grid.getpixel((x, y)) for y in (quarter, 3 * quarter) for x in (quarter, 3 * quarter)]
    assert seen == colours


@pytest.mark.parametrize(
    ("count", "columns", "landscape_columns"),
    [
        (1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2), (5, 3, 2), (6, 3, 2), (7, 3, 3), (8, 3, 3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [(128, 128), (128, 72), (72, 128)])
def test_any_count_and_shape_has_a_place_for_every_tile(
    count: int, columns: int, landscape_columns: int, size: tuple[int, int]
) -> None:
    grid = opened(draw_grid([tile(i, plain((90, 140, 190), size)) for i in range(1, count + 1)]))
    across = landscape_columns if size[0] > size[1] else columns
    scale = TILE_PX / max(size)
    cell = (round(size[0] * scale) + GAP_PX, round(size[1] * scale) + GAP_PX)
    assert grid.size == (across * cell[0] + GAP_PX, -(-count // across) * cell[1] + GAP_PX)


def luminance(colour: npt.NDArray[np.uint8]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = colour[:3] / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: npt.NDArray[np.uint8], two: npt.NDArray[np.uint8]) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def most_and_least(
    grid: Image.Image, box: tuple[int, int, int, int]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return the commonest colour of a box, and of the rest the one that differs most from it."""
    pixels = np.asarray(grid.crop(box)).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    most = colours[counts.argmax()]
    return most, colours[np.abs(colours.astype(int) - most).sum(axis=1).argmax()]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("under", GROUNDS)
def test_number_and_words_stand_out_from_any_picture(verdict: Verdict, under: str) -> None:
    one = tile(1, ground(under), verdict)
    grid = opened(draw_grid([one]))
    lines = [f"{verdict} · {one.caption}", one.note]
    scale = Type.of(grid.width, (TILE_PX, TILE_PX), lines)
    down = scale.line if verdict != "pass" else 0
    left = GAP_PX + scale.margin
    top = GAP_PX + TILE_PX - scale.margin - scale.disc - down
    third = scale.disc // 3
    disc = most_and_least(grid, (left + third, top + third, left + 2 * third, top + 2 * third))
    assert contrast(*disc) >= 4.5
    assert any((colour == COLOURS[verdict]).all() for colour in disc)
    start = left + round(1.2 * scale.disc)
    for line in range(2 if down else 1):
        middle = top + scale.disc // 2 + line * scale.line
        words = (start, middle - scale.text // 3, start + 3 * scale.text, middle + scale.text // 3)
        paper, ink = most_and_least(grid, words)
        assert contrast(paper, ink) >= 4.5
        assert paper.tolist() == [255, 255, 255]


@pytest.mark.parametrize("count", [1, 4, 8])
@pytest.mark.parametrize("size", [(1024, 1024), (1024, 576), (576, 1024)])
def test_numbers_are_readable_where_a_telephone_shows_the_whole_grid(
    count: int, size: tuple[int, int]
) -> None:
    tiles = [tile(i, plain((90, 140, 190), size), "review") for i in range(1, count + 1)]
    grid = opened(draw_grid(tiles))
    scale = TILE_PX / max(size)
    one = (round(size[0] * scale), round(size[1] * scale))
    number = Type.of(grid.width, one, [tiles[0].caption]).number
    assert number * TELEPHONE_PX / grid.width >= 11


def test_the_words_of_an_empty_tile_stand_out_too() -> None:
    assert contrast(np.array(QUIET, np.uint8), np.array(PAPER, np.uint8)) >= 4.5


def test_a_rejected_tile_stays_in_its_place_dimmed() -> None:
    dark = plain((10, 10, 10))
    grid = opened(draw_grid([tile(1, dark), tile(2, dark, "reject")]))
    kept, dimmed = (grid.getpixel((x, 200)) for x in (200, grid.width - 200))
    assert kept == (10, 10, 10)
    assert isinstance(dimmed, tuple)
    assert min(dimmed) > 120


@pytest.mark.parametrize("data", [png(scene())[:400], b"", b"GIF89a", None])
def test_a_damaged_or_missing_picture_is_a_tile_with_words_and_fails_nothing_else(
    data: bytes | None,
) -> None:
    grid = opened(draw_grid([tile(1, scene()), GridTile(number=2, data=data)]))
    assert grid.getpixel((grid.width - 300, 60)) == PAPER
    words = grid.crop((grid.width // 2 + 100, TILE_PX // 2 - 40, grid.width, TILE_PX // 2 + 40))
    assert min(low for low, _high in words.getextrema()) < 120  # type: ignore[misc]  # RGB: pairs


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (4, 900), (900, 4)])
def test_a_picture_of_any_mode_and_shape_has_its_tile(mode: str, size: tuple[int, int]) -> None:
    kind = "RGBA" if mode == "PA" else mode
    grid = opened(draw_grid([tile(1, Image.new(kind, size)), tile(2, scene())]))
    assert min(grid.size) > 100


def test_sixteen_bits_are_shown_as_bright_as_they_are() -> None:
    levels = np.full((64, 64), 32896, dtype=np.uint16)
    pixel = opened(draw_grid([tile(1, Image.fromarray(levels))])).getpixel((300, 300))
    assert pixel == (128, 128, 128)


def test_what_is_transparent_shows_the_paper() -> None:
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    assert opened(draw_grid([tile(1, clear)])).getpixel((300, 300)) == PAPER


@pytest.mark.parametrize("limit", [10_000_000, 600_000, 40_000, 2_000])
def test_a_grid_of_noise_is_never_over_its_limit(limit: int) -> None:
    data = draw_grid([tile(i, noise(i)) for i in range(1, 5)], max_bytes=limit)
    assert len(data) <= limit
    opened(data)


def test_a_grid_of_eight_large_pictures_of_noise_goes_into_a_chat() -> None:
    levels = np.random.default_rng(5).integers(0, 256, (TILE_PX, TILE_PX, 3), dtype=np.uint8)
    data = draw_grid([tile(i, Image.fromarray(levels)) for i in range(1, 9)])
    assert len(data) <= 10_000_000
    assert opened(data).width == 3 * (TILE_PX + GAP_PX) + GAP_PX


def test_a_limit_that_nothing_fits_is_an_error_not_an_endless_loop() -> None:
    with pytest.raises(PictureError):
        encoded(plain((1, 2, 3), (4 * SMALLEST_PX, 4 * SMALLEST_PX)), 10)


def test_a_grid_without_any_picture_is_still_drawn() -> None:
    opened(draw_grid([tile(i, None) for i in range(1, 5)]))


def test_the_dash_of_an_unknown_fit_is_drawn() -> None:
    with_dash, without = (
        np.asarray(opened(draw_grid([GridTile(number=1, data=png(scene()), caption=caption)])))
        for caption in ("fit –", "fit")
    )
    assert (with_dash != without).any()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("fit – · sharp 4", "fit –  ·  sharp 4"),
        ("1024×768 — “no”", '1024x768 – "no"'),
        ("café naïve", "cafe naive"),
        ("猫 cat\n\x00 ✓", "cat"),
    ],
)
def test_a_sign_without_a_glyph_is_its_nearest_or_nothing_never_a_box(
    text: str, drawn: str
) -> None:
    assert drawable(text) == drawn


def test_words_that_do_not_fit_are_wrapped_then_cut() -> None:
    lines = wrapped("refused by the vendor " * 20, 300, 30, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(font(30).getlength(line) <= 300 for line in lines)
    assert cut("word", 4, 30) == ""
    assert wrapped("", 300, 30, most=3) == [""]
