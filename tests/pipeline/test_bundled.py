"""LoRA of the library and bundles: which model takes them, what is sent, what is said."""

from typing import Any

import pytest

from domain.errors import RouteError
from domain.spec import BundleUse, LoRA, PromptSpec
from pipeline.bundled import bundled, triggered
from pipeline.checklist import Known, checklist
from pipeline.compile import compile_spec
from pipeline.route import route
from tests.pipeline.given import CARDS, ROUTES, card, cards, planned, spec

SDXL, COMFY = "replicate:stability-ai/sdxl", "comfyui:sdxl"
FLUX = "replicate:black-forest-labs/flux-dev-lora"
FILE = f"sha256:{'a' * 64}"
MARA = LoRA(
    name="mara",
    family="sdxl",
    weight=0.8,
    trigger="mara woman",
    places={"replicate": "https://r.example/mara.tar", "comfyui": "mara.safetensors"},
)


def chosen(asked: PromptSpec, *on: str) -> str:
    return route(asked, on=cards(*on), known=CARDS, routes=ROUTES).model


@pytest.mark.parametrize(
    ("model", "place"),
    [(SDXL, "https://r.example/mara.tar"), (COMFY, "mara.safetensors")],
)
def test_each_provider_is_sent_its_own_place(model: str, place: str) -> None:
    (used,) = compile_spec(spec(loras=(MARA,), count=1), card(model), (7,)).parameters.loras
    assert (used.name, used.weight, used.library) == (place, 0.8, "mara")


def test_a_place_that_is_named_itself_is_sent_as_it_is() -> None:
    asked = spec(loras=(LoRA(name="owner/film"),), count=1)
    (used,) = compile_spec(asked, card(FLUX), (7,)).parameters.loras
    assert (used.name, used.weight, used.library) == ("owner/film", 1.0, "")


@pytest.mark.parametrize(
    ("lora", "model", "why"),
    [
        (MARA, FLUX, "of the family flux, and the LoRA mara is for sdxl"),
        (MARA, "diffusers:sdxl", "a place for comfyui and replicate alone"),
    ],
)
def test_a_model_that_cannot_load_it_is_refused_naming_those_that_can(
    lora: LoRA, model: str, why: str
) -> None:
    with pytest.raises(RouteError, match=why) as refused:
        chosen(spec(loras=(lora,), model=model), model, SDXL, COMFY)
    assert refused.value.hint == f"Models that can: {SDXL}, {COMFY}."


def test_a_route_prefers_models_that_can_load_it() -> None:
    assert chosen(spec(loras=(MARA,)), FLUX, SDXL) == SDXL


def test_trigger_words_are_said_once() -> None:
    once, said = triggered(spec("a portrait", loras=(MARA,)))
    assert once.segments.subject.text == "a portrait, mara woman"
    assert [one.reason for one in said] == ["the trigger words of mara"]
    assert triggered(once) == (once, ())
    there = spec("a Mara Woman at sea", loras=(MARA,))
    assert triggered(there) == (there, ())


def test_another_house_takes_the_formers_place() -> None:
    def use(**more: Any) -> BundleUse:
        return BundleUse(version=1, **more)

    noir = bundled(spec(), use(name="noir", phrase="ink, fog"), None)
    paper = bundled(noir, use(name="paper", phrase="cut paper"), None)
    assert paper.segments.style.text == "cut paper"
    assert paper.house is not None
    assert paper.house.name == "paper"


def test_a_character_whose_references_go_in_satisfies_the_checklist() -> None:
    run = planned("imagine Mara :: in a café --task character")
    mara = BundleUse(name="mara", version=1, references=(FILE,))
    references = ({"image": FILE, "dimension": "subject"},)
    held = spec(references=references, character=mara.model_dump())
    states = [
        {one.name: one.state for one in checklist(Known(run.model_copy(update=update)))}
        for update in ({}, {"spec": held})
    ]
    assert [one["references"] for one in states] == ["missing", "done"]
