"""Our edge maps: thin, closed, white on black, of the photo's size, the same for the same photo."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from domain.errors import PictureError
from providers.canny import canny_map
from tests.providers.given import picture


def drawn(fill: int = 230) -> bytes:
    image = Image.new("L", (160, 120), 20)
    ImageDraw.Draw(image).rectangle((40, 30, 119, 89), fill=fill)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def edges(photo: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    with Image.open(io.BytesIO(canny_map(photo))) as image:
        assert image.mode == "RGB"
        assert image.size == (160, 120)
        levels = np.asarray(image.convert("L"))
    assert set(np.unique(levels)) <= {0, 255}
    return levels > 0


def test_a_rectangle_becomes_its_outline_about_one_pixel_wide() -> None:
    found = edges(drawn())
    perimeter = 2 * (80 + 60)
    assert 0.9 * perimeter <= found.sum() <= 1.3 * perimeter
    assert not found[40:80, 50:110].any(), "nothing inside"
    assert not found[:25].any(), "nothing outside"
    assert found[60, 36:44].sum() == 1, "one pixel across the left side"


def test_a_slope_too_weak_is_no_edge() -> None:
    assert not edges(drawn(fill=30)).any()


def test_a_weak_edge_stays_only_where_it_joins_a_strong_one() -> None:
    levels = np.full((120, 160), 100, dtype=np.uint8)
    levels[30:60, :] += np.linspace(90, 45, 160).astype(np.uint8)  # fades, in one piece
    levels[95:, 110:] = 145  # as weak as its end, and alone
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG")
    found = edges(out.getvalue())
    assert found[26:34, 155].any()
    assert not found[85:].any()


def test_the_same_photo_gives_the_same_map() -> None:
    assert canny_map(drawn()) == canny_map(drawn())


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureError):
        canny_map(b"no picture")
    assert canny_map(picture())
