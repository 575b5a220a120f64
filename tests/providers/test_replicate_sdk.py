"""Nine defects of Replicate's SDK 1.0.7, each with the proof that our adapter has none of them."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import RateLimitedError, UnavailableError
from domain.ports import JobState, Output
from providers.replicate.provider import ReplicateProvider
from tests.providers.conftest import QUICK, open_flux
from tests.providers.given import FLUX, card, request
from tests.vendors.replicate import ReplicateVendor, running

ASKED = request(card(FLUX))


async def done(flux: ReplicateProvider) -> Output:
    job = await flux.submit(ASKED)
    async with asyncio.timeout(30):
        while True:
            state = await flux.poll(job)
            if state.output:
                return state.output
            await asyncio.sleep(0.01)


@pytest.fixture
async def hurried(replicate_vendor: ReplicateVendor) -> AsyncIterator[ReplicateProvider]:
    provider = await asyncio.to_thread(open_flux, replicate_vendor.url, limits=QUICK)
    yield provider
    await provider.close()


async def test_a_an_aborted_job_is_a_job_that_was_too_late_and_was_not_billed(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "aborted")
    job = await flux.submit(ASKED)
    with pytest.raises(UnavailableError) as caught:
        await flux.poll(job)
    assert not caught.value.maybe_billed
    assert replicate_vendor.admin.state()["jobs"] == {job.ref: "aborted"}


async def test_b_a_job_is_read_though_its_version_is_not_told(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.set(omit=["version"])
    assert (await done(flux)).model_version is None


async def test_c_what_the_create_call_says_arrives_and_it_waits_for_nothing(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.hold("finish")
    job = await flux.submit(ASKED)
    state = replicate_vendor.admin.state()
    assert state["prefers"] == [None], "no wait is asked for that could be dropped"
    assert state["cancel_after_s"] == [ASKED.card.timeout_s]
    assert state["jobs"] == {job.ref: "starting"}


async def test_d_a_create_call_that_hangs_ends_at_its_time_limit(
    hurried: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "timeout", delay_s=30.0)
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="did not answer in time"):
        await hurried.submit(ASKED)
    assert time.monotonic() - began < 20.0


async def test_e_the_key_stays_here_when_an_output_lies_elsewhere_and_is_moved(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    output = await done(flux)
    replicate_vendor.admin.set(redirect_to=output.url)
    replicate_vendor.admin.fail("fetch", "redirect")
    assert (await flux.fetch(output)).data.startswith(b"\x89PNG")
    state = replicate_vendor.admin.state()
    assert (state["fetches"], state["output_authorizations"]) == (2, [])


@pytest.mark.parametrize(("header", "wait_s"), [("17", 17.0), ("", 7.0), ("soon", 7.0)])
async def test_f_a_wait_is_kept_from_the_header_or_from_the_words(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor, header: str, wait_s: float
) -> None:
    replicate_vendor.admin.fail("create", "429", retry_after=header)
    with pytest.raises(RateLimitedError) as caught:
        await flux.submit(ASKED)
    assert caught.value.retry_after_s == wait_s


async def test_g_a_cancelled_job_and_one_under_way_say_so_instead_of_nothing(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.hold("finish")
    job = await flux.submit(ASKED)
    assert (await flux.poll(job)).phase == "running"
    await flux.cancel(job)
    assert await flux.poll(job) == JobState(phase="cancelled")


async def test_h_an_output_at_an_http_address_of_the_configured_server_is_a_picture(
    flux: ReplicateProvider,
) -> None:
    output = await done(flux)
    assert output.url.startswith("http://127.0.0.1:")
    assert (await flux.fetch(output)).data.startswith(b"\x89PNG")


def test_i_nothing_of_pydantic_1_is_loaded_which_fails_on_python_3_14() -> None:
    program = (
        "import sys, providers.replicate.provider;"
        "print([name for name in sys.modules if name.startswith('pydantic.v1')])"
    )
    ran = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


# --- and of 2.0.0b4, where it concerns us ---


async def test_a_retry_of_the_sdk_is_switched_off(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    replicate_vendor.admin.fail("create", "503", times=3)
    with pytest.raises(UnavailableError):
        await flux.submit(ASKED)
    assert replicate_vendor.admin.state()["calls"]["create"] == 1


async def test_another_server_is_never_spoken_to_by_an_address_in_an_answer(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    async with running(ReplicateVendor()) as other:
        replicate_vendor.admin.set(url=other.url)
        job = await flux.submit(ASKED)
        await flux.poll(job)
        await flux.cancel(job)
        assert other.admin.state()["calls"] == {}
