"""Stability's creative upscaler: a job that is asked after, fetched once done, never made twice."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image

from domain.errors import (
    BadReplyError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.picture import Picture
from domain.ports import Job, Output
from providers.catalogue import Access, open_catalogue
from providers.stability.api import Limits
from providers.stability.jobs import RUNNING, StabilityJobs
from providers.stability.wire import payload
from tests.providers.conftest import SLOW_MODES
from tests.providers.given import Here, card, cards, picture, request
from tests.vendors.stability import KEY, StabilityVendor, running_thread

CREATIVE = card("stability:upscale-creative")
PHOTO = picture((256, 192), colour="orange")
ASKED = request(CREATIVE, init_image=PHOTO)
AT_ONCE = Limits(between_s=0.0)
QUICK = Limits(make_s=0.8, ask_s=0.8, fetch_s=0.8, between_s=0.0)


@pytest.fixture(scope="module")
def server() -> Iterator[StabilityVendor]:
    with running_thread(StabilityVendor()) as vendor:
        yield vendor


@pytest.fixture
def vendor(server: StabilityVendor) -> StabilityVendor:
    server.admin.reset()
    server.admin.set(working_s=0.0)
    return server


def opened(url: str, limits: Limits = AT_ONCE, key: str = KEY, **more: int) -> StabilityJobs:
    return StabilityJobs(key, [CREATIVE], base_url=url, limits=limits, **more)


@pytest.fixture
async def jobs(
    vendor: StabilityVendor, request: pytest.FixtureRequest
) -> AsyncIterator[StabilityJobs]:
    params = getattr(request.node, "callspec", None)
    slow = params is not None and params.params.get("mode") in SLOW_MODES
    provider = await asyncio.to_thread(opened, vendor.url, QUICK if slow else AT_ONCE)
    yield provider
    await provider.close()


async def done(jobs: StabilityJobs) -> Output:
    output = (await jobs.poll(await jobs.submit(ASKED))).output
    assert output
    return output


async def test_a_job_is_submitted_asked_after_and_fetched(
    jobs: StabilityJobs, vendor: StabilityVendor
) -> None:
    vendor.admin.set(working_s=3600.0)
    under_way = await jobs.submit(ASKED)
    assert await jobs.poll(under_way) == RUNNING
    vendor.admin.set(working_s=0.0)
    output = await done(jobs)
    made = await jobs.fetch(output)
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.size == (512, 384)
    assert (made.cost_usd, made.seed) == (0.6, 7)
    first, second = vendor.admin.state()["inputs"]
    assert first == second == payload(ASKED) | {"endpoint": "upscale/creative"}
    assert vendor.admin.state()["refused"] == []


async def test_a_job_is_asked_after_every_ten_seconds_at_most(vendor: StabilityVendor) -> None:
    assert Limits().between_s == 10.0
    jobs = await asyncio.to_thread(opened, vendor.url, Limits(between_s=3600.0))
    job = await jobs.submit(ASKED)
    assert await jobs.poll(job) == RUNNING
    assert vendor.admin.state()["polls"] == 0
    await jobs.cancel(job)
    await jobs.close()


async def test_a_job_is_followed_by_another_process_from_what_was_stored(
    jobs: StabilityJobs, vendor: StabilityVendor
) -> None:
    job = Job.model_validate_json((await jobs.submit(ASKED)).model_dump_json())
    other = await asyncio.to_thread(opened, vendor.url, Limits(between_s=3600.0))
    output = (await other.poll(job)).output
    assert output
    assert (await other.fetch(Output.model_validate_json(output.model_dump_json()))).data
    await other.close()


async def test_a_lost_answer_is_never_a_reason_to_pay_again(
    jobs: StabilityJobs, vendor: StabilityVendor
) -> None:
    vendor.admin.fail("create", "no_id")
    with pytest.raises(UnavailableError) as lost:
        await jobs.submit(ASKED)
    with pytest.raises(UnavailableError) as asked:
        await jobs.find(ASKED, datetime.now(UTC))
    assert lost.value.maybe_billed
    assert asked.value.maybe_billed
    assert "cannot be told" in asked.value.hint


async def test_what_came_blurred_is_a_refusal_when_asked_and_when_fetched(
    jobs: StabilityJobs, vendor: StabilityVendor
) -> None:
    job = await jobs.submit(ASKED)
    vendor.admin.fail("poll", "filtered")
    with pytest.raises(RejectedError, match="blurred"):
        await jobs.poll(job)
    output = await done(jobs)
    vendor.admin.fail("poll", "filtered")
    with pytest.raises(RejectedError, match="blurred"):
        await jobs.fetch(output)


@pytest.mark.parametrize(
    ("mode", "kind", "maybe_billed"),
    [
        ("429", RateLimitedError, None),
        ("refuse_moderation", RejectedError, None),
        ("insufficient_credit", RejectedError, None),
        ("bad_key", RejectedError, None),
        ("500", UnavailableError, True),
        ("cut", UnavailableError, True),
        ("timeout", UnavailableError, True),
        ("broken_json", UnavailableError, True),
        ("redirect", BadReplyError, None),
    ],
)
async def test_a_create_call_that_fails_becomes_one_of_our_errors(
    jobs: StabilityJobs,
    vendor: StabilityVendor,
    mode: str,
    kind: type[ProviderError],
    maybe_billed: bool | None,  # noqa: FBT001 -- a table's column
) -> None:
    vendor.admin.fail("create", mode)
    with pytest.raises(kind) as caught:
        await jobs.submit(ASKED)
    assert caught.value.hint.endswith(".")
    assert getattr(caught.value, "maybe_billed", None) == maybe_billed
    assert vendor.admin.state()["calls"] == {"create": 1}


@pytest.mark.parametrize(
    ("mode", "kind", "maybe_billed"),
    [
        ("429", RateLimitedError, None),
        ("refuse_moderation", RejectedError, None),
        ("not_found", UnavailableError, True),
        ("500", UnavailableError, True),
        ("502", UnavailableError, True),
        ("timeout", UnavailableError, True),
        ("unfinished", BadReplyError, None),
        ("broken_json", BadReplyError, None),
        ("wrong_type", BadReplyError, None),
        ("redirect", BadReplyError, None),
        ("bad_key", RejectedError, None),
    ],
)
async def test_what_a_job_fails_of_is_raised(
    jobs: StabilityJobs,
    vendor: StabilityVendor,
    mode: str,
    kind: type[ProviderError],
    maybe_billed: bool | None,  # noqa: FBT001 -- a table's column
) -> None:
    job = await jobs.submit(ASKED)
    vendor.admin.fail("poll", mode)
    with pytest.raises(kind) as caught:
        await jobs.poll(job)
    assert getattr(caught.value, "maybe_billed", None) == maybe_billed
    assert caught.value.request_id == job.ref
    assert caught.value.model == "upscale-creative"
    assert caught.value.hint.endswith(".")
    assert vendor.admin.state()["polls"] == 1


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("cut", UnavailableError),
        ("slow_drip", UnavailableError),
        ("timeout", UnavailableError),
        ("500", UnavailableError),
        ("not_found", UnavailableError),
        ("endless", BadReplyError),
        ("wrong_type", BadReplyError),
        ("redirect", BadReplyError),
    ],
)
async def test_a_picture_that_cannot_be_fetched_says_why(
    vendor: StabilityVendor, mode: str, kind: type[ProviderError]
) -> None:
    limits = QUICK if mode in SLOW_MODES else AT_ONCE
    jobs = await asyncio.to_thread(opened, vendor.url, limits, max_bytes=4_000_000)
    output = await done(jobs)
    vendor.admin.fail("poll", mode, **({"delay_s": 9.0} if mode == "slow_drip" else {}))
    with pytest.raises(kind) as caught:
        await jobs.fetch(output)
    await jobs.close()
    assert caught.value.hint.endswith(".")


async def test_half_a_picture_is_caught_by_the_decoder(
    jobs: StabilityJobs, vendor: StabilityVendor
) -> None:
    output = await done(jobs)
    vendor.admin.fail("poll", "truncated_image")
    delivered = await jobs.fetch(output)
    with pytest.raises(Exception, match=r"damaged|not a PNG"):
        Picture.open(delivered.data)


@pytest.mark.parametrize("ref", ["", "../../v1/user/balance", "https://evil.example/a#m", "a b#m"])
async def test_only_results_are_asked_for(
    jobs: StabilityJobs, vendor: StabilityVendor, ref: str
) -> None:
    with pytest.raises(BadReplyError):
        await jobs.poll(Job(ref=ref))
    with pytest.raises(BadReplyError):
        await jobs.fetch(Output(url=ref))
    assert vendor.admin.state()["calls"] == {}


async def test_a_wrong_key_makes_nothing_and_is_never_shown(vendor: StabilityVendor) -> None:
    jobs = await asyncio.to_thread(opened, vendor.url, key="sk-wrong")
    with pytest.raises(RejectedError) as caught:
        await jobs.submit(ASKED)
    assert "STABILITY_API_KEY" in caught.value.hint
    assert "sk-wrong" not in f"{caught.value} {jobs!r} {vars(jobs)}"
    assert vendor.admin.state()["creates"] == 0
    await jobs.close()


async def test_one_key_opens_calls_that_answer_at_once_and_jobs() -> None:
    own = [one for one in cards().values() if one.provider == "stability"]
    catalogue = open_catalogue(own, {"stability": Access("sk-key")}, Here())
    await asyncio.to_thread(catalogue.open_all)
    assert [one.answers for one in catalogue.opened()] == ["blocking", "polled"]
    for one in own:
        assert catalogue.provider(one).answers == one.answers
    await catalogue.close()
