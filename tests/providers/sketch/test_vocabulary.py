"""Which words are drawn, and which are left alone."""

import pytest

from providers.sketch import glyphs, vocabulary
from providers.sketch.brief import read
from providers.sketch.draw import draw
from tests.providers.sketch.given import NOUNS, order


def test_the_list_has_a_hundred_nouns() -> None:
    assert len(set(NOUNS)) >= 100


def test_of_a_hundred_common_nouns_at_least_ninety_are_drawn() -> None:
    missed = [noun for noun in NOUNS if read(order(f"a {noun}")).missed]
    assert len(missed) <= 10, missed


@pytest.mark.parametrize(
    ("plural", "name"),
    [
        ("foxes", "fox"),
        ("knives", "knife"),
        ("cherries", "cherries"),
        ("wolves", "wolf"),
        ("buses", "bus"),
        ("people", "person"),
        ("dashboards", "dashboard"),
    ],
)
def test_plurals_are_known(plural: str, name: str) -> None:
    found = vocabulary.find([plural])
    assert found
    assert found[0] == name


def test_a_word_inside_a_longer_name_is_not_that_thing() -> None:
    bag = vocabulary.find(["bag"])
    assert bag
    assert bag[1].art != "💰"
    assert not vocabulary.known("money")


def test_longer_names_are_found_whole() -> None:
    assert [thing.name for thing in read(order("a money bag")).things] == ["money bag"]


def test_every_drawing_of_our_words_exists() -> None:
    blank = glyphs.glyph("own:blank").full
    empty = [name for name, entry in vocabulary.entries().items() if entry.section != "thing"]
    arts = {vocabulary.entries()[name].art for name in empty}
    screens = {art for art in arts if art.startswith("own:")}
    own = set(vocabulary.tables("shapes"))
    from_code = {"own:" + name for name in own} | set(_screens())
    assert screens <= from_code
    assert all(glyphs.glyph(art).full != blank for art in arts - screens)


def _screens() -> tuple[str, ...]:
    from providers.sketch.ui import SCREENS  # noqa: PLC0415  only this test needs the screens

    return tuple(SCREENS)


def test_names_are_sorted_and_plenty() -> None:
    names = vocabulary.names()
    assert names == sorted(names)
    assert len(names) > 1500
    assert all(vocabulary.known(name) for name in ("fox", "Kettle", "login form"))


def test_what_is_not_known_is_said() -> None:
    sketch = draw(order("a gizmo beside a fox"))
    assert sketch.not_drawn == ("gizmo",)
    assert "fox" in sketch.drawn
