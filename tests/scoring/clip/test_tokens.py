"""Words into numbers."""

from scoring.clip.tokens import Words

WORDS = Words(["castle", "fox", "red", "snow", "two"], 6)


def test_known_words_stand_in_their_order_and_end_with_the_highest_number() -> None:
    assert WORDS.encode(["A red fox in the snow"]).tolist() == [[3, 2, 4, 6, 0, 0]]


def test_plurals_are_known_by_their_singular() -> None:
    assert WORDS.encode(["two foxes"]).tolist() == WORDS.encode(["two fox"]).tolist()
    assert WORDS.encode(["castles"]).tolist() == WORDS.encode(["castle"]).tolist()


def test_words_that_are_not_known_are_named_once_and_passed_over() -> None:
    assert WORDS.unknown("a grey fox, grey gravitas") == ["grey", "gravitas"]
    assert WORDS.encode(["grey fox"]).tolist() == WORDS.encode(["fox"]).tolist()


def test_a_brief_in_japanese_is_unknown_not_misread() -> None:
    assert WORDS.unknown("雪の中の赤い狐") == ["雪の中の赤い狐"]


def test_a_text_of_any_length_fits_and_keeps_its_end_mark() -> None:
    row = WORDS.encode(["red fox " * 1000])[0].tolist()
    assert row == [3, 2, 3, 2, 3, 6]
    assert WORDS.encode([""])[0].tolist() == [6, 0, 0, 0, 0, 0]
