"""BFL asked directly: tasks followed at their address, fetched in time, never made twice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.model import ModelCard
from domain.picture import Picture
from domain.ports import Delivered, Job, JobState, Output
from providers.bfl.faults import AnsweredError, told
from providers.bfl.provider import BFLProvider, Limits
from providers.bfl.wire import Accepted, Body, Ref, number, payload
from providers.downloads import Source
from tests.providers.conftest import SLOW_MODES
from tests.providers.given import card, cards, picture, request
from tests.vendors.bfl import KEY, BFLVendor, running_thread
from tests.vendors.bfl_schemas import BFL_MODELS

PRO = "bfl:flux-2-pro"
ASKED = request(card(PRO))
OWN = [one for one in cards().values() if one.provider == "bfl"]
EACH = pytest.mark.parametrize("model", OWN, ids=lambda model: model.name)
QUICK = Limits(create_s=0.8, ask_s=0.8, fetch_s=0.8)


@pytest.fixture(scope="module")
def server() -> Iterator[BFLVendor]:
    with running_thread(BFLVendor()) as vendor:
        yield vendor


@pytest.fixture
def vendor(server: BFLVendor) -> BFLVendor:
    server.admin.reset()
    server.admin.set(working_s=0.0)
    return server


def opened(url: str, limits: Limits | None = None, **more: int) -> BFLProvider:
    return BFLProvider(KEY, OWN, base_url=url, limits=limits, **more)


@pytest.fixture
async def bfl(vendor: BFLVendor, request: pytest.FixtureRequest) -> AsyncIterator[BFLProvider]:
    params = getattr(request.node, "callspec", None)
    slow = params is not None and params.params.get("mode") in SLOW_MODES
    provider = await asyncio.to_thread(opened, vendor.url, QUICK if slow else None)
    yield provider
    await provider.close()


async def ended(bfl: BFLProvider, job: Job) -> Output:
    async with asyncio.timeout(30):
        while True:
            state = await bfl.poll(job)
            if state.output:
                return state.output
            await asyncio.sleep(0.01)


async def made(bfl: BFLProvider, model: ModelCard, **changes: Any) -> Delivered:
    job = await bfl.submit(request(model, **changes))
    return await bfl.fetch(await ended(bfl, job))


# --- every model ---


@EACH
async def test_each_model_makes_its_picture_for_its_price(
    bfl: BFLProvider, vendor: BFLVendor, model: ModelCard
) -> None:
    delivered = await made(bfl, model)
    assert Picture.open(delivered.data).media_type == "image/png"
    assert delivered.cost_usd == pytest.approx(model.price.usd_per_image)
    assert delivered.seed == 7
    state = vendor.admin.state()
    assert state["models"] == [model.name]
    assert state["inputs"] == [payload(request(model))]
    assert state["refused"] == []


@EACH
async def test_each_model_takes_as_many_pictures_as_its_card_says(
    bfl: BFLProvider, vendor: BFLVendor, model: ModelCard
) -> None:
    assert model.references
    given = tuple(picture(colour=f"#0000{n:02x}") for n in range(model.references.maximum))
    delivered = await made(bfl, model, references=given)
    assert delivered.data
    asked = request(model, references=given)
    assert vendor.admin.state()["inputs"] == [payload(asked)]
    assert len([name for name in payload(asked) if "image" in name and name[-1] != "h"]) == len(
        given
    )


@EACH
async def test_one_picture_more_is_refused_before_anything_is_sent(
    bfl: BFLProvider, vendor: BFLVendor, model: ModelCard
) -> None:
    assert model.references
    given = tuple(picture() for _ in range(model.references.maximum + 1))
    with pytest.raises(RejectedError, match=f"at most {model.references.maximum}"):
        await bfl.submit(request(model, references=given))
    assert vendor.admin.state()["calls"] == {}


async def test_twenty_references_where_eight_are_allowed_are_refused(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    with pytest.raises(RejectedError) as caught:
        await bfl.submit(request(card(PRO), references=tuple(picture() for _ in range(20))))
    assert "12" in caught.value.hint
    assert vendor.admin.state()["calls"] == {}


def test_the_init_image_is_the_first_picture_and_references_follow() -> None:
    red, blue = picture(colour="red"), picture(colour="blue")
    sent = payload(request(card(PRO), init_image=red, references=(blue,)))
    alone = payload(request(card(PRO), references=(blue,)))
    assert sent["input_image_2"] == alone["input_image"]
    assert "input_image_2" not in alone


def test_the_weight_of_a_reference_takes_the_place_of_the_setting() -> None:
    asked = request(card("bfl:flux-pro-1.1-ultra"), references=(picture(),))
    used = asked.parameters.references[0].model_copy(update={"weight": 0.75})
    weighed = asked.parameters.model_copy(update={"references": (used,)})
    assert payload(asked)["image_prompt_strength"] == 0.1
    assert payload(replace(asked, parameters=weighed))["image_prompt_strength"] == 0.75


@EACH
def test_no_vendor_default_decides(model: ModelCard) -> None:
    schema, sent = BFL_MODELS[model.name], payload(request(model))
    left = {name for name, one in schema.items() if one.default is not None and name not in sent}
    assert left <= set(model.left_to_vendor)
    assert not set(sent) & set(model.left_to_vendor), "sent, and said to be left"
    assert set(sent) <= set(schema), "not a parameter of the vendor"
    assert not {name for name, value in sent.items() if schema[name].fault(value)}


@EACH
def test_bounds_of_the_card_are_those_of_the_schema(model: ModelCard) -> None:
    schema = BFL_MODELS[model.name]
    for ours, theirs in ((model.steps, "steps"), (model.cfg_scale, "guidance")):
        assert (ours is None) == (theirs not in schema)
        if ours:
            bounds = (schema[theirs].minimum, schema[theirs].maximum, schema[theirs].default)
            assert (ours.minimum, ours.maximum, ours.default) == bounds
    slots = [name for name in schema if name.startswith(("input_image", "image_prompt"))]
    slots = [
        name for name in slots if name not in ("input_image_blob_path", "image_prompt_strength")
    ]
    assert model.references
    assert len(slots) == model.references.maximum


async def test_a_large_picture_goes_up_in_pieces_and_whole(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    large = picture((1500, 1400)) + b"\0" * 2_000_003
    asked = request(card(PRO), init_image=large)
    await bfl.submit(asked)
    assert vendor.admin.state()["inputs"] == [payload(asked)]
    body = Body(asked)
    pieces = [piece async for piece in body]
    assert body.headers["content-length"] == str(sum(map(len, pieces)))
    assert max(map(len, pieces)) < 600_000


# --- a task's life ---


async def test_a_task_is_queued_then_running_with_progress_then_done(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    vendor.admin.set(working_s=3600.0)
    job = await bfl.submit(ASKED)
    assert (await bfl.poll(job)).progress
    vendor.admin.set(working_s=0.0)
    output = await ended(bfl, job)
    assert (output.cost_usd, output.seed) == (0.03, 7)
    assert output.url.startswith(vendor.url)


async def test_a_status_that_we_do_not_know_is_waited_for(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    vendor.admin.fail("create", "strange_status")
    assert await bfl.poll(await bfl.submit(ASKED)) == JobState(phase="running")


@pytest.mark.parametrize(
    ("mode", "kind", "maybe_billed"),
    [
        ("refuse_moderation", RejectedError, None),
        ("refuse_content", RejectedError, None),
        ("failed", UnavailableError, False),
        ("lost", UnavailableError, True),
        ("not_found", UnavailableError, True),
        ("no_sample", BadReplyError, None),
        ("429", RateLimitedError, None),
        ("500", UnavailableError, True),
        ("502", UnavailableError, True),
        ("timeout", UnavailableError, True),
        ("cut", UnavailableError, True),
        ("slow_drip", UnavailableError, True),
        ("broken_json", BadReplyError, None),
        ("wrong_type", BadReplyError, None),
        ("endless", BadReplyError, None),
        ("redirect", BadReplyError, None),
        ("bad_key", RejectedError, None),
    ],
)
async def test_what_a_task_fails_of_is_raised(
    bfl: BFLProvider,
    vendor: BFLVendor,
    mode: str,
    kind: type[ProviderError],
    maybe_billed: bool | None,  # noqa: FBT001 -- a table's column
) -> None:
    job = await bfl.submit(ASKED)
    more = {"delay_s": 9.0} if mode == "slow_drip" else {}
    vendor.admin.fail("poll", mode, **more)
    with pytest.raises(kind) as caught:
        await bfl.poll(job)
    assert getattr(caught.value, "maybe_billed", None) == maybe_billed
    assert caught.value.request_id == job.ref
    assert caught.value.model == "flux-2-pro"
    assert caught.value.hint.endswith(".")
    assert vendor.admin.state()["polls"] == 1


async def test_a_poll_that_failed_can_simply_be_asked_again(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    job = await bfl.submit(ASKED)
    vendor.admin.fail("poll", "502")
    with pytest.raises(UnavailableError):
        await bfl.poll(job)
    assert (await ended(bfl, job)).url


async def test_moderation_says_that_nothing_is_charged(bfl: BFLProvider, vendor: BFLVendor) -> None:
    vendor.admin.fail("create", "refuse_content")
    job = await bfl.submit(ASKED)
    with pytest.raises(RejectedError, match="Safety Filter") as caught:
        await bfl.poll(job)
    assert "charges nothing" in caught.value.hint


async def test_a_task_is_followed_by_another_process_from_what_was_stored(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    job = Job.model_validate_json((await bfl.submit(ASKED)).model_dump_json())
    other = await asyncio.to_thread(opened, vendor.url)
    output = await ended(other, job)
    assert (await other.fetch(output)).cost_usd == 0.03
    await other.close()


async def test_cancelling_stops_nothing_and_harms_nothing(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    job = await bfl.submit(ASKED)
    await bfl.cancel(job)
    assert vendor.admin.state()["calls"] == {"create": 1}
    assert not any(one.cancels for one in OWN)


# --- money ---


async def test_a_lost_answer_is_never_a_reason_to_pay_again(bfl: BFLProvider) -> None:
    with pytest.raises(UnavailableError) as caught:
        await bfl.find(ASKED, datetime.now(UTC))
    assert caught.value.maybe_billed
    assert "cannot be told" in caught.value.hint


async def test_an_answer_without_an_address_is_a_lost_one(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    vendor.admin.fail("create", "no_polling_url")
    with pytest.raises(UnavailableError) as caught:
        await bfl.submit(ASKED)
    assert caught.value.maybe_billed


async def test_what_went_in_is_charged_as_reported(bfl: BFLProvider) -> None:
    large = picture((1600, 1250))
    delivered = await made(bfl, card(PRO), init_image=large)
    assert delivered.cost_usd == pytest.approx(0.03 + 2.0 * 0.015)


async def test_without_a_reported_cost_the_cards_price_stands(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    vendor.admin.fail("create", "no_cost")
    assert (await made(bfl, card("bfl:flux-2-max"))).cost_usd == 0.07


@pytest.mark.parametrize("cost", ["3", True, float("nan"), float("inf"), 10**9, [3], None])
def test_a_cost_that_is_none_is_not_stored(cost: Any) -> None:
    told = {"id": "a", "polling_url": "https://api.bfl.ai/v1/get_result?id=a", "cost": cost}
    accepted = Accepted.model_validate(told)
    assert number(accepted.cost) is None


def test_a_ref_is_read_as_it_was_written() -> None:
    ref = Ref(httpx.URL("https://api.eu2.bfl.ai/v1/get_result?id=a-b"), "flux-pro-1.1", 4.5)
    assert Ref.read(str(ref)) == ref
    bare = Ref(httpx.URL("https://api.eu2.bfl.ai/v1/get_result?id=a"), "flux-dev", None)
    assert Ref.read(str(bare)) == bare


# --- where the key goes ---


@pytest.mark.parametrize(
    "host",
    [
        "https://bfl.ai.evil.example",
        "https://evilbfl.ai",
        "http://api.eu2.bfl.ai",
        "https://api.bfl.ai:8443",
        "https://me@api.bfl.ai",
        "http://169.254.169.254",
        "not an address",
    ],
)
async def test_the_key_goes_to_no_other_host_than_bfls(
    bfl: BFLProvider, vendor: BFLVendor, host: str
) -> None:
    vendor.admin.set(polling_host=host)
    with pytest.raises(UnavailableError) as caught:
        await bfl.submit(ASKED)
    assert caught.value.maybe_billed, "the task was taken"
    with pytest.raises(BadReplyError):
        await bfl.poll(Job(ref=f"{host}/v1/get_result?id=a#model=flux-2-pro"))
    assert vendor.admin.state()["polls"] == 0


@pytest.mark.parametrize("host", ["api.bfl.ai", "api.eu2.bfl.ai", "delivery.eu2.bfl.ai", "bfl.ai"])
def test_every_region_of_bfl_is_spoken_to(host: str) -> None:
    source = Source("BFL", "https://api.bfl.ai", ("bfl.ai",))
    assert source.allows(httpx.URL(f"https://{host}/v1/get_result?id=a"))


async def test_a_server_of_ones_own_is_spoken_to_at_its_address_alone(vendor: BFLVendor) -> None:
    source = Source("BFL", vendor.url, ("bfl.ai",))
    assert source.allows(httpx.URL(f"{vendor.url}/v1/get_result"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not source.allows(httpx.URL(f"http://127.0.0.1:{listener.getsockname()[1]}/"))


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_the_base_url_is_taken_with_and_without_v1(vendor: BFLVendor, suffix: str) -> None:
    provider = await asyncio.to_thread(opened, vendor.url + suffix)
    await provider.submit(ASKED)
    await provider.close()
    assert vendor.admin.state()["creates"] == 1


async def test_the_picture_is_fetched_without_the_key(bfl: BFLProvider, vendor: BFLVendor) -> None:
    await made(bfl, card(PRO))
    state = vendor.admin.state()
    assert state["fetches"] == 1
    assert state["delivery_keys"] == []


# --- fetch ---


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("expired", BadReplyError),
        ("not_found", BadReplyError),
        ("redirect", BadReplyError),
        ("packed", BadReplyError),
        ("endless", BadReplyError),
        ("429", RateLimitedError),
        ("500", UnavailableError),
        ("503", UnavailableError),
        ("cut", UnavailableError),
        ("timeout", UnavailableError),
        ("slow_drip", UnavailableError),
        ("status", BadReplyError),
    ],
)
async def test_a_picture_that_cannot_be_fetched_says_why(
    vendor: BFLVendor, mode: str, kind: type[ProviderError]
) -> None:
    limits = QUICK if mode in SLOW_MODES else None
    bfl = await asyncio.to_thread(opened, vendor.url, limits, max_bytes=4_000_000)
    output = await ended(bfl, await bfl.submit(ASKED))
    vendor.admin.fail("fetch", mode)
    with pytest.raises(kind) as caught:
        await bfl.fetch(output)
    await bfl.close()
    assert caught.value.hint.endswith(".")
    assert getattr(caught.value, "maybe_billed", False) is False
    assert vendor.admin.state()["fetches"] == 1


async def test_an_expired_picture_says_how_long_bfl_keeps_one(
    bfl: BFLProvider, vendor: BFLVendor
) -> None:
    output = await ended(bfl, await bfl.submit(ASKED))
    vendor.admin.fail("fetch", "expired")
    with pytest.raises(BadReplyError, match="expired") as caught:
        await bfl.fetch(output)
    assert "ten minutes" in caught.value.hint


@pytest.mark.parametrize("mode", ["truncated_image", "wrong_type"])
async def test_what_is_no_picture_is_caught_by_the_decoder(
    bfl: BFLProvider, vendor: BFLVendor, mode: str
) -> None:
    output = await ended(bfl, await bfl.submit(ASKED))
    vendor.admin.fail("fetch", mode)
    delivered = await bfl.fetch(output)
    with pytest.raises(Exception, match=r"damaged|not a PNG"):
        Picture.open(delivered.data)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/a.png", "http://delivery.eu2.bfl.ai/a.png", "file:///etc/passwd", "x y"],
)
async def test_a_picture_elsewhere_is_not_fetched(bfl: BFLProvider, address: str) -> None:
    with pytest.raises(BadReplyError):
        await bfl.fetch(Output(url=address))


# --- refusals ---


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("bad_key", "BFL_API_KEY"),
        ("insufficient_credit", "no credit"),
        ("forbidden", "BFL_API_KEY"),
        ("not_found", "--model"),
    ],
)
async def test_a_refusal_says_what_to_do(
    bfl: BFLProvider, vendor: BFLVendor, mode: str, words: str
) -> None:
    vendor.admin.fail("create", mode)
    with pytest.raises(RejectedError) as caught:
        await bfl.submit(ASKED)
    assert words in caught.value.hint
    assert vendor.admin.state()["creates"] == 0


@pytest.mark.parametrize("changes", [{"width": 1001}, {"width": 2048, "height": 2064}])
async def test_a_size_that_bfl_refuses_names_the_field(
    bfl: BFLProvider, vendor: BFLVendor, changes: dict[str, int]
) -> None:
    broken = ASKED.parameters.model_copy(update=changes)
    with pytest.raises(RejectedError, match="width"):
        await bfl.submit(replace(ASKED, parameters=broken))
    assert vendor.admin.state()["creates"] == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"detail":[{"loc":["body","width"],"msg":"too small"}]}', "width: too small"),
        (b'{"detail":"Not authenticated"}', "Not authenticated"),
        (b'{"detail":[1, null]}', ""),
        (b"<html>", "<html>"),
        (b"[" * 100_000, "["),
    ],
)
def test_the_words_of_a_refusal_are_kept(text: bytes, said: str) -> None:
    assert said in AnsweredError(httpx.Response(422), text).said


@pytest.mark.parametrize(("header", "expected"), [("nan", 10.0), ("-4", 0.0), ("1e9", 600.0)])
def test_a_wait_that_makes_no_sense_is_bounded(header: str, expected: float) -> None:
    reply = httpx.Response(429, headers={"retry-after": header})
    with pytest.raises(RateLimitedError) as caught, told(model="m", creates=True):
        raise AnsweredError(reply, b"{}")
    assert caught.value.retry_after_s == expected
