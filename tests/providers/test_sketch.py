"""The storyboard artist, held to what it promises; small pictures, so that it stays quick."""

import io
import itertools
from collections.abc import Iterator

import imagehash
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from domain.policy import PixelPolicy
from pipeline.triage import triage
from providers.sketch.draw import draw
from providers.sketch.order import Sketch, SketchOrder
from scoring.pixels import measure_artwork

NOUNS = """teapot kettle mug cup bottle perfume sneaker shoe boot watch ring sunglasses handbag
backpack suitcase umbrella hat shirt jacket dress lipstick camera phone laptop headphones speaker
lamp candle sofa armchair chair table bed mirror vase plant bowl book pen guitar piano bicycle car
bus train boat rocket balloon apple lemon bread cake burger pizza logo badge crown poster banner
flag dashboard website button icon chart calendar knight wizard witch princess king pirate astronaut
detective ninja robot dragon unicorn fox wolf bear lion cat dog horse rabbit owl penguin elephant
whale castle house lighthouse bridge forest mountain island tree palm cactus""".split()  # noqa: SIM905
BRIEFS = (
    ("a red fox", "in the snow at dusk", "wide shot"),
    ("a red teapot", "on a slate worktop", "85mm, f/2"),
    ("a castle", "in a forest at night", "low angle"),
    ("a knight", "in a meadow, golden hour", ""),
    ("an analytics dashboard", "", ""),
    ("a logo with a fox", "", ""),
    ("a lighthouse", "on the beach in the rain", "wide shot"),
    ("a green sofa", "in a living room", ""),
    ("a bicycle", "in a city street, morning", ""),
    ("three lemons", "on a marble counter", "top view"),
)
STYLES = ("", "flat illustration", "outline", "night", "duotone")


def order(
    brief: tuple[str, str, str] = BRIEFS[0], style: str = "", seed: int = 7, **more: object
) -> SketchOrder:
    size = {"width_px": 320, "height_px": 320, "negative": "text", **more}
    subject, environment, technical = brief
    return SketchOrder(
        subject=subject, environment=environment, technical=technical, style=style, seed=seed,
        **size,  # type: ignore[arg-type]  # as the fields have it
    )  # fmt: skip


def levels(sketch: Sketch) -> npt.NDArray[np.float32]:
    return np.asarray(Image.open(io.BytesIO(sketch.png)).convert("RGB"), dtype=np.float32)


def test_a_hundred_nouns_are_listed() -> None:
    assert len(NOUNS) == len(set(NOUNS)) == 100


def test_of_a_hundred_common_nouns_at_least_ninety_are_drawn() -> None:
    missing = [
        noun for noun in NOUNS
        if draw(order((f"a {noun}", "", ""), "flat", width_px=256, height_px=256)).not_drawn
    ]  # fmt: skip
    assert len(missing) <= 10, missing


@pytest.mark.parametrize("style", ["", "flat illustration"])
@pytest.mark.parametrize("brief", BRIEFS[:2])
def test_no_two_of_twenty_seeds_look_alike(brief: tuple[str, str, str], style: str) -> None:
    hashes = [
        imagehash.phash(Image.open(io.BytesIO(draw(order(brief, style, seed)).png)))
        for seed in range(20)
    ]
    near = min(one - two for one, two in itertools.combinations(hashes, 2))
    assert near >= 12


def contact_sheet() -> Iterator[Sketch]:
    for style in STYLES:
        for seed, brief in enumerate(BRIEFS):
            yield draw(order(brief, style, seed, width_px=512, height_px=512))


def test_of_the_contact_sheets_at_least_95_percent_pass() -> None:
    measured = [measure_artwork(sketch.png, 1) for sketch in contact_sheet()]
    verdicts = [
        triage([one], policy=PixelPolicy(), task="product", asked_size=(512, 512), asked_ratio=None)
        for one in measured
    ]
    failed = [said[0].reasons for said in verdicts if said[0].verdict != "pass"]
    assert len(failed) <= 0.05 * len(verdicts), failed


