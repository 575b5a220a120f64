"""The blocking adapter: what it reads from an answer, what it sends along, what it costs."""

import asyncio
import io
import socket

import pytest
from PIL import Image

from domain.errors import BadReplyError, ProviderError, RejectedError, UnavailableError
from domain.picture import Picture
from providers.openai.answers import Answer
from providers.openai.mask import alpha_mask
from providers.openai.provider import OpenAIProvider
from tests.providers.conftest import open_flare
from tests.providers.given import FLARE, card, cards, request
from tests.vendors.openai import OpenAIVendor

ASKED = request(card(FLARE))


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


# --- answers ---


@pytest.mark.parametrize(
    "mode",
    ["no_data", "wrong_type", "broken_json", "broken_base64", "not_an_image", "endless"],
)
async def test_an_answer_without_a_picture_is_a_bad_reply(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor, mode: str
) -> None:
    openai_vendor.admin.fail("create", mode)
    with pytest.raises(BadReplyError) as caught:
        await flare.make(ASKED)
    assert len(caught.value.message) <= 300, "the picture is not in the log"
    assert openai_vendor.admin.state()["creates"] == 1


async def test_a_truncated_picture_is_handed_on_and_caught_by_the_decoder(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    openai_vendor.admin.fail("create", "truncated_image")
    made = await flare.make(ASKED)
    with pytest.raises(Exception, match="damaged"):
        Picture.open(made.data)


async def test_the_request_id_is_kept_of_answers_and_of_refusals(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    assert (await flare.make(ASKED)).request_id == "req_loopback_1"
    openai_vendor.admin.fail("create", "refuse_moderation")
    with pytest.raises(ProviderError) as caught:
        await flare.make(ASKED)
    assert caught.value.request_id == "req_loopback_refused"


async def test_the_same_request_twice_is_two_pictures_since_there_is_no_seed(
    flare: OpenAIProvider,
) -> None:
    assert (await flare.make(ASKED)).data != (await flare.make(ASKED)).data


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("refuse_moderation", "safety filter"),
        ("refuse_policy", "safety filter"),
        ("insufficient_credit", "no credit"),
        ("forbidden", "verify"),
        ("not_found", "--model"),
        ("bad_key", "OPENAI_API_KEY"),
    ],
)
async def test_a_refusal_says_what_to_do(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor, mode: str, words: str
) -> None:
    openai_vendor.admin.fail("create", mode)
    with pytest.raises(RejectedError) as caught:
        await flare.make(ASKED)
    assert words in caught.value.hint
    assert openai_vendor.admin.state()["creates"] == 0


# --- money ---


def test_the_cost_is_counted_in_tokens() -> None:
    usage = {
        "input_tokens": 650,
        "input_tokens_details": {"text_tokens": 50, "image_tokens": 600},
        "output_tokens": 433,
        "total_tokens": 1083,
    }
    answer = Answer.model_validate({"data": [{"b64_json": ""}], "usage": usage})
    assert answer.cost_usd(card(FLARE)) == pytest.approx((50 * 5 + 600 * 8 + 433 * 30) / 1e6)


@pytest.mark.parametrize(
    "usage", [None, {}, {"input_tokens": -1}, "free!", [1], {"output_tokens": 10**400}]
)
def test_without_a_usage_that_makes_sense_the_cards_price_stands(usage: object) -> None:
    answer = Answer.model_validate({"data": [{"b64_json": ""}], "usage": usage})
    assert answer.cost_usd(card(FLARE)) == card(FLARE).price.usd_per_image


async def test_an_answer_without_usage_costs_what_the_card_says(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    openai_vendor.admin.fail("create", "no_usage")
    assert (await flare.make(ASKED)).cost_usd == card(FLARE).price.usd_per_image


def test_every_active_model_of_openai_has_its_price_by_tokens() -> None:
    mine = [one for one in cards().values() if one.provider == "openai"]
    assert all(one.price.tokens for one in mine if one.status == "active")


# --- pictures that go along ---


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_an_init_image_of_each_format_makes_it_an_edit(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor, kind: str
) -> None:
    init_image = encoded(Image.new("RGB", (64, 48), "teal"), kind)
    made = await flare.make(request(card(FLARE), init_image=init_image))
    sent = openai_vendor.admin.state()["inputs"]
    assert [one["image"] for one in sent] == [
        flare.payload(request(card(FLARE), init_image=init_image))["image"]
    ]
    assert made.cost_usd
    assert made.cost_usd > 600 * 8 / 1e6, "the picture that went in is billed too"


async def test_a_mask_goes_along_as_alpha(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    init_image = encoded(Image.new("RGB", (64, 48), "teal"))
    mask = encoded(Image.new("L", (64, 48), "white"))
    await flare.make(request(card(FLARE), init_image=init_image, mask=mask))
    state = openai_vendor.admin.state()
    assert state["refused"] == []
    assert "mask" in state["inputs"][0]


@pytest.mark.parametrize(("mode", "size"), [("L", (64, 48)), ("RGB", (32, 24)), ("1", (64, 48))])
def test_white_becomes_transparent_and_black_stays(mode: str, size: tuple[int, int]) -> None:
    mask = Image.new("RGB", size, "black")
    mask.paste("white", (0, 0, size[0] // 2, size[1]))
    init_image = encoded(Image.new("RGB", (64, 48), "teal"))
    alpha = Picture.open(alpha_mask(encoded(mask.convert(mode)), init_image)).image
    assert (alpha.mode, alpha.size) == ("RGBA", (64, 48))
    assert alpha.getchannel("A").getpixel((8, 8)) == 0
    assert alpha.getchannel("A").getpixel((56, 8)) == 255


async def test_a_mask_that_is_no_picture_is_refused_before_it_is_sent(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    init_image = encoded(Image.new("RGB", (64, 48), "teal"))
    with pytest.raises(RejectedError):
        await flare.make(request(card(FLARE), init_image=init_image, mask=b"GIF89a"))
    assert openai_vendor.admin.state()["calls"] == {}


# --- the unknown outcome ---


async def test_an_answer_that_does_not_come_is_unknown_and_was_billed(
    flare: OpenAIProvider, openai_vendor: OpenAIVendor
) -> None:
    openai_vendor.admin.hold("create")
    with pytest.raises(UnavailableError) as caught:
        await flare.make(request(card(FLARE, timeout_s=0.5)))
    assert caught.value.maybe_billed
    assert openai_vendor.admin.state()["creates"] == 1
    openai_vendor.admin.release()


async def test_a_server_that_hangs_up_before_it_answers_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        provider = await asyncio.to_thread(open_flare, address)
        with pytest.raises(UnavailableError) as caught:
            await provider.make(request(card(FLARE, timeout_s=0.5)))
        await provider.close()
    assert caught.value.maybe_billed
