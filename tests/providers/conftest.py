"""The two loopback vendors and the two adapters, connected."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from providers.openai.provider import OpenAIProvider
from providers.replicate.api import Limits
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import FLARE, FLUX, Here, card
from tests.vendors import openai as openai_server
from tests.vendors import replicate as replicate_server
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor, running_thread


def open_flux(
    url: str, key: str = replicate_server.KEY, limits: Limits | None = None, **more: int
) -> ReplicateProvider:
    return ReplicateProvider(key, [card(FLUX)], Here(), base_url=url, limits=limits, **more)


def open_flare(url: str, key: str = openai_server.KEY) -> OpenAIProvider:
    return OpenAIProvider(key, [card(FLARE)], Here(), base_url=f"{url}/v1")


QUICK = Limits(create_s=0.8, ask_s=0.8, fetch_s=0.8)
SLOW_MODES = ("timeout", "slow_drip")


@pytest.fixture
def limits(request: pytest.FixtureRequest) -> Limits:
    """Short only where a time limit is to be met: a busy machine must fail no other test."""
    params = getattr(request.node, "callspec", None)
    return QUICK if params and params.params.get("mode") in SLOW_MODES else Limits()


@pytest.fixture(scope="module")
def replicate_server_() -> Iterator[ReplicateVendor]:
    with running_thread(ReplicateVendor()) as vendor:
        yield vendor


@pytest.fixture(scope="module")
def openai_server_() -> Iterator[OpenAIVendor]:
    with running_thread(OpenAIVendor()) as vendor:
        yield vendor


@pytest.fixture
def replicate_vendor(replicate_server_: ReplicateVendor) -> ReplicateVendor:
    replicate_server_.admin.reset()
    replicate_server_.admin.set(starting_s=0.0, processing_s=0.0)
    return replicate_server_


@pytest.fixture
def openai_vendor(openai_server_: OpenAIVendor) -> OpenAIVendor:
    openai_server_.admin.reset()
    openai_server_.admin.set(working_s=0.0)
    return openai_server_


@pytest.fixture
async def flux(
    replicate_vendor: ReplicateVendor, limits: Limits
) -> AsyncIterator[ReplicateProvider]:
    provider = await asyncio.to_thread(open_flux, replicate_vendor.url, limits=limits)
    yield provider
    await provider.close()


@pytest.fixture
async def flare(openai_vendor: OpenAIVendor) -> AsyncIterator[OpenAIProvider]:
    provider = await asyncio.to_thread(open_flare, openai_vendor.url)
    yield provider
    await provider.close()
