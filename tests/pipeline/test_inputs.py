"""Control images, references, LoRA, formats and operations: what a model takes, and who could."""

from typing import Any

import pytest

from bot.grammar import parse
from domain.command import Branch, Imagine, Rework
from domain.errors import CommandError, NotFoundError, RouteError
from domain.flags import Flags
from domain.model import ControlCan, LoRACan, ModelCard, Range, ReferenceCan, Sizes
from domain.run import Run
from domain.spec import Control, ControlKind, LoRA, Margins, PromptSpec, ReferenceUse, Segments
from pipeline.compile import Compiled, compile_spec
from pipeline.compose import compose, compose_child
from pipeline.inputs import unfit_inputs
from pipeline.produce import plan
from pipeline.route import SKETCH, able, route
from tests.pipeline.given import (
    CARDS,
    FLARE,
    FLUX,
    ROUTES,
    Counted,
    card,
    cards,
    event,
    finished,
    office,
    planned,
    spec,
)

PICTURE = f"sha256:{'0b' * 32}"
OTHER = f"sha256:{'0c' * 32}"
UPSCALER = card(
    FLUX,
    id="replicate:some/upscaler",
    title="Upscaler",
    operations=("upscale",),
    sizes=Sizes(kind="given"),
    takes_prompt=False,
    price=CARDS[FLUX].price.model_copy(update={"usd_per_image": 0.02}),
)
WEIGHED = Range(minimum=0.0, maximum=2.0, default=0.8)


def control(kind: ControlKind = "canny", **changes: Any) -> Control:
    return Control.model_validate({"kind": kind, "image": PICTURE} | changes)


def able_card(**changes: Any) -> ModelCard:
    return card(FLUX, **changes)


def child(line: str) -> Rework | Branch:
    command = parse(line, at="thread")
    assert isinstance(command, Rework | Branch)
    return command


def compiled(asked: PromptSpec, model: ModelCard) -> Compiled:
    return compile_spec(asked, model, range(7, 7 + asked.count))


# --- what rules a model out ---


@pytest.mark.parametrize(
    ("changes", "asked", "why"),
    [
        ({}, {"controls": (control(),)}, "takes no canny control"),
        ({}, {"loras": (LoRA(name="film"),)}, "takes no LoRA"),
        ({}, {"references": (ReferenceUse(image=PICTURE),)}, "takes no references"),
        ({}, {"background": "transparent"}, "makes no transparent background"),
        ({}, {"operation": "upscale", "init_image": PICTURE}, "cannot upscale"),
        ({"operations": ("upscale",)}, {}, "makes no image from words"),
        ({"needs": ("init_image",), "edit_input": True}, {}, "needs an init image"),
        ({"needs": ("control", "reference")}, {}, "needs a control image and a reference"),
        (
            {"controls": {"pose": ControlCan(preprocessed=True)}},
            {"controls": (control("pose"),)},
            "takes a pose map, and we cannot make one from a photo",
        ),
        (
            {"controls": {"depth": ControlCan(preprocessed=False)}},
            {"controls": (control("depth", is_map=True),)},
            "makes its own depth map from a photo",
        ),
        (
            {"controls": {"canny": ControlCan(preprocessed=True)}},
            {"controls": (control(), control(image=OTHER))},
            "takes at most 1 control images",
        ),
        (
            {"loras": LoRACan()},
            {"loras": (LoRA(name="a"), LoRA(name="b"))},
            "takes at most 1 LoRA",
        ),
        (
            {"references": ReferenceCan(maximum=8)},
            {"references": tuple(ReferenceUse(image=PICTURE) for _ in range(20))},
            "takes at most 8 references",
        ),
        (
            {"references": ReferenceCan(dimensions=("style",))},
            {"references": (ReferenceUse(image=PICTURE, dimension="subject"),)},
            "goes by style, not by subject",
        ),
    ],
)
def test_an_input_that_a_model_cannot_take_rules_it_out(
    changes: dict[str, Any], asked: dict[str, Any], why: str
) -> None:
    assert unfit_inputs(able_card(**changes), spec(**asked)) == why


@pytest.mark.parametrize(
    ("kind", "can", "is_map"),
    [
        ("canny", ControlCan(preprocessed=True), False),
        ("canny", ControlCan(preprocessed=True), True),
        ("pose", ControlCan(preprocessed=True), True),
        ("pose", ControlCan(preprocessed=False), False),
        ("sketch", ControlCan(preprocessed=False), True),
    ],
)
def test_a_control_that_somebody_can_prepare_is_taken(
    kind: ControlKind,
    can: ControlCan,
    is_map: bool,  # noqa: FBT001 -- a table's column
) -> None:
    model = able_card(controls={kind: can})
    assert unfit_inputs(model, spec(controls=(control(kind, is_map=is_map),))) == ""


