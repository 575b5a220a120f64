"""A job with pictures whose answer was lost is known again by its pictures, or it is not known."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from domain.errors import ProviderError, UnavailableError
from domain.ports import ImageRequest
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import picture, request
from tests.providers.replicate_given import DEV, FLUX_2, IDEOGRAM, full, open_all, photo
from tests.vendors.replicate import ReplicateVendor

SMALL = request(DEV, init_image=picture())
LARGE = request(DEV, init_image=photo())
SEVERAL = request(FLUX_2, init_image=photo(), references=(picture(), photo(seed=2)))
MASKED = full(IDEOGRAM)
EACH = pytest.mark.parametrize(
    "asked", [SMALL, LARGE, SEVERAL, MASKED], ids=["inside", "file", "several", "masked"]
)


@pytest.fixture
async def models(replicate_vendor: ReplicateVendor) -> AsyncIterator[ReplicateProvider]:
    provider = await asyncio.to_thread(open_all, replicate_vendor.url)
    yield provider
    await provider.close()


def now() -> datetime:
    return datetime.now(UTC)


@EACH
async def test_a_job_whose_answer_was_lost_is_found_by_its_pictures(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, asked: ImageRequest
) -> None:
    since = now()
    replicate_vendor.admin.fail("create", "cut")
    with pytest.raises(UnavailableError):
        await models.submit(asked)
    found = await models.find(asked, since)
    assert found
    assert replicate_vendor.admin.state()["jobs"].keys() == {found.ref}


@pytest.mark.parametrize(
    "other",
    [
        request(DEV, init_image=picture(colour="red")),
        request(DEV, init_image=photo(seed=3)),
        request(DEV),
        request(DEV, init_image=photo(), seed=8),
        request(DEV, init_image=photo(), denoising_strength=0.4),
    ],
    ids=["small", "large", "none", "seed", "strength"],
)
async def test_a_job_of_another_picture_or_number_is_not_ours(
    models: ReplicateProvider, other: ImageRequest
) -> None:
    since = now()
    await models.submit(other)
    assert await models.find(LARGE, since) is None


async def test_more_or_fewer_references_are_another_request(models: ReplicateProvider) -> None:
    since = now()
    await models.submit(request(FLUX_2, init_image=photo(), references=(picture(),)))
    await models.submit(request(FLUX_2))
    assert await models.find(SEVERAL, since) is None


async def test_a_picture_that_is_gone_makes_the_answer_unknown_and_not_no(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    since = now()
    await models.submit(LARGE)
    replicate_vendor.files.clear()
    with pytest.raises(UnavailableError) as caught:
        await models.find(LARGE, since)
    assert caught.value.maybe_billed


@pytest.mark.parametrize(
    "address",
    ["https://replicate.delivery/pbxt/a.png", "data:image/png;base64,!!", "data:", "x"],
)
async def test_an_address_that_says_nothing_of_its_picture_makes_the_answer_unknown(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, address: str
) -> None:
    since = now()
    job = await models.submit(SMALL)
    replicate_vendor.jobs[job.ref].input["image"] = address
    if address == "data:":
        assert await models.find(SMALL, since) is None
        return
    with pytest.raises(UnavailableError):
        await models.find(SMALL, since)


@pytest.mark.parametrize("mode", ["500", "429", "broken_json", "cut", "bad_key"])
async def test_a_file_that_cannot_be_asked_after_is_one_of_our_errors(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor, mode: str
) -> None:
    since = now()
    await models.submit(LARGE)
    replicate_vendor.admin.fail("file", mode)
    with pytest.raises(ProviderError):
        await models.find(LARGE, since)


async def test_no_picture_is_laid_down_again_to_look_for_a_job(
    models: ReplicateProvider, replicate_vendor: ReplicateVendor
) -> None:
    since = now()
    await models.submit(LARGE)
    await models.find(LARGE, since)
    assert replicate_vendor.admin.state()["calls"]["upload"] == 1
