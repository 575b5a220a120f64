"""The line to paste: every parameter in Midjourney's own words, and no words that are more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import model_cards
from domain.model import ModelCard, Parameters, ReferenceUsed
from domain.spec import PromptSpec, SeedStrategy, Segment, Segments
from pipeline.compile import compile_spec
from providers.midjourney.command import command_of, inert, known_by, pictures_of, seed_in

DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture(scope="module")
def cards() -> dict[str, ModelCard]:
    return {card.id: card for card in model_cards()}


def spec(**more: object) -> PromptSpec:
    segments = Segments(
        subject=Segment(text="a red fox"),
        environment=Segment(text="in the snow"),
        style=Segment(text="ink"),
        negative=Segment(text="fog, text"),
    )
    given = {"segments": segments, "seed": SeedStrategy(kind="fixed", seed=7)} | more
    return PromptSpec.model_validate(given)


def sent(card: ModelCard, **more: object) -> Parameters:
    return compile_spec(spec(**more), card, (7, 7, 7, 7)).parameters


def test_a_spec_becomes_one_line(cards: dict[str, ModelCard]) -> None:
    line = command_of(sent(cards["midjourney:v7"], aspect_ratio="3:2"))
    assert line == (
        "/imagine prompt: a red fox, in the snow, ink "
        "--ar 3:2 --seed 7 --no fog, text --stylize 100 --chaos 0 --v 7"
    )


def test_raw_is_a_model_of_its_own(cards: dict[str, ModelCard]) -> None:
    assert "--style raw --v 7" in command_of(sent(cards["midjourney:v7-raw"]))


@pytest.mark.parametrize(("strength", "weight"), [(0.0, "3"), (0.55, "1.35"), (1.0, "0")])
def test_strength_becomes_an_image_weight(
    cards: dict[str, ModelCard], strength: float, weight: str
) -> None:
    asked = sent(cards["midjourney:v7"], init_image=DIGEST, denoising_strength=strength)
    line = command_of(asked)
    assert line.startswith("/imagine prompt: <PICTURE-1> a red fox")
    assert f"--iw {weight} " in line
    assert pictures_of(asked) == 1


def test_references_are_places_to_fill(cards: dict[str, ModelCard]) -> None:
    used = (
        ReferenceUsed(image=DIGEST, dimension="style", weight=0.3),
        ReferenceUsed(image=DIGEST, dimension="subject", weight=0.1),
    )
    asked = sent(cards["midjourney:v7"]).model_copy(update={"references": used})
    line = command_of(asked)
    assert "--sref <PICTURE-1> --sw 300 --oref <PICTURE-2> --ow 100" in line
    assert pictures_of(asked) == 2


CHANGES = {
    "prompt": "another fox",
    "negative_prompt": "rain",
    "seed": 8,
    "aspect_ratio": "16:9",
    "denoising_strength": 0.4,
    "init_image": DIGEST,
    "settings": {"stylize": 250, "chaos": 0, "v": "7"},
    "references": (ReferenceUsed(image=DIGEST, dimension="style"),),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_line_changes_with_every_parameter(cards: dict[str, ModelCard], name: str) -> None:
    before = sent(cards["midjourney:v7"])
    after = before.model_copy(update={name: CHANGES[name]})
    assert command_of(before) != command_of(after)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("a fox --v 5", "a fox -v 5"),
        ("a fox — red --- blue", "a fox - red - blue"),
        ("a fox ``` @everyone", "a fox ''' @everyone"),
        ("a {red, blue} fox", "a (red, blue) fox"),
        ("hot::2 dog", "hot:2 dog"),
        ("two\nlines\ttabs\x00", "two lines tabs"),
        ("<@42> <PICTURE-1>", "@42 PICTURE-1"),
    ],
)
def test_words_are_only_words(typed: str, read: str) -> None:
    assert inert(typed) == read


@given(st.text(alphabet="-–—―:<>`{}\\ a\n", max_size=40) | st.text(max_size=200))
def test_no_words_end_the_block_or_begin_a_flag(text: str) -> None:
    plain = inert(text)
    assert not set("`{}<>\n\r") & set(plain)
    assert "--" not in plain
    assert "—" not in plain
    assert "::" not in plain


@pytest.mark.parametrize(
    "rewritten",
    [
        "a red fox, in the snow, ink --ar 3:2 --seed 7 --no fog, text --stylize 100 --v 7.0",
        "a red fox, in the snow, ink --raw --v 7.0 --ar 3:2",
        "A red fox,  in the snow, ink",
        "<https://s.mj.run/AbC123> a red fox, in the snow, ink --iw 1.35 --v 7.0",
        "https://s.mj.run/AbC123 a red fox, in the snow, ink —v 7",
    ],
)
def test_a_rewritten_prompt_is_known_again(cards: dict[str, ModelCard], rewritten: str) -> None:
    card = cards["midjourney:v7"]
    for parameters in (sent(card), sent(card, init_image=DIGEST, denoising_strength=0.5)):
        line = command_of(parameters).removeprefix("/imagine prompt:")
        assert known_by(rewritten) == known_by(line) == "a red fox in the snow ink"


def test_other_words_are_not_taken_for_the_same() -> None:
    assert known_by("a red fox") != known_by("a red box")
    assert known_by("een rode vos --v 7") == "een rode vos"
    assert known_by("狐 --v 7") == "狐"


@pytest.mark.parametrize(
    ("prompt", "seed"),
    [("a fox --seed 7 --v 7", 7), ("a fox —seed 0", 0), ("a fox", None), ("seed 7", None)],
)
def test_a_prompt_names_its_seed(prompt: str, seed: int | None) -> None:
    assert seed_in(prompt) == seed
