"""What is read from the five segments."""

import pytest

from providers.sketch.brief import Brief, read
from providers.sketch.draw import draw
from tests.providers.sketch.given import order


def test_the_brief_of_the_readme_is_read_to_the_letter() -> None:
    brief = read(
        order("a red fox :: in the snow at dusk :: wide shot :: flat illustration :: text")
    )
    assert [thing.entry.art for thing in brief.things] == ["sit:🦊"]
    assert (brief.time, brief.weather, brief.framing, brief.style) == (
        "dusk",
        ["snow"],
        ["wide"],
        "flat",
    )
    assert brief.missed == []


def test_a_colour_acts_on_the_thing_it_stands_before() -> None:
    things = read(order("a red teapot and a blue mug beside a lemon")).things
    assert [(thing.name, thing.colour) for thing in things] == [
        ("teapot", "#c8392f"),
        ("mug", "#3a6fb0"),
        ("lemon", None),
    ]


def test_numbers_count() -> None:
    things = read(order("three apples and two foxes")).things
    assert [(thing.name, thing.count) for thing in things] == [("apple", 3), ("fox", 2)]


def test_nouns_of_the_environment_are_drawn_too() -> None:
    brief = read(order("a cat :: under a lamp on a desk"))
    assert [(thing.name, thing.leading) for thing in brief.things] == [
        ("cat", True),
        ("lamp", False),
    ]
    assert brief.place == "desk"


def test_a_pasted_emoji_is_a_thing() -> None:
    assert [thing.name for thing in read(order("🦊 and a 🏰")).things] == ["fox", "castle"]


NEGATIVES = (
    ("a fox and a castle :: in a forest :: :: :: castle", "castle"),
    ("a fox :: under trees :: :: :: trees", "tree"),
    ("people and a dog :: in a city :: :: :: people", "person"),
    ("a cat :: in the snow at night :: :: :: snow", "snow"),
    ("a palm tree :: beach :: :: :: tree", "palm tree"),
    ("a red car :: city :: :: :: red", "red"),
    ("a teapot :: kitchen :: :: cinematic :: cinematic", "cinematic"),
)


@pytest.mark.parametrize(("line", "word"), NEGATIVES)
def test_what_was_drawn_never_holds_a_negative_word(line: str, word: str) -> None:
    sketch = draw(order(line))
    assert word not in sketch.drawn
    assert all(word not in drawn.split() for drawn in sketch.drawn)


@pytest.mark.parametrize("word", ["people", "animals", "plants"])
def test_a_negative_group_bans_all_its_drawings(word: str) -> None:
    brief = read(order(f"a knight, a fox and a tree :: in a forest :: :: :: {word}"))
    arts = [thing.entry.art for thing in brief.things]
    banned = {"people": "own:knight", "animals": "sit:🦊", "plants": "🌳"}[word]
    assert banned not in arts
    assert len(arts) == 2


def test_trees_are_not_dressed_in_when_they_are_refused() -> None:
    refused = read(order("a fox :: in a forest :: :: :: trees"))
    assert not refused.allows("🌲")
    assert not refused.allows("🌳")
    assert Brief().allows("🌲")


def test_weights_act() -> None:
    plain = order("a fox :: in a forest :: wide :: cinematic")
    for at in range(4):
        weights = tuple(1.75 if at == number else 1.0 for number in range(5))
        assert len(weights) == 5
        heavier = plain.__class__(
            plain.subject, plain.environment, plain.technical, plain.style, plain.negative,
            plain.seed, plain.width_px, plain.height_px, weights,
        )  # fmt: skip
        assert draw(heavier).png != draw(plain).png
