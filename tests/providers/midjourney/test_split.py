"""A grid of four is cut into its images; what is none is seen, or refused."""

import io

import numpy as np
import pytest
from PIL import Image

from domain.errors import PictureError
from providers.midjourney.split import looks_like_grid, split
from tests.vendors.midjourney import grid
from tests.vendors.pictures import draw


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("width", "height"), [(512, 512), (672, 448), (256, 400)])
def test_each_quarter_is_an_image_pixel_by_pixel(width: int, height: int) -> None:
    sheet = grid("a fox", width, height, "PNG")
    whole = np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB"))
    tiles = [np.asarray(Image.open(io.BytesIO(one))) for one in split(sheet)]
    assert [tile.shape for tile in tiles] == [(height, width, 3)] * 4
    above = np.concatenate(tiles[:2], axis=1)
    below = np.concatenate(tiles[2:], axis=1)
    assert np.array_equal(np.concatenate([above, below]), whole)


@pytest.mark.parametrize("size", [(1023, 1024), (1024, 1023), (510, 1024), (2, 2)])
def test_a_size_that_does_not_split_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="do not split into four"):
        split(png(Image.new("RGB", size)))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PictureError):
        split(b"GIF89a")
    with pytest.raises(PictureError):
        looks_like_grid(b"no picture")


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_grid_is_seen_by_its_seams(kind: str) -> None:
    assert looks_like_grid(grid("a fox", 512, 512, kind))


@pytest.mark.parametrize("size", [(1024, 1024), (2048, 2048), (1023, 1024), (300, 300)])
def test_an_image_alone_is_none(size: tuple[int, int]) -> None:
    assert not looks_like_grid(draw("a fox alone", *size))


def test_a_plain_picture_is_none() -> None:
    assert not looks_like_grid(png(Image.new("RGB", (2048, 2048), "white")))
