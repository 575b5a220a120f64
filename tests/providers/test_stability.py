"""Stability: each endpoint over the real client; what is filtered is refused, errors are ours."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from domain.errors import BadReplyError, RateLimitedError, RejectedError, UnavailableError
from domain.model import ModelCard
from domain.ports import Delivered
from domain.spec import Margins
from providers.stability.api import Limits
from providers.stability.provider import StabilityProvider
from providers.stability.wire import fields, form, media_type, path, payload
from tests.providers.given import card, cards, control_used, picture, reference_used, request
from tests.vendors.stability import KEY, StabilityVendor, running_thread
from tests.vendors.stability_schemas import ENDPOINTS

ALL = [one for one in cards().values() if one.provider == "stability"]
OWN = [one for one in ALL if one.answers == "blocking"]
EACH = pytest.mark.parametrize("model", OWN, ids=lambda model: model.name)
CORE, ULTRA, LARGE = (card(f"stability:{name}") for name in ("core", "ultra", "sd3.5-large"))
PHOTO = picture((256, 192), colour="orange")


@pytest.fixture(scope="module")
def server() -> Iterator[StabilityVendor]:
    with running_thread(StabilityVendor()) as vendor:
        yield vendor


@pytest.fixture
def vendor(server: StabilityVendor) -> StabilityVendor:
    server.admin.reset()
    server.admin.set(working_s=0.0)
    return server


@pytest.fixture
async def stability(vendor: StabilityVendor) -> AsyncIterator[StabilityProvider]:
    opening = asyncio.to_thread(StabilityProvider, KEY, OWN, base_url=vendor.url)
    provider = await opening
    yield provider
    await provider.close()


def asked(vendor: StabilityVendor) -> dict[str, Any]:
    (only,) = vendor.admin.state()["inputs"]
    return dict(only)


async def made(provider: StabilityProvider, model: ModelCard, **changes: Any) -> Delivered:
    given: dict[str, Any] = {
        "init_image": PHOTO if "init_image" in model.needs else None,
        "mask": picture((256, 192), "L") if "mask" in model.needs else None,
        "controls": (PHOTO,) if "control" in model.needs else (),
        "references": (PHOTO,) if "reference" in model.needs else (),
    }
    return await provider.make(request(model, **given | changes))


@EACH
async def test_each_model_makes_a_picture_at_its_own_endpoint(
    stability: StabilityProvider, vendor: StabilityVendor, model: ModelCard
) -> None:
    delivered = await made(stability, model)
    with Image.open(io.BytesIO(delivered.data)) as image:
        assert image.format == (model.file_formats[0].upper())
    assert asked(vendor)["endpoint"] == model.source
    assert vendor.admin.state()["refused"] == []
    assert delivered.cost_usd == model.price.usd_per_image
    assert delivered.seed == (7 if model.seed else None)
    assert delivered.request_id


@EACH
async def test_each_format_of_a_card_is_made(
    stability: StabilityProvider, vendor: StabilityVendor, model: ModelCard
) -> None:
    for kind in model.file_formats:
        vendor.admin.reset()
        delivered = await made(stability, model, file_format=kind)
        assert media_type(delivered.data) == f"image/{kind}"


async def test_a_picture_is_denoised_as_far_as_was_asked(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    await made(stability, ULTRA, init_image=PHOTO, denoising_strength=0.35)
    sent = asked(vendor)
    assert (sent["strength"], sent["aspect_ratio"]) == (0.35, "16:9")
    assert sent["image"].startswith("sha256:")


async def test_sd3_is_told_whether_a_picture_goes_in_and_takes_no_ratio_then(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    await made(stability, LARGE)
    assert (asked(vendor)["mode"], asked(vendor)["model"]) == ("text-to-image", "sd3.5-large")
    vendor.admin.reset()
    await made(stability, LARGE, init_image=PHOTO, denoising_strength=0.6)
    sent = asked(vendor)
    assert (sent["mode"], sent["strength"]) == ("image-to-image", 0.6)
    assert "aspect_ratio" not in sent


async def test_a_control_acts_as_strongly_as_was_asked(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    model = card("stability:control-structure")
    used = control_used(model, PHOTO).model_copy(update={"weight": 0.4})
    asked_for = request(model, controls=(PHOTO,))
    given = asked_for.parameters.model_copy(update={"controls": (used,)})
    await stability.make(replace(asked_for, parameters=given))
    assert asked(vendor)["control_strength"] == 0.4


async def test_a_style_is_taken_as_faithfully_as_was_asked(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    model = card("stability:control-style")
    assert reference_used(model, PHOTO).weight == 0.5
    await made(stability, model)
    assert (asked(vendor)["fidelity"], asked(vendor)["aspect_ratio"]) == (0.5, "16:9")


async def test_an_extension_says_how_far_on_which_side(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    await made(stability, card("stability:outpaint"), margins=Margins(left=256, down=64))
    sent = asked(vendor)
    assert {side: sent.get(side) for side in ("left", "right", "up", "down")} == {
        "left": 256,
        "right": None,
        "up": None,
        "down": 64,
    }


async def test_white_is_repainted_as_it_is(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    await made(stability, card("stability:inpaint"))
    assert asked(vendor)["mask"].startswith("sha256:")
    assert asked(vendor)["grow_mask"] == 5


async def test_what_came_blurred_is_a_refusal_and_no_artwork(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    vendor.admin.fail("create", "filtered")
    with pytest.raises(RejectedError, match="blurred") as error:
        await made(stability, CORE)
    assert "moderation refused it and charges nothing" in error.value.hint
    assert vendor.admin.state()["creates"] == 0


@pytest.mark.parametrize(
    ("mode", "hint"),
    [
        ("refuse_moderation", "say it in other words"),
        ("invalid_language", "reads English only"),
        ("public_figure", "draws no known people"),
        ("insufficient_credit", "buy some at platform.stability.ai"),
        ("forbidden", "check STABILITY_API_KEY"),
    ],
)
async def test_a_refusal_says_what_to_do(
    stability: StabilityProvider, vendor: StabilityVendor, mode: str, hint: str
) -> None:
    vendor.admin.fail("create", mode)
    with pytest.raises(RejectedError) as error:
        await made(stability, CORE)
    assert hint in error.value.hint


async def test_too_many_calls_wait_for_a_minute(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    vendor.admin.fail("create", "429")
    with pytest.raises(RateLimitedError) as error:
        await made(stability, CORE)
    assert error.value.retry_after_s == 60.0


async def test_an_answer_that_did_not_finish_is_none(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    vendor.admin.fail("create", "unfinished")
    with pytest.raises(BadReplyError, match="ERROR"):
        await made(stability, CORE)


async def test_an_answer_without_a_seed_has_none(
    stability: StabilityProvider, vendor: StabilityVendor
) -> None:
    vendor.admin.fail("create", "no_seed")
    assert (await made(stability, CORE)).seed is None


async def test_a_picture_larger_than_we_take_is_cut_off(vendor: StabilityVendor) -> None:
    small = await asyncio.to_thread(
        lambda: StabilityProvider(KEY, OWN, base_url=vendor.url, max_bytes=1000)
    )
    with pytest.raises(UnavailableError, match="more than 1000 bytes"):
        await made(small, CORE)
    await small.close()


async def test_a_picture_that_stability_would_not_take_is_its_refusal(
    stability: StabilityProvider,
) -> None:
    tiny = picture((16, 16))
    with pytest.raises(RejectedError, match="at least 64 pixels"):
        await made(stability, ULTRA, init_image=tiny, denoising_strength=0.5)


def test_what_is_stored_is_what_is_sent_but_for_the_bytes() -> None:
    asked_for = request(ULTRA, init_image=PHOTO)
    parts = form(asked_for)
    words = {name: part[1] for name, part in parts.items() if part[0] is None}
    assert words == {name: str(value) for name, value in fields(asked_for).items()}
    assert parts["image"][1:] == (PHOTO, "image/png")
    assert set(payload(asked_for)) == set(parts)
    assert path(asked_for) == "/v2beta/stable-image/generate/ultra"


def test_seed_0_is_never_asked_for() -> None:
    assert {one.seed.minimum for one in ALL if one.seed} == {1}


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_no_vendor_default_decides(model: ModelCard) -> None:
    schema = ENDPOINTS[model.source]
    sent = payload(request(model, margins=Margins(left=1, right=2, up=3, down=4)))
    left = {name for name, one in schema.items() if one.default is not None and name not in sent}
    assert left <= set(model.left_to_vendor)
    assert not set(sent) & set(model.left_to_vendor), "sent, and said to be left"
    assert set(sent) <= set(schema), "not a parameter of the vendor"
    assert not {name for name, value in sent.items() if schema[name].fault(value)}


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.name)
def test_bounds_of_the_card_are_those_of_the_schema(model: ModelCard) -> None:
    schema = ENDPOINTS[model.source]
    control = next(iter(model.controls.values()), None)
    own = {
        "cfg_scale": model.cfg_scale,
        "control_strength": control and control.weight,
        "fidelity": model.references and model.references.weight,
    }
    assert {name for name, bounds in own.items() if bounds} == set(own) & set(schema)
    for name, bounds in own.items():
        if bounds:
            theirs = (schema[name].minimum, schema[name].maximum)
            assert (bounds.minimum, bounds.maximum) == theirs, name
    assert (model.seed is None) == ("seed" not in schema)
    if model.sizes.kind == "ratios":
        assert set(model.sizes.ratios) == set(schema["aspect_ratio"].enum)
    assert set(model.file_formats) == set(schema["output_format"].enum)
    assert model.negative_prompt == ("negative_prompt" in schema)


def test_the_time_limit_is_the_cards_where_that_is_shorter() -> None:
    assert Limits().make_s <= max(one.timeout_s for one in OWN)
