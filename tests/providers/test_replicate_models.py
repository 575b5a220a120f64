"""Replicate's models over the wire: every one makes a picture of all that it takes."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from domain.errors import BadReplyError, ProviderError, RejectedError
from domain.model import LoRAUsed, ModelCard
from domain.ports import Delivered, ImageRequest, Job, JobState
from providers.replicate.inputs import body
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import control_used, picture, reference_used, request
from tests.providers.replicate_given import (
    CARDS,
    DEV,
    FILL,
    FLUX_2,
    IDEOGRAM,
    LORA,
    MULTI,
    SDXL,
    UPSCALER,
    full,
    open_all,
    photo,
)
from tests.vendors.replicate import ReplicateVendor

EACH = pytest.mark.parametrize("card", CARDS.values(), ids=lambda one: one.name)


@pytest.fixture
async def models(replicate_vendor: ReplicateVendor) -> AsyncIterator[ReplicateProvider]:
    provider = await asyncio.to_thread(open_all, replicate_vendor.url)
    yield provider
    await provider.close()


async def ended(models: ReplicateProvider, job: Job) -> JobState:
    async with asyncio.timeout(30):
        while True:
            state = await models.poll(job)
            if state.phase == "done":
                return state
            await asyncio.sleep(0.01)


async def made(models: ReplicateProvider, asked: ImageRequest) -> Delivered:
    state = await ended(models, await models.submit(asked))
    assert state.output
    return await models.fetch(state.output)


def size(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


# --- every model ---


@EACH
async def test_every_model_makes_a_picture_of_the_least_that_it_needs(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, card: ModelCard
) -> None:
    delivered = await made(models, request(card))
    assert size(delivered.data)[0] > 32
    state = replicate_vendor.admin.state()
    assert (state["models"], state["unknown_keys"], state["refused"]) == ([card.name], [], [])


@EACH
async def test_every_model_takes_all_at_once_that_its_card_lists(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, card: ModelCard
) -> None:
    job = await models.submit(full(card))
    assert (await ended(models, job)).output
    state = replicate_vendor.admin.state()
    assert (state["creates"], state["unknown_keys"], state["refused"]) == (1, [], [])


@EACH
async def test_the_seed_and_the_price_of_every_model_are_told(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, card: ModelCard
) -> None:
    replicate_vendor.admin.set(processing_s=0.002)
    output = (await ended(models, await models.submit(request(card)))).output
    assert output
    assert output.seed == 7 or not card.seed
    rate = card.price.usd_per_second
    assert output.cost_usd == (card.price.usd_per_image if rate is None else rate * 0.002)
    if card.source:
        assert output.model_version == card.source


# --- the wire's forms ---


def test_a_strength_that_runs_the_other_way_is_turned_round() -> None:
    wire = DEV.wire | {"denoising_strength": "1 - keep"}
    card = DEV.model_copy(update={"wire": wire})
    asked = request(card, init_image=picture(), denoising_strength=0.3)
    assert body(asked)["input"]["keep"] == 0.7


def test_our_strength_is_the_models_where_both_mean_how_much_is_destroyed() -> None:
    asked = request(DEV, init_image=picture(), denoising_strength=0.3)
    assert body(asked)["input"]["prompt_strength"] == 0.3
    assert body(request(DEV))["input"]["prompt_strength"] == DEV.settings["prompt_strength"]


def test_a_list_is_sent_even_when_it_is_empty() -> None:
    assert body(request(FLUX_2))["input"]["input_images"] == []


def test_the_init_image_stands_before_the_references_of_the_same_list() -> None:
    first, second = picture(colour="red"), picture(colour="blue")
    asked = request(FLUX_2, init_image=first, references=(second,))
    given = asked.parameters
    wanted = [given.init_image, given.references[0].image]
    assert body(asked)["input"]["input_images"] == wanted


def test_a_model_that_counts_no_images_is_told_no_number() -> None:
    assert "num_outputs" not in body(request(FLUX_2, count=4))["input"]
    assert body(request(DEV, count=4))["input"]["num_outputs"] == 1


def test_a_lora_goes_by_the_models_own_words() -> None:
    loras = (LoRAUsed(name="https://replicate.delivery/w.tar", weight=0.5),)
    sdxl = body(request(SDXL, loras=loras))["input"]
    assert (sdxl["replicate_weights"], sdxl["lora_scale"]) == (loras[0].name, 0.5)
    flux = body(request(LORA, loras=loras))["input"]
    assert (flux["lora_weights"], flux["lora_scale"]) == (loras[0].name, 0.5)
    assert "lora_weights" not in body(request(LORA))["input"]


# --- controls ---


def posed(**changes: Any) -> ImageRequest:
    """A reference to vary, a pose, and a locked seed: one request."""
    asked = request(
        MULTI, init_image=picture(colour="green"), controls=(photo(),), seed=424242, **changes
    )
    pose = control_used(MULTI, photo(), kind="pose", weight=0.9, start=0.1, end=0.8)
    return replace(asked, parameters=asked.parameters.model_copy(update={"controls": (pose,)}))


async def test_a_reference_a_pose_and_a_locked_seed_are_one_request(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    asked = posed(loras=(LoRAUsed(name="https://replicate.delivery/w.tar", weight=0.5),))
    await made(models, asked)
    (inputs,) = replicate_vendor.admin.state()["inputs"]
    assert inputs["seed"] == 424242
    assert inputs["image"].startswith("data:image/png;base64,")
    assert inputs["controlnet_1"] == "openpose"
    assert inputs["controlnet_1_image"].startswith(f"{replicate_vendor.url}/v1/files/")
    assert inputs["controlnet_1_conditioning_scale"] == 0.9
    assert (inputs["controlnet_1_start"], inputs["controlnet_1_end"]) == (0.1, 0.8)
    assert (inputs["controlnet_2"], inputs["controlnet_3"]) == ("none", "none")
    assert inputs["lora_scale"] == 0.5


async def test_the_same_locked_seed_makes_the_same_picture_twice(
    models: ReplicateProvider,
) -> None:
    first, second = await made(models, posed()), await made(models, posed())
    assert first.data == second.data
    assert first.seed == second.seed == 424242


async def test_of_maps_and_picture_the_picture_is_taken(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    job = await models.submit(full(MULTI))
    state = await ended(models, job)
    assert state.output
    assert state.output.url.endswith("/out-0.png")
    assert len(replicate_vendor.jobs[job.ref].outputs) == 4


async def test_maps_alone_are_no_picture_but_a_refusal_by_the_filter(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "kept_back")
    job = await models.submit(full(MULTI))
    with pytest.raises(RejectedError, match="NSFW"):
        await ended(models, job)


async def test_three_controls_keep_their_order(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    await models.submit(full(MULTI))
    (inputs,) = replicate_vendor.admin.state()["inputs"]
    kinds = [inputs[f"controlnet_{number}"] for number in (1, 2, 3)]
    assert kinds == [MULTI.controls[kind].wire for kind in list(MULTI.controls)[:3]]


# --- how pictures are handed over ---


async def test_a_small_picture_goes_inside_the_request_and_a_large_one_as_a_file(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    await models.submit(request(DEV, init_image=picture()))
    await models.submit(request(DEV, init_image=photo()))
    state = replicate_vendor.admin.state()
    assert [one["image"][:5] for one in state["inputs"]] == ["data:", "http:"]
    assert [name.rpartition(".")[2] for name in state["files"].values()] == ["png"]
    assert list(replicate_vendor.files.values()) == [photo()]


async def test_a_picture_that_is_needed_twice_is_laid_down_once_for_each_place(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    asked = request(FLUX_2, references=(photo(), photo()))
    await models.submit(asked)
    (inputs,) = replicate_vendor.admin.state()["inputs"]
    assert len(inputs["input_images"]) == 2
    assert replicate_vendor.admin.state()["calls"]["upload"] == 1


async def test_the_images_of_a_run_share_the_file_of_their_picture(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    asked = [request(DEV, init_image=photo(), seed=seed) for seed in (1, 2, 3, 4)]
    replicate_vendor.admin.fail("upload", "500")
    with pytest.raises(ProviderError):
        await models.submit(asked[0])
    await asyncio.gather(*map(models.submit, asked))
    state = replicate_vendor.admin.state()
    assert (state["creates"], state["calls"]["upload"]) == (4, 2)


async def test_a_file_is_laid_down_anew_before_replicate_forgets_it(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.replicate.courier.REUSE_S", 0.0)
    for _ in range(2):
        await models.submit(request(DEV, init_image=photo()))
    assert replicate_vendor.admin.state()["calls"]["upload"] == 2


async def test_a_model_that_wants_an_ending_gets_even_large_pictures_inside(
    replicate_vendor: ReplicateVendor,
) -> None:
    replicate_vendor.admin.set(wants_endings=[DEV.name])
    for wire, fits in ((DEV.wire, False), (DEV.wire | {"pictures": "data"}, True)):
        card = DEV.model_copy(update={"wire": wire})
        models = await asyncio.to_thread(open_all, replicate_vendor.url)
        asked = request(card, init_image=photo())
        if fits:
            assert (await models.submit(asked)).ref
        else:
            with pytest.raises(RejectedError):
                await models.submit(asked)
        await models.close()


async def test_a_card_may_ask_for_a_file_in_any_case(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    card = DEV.model_copy(update={"wire": DEV.wire | {"pictures": "file"}})
    await models.submit(request(card, init_image=picture()))
    assert replicate_vendor.admin.state()["inputs"][0]["image"].startswith("http")


@pytest.mark.parametrize(("card", "repainted"), [(FILL, 255), (IDEOGRAM, 0)], ids=["fill", "ideo"])
async def test_what_is_repainted_is_white_or_black_as_the_model_reads_it(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, card: ModelCard, repainted: int
) -> None:
    white = picture((200, 200), mode="L", colour="white")
    file = card.model_copy(update={"wire": card.wire | {"pictures": "file"}})
    await models.submit(request(file, init_image=photo(), mask=white))
    (inputs,) = replicate_vendor.admin.state()["inputs"]
    laid = replicate_vendor.files[inputs["mask"].rpartition("/")[2]]
    with Image.open(io.BytesIO(laid)) as image:
        assert image.convert("L").getextrema() == (repainted, repainted)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
async def test_pictures_of_other_formats_are_told_as_what_they_are(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, kind: str
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, kind)
    await models.submit(request(DEV, init_image=out.getvalue()))
    start = f"data:image/{kind.lower()};base64,"
    assert replicate_vendor.admin.state()["inputs"][0]["image"].startswith(start)


async def test_bytes_that_are_no_picture_are_refused_before_anything_is_sent(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    with pytest.raises(RejectedError, match="neither PNG"):
        await models.submit(request(DEV, init_image=b"%PDF-1.7"))
    masked = request(IDEOGRAM, init_image=picture(), mask=b"no mask")
    with pytest.raises(RejectedError):
        await models.submit(masked)
    assert replicate_vendor.admin.state()["calls"] == {}


@pytest.mark.parametrize(
    "mode", ["bad_key", "429", "500", "too_large", "cut", "broken_json", "wrong_type", "endless"]
)
async def test_a_file_that_cannot_be_laid_down_creates_and_bills_nothing(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, mode: str
) -> None:
    replicate_vendor.admin.fail("upload", mode)
    with pytest.raises(ProviderError) as caught:
        await models.submit(request(DEV, init_image=photo()))
    assert not getattr(caught.value, "maybe_billed", False)
    assert replicate_vendor.admin.state()["creates"] == 0


# --- what the card does not allow ---

TWO = (picture(), picture(colour="red"))
REFUSED = [
    (CARDS["lucataco/sdxl-controlnet"], {"controls": ()}, "needs a control image"),
    (FILL, {"mask": None}, "needs a mask"),
    (UPSCALER, {"init_image": None}, "needs an init image"),
    (CARDS["black-forest-labs/flux-redux-dev"], {"references": ()}, "needs a reference"),
    (FLUX_2, {"references": TWO * 10}, "takes 8 references, not 20"),
    (FLUX_2, {"references": TWO * 4, "init_image": picture()}, "the init image counted, not 9"),
    (DEV, {"controls": TWO[:1]}, "takes 0 control images, not 1; it takes no canny control"),
    (MULTI, {"controls": TWO * 2}, "takes 3 control images, not 4"),
    (DEV, {"references": TWO[:1]}, "takes 0 references"),
    (DEV, {"mask": picture(mode="L")}, "takes no mask"),
    (SDXL, {"mask": picture(mode="L")}, "a mask needs an init image"),
    (IDEOGRAM, {"init_image": picture()}, "an init image and a mask only together"),
    (CARDS["recraft-ai/recraft-v3"], {"init_image": picture()}, "takes no init image"),
    (DEV, {"seed": 0}, "seed is 1 to 4.29497e+09, not 0"),
    (DEV, {"steps": 51}, "steps is 1 to 50"),
    (DEV, {"cfg_scale": 10.5}, "cfg_scale is 0 to 10"),
    (DEV, {"aspect_ratio": "7:3"}, "no ratio 7:3"),
    (SDXL, {"width": 1020}, "a multiple of 8"),
    (SDXL, {"width": 4096}, "512 to 1536 px"),
    (CARDS["black-forest-labs/flux-fill-pro"], {"file_format": "webp"}, "png or jpeg, not webp"),
    (DEV, {"prompt": "x" * 4001}, "at most 4000 characters"),
    (DEV, {"operation": "upscale"}, "cannot upscale"),
    (DEV, {"settings": DEV.settings | {"go_fast": "yes"}}, "go_fast is bool, not str"),
    (DEV, {"loras": (LoRAUsed(name="o/fox"),)}, "takes 0 LoRA"),
    (SDXL, {"loras": (LoRAUsed(name="o/fox", weight=2.0),)}, "LoRA weight is 0 to 1"),
]


def bare(card: ModelCard, changes: dict[str, Any]) -> ImageRequest:
    """Return a request of just these changes: nothing that is needed is added."""
    asked = request(card, **{name: value for name, value in changes.items() if value})
    gone = {name: value for name, value in changes.items() if not value and name != "seed"}
    kept = {name: () for name in ("controls", "references") if name in gone}
    parameters = asked.parameters.model_copy(
        update=kept | ({"seed": 0} if "seed" in changes else {})
    )
    return replace(asked, **gone, parameters=parameters)


@pytest.mark.parametrize(("card", "changes", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
async def test_what_the_card_does_not_allow_is_refused_in_words_and_nothing_is_sent(
    models: ReplicateProvider,
    replicate_vendor: ReplicateVendor,
    card: ModelCard,
    changes: dict[str, Any],
    said: str,
) -> None:
    with pytest.raises(RejectedError) as caught:
        await models.submit(bare(card, changes))
    assert said in caught.value.hint
    assert caught.value.hint.endswith(".")
    assert caught.value.model == card.id
    assert replicate_vendor.admin.state()["calls"] == {}


async def test_all_faults_are_told_at_once(models: ReplicateProvider) -> None:
    with pytest.raises(RejectedError) as caught:
        await models.submit(request(DEV, steps=51, cfg_scale=99.0, aspect_ratio="7:3"))
    assert caught.value.hint.count(";") == 2


# --- what a model fails of ---


async def test_a_lora_that_is_not_there_is_a_refusal_that_names_it(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "no_lora")
    job = await models.submit(request(LORA, loras=(LoRAUsed(name="owner/gone"),)))
    with pytest.raises(RejectedError) as caught:
        await models.poll(job)
    assert "LoRA" in caught.value.hint


@pytest.mark.parametrize("how", ["version", "404", "422"])
async def test_a_model_that_is_gone_says_that_it_may_be_retired(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, how: str
) -> None:
    if how == "version":
        replicate_vendor.admin.set(retired=[SDXL.name])
    else:
        replicate_vendor.admin.fail("create", "not_found" if how == "404" else "retired")
    with pytest.raises(RejectedError) as caught:
        await models.submit(request(SDXL))
    assert "may be retired" in caught.value.hint
    assert replicate_vendor.admin.state()["creates"] == 0


async def test_a_422_for_a_parameter_does_not_speak_of_retirement(
    models: ReplicateProvider,
) -> None:
    card = DEV.model_copy(update={"settings": DEV.settings | {"megapixels": "9"}})
    with pytest.raises(RejectedError) as caught:
        await models.submit(request(card, settings=card.settings))
    assert "megapixels" in caught.value.message
    assert "retired" not in caught.value.hint


async def test_a_succeeded_job_without_an_output_is_no_picture(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "no_output")
    job = await models.submit(request(FLUX_2))
    with pytest.raises(BadReplyError):
        await ended(models, job)


# --- a reference's weight ---


def test_a_references_weight_overrules_the_setting_that_stands_in_for_it() -> None:
    ultra = CARDS["black-forest-labs/flux-1.1-pro-ultra"]
    asked = request(ultra, references=(picture(),))
    used = reference_used(ultra, picture(), weight=0.6)
    heavy = replace(asked, parameters=asked.parameters.model_copy(update={"references": (used,)}))
    assert body(heavy)["input"]["image_prompt_strength"] == 0.6
    assert body(request(ultra))["input"]["image_prompt_strength"] == 0.1
