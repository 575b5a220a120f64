"""Card = wire: a parameter is sent if and only if the card lists it; no vendor default decides."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model import LoRAUsed, ModelCard, Parameters, Range
from domain.ports import ImageRequest
from domain.spec import CONTROL_KINDS, ControlKind, Margins
from providers.openai.provider import OpenAIProvider
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import FLARE, FLUX, card, cards, control_used, picture, request
from tests.providers.rows import PAYLOADS
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor
from tests.vendors.schemas import FLUX_SCHNELL, OPENAI_EDIT, OPENAI_GENERATE, Schema

OURS = {"sketch", "midjourney"}
"""Those that call nobody: one draws, the other is made by hand."""
HOSTED = [one for one in cards().values() if one.provider in PAYLOADS and one.status != "retired"]
EACH = pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)

NOTHING: dict[str, Any] = {}
OTHER: dict[str, Any] = {
    "prompt": "a blue fox",
    "negative_prompt": "text, watermark",
    "seed": 8,
    "cfg_scale": 5.5,
    "steps": 2,
    "width": 2048,
    "height": 1536,
    "aspect_ratio": "1:1",
    "loras": (LoRAUsed(name="owner/fox", weight=0.5),),
}
"""For each parameter another value than the request has."""
NOT_SENT = {"model", "count", "left_to_vendor"}
"""The model is the card's; the count is one for each request; the last is our own list."""
SPECIAL = {
    "denoising_strength",
    "init_image",
    "mask",
    "controls",
    "references",
    "operation",
    "margins",
    "file_format",
    "background",
    "settings",
}
"""Each has a test of its own."""


def payload(asked: ImageRequest) -> dict[str, Any]:
    return PAYLOADS[asked.card.provider](asked)


def lists(model: ModelCard, parameter: str) -> bool:
    by_size = {"aspect_ratio": "ratios", "width": "pixels", "height": "pixels"}
    if parameter in by_size:
        return model.sizes.kind == by_size[parameter]
    return model.takes_prompt if parameter == "prompt" else bool(getattr(model, parameter))


def test_every_parameter_is_looked_at() -> None:
    assert set(Parameters.model_fields) == set(OTHER) | NOT_SENT | SPECIAL


def test_every_card_that_is_on_the_wire_is_looked_at() -> None:
    active = {one.provider for one in cards().values() if one.status != "retired"}
    assert active - OURS == set(PAYLOADS)


@EACH
@pytest.mark.parametrize("parameter", OTHER)
def test_the_payload_changes_iff_the_card_lists_the_parameter(
    model: ModelCard, parameter: str
) -> None:
    changed = payload(request(model, **{parameter: OTHER[parameter]})) != payload(request(model))
    assert changed == lists(model, parameter)


@EACH
def test_a_strength_changes_the_payload_iff_the_card_denoises_a_picture(model: ModelCard) -> None:
    before = request(model, init_image=picture())
    after = request(model, init_image=picture(), denoising_strength=0.3)
    assert (payload(before) != payload(after)) == bool(model.denoising_strength)


@EACH
def test_every_setting_of_the_card_is_sent_with_our_value(model: ModelCard) -> None:
    for name in model.settings:
        other = model.settings | {name: "other"}
        places: tuple[dict[str, Any], ...] = (
            {},
            {"init_image": picture()},  # some are parameters of edits only
            {"file_format": "jpeg"},  # and some of a format
        )
        sent = [
            payload(request(model, **place)) != payload(request(model, **place, settings=other))
            for place in places
        ]
        assert any(sent), name


@EACH
def test_a_setting_that_the_card_does_not_list_is_not_sent(model: ModelCard) -> None:
    sent = payload(request(model, settings=model.settings | {"frames": 9}))
    assert "frames" not in str(sent)


@EACH
def test_an_init_image_changes_the_payload_iff_the_card_takes_one(model: ModelCard) -> None:
    before, after = request(model), request(model, init_image=picture(colour="red"))
    assert (payload(before) != payload(after)) == model.takes_pictures


@EACH
def test_a_mask_changes_the_payload_iff_the_card_takes_one(model: ModelCard) -> None:
    with_mask = request(model, init_image=picture(), mask=picture(mode="L", colour="black"))
    changed = payload(with_mask) != payload(request(model, init_image=picture()))
    assert changed == model.mask


@EACH
def test_a_reference_changes_the_payload_iff_the_card_takes_one(model: ModelCard) -> None:
    before, after = request(model), request(model, references=(picture(colour="red"),))
    assert (payload(before) != payload(after)) == model.takes_references


@EACH
def test_a_control_changes_the_payload_iff_the_card_takes_its_kind(model: ModelCard) -> None:
    for kind in CONTROL_KINDS:
        red, white = (_with_control(model, kind, colour) for colour in ("red", "white"))
        assert (payload(red) != payload(white)) == (kind in model.controls), kind


def _with_control(model: ModelCard, kind: ControlKind, colour: str) -> ImageRequest:
    data = picture(colour=colour)
    asked = request(model, controls=(data,))
    used = control_used(model, data).model_copy(update={"kind": kind})
    given = asked.parameters.model_copy(update={"controls": (used,)})
    return replace(asked, parameters=given)


