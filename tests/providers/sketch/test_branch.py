"""Branching: ours keep layout and palette, foreign pictures give theirs."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from providers.sketch import branch
from providers.sketch.chance import HISTORY, Chance
from providers.sketch.draw import draw
from scoring.phash import phash
from tests.providers.sketch.given import BRIEFS, distance, order, pixels

STRENGTHS = (0.2, 0.4, 0.6, 0.8)
FOX, TEAPOT = BRIEFS[0], BRIEFS[1]


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A picture that is none of ours."""
    y, x = np.mgrid[0:200, 0:300]
    waves = np.stack([np.sin(x / 30), np.cos(y / 25), np.sin((x + y) / 40)], -1)
    out = io.BytesIO()
    Image.fromarray((waves * 90 + 128).astype(np.uint8)).save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize("style", ["", "flat"])
@pytest.mark.parametrize("line", [FOX, TEAPOT, "a dashboard :: :: :: {}"])
def test_the_distance_to_the_parent_grows_with_strength(line: str, style: str) -> None:
    parent = draw(order(line, style)).png
    children = [
        draw(order(line, style, init_image=parent, denoising_strength=strength)).png
        for strength in STRENGTHS
    ]
    distances = [distance(parent, child) for child in children]
    assert distances == sorted(distances)
    assert distances[0] > 0.5
    assert distances[-1] > distances[0] * 1.5


def test_a_branch_keeps_the_layout() -> None:
    parent = draw(order(FOX)).png
    child = draw(order(FOX, seed=8, init_image=parent, denoising_strength=0.4)).png
    fresh = draw(order(FOX, seed=8)).png

    def bits(one: bytes, other: bytes) -> int:
        first, second = (int(phash(Image.open(io.BytesIO(png))), 16) for png in (one, other))
        return (first ^ second).bit_count()

    assert bits(parent, child) < bits(parent, fresh)


def test_a_branch_with_its_parents_seed_still_differs() -> None:
    parent = draw(order(FOX, "flat")).png
    child = draw(order(FOX, "flat", init_image=parent, denoising_strength=0.55)).png
    assert distance(parent, child) > 1


def test_a_grandchild_grows_from_the_child() -> None:
    parent = draw(order(FOX, "flat")).png
    child = draw(order(FOX, "flat", seed=8, init_image=parent, denoising_strength=0.6)).png
    grandchild = draw(order(FOX, "flat", seed=9, init_image=child, denoising_strength=0.2)).png
    assert distance(child, grandchild) < distance(parent, grandchild)


def test_the_lineage_never_outgrows_its_chunk() -> None:
    chance = Chance(((1, 1.0),))
    for seed in range(40):
        chance = chance.child(seed, 0.5)
    assert len(chance.lineage) <= HISTORY + 2
    assert chance.seed == 1


def test_a_foreign_picture_is_kept_at_0_and_ignored_at_1(photo: bytes) -> None:
    kept = draw(order(FOX, "flat", init_image=photo, denoising_strength=0.0)).png
    drawn = draw(order(FOX, "flat", init_image=photo, denoising_strength=1.0)).png
    assert distance(drawn, draw(order(FOX, "flat")).png) < 1
    width, height = Image.open(io.BytesIO(kept)).size
    given = Image.open(io.BytesIO(photo)).convert("RGB")
    middle = given.crop((50, 0, 250, 200)).resize((width, height), Image.Resampling.BICUBIC)
    assert np.abs(pixels(kept) - np.asarray(middle, np.float32)).mean() < 2


def test_a_foreign_picture_gives_way_with_strength(photo: bytes) -> None:
    kept = draw(order(FOX, "flat", init_image=photo, denoising_strength=0.0)).png
    distances = [
        distance(kept, draw(order(FOX, "flat", init_image=photo, denoising_strength=s)).png)
        for s in STRENGTHS
    ]
    assert distances == sorted(distances)
    assert distances[0] > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"lineage": 3}',
        '{"lineage": [[1]]}',
        '{"lineage": [[1e999, 2]]}',
        "[" * 4000,
    ],
)
def test_a_chunk_that_is_not_ours_is_nothing(text: str, photo: bytes) -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text(branch.CHUNK, text)
    out = io.BytesIO()
    Image.open(io.BytesIO(photo)).save(out, "PNG", pnginfo=note)
    assert draw(order(FOX, "flat", init_image=out.getvalue(), denoising_strength=0.5)).png


def test_transparent_and_grey_pictures_are_taken() -> None:
    for mode in ("RGBA", "L", "P"):
        out = io.BytesIO()
        Image.new(mode, (64, 64)).save(out, "PNG")
        assert draw(order(FOX, "flat", init_image=out.getvalue(), denoising_strength=0.5)).png
