"""Each of OpenAI's models over the real SDK: pictures in and out, formats, streams, money."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.model import ModelCard, TokenPrice
from domain.ports import ImageRequest
from providers.openai.answers import Details, Usage, unfinished
from providers.openai.provider import OpenAIProvider
from providers.openai.wire import payload
from tests.providers.given import FLARE, Here, card, cards, picture, request
from tests.vendors.openai import KEY, OpenAIVendor
from tests.vendors.schemas import OPENAI_MODELS

OWN = [one for one in cards().values() if one.provider == "openai" and one.status == "active"]
EACH = pytest.mark.parametrize("model", OWN, ids=lambda model: model.name)
FIDELITY = card("openai:gpt-image-1.5")


@pytest.fixture
async def openai(openai_vendor: OpenAIVendor) -> AsyncIterator[OpenAIProvider]:
    base_url = f"{openai_vendor.url}/v1"
    provider = await asyncio.to_thread(OpenAIProvider, KEY, OWN, Here(), base_url=base_url)
    yield provider
    await provider.close()


def facts(data: bytes) -> tuple[str | None, tuple[int, int]]:
    with Image.open(io.BytesIO(data)) as image:
        return image.format, image.size


def test_the_models_are_those_of_the_vendor() -> None:
    assert {one.name for one in OWN} == set(OPENAI_MODELS)


# --- what each makes ---


@EACH
async def test_each_model_makes_a_picture_at_a_cost_near_its_price(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, model: ModelCard
) -> None:
    shape: dict[str, Any] = (
        {"aspect_ratio": "1:1"} if model.sizes.kind == "ratios" else {"height": 1024}
    )
    asked = request(model, **shape)
    made = await openai.make(asked)
    assert facts(made.data) == ("PNG", (1024, 1024))
    assert made.cost_usd == pytest.approx(model.price.usd_per_image, rel=0.03)
    assert made.seed is None
    state = openai_vendor.admin.state()
    assert state["inputs"] == [payload(asked)]
    assert state["refused"] == []


@EACH
@pytest.mark.parametrize("file_format", ["png", "webp", "jpeg"])
@pytest.mark.parametrize("background", ["opaque", "transparent"])
async def test_formats_and_backgrounds_go_together_but_for_a_transparent_jpeg(
    openai: OpenAIProvider,
    openai_vendor: OpenAIVendor,
    model: ModelCard,
    file_format: str,
    background: str,
) -> None:
    asked = request(model, file_format=file_format, background=background)
    if (file_format, background) == ("jpeg", "transparent"):
        with pytest.raises(RejectedError) as caught:
            await openai.make(asked)
        assert "png or webp" in caught.value.hint
        assert openai_vendor.admin.state()["calls"] == {}
        return
    made = await openai.make(asked)
    assert facts(made.data)[0] == file_format.upper()
    sent = openai_vendor.admin.state()["inputs"][0]
    assert (sent["background"], sent["output_format"]) == (background, file_format)
    assert ("output_compression" in sent) == (file_format != "png")


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", "1024x1024"), ("3:2", "1536x1024"), ("2:3", "1024x1536")]
)
@pytest.mark.parametrize("name", ["gpt-image-1.5", "gpt-image-1-mini"])
async def test_older_models_have_three_sizes(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, name: str, ratio: str, size: str
) -> None:
    model = card(f"openai:{name}")
    assert set(model.sizes.ratios) == {"1:1", "3:2", "2:3"}
    await openai.make(request(model, aspect_ratio=ratio))
    assert openai_vendor.admin.state()["inputs"][0]["size"] == size


# --- pictures that go along ---


@EACH
async def test_sixteen_pictures_go_along_the_init_image_first(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, model: ModelCard
) -> None:
    others = tuple(picture(colour=f"#0000{n:02x}") for n in range(15))
    asked = request(model, init_image=picture(colour="red"), references=others)
    await openai.make(asked)
    sent = openai_vendor.admin.state()["inputs"][0]
    assert len(sent["image"]) == 16
    assert sent == payload(asked)
    assert sent["image"][0] == asked.parameters.init_image
    assert "moderation" not in sent


@EACH
async def test_references_alone_make_it_an_edit(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, model: ModelCard
) -> None:
    await openai.make(request(model, references=(picture(), picture(colour="red"))))
    assert len(openai_vendor.admin.state()["inputs"][0]["image"]) == 2


@pytest.mark.parametrize("init_image", [None, picture()])
async def test_one_picture_more_is_refused_before_it_is_sent(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, init_image: bytes | None
) -> None:
    others = tuple(picture() for _ in range(17 if init_image is None else 16))
    with pytest.raises(RejectedError, match="at most 16"):
        await openai.make(request(card(FLARE), init_image=init_image, references=others))
    assert openai_vendor.admin.state()["calls"] == {}


async def test_a_mask_is_that_of_the_first_picture(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    asked = request(
        card(FLARE),
        init_image=picture((80, 60)),
        mask=picture((80, 60), mode="L"),
        references=(picture((32, 32)),),
    )
    await openai.make(asked)
    state = openai_vendor.admin.state()
    assert state["refused"] == []
    assert "mask" in state["inputs"][0]


@EACH
async def test_input_fidelity_is_sent_with_edits_of_the_one_model_that_has_it(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, model: ModelCard
) -> None:
    await openai.make(request(model, init_image=picture()))
    await openai.make(request(model))
    edit, generation = openai_vendor.admin.state()["inputs"]
    assert edit.get("input_fidelity") == ("low" if model.name == "gpt-image-1.5" else None)
    assert "input_fidelity" not in generation


# --- money ---


def test_words_that_come_out_have_a_rate_of_their_own_where_the_model_has_one() -> None:
    used = Usage(
        input_tokens=10,
        output_tokens=300,
        input_tokens_details=Details(text_tokens=10),
        output_tokens_details=Details(text_tokens=100, image_tokens=200),
    )
    both = TokenPrice(text_in=5, image_in=8, image_out=32, text_out=10)
    assert used.usd(both) == pytest.approx((10 * 5 + 100 * 10 + 200 * 32) / 1e6)
    one = both.model_copy(update={"text_out": None})
    assert used.usd(one) == pytest.approx((10 * 5 + 300 * 32) / 1e6)


async def test_pictures_that_go_in_are_billed_at_their_rate(openai: OpenAIProvider) -> None:
    for model in OWN:
        tokens = model.price.tokens
        assert tokens
        alone = await openai.make(request(model))
        edited = await openai.make(request(model, references=(picture(), picture())))
        assert edited.cost_usd
        assert alone.cost_usd
        difference = edited.cost_usd - alone.cost_usd
        assert difference == pytest.approx(2 * 600 * tokens.image_in / 1e6, abs=1e-6)


# --- unfinished pictures as progress ---


def streamed(partial_images: int = 2, **more: Any) -> tuple[ImageRequest, list[float]]:
    told: list[float] = []
    settings = card(FLARE).settings | {"partial_images": partial_images}
    model = card(FLARE, settings=settings)
    return replace(request(model, **more), progressed=told.append), told


@pytest.mark.parametrize("init_image", [None, picture()])
async def test_unfinished_pictures_are_told_as_progress(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, init_image: bytes | None
) -> None:
    asked, told = streamed(init_image=init_image)
    made = await openai.make(asked)
    assert told == [pytest.approx(1 / 3), pytest.approx(2 / 3)]
    assert facts(made.data) == ("PNG", (1024, 640))
    sent = openai_vendor.admin.state()["inputs"][0]
    assert (sent["stream"], sent["partial_images"]) == (True, 2)
    assert sent == payload(asked)
    assert made.request_id


async def test_unfinished_pictures_can_be_seen(openai: OpenAIProvider) -> None:
    asked, _ = streamed()
    shown: list[bytes] = []
    await openai.make(replace(asked, previewed=shown.append))
    assert [facts(one)[0] for one in shown] == ["PNG", "PNG"]


@pytest.mark.parametrize("newest", ["", "not base 64!", "aGVsbG8="])
def test_an_unfinished_picture_that_is_none_is_passed_over(newest: str) -> None:
    assert unfinished(newest) == b""


async def test_unfinished_pictures_cost_as_the_usage_says(openai: OpenAIProvider) -> None:
    plain, _ = streamed(0)
    asked, _ = streamed(3)
    one, two = await openai.make(plain), await openai.make(asked)
    assert one.cost_usd
    assert two.cost_usd
    assert two.cost_usd - one.cost_usd == pytest.approx(3 * 100 * 30 / 1e6)


def test_without_unfinished_pictures_nothing_is_streamed() -> None:
    asked, _ = streamed(0)
    assert not {"stream", "partial_images"} & set(payload(asked))


@pytest.mark.parametrize(
    ("mode", "kind", "maybe_billed"),
    [
        ("stream_moderated", RejectedError, None),
        ("stream_limited", RateLimitedError, None),
        ("stream_failed", UnavailableError, True),
        ("stream_unfinished", BadReplyError, None),
        ("stream_not_json", BadReplyError, None),
        ("cut", UnavailableError, True),
        ("slow_drip", UnavailableError, True),
        ("timeout", UnavailableError, True),
        ("endless", BadReplyError, None),
        ("refuse_moderation", RejectedError, None),
        ("429", RateLimitedError, None),
        ("500", UnavailableError, True),
    ],
)
async def test_a_stream_that_goes_wrong_becomes_one_of_our_errors(
    openai: OpenAIProvider,
    openai_vendor: OpenAIVendor,
    mode: str,
    kind: type[ProviderError],
    maybe_billed: bool | None,  # noqa: FBT001 -- a table's column
) -> None:
    asked, _ = streamed()
    if mode in ("slow_drip", "timeout"):
        asked = replace(asked, card=asked.card.model_copy(update={"timeout_s": 0.8}))
    openai_vendor.admin.fail("create", mode, **({"delay_s": 9.0} if mode == "slow_drip" else {}))
    with pytest.raises(kind) as caught:
        await openai.make(asked)
    assert getattr(caught.value, "maybe_billed", None) == maybe_billed
    assert caught.value.hint.endswith(".")
    assert len(caught.value.message) <= 300, "the picture is not in the log"
    assert openai_vendor.admin.state()["calls"]["create"] == 1


async def test_a_server_that_answers_a_stream_at_once_is_read_all_the_same(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    openai_vendor.admin.set(streams=False)
    asked, told = streamed()
    assert facts((await openai.make(asked)).data)[0] == "PNG"
    assert told == []


# --- what OpenAI refuses ---


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (card(FLARE), {"width": 1000}),
        (card(FLARE), {"width": 3200, "height": 640}),
        (FIDELITY, {"aspect_ratio": "16:9"}),
    ],
    ids=["not divisible", "too long", "not one of three"],
)
async def test_a_size_that_openai_refuses_is_a_refusal(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor, model: ModelCard, changes: dict[str, Any]
) -> None:
    with pytest.raises(RejectedError, match=r"Invalid size|divisible"):
        await openai.make(request(model, **changes))
    assert openai_vendor.admin.state()["creates"] == 0


async def test_a_setting_that_a_model_does_not_have_is_a_refusal_that_says_so(
    openai: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    model = card(FLARE, settings=card(FLARE).settings | {"input_fidelity": "high"})
    with pytest.raises(RejectedError, match="input_fidelity"):
        await openai.make(request(model, init_image=picture()))
    assert openai_vendor.admin.state()["creates"] == 0