def test_who_could_take_it_is_named_also_when_it_is_off() -> None:
    pose = able_card(id="replicate:some/pose", controls={"pose": ControlCan(preprocessed=False)})
    with pytest.raises(RouteError) as caught:
        route(
            spec(controls=(control("pose"),)),
            on=cards(SKETCH, FLUX),
            known={one.id: one for one in (*cards(SKETCH, FLUX), pose)},
            routes=ROUTES,
        )
    assert caught.value.hint == "These could, once they are on: replicate:some/pose."


def test_words_in_quotes_prefer_a_model_that_writes() -> None:
    writer = card(FLARE, lettering=True)
    on = [CARDS[FLUX], writer]
    for words, model in (('a sign "OPEN"', FLARE), ("a sign", FLUX)):
        asked = spec(words, task="product")
        assert route(asked, on=on, known=CARDS, routes=ROUTES).model == model


# --- what is sent ---


def test_we_make_the_map_of_a_photo_where_the_model_takes_the_map_only() -> None:
    model = able_card(controls={"canny": ControlCan(preprocessed=True, weight=WEIGHED)})
    for is_map in (False, True):
        (used,) = compiled(spec(controls=(control(is_map=is_map),)), model).parameters.controls
        assert used.prepare is not is_map
        assert (used.weight, used.start, used.end) == (0.8, None, None)


def test_a_weight_out_of_range_becomes_the_nearest_and_says_so() -> None:
    model = able_card(
        controls={"canny": ControlCan(preprocessed=True, weight=WEIGHED, share=True)},
        loras=LoRACan(weight=Range(minimum=0.0, maximum=1.0)),
        references=ReferenceCan(weight=Range(minimum=0.2, maximum=0.4)),
    )
    asked = spec(
        controls=(control(weight=3.0, start=0.1, end=0.7),),
        loras=(LoRA(name="film", weight=2.0),),
        references=(ReferenceUse(image=OTHER, weight=1.0),),
    )
    made = compiled(asked, model)
    (used,), (lora,), (reference,) = (
        made.parameters.controls,
        made.parameters.loras,
        made.parameters.references,
    )
    assert (used.weight, used.start, used.end) == (2.0, 0.1, 0.7)
    assert (lora.weight, reference.weight) == (1.0, 0.4)
    assert [one.parameter for one in made.adjustments] == [
        "canny weight",
        "film weight",
        "reference weight",
    ]


def test_what_a_model_has_no_parameter_for_is_said_to_be_dropped() -> None:
    model = able_card(controls={"canny": ControlCan(preprocessed=True)}, references=ReferenceCan())
    asked = spec(
        controls=(control(weight=0.5, end=0.5),),
        references=(ReferenceUse(image=OTHER, weight=0.5),),
    )
    made = compiled(asked, model)
    assert {one.parameter: one.used for one in made.adjustments} == {
        "canny from-to": None,
        "canny weight": None,
        "reference weight": None,
    }


def test_a_format_is_the_models_default_or_what_was_asked_if_it_has_it() -> None:
    model = able_card(file_formats=("png", "webp"), backgrounds=("opaque", "transparent"))
    plain = compiled(spec(), model).parameters
    assert (plain.file_format, plain.background) == ("png", "opaque")
    asked = compiled(spec(file_format="webp", background="transparent"), model).parameters
    assert (asked.file_format, asked.background) == ("webp", "transparent")
    other = compiled(spec(file_format="jpeg"), model)
    assert other.parameters.file_format == "png"
    assert other.adjustments[0].reason == "the model makes png or webp"


def test_a_transparent_jpeg_becomes_a_file_that_has_transparency() -> None:
    model = able_card(file_formats=("jpeg", "png"), backgrounds=("opaque", "transparent"))
    made = compiled(spec(background="transparent", file_format="jpeg"), model)
    assert made.parameters.file_format == "png"
    assert made.adjustments[0].reason == "a JPEG has no transparency"


def test_a_model_that_reads_english_only_warns_of_other_letters() -> None:
    model = able_card(english_only=True)
    assert [one.code for one in compiled(spec("ein Füchslein"), model).warnings] == ["language"]
    assert not compiled(spec("a fox, 85mm"), model).warnings


