import io
import math
import pickle
from collections.abc import Callable

import imagehash
import numpy as np
import pytest
from PIL import Image

from domain.errors import PictureError
from domain.policy import Judgement, Measured, PixelPolicy
from domain.spec import TaskType
from pipeline.triage import triage
from scoring.phash import phash
from scoring.pixels import flattened, measure_artwork
from tests.scoring.given import (
    blurred,
    bordered,
    burnt,
    flat_land,
    gradient,
    grainy,
    logo,
    noise,
    png,
    saturated,
    scene,
    sunset,
)

POLICY = PixelPolicy()


def measured(image: Image.Image, number: int = 1) -> Measured:
    return measure_artwork(png(image), number)


def judged(image: Image.Image, task: TaskType = "environment", kind: str = "PNG") -> Judgement:
    out = io.BytesIO()
    image.save(out, kind)
    one = measure_artwork(out.getvalue(), 1)
    return triage([one], policy=POLICY, task=task, asked_size=None, asked_ratio=None)[0]


@pytest.mark.parametrize("seed", range(5))
def test_a_sound_picture_passes_every_check(seed: int) -> None:
    assert judged(scene(seed)) == Judgement(verdict="pass")


@pytest.mark.parametrize(
    ("make", "verdict", "word"),
    [
        (lambda: Image.new("RGB", (512, 512), (200, 200, 200)), "reject", "blank"),
        (lambda: Image.new("RGB", (512, 512)), "reject", "black"),
        (gradient, "reject", "gradient"),
        (noise, "reject", "noise"),
        (lambda: blurred(9), "reject", "blurred"),
        (lambda: blurred(1.2), "review", "soft"),
        (burnt, "review", "clipped"),
        (saturated, "review", "over-saturated"),
        (lambda: bordered(0.10), "review", "border: one colour at the top, 10%"),
        (lambda: grainy(blurred(9), 9), "review", "soft under its grain"),
        (lambda: grainy(scene(), 45), "review", "grainy"),
    ],
)
def test_a_picture_made_to_fail_a_check_fails_it_and_says_why(
    make: Callable[[], Image.Image], verdict: str, word: str
) -> None:
    said = judged(make())
    assert said.verdict == verdict, (said, measured(make()).scores)
    assert word in " ".join(said.reasons)


def test_every_figure_is_recorded_also_of_what_is_rejected() -> None:
    assert measured(noise()).scores.keys() == measured(scene()).scores.keys()
    assert measured(Image.new("RGB", (64, 64))).scores.keys() == measured(scene()).scores.keys()


def test_a_border_of_less_than_the_threshold_is_no_border() -> None:
    assert judged(bordered(0.03)).verdict == "pass"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (180, 30, 60)])
@pytest.mark.parametrize("sides", [("top", "bottom"), ("left", "right"), ("bottom",), ("left",)])
def test_bars_are_found_on_any_side_in_any_colour_and_format(
    kind: str, colour: tuple[int, int, int], sides: tuple[str, ...]
) -> None:
    said = judged(bordered(0.08, sides, colour), kind=kind)
    found = f"border: one colour at the {' and '.join(sides)}, 8% of a side"
    assert found in said.reasons


def test_the_bars_of_a_letterbox_may_be_wide() -> None:
    assert judged(bordered(0.34, ("top", "bottom"))).reasons[0].startswith("border")


@pytest.mark.parametrize("make", [flat_land, sunset, logo])
def test_plain_sky_and_plain_ground_are_no_border(make: Callable[[], Image.Image]) -> None:
    assert judged(make(), task="brand") == Judgement(verdict="pass")


def test_bokeh_passes_because_its_subject_is_sharp() -> None:
    image = blurred(6)
    image.paste(scene().crop((100, 100, 400, 400)), (100, 100))
    assert judged(image).verdict == "pass"


def test_sharpness_means_the_same_for_every_size() -> None:
    small, large = scene(3), scene(3).resize((1024, 1024), Image.Resampling.BICUBIC)
    ratio = measured(large).scores["sharpness_p90"] / measured(small).scores["sharpness_p90"]
    assert 0.4 < ratio < 1.2


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [(512, 512), (640, 360), (90, 160)])
def test_the_perceptual_hash_is_imagehash_s(seed: int, size: tuple[int, int]) -> None:
    image = scene(seed, size)
    assert phash(image) == str(imagehash.phash(image))


def test_a_resized_and_recompressed_picture_keeps_its_hash() -> None:
    image = scene(4)
    out = io.BytesIO()
    image.resize((400, 400)).save(out, "JPEG", quality=50)
    other = Image.open(io.BytesIO(out.getvalue()))
    bits = (int(phash(image), 16) ^ int(phash(other), 16)).bit_count()
    assert bits <= POLICY.duplicate_bits


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 700), (8000, 2), (64, 64)])
def test_any_mode_and_size_is_measured_without_an_error_or_a_nan(
    mode: str, size: tuple[int, int]
) -> None:
    scores = measured(Image.new(mode, size)).scores
    assert all(math.isfinite(value) for value in scores.values())


def test_cmyk_is_measured_too() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (64, 64), (10, 20, 30, 40)).save(out, "JPEG")
    assert measure_artwork(out.getvalue(), 1).media_type == "image/jpeg"


def test_what_is_transparent_counts_as_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert flattened(clear).getextrema() == ((255, 255), (255, 255), (255, 255))


def test_sixteen_bits_become_eight_not_white() -> None:
    levels = np.full((8, 8), 32896, dtype=np.uint16)
    assert flattened(Image.fromarray(levels)).getpixel((0, 0)) == (128, 128, 128)


def test_a_measurement_crosses_to_the_pixel_pool_and_back() -> None:
    call = pickle.loads(pickle.dumps(measure_artwork))  # noqa: S301  our own, made a moment ago
    one = call(png(scene()), 3)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    assert one.number == 3


@pytest.mark.parametrize("data", [b"", b"GIF89a", png(scene())[:1000], b"<svg/>"])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(PictureError):
        measure_artwork(data, 1)
