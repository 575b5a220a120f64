"""Webhooks of Replicate: asked for where we can be told, believed only with its signature."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import ForbiddenError
from domain.ports import Hearing, Job
from providers.replicate.provider import ReplicateProvider
from tests.providers.conftest import open_flux
from tests.providers.given import FLUX, card, request
from tests.vendors.replicate import ReplicateVendor

URL = "https://ai.example.org/webhooks/replicate"
ASKED = request(card(FLUX))
TOLD = replace(ASKED, webhook_url=URL)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def told(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> tuple[Job, dict[str, str], bytes]:
    """A job, and the call that tells of it."""
    job = await flux.submit(TOLD)
    headers, body = replicate_vendor.webhook(job.ref, NOW)
    return job, headers, body


async def test_a_webhook_is_asked_for_when_the_job_has_ended_and_only_where_we_can_be_told(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    await flux.submit(ASKED)
    assert replicate_vendor.admin.state()["calls"] == {"create": 1}, "no key is asked for"
    await flux.submit(TOLD)
    await flux.submit(TOLD)
    state = replicate_vendor.admin.state()
    assert state["webhooks"] == ["", URL, URL]
    assert state["events"] == [[], ["completed"], ["completed"]]
    assert state["calls"]["secret"] == 1, "the key is asked for once"


async def test_a_call_with_replicates_signature_names_its_job(
    flux: ReplicateProvider, told: tuple[Job, dict[str, str], bytes]
) -> None:
    job, headers, body = told
    assert isinstance(flux, Hearing)
    assert flux.heard(headers, body, NOW) == job
    assert flux.heard({k.lower(): v for k, v in headers.items()}, body, NOW) == job
    assert flux.heard(headers, body, NOW + timedelta(seconds=299)) == job


@pytest.mark.parametrize("late_s", [301, -301, 86400 * 400])
async def test_a_call_that_is_not_of_now_is_not_believed(
    flux: ReplicateProvider, told: tuple[Job, dict[str, str], bytes], late_s: int
) -> None:
    _, headers, body = told
    with pytest.raises(ForbiddenError):
        flux.heard(headers, body, NOW + timedelta(seconds=late_s))


@pytest.mark.parametrize(
    "change",
    [
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,bm90IHRoaXM="},
        {"Webhook-Signature": "v1,ü"},
        {"Webhook-Id": "msg_other"},
        {"Webhook-Timestamp": str(int(NOW.timestamp()) + 1)},
        {"Webhook-Timestamp": "soon"},
        {"Webhook-Timestamp": "٣٤"},
        {"Webhook-Timestamp": "9" * 400},
        {"Webhook-Timestamp": ""},
    ],
    ids=str,
)
async def test_a_call_with_a_changed_header_is_not_believed(
    flux: ReplicateProvider,
    told: tuple[Job, dict[str, str], bytes],
    change: dict[str, str],
) -> None:
    _, headers, body = told
    with pytest.raises(ForbiddenError):
        flux.heard(headers | change, body, NOW)


async def test_a_signature_of_another_version_is_none(
    flux: ReplicateProvider, told: tuple[Job, dict[str, str], bytes]
) -> None:
    _, headers, body = told
    other = {"Webhook-Signature": headers["Webhook-Signature"].replace("v1,", "v0,")}
    with pytest.raises(ForbiddenError):
        flux.heard(headers | other, body, NOW)


async def test_a_changed_body_is_not_believed(
    flux: ReplicateProvider, told: tuple[Job, dict[str, str], bytes]
) -> None:
    _, headers, body = told
    with pytest.raises(ForbiddenError):
        flux.heard(headers, body.replace(b"a red fox", b"a red cat"), NOW)
    with pytest.raises(ForbiddenError):
        flux.heard({}, body, NOW)


async def test_a_signed_call_that_tells_of_no_job_is_none(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    job = await flux.submit(TOLD)
    replicate_vendor.admin.set(omit=["id"])
    headers, body = replicate_vendor.webhook(job.ref, NOW)
    assert "id" not in json.loads(body)
    with pytest.raises(ForbiddenError, match="tells of no job"):
        flux.heard(headers, body, NOW)


@pytest.mark.parametrize("secret", ["whsec_!!", "nothing", ""])
async def test_a_key_that_cannot_be_read_believes_nothing(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor, secret: str
) -> None:
    replicate_vendor.admin.set(secret=secret)
    job = await flux.submit(TOLD)
    replicate_vendor.admin.set(secret="whsec_")
    headers, body = replicate_vendor.webhook(job.ref, NOW)
    with pytest.raises(ForbiddenError):
        flux.heard(headers, body, NOW)


@pytest.mark.parametrize("mode", ["500", "forbidden", "broken_json", "wrong_type", "cut"])
async def test_without_the_key_a_job_is_made_all_the_same_and_only_asked_after(
    flux: ReplicateProvider, replicate_vendor: ReplicateVendor, mode: str
) -> None:
    replicate_vendor.admin.fail("secret", mode)
    assert (await flux.submit(TOLD)).ref
    await flux.submit(TOLD)
    assert replicate_vendor.admin.state()["webhooks"] == ["", URL]


@pytest.fixture
async def restarted(replicate_vendor: ReplicateVendor) -> AsyncIterator[ReplicateProvider]:
    provider = await asyncio.to_thread(open_flux, replicate_vendor.url)
    yield provider
    await provider.close()


async def test_after_a_restart_the_key_is_learned_with_the_next_job_that_is_asked_after(
    restarted: ReplicateProvider,
    replicate_vendor: ReplicateVendor,
    told: tuple[Job, dict[str, str], bytes],
) -> None:
    job, headers, body = told
    await restarted.poll(job)
    assert replicate_vendor.admin.state()["calls"]["secret"] == 1, "not asked for unheard"
    with pytest.raises(ForbiddenError, match="not known yet"):
        restarted.heard(headers, body, NOW)
    await restarted.poll(job)
    assert restarted.heard(headers, body, NOW) == job


def test_the_key_is_in_no_repr(flux: ReplicateProvider, replicate_vendor: ReplicateVendor) -> None:
    assert replicate_vendor.secret not in repr(flux)
