"""Lessons for the small CLIP, and how well the weights that ship know drawings they never saw."""

import itertools

import numpy as np
import pytest

from bot import lessons
from bot.teaching import examined
from scoring.clip.evaluation import Figures
from scoring.clip.reading import WORDS
from scoring.clip.weights import shipped


@pytest.fixture(scope="module")
def figures() -> Figures:
    return examined(shipped(), hundreds=2)


def test_the_right_brief_of_a_hundred_is_first_for_sixty(figures: Figures) -> None:
    assert figures.drawings == 200
    assert figures.first >= 0.60


def test_the_right_brief_of_a_hundred_is_among_the_first_five_for_eighty_five(
    figures: Figures,
) -> None:
    assert figures.among_five >= 0.85


def test_a_sketch_that_misses_a_word_of_the_brief_scores_lower(figures: Figures) -> None:
    assert figures.fuller >= 0.80
    assert figures.good_enough


def test_the_same_seed_makes_the_same_lessons() -> None:
    one, other = (next(lessons.pairs(5)) for _ in range(2))
    assert one.full.texts == other.full.texts
    assert np.array_equal(one.full.image, other.full.image)


def test_a_sibling_lacks_a_piece_and_is_another_drawing() -> None:
    for pair in itertools.islice(lessons.pairs(6), 10):
        assert pair.full.texts["whole"] != pair.lacking.texts["whole"]
        assert not np.array_equal(pair.full.image, pair.lacking.image)


def test_what_is_held_out_is_never_taught() -> None:
    taught = {
        combination
        for asked in itertools.islice(lessons.briefs(3), 3000)
        for combination in asked.combinations
    }
    held_out = itertools.islice(lessons.briefs(4, held_out=True), 300)
    assert all(set(asked.combinations) - taught for asked in held_out)


def test_the_shipped_weights_know_every_word_that_is_taught() -> None:
    assert (shipped() / WORDS).read_text("utf-8").split("\n") == lessons.words()
