"""The shipped cards against the pipelines: no argument is unknown, no default of theirs decides."""

import importlib
import inspect

import pytest

from domain.model import ModelCard
from providers.diffusers.vision import hide_what_does_not_fit
from providers.diffusers.wire import payload
from tests.providers.diffusers.given import asked
from tests.providers.given import cards

PIPELINES = {
    "diffusers:sdxl": "StableDiffusionXLPipeline",
    "diffusers:sd-1.5": "StableDiffusionPipeline",
    "diffusers:sd-3.5-medium": "StableDiffusion3Pipeline",
    "diffusers:flux-schnell": "FluxPipeline",
    "diffusers:flux-dev": "FluxPipeline",
}
OURS = {"generator", "output_type", "callback_on_step_end", "ip_adapter_image"}
"""Given by the worker itself, the last one with a reference."""
LOCAL = [one for one in cards().values() if one.provider == "diffusers"]


def test_every_card_is_looked_at() -> None:
    assert {one.id for one in LOCAL} == set(PIPELINES)


@pytest.mark.parametrize("model", LOCAL, ids=lambda one: one.id)
def test_a_card_on_this_machine_costs_nothing_and_can_be_made_again_and_stopped(
    model: ModelCard,
) -> None:
    assert model.price.usd_per_image == 0
    assert model.price.as_of.year >= 2026
    assert model.repeatable
    assert model.cancels
    assert model.seed
    assert model.seed.minimum == 0


@pytest.mark.torch
@pytest.mark.parametrize("model", LOCAL, ids=lambda one: one.id)
def test_no_default_of_the_pipeline_decides(model: ModelCard) -> None:
    hide_what_does_not_fit()
    pytest.importorskip("diffusers", reason="make test-torch installs it")
    pipeline = getattr(importlib.import_module("diffusers"), PIPELINES[model.id])
    known = set(inspect.signature(pipeline.__call__).parameters) - {"self"}
    sent, left = set(payload(asked(model))["arguments"]), set(model.left_to_vendor)
    assert sent <= known, "not an argument of the pipeline"
    assert not sent & left, "sent, and said to be left"
    assert known - sent - OURS == left - OURS
