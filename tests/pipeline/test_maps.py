"""Maps that a model makes from photos: once for all images, by a model that the settings name."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from config import settings as configuration
from config.cards import prepared
from domain.errors import SettingsError, UnavailableError
from domain.model import ModelCard
from domain.spec import Control, ControlKind
from pipeline.inputs import unfit_inputs
from pipeline.maps import Maps
from tests.pipeline.given import spec
from tests.pipeline.test_inputs import control

CARDS = configuration.model_cards()


def known(**preprocessors: str) -> dict[str, ModelCard]:
    named: dict[ControlKind, str] = {"pose": preprocessors["pose"]} if preprocessors else {}
    return {card.id: card for card in prepared(CARDS, named)}


def photo(kind: ControlKind) -> Control:
    return control(kind, is_map=False)


def test_a_photo_rules_out_what_wants_a_map_until_a_preprocessor_is_named() -> None:
    asked = spec(controls=(photo("pose"),))
    alone = unfit_inputs(known()["comfyui:sdxl-control"], asked)
    assert alone == "takes a pose map, and we cannot make one from a photo"
    assert unfit_inputs(known(pose="comfyui:pose-map")["comfyui:sdxl-control"], asked) == ""


@pytest.mark.parametrize("model", ["comfyui:depth-map", "comfyui:sdxl", "comfyui:nowhere"])
def test_a_model_that_makes_no_such_map_is_refused_by_name(model: str) -> None:
    with pytest.raises(SettingsError, match=f"preprocessors.pose: {model} makes no pose maps") as e:
        known(pose=model)
    assert "comfyui:pose-map" in e.value.hint


def test_what_makes_maps_makes_no_images() -> None:
    assert unfit_inputs(known()["comfyui:pose-map"], spec()) == "makes maps from photos, no images"


async def test_four_images_have_one_map_and_a_failure_is_not_kept() -> None:
    maps, made = Maps(), []

    def make(result: bytes | Exception) -> Any:
        async def made_now() -> bytes:
            made.append(result)
            await asyncio.sleep(0)
            if isinstance(result, Exception):
                raise result
            return result

        return made_now

    def asked(result: bytes | Exception) -> Coroutine[Any, Any, bytes]:
        return maps.get("pose:sha256:1", make(result))

    with pytest.raises(UnavailableError):
        await asked(UnavailableError("away", maybe_billed=False))
    assert await asyncio.gather(*(asked(b"map") for _ in range(4))) == [b"map"] * 4
    assert made[1:] == [b"map"]
