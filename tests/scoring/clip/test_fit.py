"""Fit by segment and by word, with the weights that ship."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from providers.sketch.draw import draw
from scoring.clip.embedder import Vectors
from scoring.clip.fit import Fit, Wanted, bank_of, phrases, without
from scoring.clip.ort import OrtEmbedder
from scoring.clip.pixels import squared
from scoring.clip.weights import opened, shipped
from tests.providers.sketch.given import order, pixels

WANTED = Wanted("a lighthouse, in the snow at night", "a lighthouse", "in the snow at night")


@pytest.fixture(scope="module")
def embedder() -> OrtEmbedder:
    return OrtEmbedder(opened(shipped()))


@pytest.fixture(scope="module")
def fit(embedder: OrtEmbedder) -> Fit:
    return Fit(embedder, bank_of(opened(shipped())))


def seen(embedder: OrtEmbedder, image: Image.Image) -> Vectors:
    vector: Vectors = embedder.images(squared(image, embedder.side_px)[None])[0]
    return vector


def sketched(embedder: OrtEmbedder, line: str) -> Vectors:
    levels = pixels(draw(order(line)).png).astype(np.uint8)
    return seen(embedder, Image.fromarray(levels))


def test_a_picture_fits_its_own_scene_better_than_another(embedder: OrtEmbedder, fit: Fit) -> None:
    own = fit.measured(sketched(embedder, "a lighthouse :: in the snow at night"), WANTED)
    other = fit.measured(sketched(embedder, "a lighthouse :: on a beach at noon"), WANTED)
    assert own.scores["fit"] > other.scores["fit"]
    assert own.scores["fit_environment"] > other.scores["fit_environment"]
    assert own.scores["fit_word:night"] > other.scores["fit_word:night"]
    assert own.scores["fit_rank"] <= other.scores["fit_rank"]
    assert own.version == fit.version


def test_a_forbidden_word_is_added_never_negated(embedder: OrtEmbedder, fit: Fit) -> None:
    wanted = Wanted("a lighthouse at night", "a lighthouse", "at night", negative="snow")
    there = fit.measured(sketched(embedder, "a lighthouse :: in the snow at night"), wanted)
    absent = fit.measured(sketched(embedder, "a lighthouse :: on a beach at night"), wanted)
    assert there.scores["fit_present:snow"] > absent.scores["fit_present:snow"]


@pytest.mark.parametrize(
    "brief", ["", "   ", "雪の中の赤い狐", "gravitas und Zeitgeist", "a the in"]
)
def test_a_brief_without_a_known_word_has_no_fit_and_a_reason(
    embedder: OrtEmbedder, fit: Fit, brief: str
) -> None:
    found = fit.measured(seen(embedder, Image.new("RGB", (64, 64))), Wanted(brief))
    assert found.scores == {}
    assert found.missing == "no word of the brief is known to the weights"
    assert not found.failed


def test_words_that_were_not_read_are_named(embedder: OrtEmbedder, fit: Fit) -> None:
    found = fit.measured(
        seen(embedder, Image.new("RGB", (64, 64))), Wanted("a fox full of gravitas")
    )
    assert "gravitas" in found.unread


def test_a_vector_that_is_no_number_has_no_fit(embedder: OrtEmbedder, fit: Fit) -> None:
    found = fit.measured(np.full(embedder.dim, np.nan, np.float32), WANTED)
    assert (found.scores, found.missing) == ({}, "the weights yield no figures for it")


@pytest.mark.parametrize(
    "image",
    [
        Image.new("CMYK", (300, 200)),
        Image.new("I;16", (64, 65), 40_000),
        Image.new("RGBA", (10, 2000), (255, 0, 0, 0)),
        Image.new("P", (1, 1)),
        Image.new("L", (20_000, 3)),
    ],
    ids=lambda image: f"{image.mode} {image.size}",
)
def test_a_picture_of_any_mode_and_size_has_a_vector(
    embedder: OrtEmbedder, image: Image.Image
) -> None:
    assert np.linalg.norm(seen(embedder, image)) == pytest.approx(1.0, abs=1e-5)


def test_what_is_transparent_is_laid_on_white(embedder: OrtEmbedder) -> None:
    clear, white = Image.new("RGBA", (40, 40)), Image.new("RGB", (40, 40), (255, 255, 255))
    assert np.array_equal(seen(embedder, clear), seen(embedder, white))


def test_batches_of_any_size_yield_what_single_pictures_do(embedder: OrtEmbedder) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (37, 64, 64, 3)).astype(np.uint8)
    together = embedder.images(levels)
    alone = np.concatenate([embedder.images(one[None]) for one in levels])
    assert together.shape == (37, embedder.dim)
    assert np.allclose(together, alone, atol=1e-4)
    assert embedder.images(levels[:0]).shape == (0, embedder.dim)
    assert embedder.texts([]).shape == (0, embedder.dim)


def test_long_briefs_are_split_at_their_commas() -> None:
    long = "a red fox, in the snow, " + "word " * 20
    split = phrases(long)
    assert split[0] == "a red fox, in the snow"
    assert all(len(phrase.split()) <= 15 for phrase in split)
    assert phrases("a fox") == ["a fox"]


def test_a_word_is_left_out_wherever_it_stands_and_only_as_a_whole() -> None:
    assert without("Red fox in a redwood, red", "red").split() == ["fox", "in", "a", "redwood,"]


def test_the_bank_holds_other_briefs_of_every_part() -> None:
    bank = bank_of(opened(shipped()))
    assert {part: len(set(texts)) for part, texts in bank.items()} == {
        "whole": 64,
        "subject": 64,
        "environment": 64,
    }
    assert Path(shipped() / "bank.json").stat().st_size < 20_000
