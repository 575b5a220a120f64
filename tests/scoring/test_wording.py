"""How much of a text stands among what was read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.wording import likeness


@pytest.mark.parametrize(
    ("wanted", "lines", "expected"),
    [
        ("Fresh coffee daily", ["FRESH COFFEE DAILY"], 1.0),
        ("Fresh coffee daily", ["Fresh coffee", "daily"], 1.0),
        ("SUMMER SALE 50%", ["SUMMER SALE5O%"], 1.0),
        ("SUMMER SALE", ["since 1920", "the SUMER SALE", "ends today"], 0.9),
        ("SUMMER SALE", ["SALE", "this", "SUMMER"], 1.0),
        ("it’s – here", ["it's - here"], 1.0),
        ("ﬁre", ["FIRE"], 1.0),
        ("お茶", ["お茶"], 1.0),
        ("お茶", ["紅茶"], 0.5),
        ("OPEN", [], 0.0),
        ("A B", ["b a"], 0.5),
    ],
)
def test_likeness_counts_letters_where_they_stand(
    wanted: str, lines: list[str], expected: float
) -> None:
    assert likeness(wanted, lines) == pytest.approx(expected, abs=0.011)


@given(st.text(min_size=1, max_size=40), st.lists(st.text(max_size=30), max_size=5))
def test_likeness_is_a_share_and_what_stands_there_is_all_of_it(
    wanted: str, lines: list[str]
) -> None:
    assert 0.0 <= likeness(wanted, lines) <= 1.0
    assert likeness(wanted, [*lines, wanted]) == 1.0


def test_a_page_of_text_is_compared_to_a_bound() -> None:
    assert likeness("needle", ["x" * 5000, "needle"]) < 0.5