def test_reference_pose_and_a_locked_seed_go_in_one_request() -> None:
    model = able_card(
        controls={"pose": ControlCan(preprocessed=False, weight=WEIGHED)},
        references=ReferenceCan(maximum=2),
    )
    line = "imagine a knight --control pose:photo.jpg --ref face.png:subject --seed 42 --count 1"
    command = parse(line)
    assert isinstance(command, Imagine)
    pictures = {"photo.jpg": PICTURE, "face.png": OTHER}
    composed = compose(command, chance=Counted(), pictures=pictures)
    assert unfit_inputs(model, composed.spec) == ""
    sent = compile_spec(composed.spec, model, composed.seeds).parameters
    assert (sent.seed, sent.controls[0].image, sent.references[0].image) == (42, PICTURE, OTHER)


# --- a finished image, reworked ---


@pytest.fixture
def parent() -> Run:
    return finished(planned())


def test_an_upscale_takes_the_image_its_words_and_its_seed_and_nothing_else(parent: Run) -> None:
    made = compose_child(parent, child("upscale 2"), chance=Counted(), pictures={})
    second = parent.artwork(2)
    assert second
    assert (made.kind, made.spec.operation, made.spec.count) == ("upscale", "upscale", 1)
    assert made.spec.init_image == second.digest
    assert made.seeds == (parent.seeds[1],)
    assert made.spec.segments == parent.spec.segments
    assert made.parent
    assert made.parent.number == 2


def test_an_extension_says_how_far_on_each_side(parent: Run) -> None:
    line = "extend 1 --left 256 --down 64"
    made = compose_child(parent, child(line), chance=Counted(), pictures={})
    assert made.spec.margins == Margins(left=256, down=64)
    sent = compile_spec(made.spec, able_card(operations=("extend",)), made.seeds).parameters
    assert sent.margins == Margins(left=256, down=64)
    assert (sent.width, sent.height, sent.aspect_ratio) == (None, None, None)


def test_an_image_that_was_not_made_cannot_be_reworked(parent: Run) -> None:
    with pytest.raises(NotFoundError, match="no image 8"):
        compose_child(parent, child("cutout 8"), chance=Counted(), pictures={})


def test_a_branch_from_an_upscale_makes_images_again(parent: Run) -> None:
    upscaled = finished(
        parent.model_copy(
            update={"spec": spec(operation="upscale", init_image=PICTURE, count=1), "seeds": (7,)}
        )
    )
    made = compose_child(upscaled, child("branch 1 style: darker"), chance=Counted(), pictures={})
    assert (made.spec.operation, made.spec.init_image) == ("make", None)


def test_a_rework_goes_to_a_model_that_can_and_says_why(parent: Run) -> None:
    desk = office(SKETCH)
    desk = type(desk)(
        chance=desk.chance,
        on=[*desk.on, UPSCALER],
        known={**desk.known, UPSCALER.id: UPSCALER},
        routes=desk.routes,
        confirm_above_usd=desk.confirm_above_usd,
    )
    (run,) = plan(event("upscale 1"), child("upscale 1"), desk, parent=parent, pictures={})
    assert run.route.model == UPSCALER.id
    assert run.route.reason == "the first that can upscale"
    assert run.parameters.prompt == ""
    assert run.quote.usd == 0.02
    with pytest.raises(RouteError, match="cannot upscale"):
        plan(event("upscale 1"), child("upscale 1"), office(SKETCH), parent=parent, pictures={})


def test_what_can_be_done_with_an_image_has_the_price_of_the_first_that_can() -> None:
    dear = UPSCALER.model_copy(update={"id": "replicate:dear/upscaler"})
    assert able([*cards(SKETCH, FLUX), UPSCALER, dear]) == {"upscale": 0.02}
    assert able(cards(SKETCH, FLUX)) == {}


def test_flags_name_every_picture_and_rename_them_all() -> None:
    command = parse(
        "imagine a fox --init a.png --mask b.png --control canny:c.png --ref d.png:style"
    )
    assert isinstance(command, Imagine)
    flags: Flags = command.flags
    assert flags.images == (
        ("--init", "a.png"),
        ("--mask", "b.png"),
        ("--control", "c.png"),
        ("--ref", "d.png"),
    )
    renamed = flags.renamed({name: f"{name}!" for _, name in flags.images})
    assert [name for _, name in renamed.images] == ["a.png!", "b.png!", "c.png!", "d.png!"]


def test_a_picture_alone_is_enough_for_a_model_that_goes_by_it() -> None:
    command = Imagine(segments=Segments(), flags=Flags(init_image="a.png"))
    made = compose(command, chance=Counted(), pictures={"a.png": PICTURE})
    assert made.spec.images == (PICTURE,)
    with pytest.raises(CommandError):
        compose(Imagine(segments=Segments()), chance=Counted(), pictures={})
