"""Each card of Replicate against the schema of its model: what is sent, what is left, what fits."""

from dataclasses import replace
from typing import Any

import pytest

from domain.model import ModelCard, Range
from domain.ports import ImageRequest
from providers.replicate.inputs import OPTIONS, USUAL, body
from tests.providers.given import control_used, picture, request
from tests.providers.replicate_given import CARDS, full
from tests.vendors.replicate_schemas import MODELS, File, Files, Model
from tests.vendors.schemas import faults

EACH = pytest.mark.parametrize("card", CARDS.values(), ids=lambda one: one.name)
WORDS = {
    *USUAL,
    "count",
    "references",
    "reference_weight",
    "control_kind",
    "control_weight",
    "control_start",
    "control_end",
}


def sent(asked: ImageRequest) -> dict[str, Any]:
    inputs: dict[str, Any] = body(asked)["input"]
    return inputs


def model_of(card: ModelCard) -> Model:
    return MODELS[card.name]


@EACH
@pytest.mark.parametrize("ask", [request, full], ids=["plain", "full"])
def test_the_model_takes_what_is_sent(card: ModelCard, ask: Any) -> None:
    inputs, schema = sent(ask(card)), model_of(card).schema
    assert faults(schema, inputs) == {}
    assert set(inputs) <= set(schema), "unknown inputs are ignored in silence"


@EACH
@pytest.mark.parametrize("ask", [request, full], ids=["plain", "full"])
def test_no_vendor_default_decides(card: ModelCard, ask: Any) -> None:
    inputs, schema = sent(ask(card)), model_of(card).schema
    unsent = {name for name, one in schema.items() if one.default is not None} - set(inputs)
    assert unsent <= set(card.left_to_vendor)
    assert not set(inputs) & set(card.left_to_vendor), "sent, and said to be left"


@EACH
def test_every_input_of_the_model_is_on_the_card(card: ModelCard) -> None:
    known = set(sent(full(card))) | set(card.left_to_vendor)
    assert set(model_of(card).schema) - known == set()


@EACH
def test_bounds_and_defaults_are_those_of_the_schema(card: ModelCard) -> None:
    schema, names = model_of(card).schema, USUAL | card.wire
    for word, allowed in (("steps", card.steps), ("cfg_scale", card.cfg_scale)):
        if allowed:
            one = schema[names[word]]
            assert allowed == Range.model_validate(
                {"minimum": one.minimum, "maximum": one.maximum, "default": one.default}
            ), word
    if card.loras and schema[names["lora_weight"]].minimum is not None:
        one = schema[names["lora_weight"]]
        assert (card.loras.weight.minimum, card.loras.weight.maximum) == (one.minimum, one.maximum)
        assert card.loras.weight.default == one.default
    for can in card.controls.values():
        if can.weight:
            one = schema[names["control_weight"].replace("{n}", "1")]
            assert (can.weight.minimum, can.weight.maximum) == (one.minimum, one.maximum)
            assert can.weight.default == one.default


@EACH
def test_every_ratio_format_and_control_is_one_that_the_model_has(card: ModelCard) -> None:
    schema = model_of(card).schema
    asked: list[ImageRequest] = []
    if card.sizes.kind == "ratios":
        asked += [request(card, aspect_ratio=ratio) for ratio in card.sizes.ratios]
    asked += [request(card, file_format=one) for one in card.file_formats]
    for kind in card.controls:
        one = request(card, controls=(picture(),))
        used = (control_used(card, picture(), kind=kind),)
        asked.append(replace(one, parameters=one.parameters.model_copy(update={"controls": used})))
    assert all(faults(schema, sent(one)) == {} for one in asked)


@EACH
def test_all_ratios_and_formats_of_the_model_can_be_asked_for(card: ModelCard) -> None:
    schema, names = model_of(card).schema, USUAL | card.wire
    if card.sizes.kind == "ratios":
        name = names["aspect_ratio"]
        ours = {sent(request(card, aspect_ratio=one))[name] for one in card.sizes.ratios}
        assert set(schema[name].enum) - ours <= {"custom", "match_input_image"}
        assert len(ours) == len(card.sizes.ratios), "each is another shape"
    if "output_format" in schema:
        assert len(card.file_formats) == len(schema["output_format"].enum)


@EACH
def test_the_card_says_what_the_model_cannot_do_without(card: ModelCard) -> None:
    schema = model_of(card).schema
    pictures = {name for name, one in schema.items() if isinstance(one, File) and one.required}
    assert pictures <= set(sent(request(card)))


@EACH
def test_lists_are_no_longer_than_the_model_takes(card: ModelCard) -> None:
    for name, one in model_of(card).schema.items():
        if isinstance(one, Files) and one.most:
            assert len(sent(full(card))[name]) == one.most


@EACH
def test_a_community_model_is_asked_for_by_its_version_and_an_official_one_by_its_name(
    card: ModelCard,
) -> None:
    assert body(request(card))["version"] == (model_of(card).version or card.name)


@EACH
def test_every_word_of_the_wire_is_one_that_the_adapter_knows(card: ModelCard) -> None:
    words = {word.partition("=")[0] for word in card.wire}
    assert words <= WORDS | OPTIONS


def test_every_model_of_the_schemas_has_a_card() -> None:
    assert set(CARDS) == set(MODELS)
