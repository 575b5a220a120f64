"""A picture's shape as people say it, and a run that begins with a picture has its shape."""

import pytest

from bot.grammar import parse
from domain.command import Imagine
from pipeline.compose import compose
from pipeline.shape import ratio_of
from tests.pipeline.given import Counted

PHOTO = f"sha256:{'c' * 64}"


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ((1024, 1024), "1:1"),
        ((1920, 1080), "16:9"),
        ((1920, 1081), "16:9"),
        ((1080, 1920), "9:16"),
        ((4032, 3024), "4:3"),
        ((1344, 896), "3:2"),
        ((1000, 700), "10:7"),
        ((700, 1000), "7:10"),
        ((1, 1), "1:1"),
        ((20_000, 1), "20000:1"),
        ((1, 20_000), "1:20000"),
    ],
)
def test_a_shape_is_said_as_people_say_it(size: tuple[int, int], said: str) -> None:
    assert ratio_of(*size) == said


def begun(line: str) -> str | None:
    command = parse(line)
    assert isinstance(command, Imagine)
    composed = compose(
        command,
        chance=Counted(),
        pictures={"photo.jpg": PHOTO},
        shapes={PHOTO: (1920, 1080)},
    )
    return composed.spec.aspect_ratio


def test_what_begins_with_a_picture_has_its_shape() -> None:
    assert begun("imagine a fox --init photo.jpg") == "16:9"


def test_a_shape_that_was_asked_for_stays() -> None:
    assert begun("imagine a fox --init photo.jpg --ar 1:1") == "1:1"
    assert begun("imagine a fox") is None
