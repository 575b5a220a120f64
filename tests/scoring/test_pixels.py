import io
import math
from collections.abc import Callable

import imagehash
import numpy as np
import pytest
from PIL import Image

from domain.errors import PictureError
from domain.policy import Judgement, Measured, PixelPolicy
from pipeline.triage import triage
from scoring.phash import phash
from scoring.pixels import measure_artwork, on_white
from tests.scoring.given import (
    blurred,
    bordered,
    burnt,
    gradient,
    noise,
    png,
    saturated,
    scene,
)

POLICY = PixelPolicy()


def measured(image: Image.Image, number: int = 1) -> Measured:
    return measure_artwork(png(image), number)


def judged(image: Image.Image) -> Judgement:
    return triage(
        [measured(image)], policy=POLICY, task="environment", asked_size=None, asked_ratio=None
    )[0]


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
        (lambda: bordered(0.10), "review", "border"),
    ],
)
def test_a_picture_made_to_fail_a_check_fails_it_and_says_why(
    make: Callable[[], Image.Image], verdict: str, word: str
) -> None:
    said = judged(make())
    assert said.verdict == verdict, (said, measured(make()).scores)
    assert word in " ".join(said.reasons)


def test_a_border_of_less_than_the_threshold_is_no_border() -> None:
    assert judged(bordered(0.03)).verdict == "pass"


def test_bokeh_passes_because_its_subject_is_sharp() -> None:
    image = blurred(6)
    image.paste(scene().crop((100, 100, 400, 400)), (100, 100))
    assert judged(image).verdict == "pass"


def test_sharpness_means_the_same_for_every_size() -> None:
    small, large = scene(3), scene(3).resize((1024, 1024), Image.Resampling.BICUBIC)
    ratio = measured(large).scores["sharpness_p90"] / measured(small).scores["sharpness_p90"]
    assert 0.4 < ratio < 1.2


@pytest.mark.parametrize("seed", range(8))
def test_the_perceptual_hash_is_imagehash_s(seed: int) -> None:
    image = scene(seed)
    assert phash(image) == str(imagehash.phash(image))


def test_a_resized_and_recompressed_picture_keeps_its_hash() -> None:
    image = scene(4)
    out = io.BytesIO()
    image.resize((400, 400)).save(out, "JPEG", quality=50)
    other = Image.open(io.BytesIO(out.getvalue()))
    bits = (int(phash(image), 16) ^ int(phash(other), 16)).bit_count()
    assert bits <= POLICY.duplicate_bits


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 700), (64, 64)])
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
    assert on_white(clear).getextrema() == ((255, 255), (255, 255), (255, 255))


def test_sixteen_bits_become_eight_not_white() -> None:
    levels = np.full((8, 8), 32896, dtype=np.uint16)
    assert on_white(Image.fromarray(levels)).getpixel((0, 0)) == (128, 128, 128)


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(PictureError):
        measure_artwork(b"GIF89a", 1)
