"""Pairs of letters are merged in the order of their list; every text ends in its mark."""

import pytest

from scoring.clip.bpe import COUNT, Pairs, pairs_in

SMALL = Pairs([("l", "o"), ("lo", "w</w>"), ("e", "r</w>")], 8)


def spelt(text: str) -> list[int]:
    return [int(number) for number in SMALL.encode([text])[0]]


def test_a_word_is_merged_as_far_as_the_list_goes() -> None:
    start, end = SMALL.size - 2, SMALL.size - 1
    assert spelt("low") == [start, 513, end, 0, 0, 0, 0, 0]
    assert spelt("LOW  low") == [start, 513, 513, end, 0, 0, 0, 0]
    assert spelt("") == [start, end, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("text", ["low " * 50, "雪の中の赤い狐", "x" * 500])
def test_a_long_text_is_cut_and_keeps_its_end_mark(text: str) -> None:
    assert spelt(text)[0] == SMALL.size - 2
    assert spelt(text)[-1] == SMALL.size - 1


def test_short_forms_figures_and_signs_stand_alone() -> None:
    assert spelt("!")[1] in spelt("a!a")
    assert len([one for one in spelt("12") if one]) == 4


def test_words_in_other_letters_are_said_to_be_unknown() -> None:
    assert SMALL.unknown("a café in 東京, лиса") == ["東京", "лиса"]


def test_the_heading_and_what_comes_after_the_last_pair_are_passed_over() -> None:
    text = "#version: 0.2\n" + "\n".join(["a b"] * (COUNT + 5)) + "\n"
    assert len(pairs_in(text)) == COUNT
