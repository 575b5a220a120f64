"""What differs between two pictures: figures against known colours, and the drawn difference."""

import io

import pytest
from PIL import Image

from domain.errors import PictureError
from scoring.difference import differ
from tests.scoring.given import png


def test_the_same_picture_does_not_differ() -> None:
    same = png(Image.radial_gradient("L").convert("RGB"))
    found = differ(same, same).figures
    assert (found.phash_bits, found.mean_delta_e, found.changed) == (0, 0.0, 0.0)


def test_black_and_white_are_a_hundred_apart() -> None:
    black, white = (png(Image.new("RGB", (64, 64), colour)) for colour in ("black", "white"))
    found = differ(black, white).figures
    assert found.mean_delta_e == pytest.approx(100.0, abs=0.1)
    assert found.changed == 1.0


def test_only_where_something_changed_is_bright() -> None:
    old = Image.new("RGB", (64, 64), "#808080")
    new = old.copy()
    new.paste("#ff0000", (32, 0, 64, 64))
    found = differ(png(old), png(new))
    assert found.figures.changed == pytest.approx(0.5)
    drawn = Image.open(io.BytesIO(found.data)).convert("L")
    dark, bright = (drawn.getpixel(place) for place in ((8, 32), (56, 32)))
    assert isinstance(dark, int)
    assert isinstance(bright, int)
    assert dark < 40
    assert bright > 150


def test_pictures_of_other_sizes_are_compared_and_of_other_shapes_not_drawn() -> None:
    small, large = (png(Image.new("RGB", (side, side), "#336699")) for side in (40, 80))
    assert differ(small, large).figures.mean_delta_e == 0.0
    wide = differ(small, png(Image.new("RGB", (80, 40), "#336699")))
    assert wide.data == b""
    assert wide.figures.changed == 0.0


def test_transparency_and_one_pixel_are_no_trouble() -> None:
    clear = png(Image.new("RGBA", (1, 1), (0, 0, 0, 0)))
    assert differ(clear, png(Image.new("RGB", (1, 1), "white"))).figures.changed == 0.0
    with pytest.raises(PictureError):
        differ(clear, b"no picture")
