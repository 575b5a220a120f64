"""Card = wire: a parameter is sent if and only if the card lists it; no vendor default decides."""

import io
from typing import Any

import pytest
from PIL import Image

from domain.model import ModelCard, Parameters, Range
from domain.ports import ImageRequest
from providers.openai.provider import OpenAIProvider
from providers.openai.wire import payload as openai_payload
from providers.replicate.provider import ReplicateProvider
from providers.replicate.wire import body as replicate_body
from tests.providers.given import FLARE, FLUX, card, cards, request
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor
from tests.vendors.schemas import FLUX_SCHNELL, OPENAI_EDIT, OPENAI_GENERATE, Schema

HOSTED = [one for one in cards().values() if one.provider != "sketch" and one.status == "active"]
PAYLOADS = {"replicate": replicate_body, "openai": openai_payload}

OTHER: dict[str, Any] = {
    "prompt": "a blue fox",
    "negative_prompt": "text, watermark",
    "seed": 8,
    "cfg_scale": 5.5,
    "steps": 2,
    "width": 2048,
    "height": 1536,
    "aspect_ratio": "1:1",
    "denoising_strength": 0.3,
}
"""For each parameter another value than the request has."""
NOT_SENT = {"model", "count", "left_to_vendor"}
"""The model is the card's; the count is one for each request; the last is our own list."""
SPECIAL = {"init_image", "mask", "settings"}


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "white").save(out, "PNG")
    return out.getvalue()


def payload(asked: ImageRequest) -> dict[str, Any]:
    return PAYLOADS[asked.card.provider](asked)


def lists(model: ModelCard, parameter: str) -> bool:
    by_size = {"aspect_ratio": "ratios", "width": "pixels", "height": "pixels"}
    if parameter in by_size:
        return model.sizes.kind == by_size[parameter]
    return parameter == "prompt" or bool(getattr(model, parameter))


def test_every_parameter_is_looked_at() -> None:
    assert set(Parameters.model_fields) == set(OTHER) | NOT_SENT | SPECIAL


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
@pytest.mark.parametrize("parameter", OTHER)
def test_the_payload_changes_iff_the_card_lists_the_parameter(
    model: ModelCard, parameter: str
) -> None:
    changed = payload(request(model, **{parameter: OTHER[parameter]})) != payload(request(model))
    assert changed == lists(model, parameter)


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
def test_every_setting_of_the_card_is_sent_with_our_value(model: ModelCard) -> None:
    for name in model.settings:
        before, after = request(model), request(model, settings=model.settings | {name: "other"})
        assert payload(before) != payload(after), name


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
def test_a_setting_that_the_card_does_not_list_is_not_sent(model: ModelCard) -> None:
    sent = payload(request(model, settings=model.settings | {"frames": 9}))
    assert "frames" not in str(sent)


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
def test_an_init_image_changes_the_payload_iff_the_card_takes_one(model: ModelCard) -> None:
    changed = payload(request(model, init_image=picture())) != payload(request(model))
    assert changed == model.takes_pictures


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
def test_a_mask_changes_the_payload_iff_the_card_takes_one(model: ModelCard) -> None:
    with_mask = request(model, init_image=picture(), mask=picture(mode="L"))
    changed = payload(with_mask) != payload(request(model, init_image=picture()))
    assert changed == model.mask


def test_a_card_that_takes_no_pictures_sends_none() -> None:
    for update in ({"edit_input": False}, {"mask": False}):
        model = card(FLARE).model_copy(update=update)
        asked = request(model, init_image=picture(), mask=picture(mode="L"))
        assert "mask" not in payload(asked)
        assert ("image" in payload(asked)) == model.edit_input


@pytest.mark.parametrize("model", HOSTED, ids=lambda model: model.id)
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
        pytest.param(request(card(FLARE)), OPENAI_GENERATE, id="generate"),
        pytest.param(request(card(FLARE), init_image=picture()), OPENAI_EDIT, id="edit"),
    ],
)
def test_no_vendor_default_decides(asked: ImageRequest, schema: Schema) -> None:
    sent = sent_of(asked)
    left = {name for name, one in schema.items() if one.default is not None and name not in sent}
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