@pytest.mark.parametrize("style", ["", "flat illustration"])
def test_a_branch_goes_farther_from_its_parent_the_stronger_it_is(style: str) -> None:
    parent = draw(order(style=style))
    distances = []
    for strength in (0.2, 0.4, 0.6, 0.8):
        children = [
            draw(order(style=style, seed=seed, init_image=parent.png, denoising_strength=strength))
            for seed in range(7, 13)
        ]
        away = [float(np.abs(levels(child) - levels(parent)).mean()) for child in children]
        distances.append(sum(away) / len(away))
    assert distances == sorted(distances)
    assert len(set(distances)) == 4


def test_a_foreign_picture_stays_as_the_strength_is_low() -> None:
    ground = Image.linear_gradient("L").resize((320, 320)).convert("RGB")
    out = io.BytesIO()
    ground.save(out, "PNG")
    given = np.asarray(ground, dtype=np.float32)
    near, far = (
        float(
            np.abs(
                levels(draw(order(init_image=out.getvalue(), denoising_strength=s))) - given
            ).mean()
        )
        for s in (0.15, 0.9)
    )
    assert near < far


@pytest.mark.parametrize("word", ["fox", "tree", "trees", "snow"])
def test_what_was_drawn_never_holds_a_negative_word(word: str) -> None:
    for seed in range(6):
        sketch = draw(order(("a fox and a tree", "in the snow", ""), seed=seed, negative=word))
        assert word.rstrip("s") not in " ".join(sketch.drawn)


def test_the_same_order_is_the_same_file() -> None:
    assert draw(order()).png == draw(order()).png


def test_a_colour_word_acts_on_what_it_stands_before() -> None:
    red = levels(draw(order(("a red teapot", "", ""), "flat")))
    blue = levels(draw(order(("a blue teapot", "", ""), "flat")))
    assert (red[..., 0] - red[..., 2]).max() > (blue[..., 0] - blue[..., 2]).max()
    assert (blue[..., 2] - blue[..., 0]).max() > (red[..., 2] - red[..., 0]).max()


WORDS = ("cinematic", "editorial", "soft daylight", "dramatic", "minimal", "vintage", "pastel")


@pytest.mark.parametrize("style", ["ink and wash", "flat illustration", "outline", "duotone"])
@pytest.mark.parametrize("word", WORDS)
def test_each_word_of_mood_changes_the_picture_in_each_style(style: str, word: str) -> None:
    plain, moody = (levels(draw(order(style=said))) for said in (style, f"{style}, {word}"))
    assert float(np.abs(plain - moody).mean()) > 1.0


@pytest.mark.parametrize("framing", ["close-up", "wide shot", "top view", "low angle"])
def test_each_framing_changes_the_picture(framing: str) -> None:
    plain = draw(order(("a red teapot", "on a worktop", ""), "flat"))
    framed = draw(order(("a red teapot", "on a worktop", framing), "flat"))
    assert float(np.abs(levels(plain) - levels(framed)).mean()) > 1.0


@pytest.mark.parametrize("style", STYLES[1:])
def test_each_style_looks_unlike_ink_and_wash(style: str) -> None:
    assert float(np.abs(levels(draw(order())) - levels(draw(order(style=style)))).mean()) > 8.0


@pytest.mark.parametrize(
    "text",
    ["", "🦊🦊🦊", "プロンプト", "<svg onload=x>&amp;", "a\x00b\u202ec", "fox " * 12_000, "zxqv"],
)
def test_no_text_makes_it_fail(text: str) -> None:
    sketch = draw(order((text, text, text), text, negative=""))
    assert levels(sketch).std() > 3


def test_it_says_which_words_it_could_not_draw() -> None:
    assert "gravitas" in draw(order(("a fox with gravitas", "", ""))).not_drawn


@pytest.mark.parametrize("size", [(256, 256), (1024, 576), (576, 1024)])
def test_the_size_is_the_size_asked(size: tuple[int, int]) -> None:
    sketch = draw(order(width_px=size[0], height_px=size[1]))
    assert Image.open(io.BytesIO(sketch.png)).size == size