@EACH
def test_a_controls_weight_and_share_are_sent_iff_the_card_lists_them(model: ModelCard) -> None:
    for kind, can in model.controls.items():
        asked = request(model, controls=(picture(),))
        for name, value, taken in (
            ("weight", 0.35, can.weight is not None),
            ("start", 0.1, can.share),
            ("end", 0.9, can.share),
        ):
            used = asked.parameters.controls[0].model_copy(update={"kind": kind})
            other = used.model_copy(update={name: value})
            one, two = (
                payload(
                    replace(
                        asked, parameters=asked.parameters.model_copy(update={"controls": (c,)})
                    )
                )
                for c in (used, other)
            )
            assert (one != two) == taken, (kind, name)


@EACH
@pytest.mark.parametrize("word", ["file_format", "background"])
def test_a_format_and_a_background_are_sent_iff_the_card_lists_them(
    model: ModelCard, word: str
) -> None:
    listed = {"file_format": model.file_formats, "background": model.backgrounds}[word]
    asked: list[dict[str, Any]] = [{word: value} for value in listed]
    sent = {str(payload(request(model, **one))) for one in asked}
    assert len(sent) == len(listed), "each says something else"
    if not listed:
        other: dict[str, Any] = {"file_format": "webp", "background": "transparent"}
        only = {word: other[word]}
        assert payload(request(model, **only)) == payload(request(model))


@EACH
def test_each_operation_of_the_card_is_a_payload_of_its_own(model: ModelCard) -> None:
    sent = {
        str(payload(request(model, init_image=picture(), operation=one, margins=Margins(left=64))))
        for one in model.operations
    }
    assert len(sent) == len(model.operations)


@EACH
def test_each_margin_is_sent_iff_the_card_extends(model: ModelCard) -> None:
    for side in Margins.model_fields:
        asked: dict[str, Any] = {"init_image": picture(), "operation": model.operations[-1]}
        one, two = (
            payload(request(model, **asked, margins=Margins.model_validate({side: px})))
            for px in (64, 128)
        )
        assert (one != two) == (model.operations[-1] == "extend")


def test_a_card_that_takes_no_pictures_sends_none() -> None:
    for update in ({"edit_input": False}, {"mask": False}):
        model = card(FLARE).model_copy(update=update)
        asked = request(model, init_image=picture(), mask=picture(mode="L"))
        assert "mask" not in payload(asked)
        assert ("image" in payload(asked)) == model.edit_input


@EACH
def test_a_card_without_a_capability_sends_nothing_of_it(model: ModelCard) -> None:
    bare = model.model_copy(update={"seed": None, "steps": None, "mask": False})
    sent = str(payload(request(bare, seed=8, steps=2)))
    assert "seed" not in sent
    assert "steps" not in sent


def sent_of(asked: ImageRequest) -> dict[str, Any]:
    whole = payload(asked)
    inputs: dict[str, Any] = whole.get("input", whole)
    return inputs


@pytest.mark.parametrize(
    ("asked", "schema"),
    [
        pytest.param(request(card(FLUX)), FLUX_SCHNELL, id="flux-schnell"),
        *[
            pytest.param(request(one, **with_it), schema, id=f"{one.name}-{name}")
            for one in HOSTED
            if one.provider == "openai"
            for name, schema, with_it in (
                ("generate", OPENAI_GENERATE, NOTHING),
                ("edit", OPENAI_EDIT, NOTHING | {"init_image": picture()}),
                ("webp", OPENAI_GENERATE, NOTHING | {"file_format": "webp"}),
            )
        ],
    ],
)
def test_no_vendor_default_decides(asked: ImageRequest, schema: Schema) -> None:
    sent = sent_of(asked)
    left = {name for name, one in schema.items() if one.default is not None and name not in sent}
    if asked.parameters.file_format == "png":
        left -= {"output_compression"}  # without effect there
    assert left <= set(asked.card.left_to_vendor)
    assert not set(sent) & set(asked.card.left_to_vendor), "sent, and said to be left"
    assert set(sent) - {"image", "mask"} <= set(schema), "not a parameter of the vendor"
    assert not {n for n, v in sent.items() if n in schema and schema[n].fault(v)}


def test_bounds_of_the_card_are_those_of_the_schema() -> None:
    steps, ratios = FLUX_SCHNELL["num_inference_steps"], FLUX_SCHNELL["aspect_ratio"].enum
    assert card(FLUX).steps == Range(minimum=1, maximum=4, default=steps.default)
    assert (steps.minimum, steps.maximum) == (1, 4)
    assert set(card(FLUX).sizes.ratios) == set(ratios)


def test_seed_0_is_never_asked_of_flux_since_it_means_random_there() -> None:
    seed = card(FLUX).seed
    assert seed
    assert seed.minimum == 1


async def test_replicate_is_sent_exactly_the_payload(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    asked = request(card(FLUX))
    await flux.submit(asked)
    told = replicate_vendor.admin.state()
    assert told["inputs"] == [flux.payload(asked)["input"]]
    assert told["unknown_keys"] == []
    assert told["cancel_after_s"] == [asked.card.timeout_s]


async def test_openai_is_sent_exactly_the_payload(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    asked = request(card(FLARE))
    await flare.make(asked)
    assert openai_vendor.admin.state()["inputs"] == [flare.payload(asked)]


async def test_an_edit_is_sent_exactly_the_payload(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    asked = request(card(FLARE), init_image=picture(), denoising_strength=0.5)
    await flare.make(asked)
    assert openai_vendor.admin.state()["inputs"] == [flare.payload(asked)]
    assert "moderation" not in flare.payload(asked)
