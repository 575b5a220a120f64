"""A spec becomes what one model is sent: every parameter, or an adjustment that says why not."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CommandError
from domain.model import ModelCard
from domain.spec import SEGMENTS, PromptSpec, SeedStrategy, Segment, Segments
from pipeline.compile import Compiled, compile_spec, for_image
from pipeline.route import SKETCH
from tests.pipeline.given import CARDS, FLARE, FLUX, card, spec

PICTURE = f"sha256:{'0b' * 32}"
ALL = card(
    FLARE,
    seed={"minimum": 0, "maximum": 99},
    steps={"minimum": 5, "maximum": 50, "default": 20},
    cfg_scale={"minimum": 1, "maximum": 15, "default": 7},
    denoising_strength={"minimum": 0.1, "maximum": 0.9, "default": 0.6},
    negative_prompt=True,
)
"""A card that lists every parameter there is."""


def compiled(
    asked: PromptSpec | None = None, model: ModelCard = ALL, seeds: tuple[int, ...] = (7, 8, 9, 10)
) -> Compiled:
    return compile_spec(asked or spec(), model, seeds)


def adjusted(made: Compiled) -> dict[str, tuple[str, str | None]]:
    return {one.parameter: (one.asked, one.used) for one in made.adjustments}


def test_what_nobody_asked_for_is_the_cards_default() -> None:
    made = compiled()
    assert (made.parameters.steps, made.parameters.cfg_scale) == (20, 7)
    assert made.parameters.negative_prompt == ""
    assert made.parameters.denoising_strength is None
    assert made.parameters.settings == ALL.settings
    assert made.parameters.left_to_vendor == ALL.left_to_vendor
    assert made.adjustments == ()
    assert made.warnings == ()


def test_what_was_asked_for_is_sent_as_asked() -> None:
    made = compiled(spec(steps=30, cfg_scale=3.5, init_image=PICTURE, denoising_strength=0.5))
    assert (made.parameters.steps, made.parameters.cfg_scale) == (30, 3.5)
    assert made.parameters.denoising_strength == 0.5
    assert made.parameters.init_image == PICTURE
    assert made.parameters.seed == 7
    assert made.parameters.count == 4
    assert made.adjustments == ()


@pytest.mark.parametrize(
    ("name", "asked", "used", "said"),
    [
        ("steps", 150, 50, "50"),
        ("steps", 1, 5, "5"),
        ("cfg_scale", 50.0, 15.0, "15"),
        ("cfg_scale", 0.5, 1.0, "1"),
    ],
)
def test_a_number_out_of_range_becomes_the_nearest_and_is_said(
    name: str, asked: float, used: float, said: str
) -> None:
    made = compiled(PromptSpec.model_validate(spec().model_dump() | {name: asked}))
    assert getattr(made.parameters, name) == used
    assert adjusted(made) == {name: (f"{asked:g}", said)}
    assert "takes" in made.adjustments[0].reason


def test_a_parameter_that_the_model_does_not_have_is_null_and_said() -> None:
    asked = spec(steps=30, cfg_scale=3.0, seed=SeedStrategy(kind="fixed", seed=7))
    negative = Segments(subject=Segment(text="a fox"), negative=Segment(text="text"))
    made = compiled(asked.model_copy(update={"segments": negative}), CARDS[FLARE])
    sent = made.parameters
    assert (sent.seed, sent.steps, sent.cfg_scale, sent.negative_prompt) == (None,) * 4
    assert adjusted(made) == {
        "seed": ("7", None),
        "steps": ("30", None),
        "cfg_scale": ("3", None),
        "negative_prompt": ("text", None),
    }


def test_nothing_is_said_of_what_was_not_asked() -> None:
    made = compiled(model=CARDS[FLARE])
    assert made.adjustments == ()
    assert made.parameters.seed is None


# --- seeds ---


def test_a_model_without_seeds_still_numbers_its_images() -> None:
    assert compiled(model=CARDS[FLARE], seeds=(3, 4)).seeds == (3, 4)


def test_a_seed_out_of_range_becomes_the_nearest_free_one() -> None:
    made = compiled(spec(count=3, seed=SeedStrategy(kind="fixed", seed=98)), seeds=(98, 99, 100))
    assert made.seeds == (98, 99, 97)
    assert [(one.asked, one.used) for one in made.adjustments] == [("100", "97")]


def test_no_two_images_get_the_same_seed() -> None:
    made = compiled(model=CARDS[FLUX], seeds=(0, 1, 2, 3))
    assert made.seeds == (1, 2, 3, 4)
    assert made.parameters.seed == 1
    assert {one.parameter for one in made.adjustments} == {"seed"}


def test_one_image_gets_its_own_seed_and_a_count_of_one() -> None:
    sent = compiled().parameters
    assert (for_image(sent, 9).seed, for_image(sent, 9).count) == (9, 1)
    without = compiled(model=CARDS[FLARE]).parameters
    assert for_image(without, 9).seed is None


# --- sizes ---


@pytest.mark.parametrize(
    ("asked", "used"),
    [("16:9", "16:9"), ("32:18", "16:9"), ("2:1", "16:9"), ("10:1", "21:9"), ("1:9", "9:21")],
)
def test_of_a_list_of_ratios_the_nearest_is_taken(asked: str, used: str) -> None:
    made = compiled(spec(aspect_ratio=asked), CARDS[FLUX])
    assert made.parameters.aspect_ratio == used
    assert (made.parameters.width, made.parameters.height) == (None, None)
    assert adjusted(made) == ({} if asked == used else {"aspect_ratio": (asked, used)})


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        (None, (1024, 1024)),
        ("1:1", (1024, 1024)),
        ("16:9", (1368, 768)),
        ("9:16", (768, 1368)),
        ("4:5", (912, 1144)),
    ],
)
def test_pixels_are_multiples_near_the_area_and_the_ratio(
    asked: str | None, size: tuple[int, int]
) -> None:
    made = compiled(spec(aspect_ratio=asked), CARDS[SKETCH])
    assert (made.parameters.width, made.parameters.height) == size
    assert made.parameters.aspect_ratio is None
    assert made.adjustments == ()


def test_a_ratio_beyond_the_models_is_its_widest_and_said() -> None:
    made = compiled(spec(aspect_ratio="9:1"), CARDS[SKETCH])
    assert (made.parameters.width, made.parameters.height) == (2048, 512)
    assert adjusted(made) == {"aspect_ratio": ("9:1", "2048:512")}


# --- prompts ---

FIVE = Segments(
    subject=Segment(text="a red fox"),
    environment=Segment(text="in the snow"),
    style=Segment(text="flat, 3:"),
    negative=Segment(text="text"),
)


def test_prose_joins_what_was_said_and_leaves_out_the_negative() -> None:
    asked = spec().model_copy(update={"segments": FIVE})
    assert compiled(asked, CARDS[FLUX]).parameters.prompt == "a red fox, in the snow, flat, 3:"


def test_segments_stay_apart_for_a_model_that_reads_them() -> None:
    asked = spec().model_copy(update={"segments": FIVE})
    assert (
        compiled(asked, CARDS[SKETCH]).parameters.prompt
        == "a red fox :: in the snow ::  :: flat, 3:"
    )


def test_a_weight_that_prose_cannot_say_is_an_adjustment() -> None:
    heavy = FIVE.with_segment("style", Segment(text="flat", weight=1.5))
    asked = spec().model_copy(update={"segments": heavy})
    assert adjusted(compiled(asked, ALL)) == {"segments.style.weight": ("1.5", None)}
    assert compiled(asked, CARDS[SKETCH]).adjustments == ()


def test_a_prompt_that_is_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(CommandError, match="4001 characters") as refused:
        compiled(spec("x" * 4001), CARDS[FLUX])
    assert "4000" in refused.value.faults[0].allowed


# --- strength ---


def test_a_picture_without_a_strength_gets_the_cards_default() -> None:
    assert compiled(spec(init_image=PICTURE)).parameters.denoising_strength == 0.6
    bare = card(denoising_strength={"minimum": 0.0, "maximum": 1.0})
    assert compiled(spec(init_image=PICTURE), bare).parameters.denoising_strength == 0.55


def test_a_strength_of_zero_is_sent_as_zero() -> None:
    sent = compiled(spec(init_image=PICTURE, denoising_strength=0.0), CARDS[SKETCH])
    assert sent.parameters.denoising_strength == 0.0
    assert sent.adjustments == ()


def test_a_model_that_edits_takes_the_picture_and_says_the_strength_was_not_sent() -> None:
    made = compiled(spec(init_image=PICTURE, denoising_strength=0.5), CARDS[FLARE])
    assert made.parameters.init_image == PICTURE
    assert made.parameters.denoising_strength is None
    assert adjusted(made) == {"denoising_strength": ("0.5", None)}


@pytest.mark.parametrize(
    ("strength", "said"),
    [(0.39, "filter"), (0.4, ""), (0.65, ""), (0.66, "little of the picture"), (0.8, "is lost")],
)
def test_outside_its_working_band_a_strength_says_what_will_happen(
    strength: float, said: str
) -> None:
    made = compiled(spec(init_image=PICTURE, denoising_strength=strength), CARDS[SKETCH])
    assert [said in notice.text for notice in made.warnings] == ([True] if said else [])


# --- the property: nothing is dropped in silence ---

BOUNDS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


def ranges(factor: float = 1.0) -> st.SearchStrategy[dict[str, float] | None]:
    made = BOUNDS.map(
        lambda ends: {
            "minimum": ends[0] * factor,
            "maximum": ends[1] * factor,
            "default": ends[0] * factor,
        }
    )
    return st.none() | made


RATIOS = st.tuples(st.integers(1, 40), st.integers(1, 40)).map(lambda two: f"{two[0]}:{two[1]}")
SIZES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.lists(RATIOS, min_size=1, max_size=6, unique=True).map(
        lambda ratios: {"kind": "ratios", "ratios": ratios}
    ),
    st.builds(
        dict,
        kind=st.just("pixels"),
        multiple_px=st.sampled_from([1, 8, 16, 64]),
        minimum_px=st.sampled_from([64, 256, 512]),
        maximum_px=st.sampled_from([1024, 1536, 2048]),
        area_px=st.sampled_from([512 * 512, 1024 * 1024]),
        max_ratio=st.sampled_from([1.0, 2.0, 3.0, 4.0]),
    ),
)
MODELS = st.builds(
    card,
    st.just(FLARE),
    seed=ranges(),
    steps=ranges(),
    cfg_scale=ranges(),
    denoising_strength=ranges(1 / 60),
    negative_prompt=st.booleans(),
    sizes=SIZES,
    prompt_style=st.sampled_from(["segments", "prose"]),
)
SEGMENT = st.builds(
    Segment, text=st.sampled_from(["", "a fox", "text"]), weight=st.sampled_from([1.0, 1.25, 0.5])
)
STRATEGIES = st.one_of(
    st.just(SeedStrategy()),
    st.integers(0, 70).map(lambda seed: SeedStrategy(kind="fixed", seed=seed)),
)
SPECS = st.builds(
    PromptSpec,
    segments=st.builds(Segments, **dict.fromkeys(SEGMENTS, SEGMENT)),
    count=st.integers(1, 8),
    seed=STRATEGIES,
    aspect_ratio=st.none() | RATIOS,
    steps=st.none() | st.integers(1, 150),
    cfg_scale=st.none() | st.integers(0, 50).map(float),
    init_image=st.none() | st.just(PICTURE),
    denoising_strength=st.none() | st.sampled_from([0.0, 0.3, 0.55, 1.0]),
)


@given(SPECS, MODELS)
def test_every_parameter_is_sent_as_asked_or_has_an_adjustment(
    asked: PromptSpec, model: ModelCard
) -> None:
    begin = asked.seed.seed or 0
    seeds = tuple(range(begin, begin + asked.count))
    made = compile_spec(asked, model, seeds)
    said = {one.parameter: one for one in made.adjustments}
    sent = made.parameters
    for name in ("steps", "cfg_scale"):
        value = getattr(asked, name)
        assert value is None or getattr(sent, name) == value or name in said
    if asked.denoising_strength is not None and asked.init_image:
        same = sent.denoising_strength == asked.denoising_strength
        assert same or "denoising_strength" in said
    negative = asked.segments.negative.text
    assert (sent.negative_prompt or "") == negative or said["negative_prompt"].asked == negative
    if asked.seed.kind == "fixed":
        assert (sent.seed is not None and made.seeds == seeds) or "seed" in said
    weights = {f"segments.{name}.weight" for name in SEGMENTS if asked.segments[name].weight != 1.0}
    assert model.prompt_style == "segments" or weights <= said.keys()
    assert _as_wide(asked.aspect_ratio or "1:1", made) or "aspect_ratio" in said
    for adjustment in made.adjustments:
        assert adjustment.reason
        assert adjustment.used != adjustment.asked


def _as_wide(ratio: str, made: Compiled) -> bool:
    width, _, height = ratio.partition(":")
    if made.parameters.aspect_ratio is not None:
        return made.parameters.aspect_ratio == ratio
    assert made.parameters.width is not None
    assert made.parameters.height is not None
    shape = made.parameters.width / made.parameters.height
    return abs(math.log(shape) - math.log(int(width) / int(height))) <= math.log(1.02)


@given(SPECS, MODELS)
def test_a_parameter_is_null_only_where_the_card_says_so(
    asked: PromptSpec, model: ModelCard
) -> None:
    made = compile_spec(asked, model, tuple(range(asked.count)))
    sent = made.parameters
    assert (sent.seed is None) == (model.seed is None)
    assert (sent.steps is None) == (model.steps is None)
    assert (sent.cfg_scale is None) == (model.cfg_scale is None)
    assert (sent.negative_prompt is None) == (not model.negative_prompt)
    assert (sent.width is None) == (model.sizes.kind == "ratios") == (sent.aspect_ratio is not None)
    takes_strength = asked.init_image is not None and model.denoising_strength is not None
    assert (sent.denoising_strength is not None) == takes_strength
    assert len(made.seeds) == asked.count


@given(SPECS, MODELS.filter(lambda model: model.sizes.kind == "pixels"))
def test_pixels_are_multiples_within_bounds(asked: PromptSpec, model: ModelCard) -> None:
    sent = compile_spec(asked, model, tuple(range(asked.count))).parameters
    for length in (sent.width, sent.height):
        assert length is not None
        assert length % model.sizes.multiple_px == 0
        assert model.sizes.minimum_px <= length <= model.sizes.maximum_px
