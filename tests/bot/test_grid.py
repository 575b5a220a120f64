import io

import numpy as np
import pytest
from PIL import Image

from bot.grid import COLOURS, DRAWN, GAP_PX, QUIET, GridTile, draw_grid, grid_alt
from domain.run import Verdict
from tests.scoring.given import noise, png, scene


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


def test_four_tiles_stand_in_reading_order() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    grid = opened(draw_grid([tile(i, plain(c)) for i, c in enumerate(colours, 1)]))
    quarter = grid.width // 4
    seen = [grid.getpixel((x, y)) for y in (quarter, 3 * quarter) for x in (quarter, 3 * quarter)]
    assert seen == colours


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("size", [(512, 512), (512, 288), (288, 512)])
def test_any_count_and_shape_has_a_place_for_every_tile(count: int, size: tuple[int, int]) -> None:
    grid = opened(draw_grid([tile(i, plain((90, 140, 190), size)) for i in range(1, count + 1)]))
    scale = 768 / max(size)
    wide, high = round(size[0] * scale), round(size[1] * scale)
    columns, left = divmod(grid.width - GAP_PX, wide + GAP_PX)
    rows, over = divmod(grid.height - GAP_PX, high + GAP_PX)
    assert (left, over) == (0, 0)
    assert columns * rows >= count
    assert (columns - 1) * rows < count or (rows - 1) * columns < count


def luminance(colour: tuple[float, ...]) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [level / 255 for level in colour[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("verdict", ["pass", "review", "reject"])
@pytest.mark.parametrize("ground", ["white", "black", "noise", "photo"])
def test_number_and_scores_stand_out_from_any_picture(verdict: Verdict, ground: str) -> None:
    grounds = {
        "white": plain((255, 255, 255)),
        "black": plain((0, 0, 0)),
        "noise": noise(),
        "photo": scene(),
    }
    grid = opened(draw_grid([tile(1, grounds[ground], verdict)]))
    colour = COLOURS[verdict]
    disc = (GAP_PX + 14, grid.height - GAP_PX - 14 - 60)
    badge = np.asarray(grid.crop((*disc, disc[0] + 60, disc[1] + 60))).reshape(-1, 3)
    pill = np.asarray(grid.crop((disc[0] + 66, disc[1] + 8, disc[0] + 200, disc[1] + 52)))
    number = tuple(badge[badge.sum(axis=1).argmax()])
    assert contrast(number, colour) >= 4.5
    words, paper = (
        tuple(pill.reshape(-1, 3)[getattr(pill.reshape(-1, 3).sum(axis=1), pick)()])
        for pick in ("argmin", "argmax")
    )
    assert contrast(words, paper) >= 4.5


def test_the_words_of_an_empty_tile_stand_out_too() -> None:
    assert contrast(QUIET, (247, 246, 243)) >= 4.5


def test_a_rejected_tile_stays_in_its_place_dimmed() -> None:
    dark = plain((10, 10, 10))
    grid = opened(draw_grid([tile(1, dark), tile(2, dark, "reject")]))
    kept, dimmed = (grid.getpixel((x, 200)) for x in (200, grid.width - 200))
    assert kept == (10, 10, 10)
    assert isinstance(dimmed, tuple)
    assert min(dimmed) > 120


def test_a_damaged_picture_becomes_a_tile_with_words_and_fails_nothing_else() -> None:
    broken = GridTile(number=2, data=png(scene())[:400], note="damaged")
    grid = opened(draw_grid([tile(1, scene()), broken]))
    assert grid.getpixel((grid.width - 300, 60)) == (247, 246, 243)


@pytest.mark.parametrize("limit", [10_000_000, 600_000, 40_000])
def test_a_grid_of_noise_is_never_over_its_limit(limit: int) -> None:
    data = draw_grid([tile(i, noise(i)) for i in range(1, 5)], max_bytes=limit)
    assert len(data) <= limit
    opened(data)


def test_a_grid_without_any_picture_is_still_drawn() -> None:
    opened(draw_grid([tile(i, None) for i in range(1, 5)]))


def test_signs_without_a_glyph_are_drawn_by_their_nearest() -> None:
    assert "fit –".translate(DRAWN) == "fit −"


def test_the_alt_text_names_the_brief_and_every_tile_that_is_no_pass() -> None:
    tiles = [tile(1, None), tile(2, None, "review"), tile(3, None, "reject")]
    assert grid_alt("a red fox", tiles) == "3 pictures: a red fox. #2 review, #3 rejected"
    assert len(grid_alt("fox " * 1000, tiles)) <= 1000
