"""Colours: the published pairs of CIEDE2000, and the palette of a picture."""

import pytest
from PIL import Image

from scoring.colour import Lab, ciede2000, delta_e, lab, palette

PAIRS: list[tuple[Lab, Lab, float]] = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]
"""Sharma, Wu and Dalal 2005, table 1."""


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_the_published_pairs(one: Lab, other: Lab, expected: float) -> None:
    assert ciede2000(one, other) == pytest.approx(expected, abs=1e-4)
    assert ciede2000(other, one) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [("#ffffff", (100, 0, 0)), ("#000000", (0, 0, 0)), ("#ff0000", (53.24, 80.09, 67.20))],
)
def test_srgb_becomes_lab(colour: str, expected: Lab) -> None:
    assert lab(colour) == pytest.approx(expected, abs=0.02)


def test_the_same_colour_does_not_differ() -> None:
    assert delta_e("#1b4d3e", "#1B4D3E") == 0


def test_a_palette_names_what_is_in_the_picture_by_its_share() -> None:
    picture = Image.new("RGB", (400, 300), "#1b4d3e")
    picture.paste((250, 250, 240), (0, 0, 100, 300))
    first, second, *_ = palette(picture)
    assert (first.colour, second.colour) == ("#1b4d3e", "#fafaf0")
    assert (first.share, second.share) == (0.75, 0.25)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (3, 2)])
def test_a_palette_of_hardly_anything(size: tuple[int, int]) -> None:
    assert palette(Image.new("RGB", size, "#ff0000"))[0].colour == "#ff0000"
