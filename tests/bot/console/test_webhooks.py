"""A vendor's call under the public address, to the real service: believed, or not; nothing else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.app import App
from bot.opening import open_app
from bot.webhooks import ASKED_ALL_THE_SAME_S
from config.settings import load
from tests.bot.console.serving import Console, served
from tests.providers.given import FLUX
from tests.vendors.replicate import ReplicateVendor, running_thread

pytestmark = pytest.mark.asyncio(loop_scope="module")
PUBLIC = {"host": "atelier.example"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vendor() -> AsyncIterator[ReplicateVendor]:
    with running_thread(ReplicateVendor()) as vendor:
        yield vendor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(
    vendor: ReplicateVendor, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[App]:
    folder: Path = tmp_path_factory.mktemp("webhooks")
    environ = {
        "AI_HANDLER_DATA_DIR": str(folder),
        "AI_HANDLER_PUBLIC_URL": "https://atelier.example",
    }
    async with open_app(load("", environ | vendor.environment())) as started:
        await started.pixels.warm()
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(app: App) -> AsyncIterator[Console]:
    http = httpx.AsyncClient(timeout=60, trust_env=False)
    async with served(app) as url, http:
        http.base_url = httpx.URL(url)
        yield Console(app, url, http)


async def job_of(vendor: ReplicateVendor, polls: int) -> str:
    async with asyncio.timeout(20):
        while vendor.calls["poll"] < polls:  # noqa: ASYNC110 -- what a vendor counts rings no bell
            await asyncio.sleep(0.02)
    return next(reversed(vendor.jobs))


async def test_a_call_that_is_theirs_has_the_job_asked_after_at_once(
    console: Console, vendor: ReplicateVendor
) -> None:
    vendor.admin.set(starting_s=0.0, processing_s=0.0)
    vendor.admin.hold("finish")
    taken = await console.imagine(f"a fox --count 1 --model {FLUX}")
    job = await job_of(vendor, polls=1)
    vendor.admin.release("finish")
    now = console.app.clock.now()
    headers, body = vendor.webhook(job, now)
    forged = headers | {"Webhook-Signature": "v1,Zm9yZ2Vk"}
    answer = await console.http.post("/webhooks/replicate", content=body, headers=forged | PUBLIC)
    assert answer.status_code == 403
    assert vendor.calls["poll"] == 1
    answer = await console.http.post("/webhooks/replicate", content=body, headers=headers | PUBLIC)
    assert answer.status_code == 204
    async with asyncio.timeout(ASKED_ALL_THE_SAME_S - 1):
        run = await console.app.ended(taken["id"])
    assert run.state == "done"
    assert vendor.calls["poll"] == 2


@pytest.mark.parametrize("path", ["/webhooks/openai", "/webhooks/nobody", "/webhooks/"])
async def test_a_vendor_that_tells_nothing_has_no_place_there(console: Console, path: str) -> None:
    assert (await console.http.post(path, content=b"{}", headers=PUBLIC)).status_code == 404


async def test_nothing_else_answers_under_the_public_name(console: Console) -> None:
    assert (await console.http.get("/", headers=PUBLIC)).status_code == 404
    assert (await console.http.get("/webhooks/replicate", headers=PUBLIC)).status_code == 404
