"""Drawing: the same order the same pixels, every word visible, nothing raises."""

import concurrent.futures
import io
import itertools
import multiprocessing
from dataclasses import replace

import pytest
from PIL import Image

from providers.sketch import vocabulary
from providers.sketch.draw import ATTRIBUTION, LICENCE, draw
from scoring.phash import phash
from tests.providers.sketch.given import BRIEFS, distance, order

FOX, TEAPOT = BRIEFS[0], BRIEFS[1]


def test_the_makers_of_the_drawings_are_named() -> None:
    assert ATTRIBUTION == "Drawings: OpenMoji, CC BY-SA 4.0"
    assert LICENCE in ATTRIBUTION


@pytest.mark.parametrize("style", ["", "flat"])
def test_the_same_order_gives_the_same_bytes(style: str) -> None:
    wanted = order(FOX, style)
    assert draw(wanted).png == draw(wanted).png


def test_another_process_draws_the_same_bytes() -> None:
    wanted = order(TEAPOT)
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        assert pool.submit(draw, wanted).result(timeout=60) == draw(wanted)


@pytest.mark.parametrize(("width", "height"), [(256, 512), (640, 256), (384, 384)])
def test_the_picture_has_the_size_that_was_asked_for(width: int, height: int) -> None:
    png = draw(replace(order(FOX), width_px=width, height_px=height)).png
    image = Image.open(io.BytesIO(png))
    assert (image.size, image.mode, image.format) == ((width, height), "RGB", "PNG")


CASTLE = "a castle :: :: :: {}"


@pytest.mark.parametrize(
    ("line", "style"), [(FOX, ""), (FOX, "flat"), (TEAPOT, ""), (TEAPOT, "flat"), (CASTLE, "")]
)
def test_no_two_of_twenty_seeds_look_alike(line: str, style: str) -> None:
    hashes = []
    for seed in range(20):
        png = draw(order(line, style, seed=seed)).png
        hashes.append(int(phash(Image.open(io.BytesIO(png))), 16))
    nearest = min((a ^ b).bit_count() for a, b in itertools.combinations(hashes, 2))
    assert nearest >= 12


def test_each_style_changes_the_picture() -> None:
    drawn = {style: draw(order(FOX, style)).png for style in vocabulary.tables("scenes")["styles"]}
    for one, other in itertools.combinations(drawn.values(), 2):
        assert distance(one, other) > 4


def test_ink_and_wash_is_drawn_when_no_style_is_named() -> None:
    assert draw(order(FOX, "")).png == draw(order(FOX, "ink and wash")).png


@pytest.mark.parametrize("word", sorted(vocabulary.tables("scenes")["framing"]))
def test_each_framing_word_changes_the_picture(word: str) -> None:
    spelled = vocabulary.tables("scenes")["framing"][word][0]
    plain = draw(order("a fox :: in a meadow :: :: flat")).png
    framed = draw(order(f"a fox :: in a meadow :: {spelled} :: flat"))
    assert spelled in framed.drawn
    assert distance(plain, framed.png) > 0.4


@pytest.mark.parametrize("style", ["", "flat", "outline", "night", "duotone", "blueprint"])
def test_cinematic_changes_the_picture_in_every_style(style: str) -> None:
    plain = draw(order("a fox :: in a meadow :: :: {}", style))
    moody = draw(order("a fox :: in a meadow :: :: {}, cinematic", style))
    assert "cinematic" in moody.drawn
    assert distance(plain.png, moody.png) > 2


@pytest.mark.parametrize("mood", sorted(vocabulary.tables("scenes")["moods"]))
def test_each_word_of_mood_changes_the_picture(mood: str) -> None:
    plain = draw(order("a fox :: in a meadow :: :: flat")).png
    assert distance(plain, draw(order(f"a fox :: in a meadow :: :: flat, {mood}")).png) > 0.5


@pytest.mark.parametrize("place", sorted(vocabulary.tables("scenes")["places"]))
def test_each_place_has_its_own_look(place: str) -> None:
    spelled = vocabulary.tables("scenes")["places"][place]["words"][0]
    plain = draw(order("a fox :: :: :: flat :: hills")).png
    assert distance(plain, draw(order(f"a fox :: {spelled} :: :: flat")).png) > 1


def test_a_colour_word_is_seen() -> None:
    red, blue = (draw(order(f"a {word} teapot :: :: :: flat")).png for word in ("red", "blue"))
    assert distance(red, blue) > 4


def test_the_number_of_things_is_seen() -> None:
    one, three = (draw(order(f"{word} :: :: :: flat")).png for word in ("a lemon", "three lemons"))
    assert distance(one, three) > 2


HOSTILE = (
    "",
    " ",
    "x" * 50_000,
    "a red fox " * 5_000,
    "\x00\x07\x1b[31m\u202e\u200b fox \ud7ff",
    '</svg><script>alert("x")</script> & < > \' "',
    "日本語のきつね、雪の中で",
    "лиса в лесу",
    "🦊🏰🏳️‍🌈👩🏽‍🚀1️⃣🇫🇷",
    "{{{}}} %s %(x)s \\ \\n",
    "nine hundred 99999999999999999999 foxes",
    "fox-fox_fox/fox.fox'fox’fox",
    "red " * 2_000,
    "\U000e0001\U0010ffff \ufdfa ﷽",
)


@pytest.mark.parametrize("at", range(len(HOSTILE)))
def test_no_text_raises(at: int) -> None:
    text = HOSTILE[at]
    for number in range(5):
        segments = [text if number == part else "" for part in range(5)]
        wanted = replace(
            order(""),
            subject=segments[0],
            environment=segments[1],
            technical=segments[2],
            style=segments[3] or "flat",
            negative=segments[4],
        )
        sketch = draw(wanted)
        assert sketch.png.startswith(b"\x89PNG")
        assert all(len(word) <= 40 for word in sketch.not_drawn)
        assert len(sketch.not_drawn) <= 24


def test_where_nothing_can_be_drawn_there_is_still_a_composition() -> None:
    sketch = draw(order("gravitas :: :: :: flat"))
    assert sketch.not_drawn == ("gravitas",)
    assert Image.open(io.BytesIO(sketch.png)).convert("L").entropy() > 4


@pytest.mark.parametrize("seed", [0, 2**31, 2**32 - 1])
def test_every_seed_draws(seed: int) -> None:
    assert draw(order(FOX, "flat", seed=seed)).png
