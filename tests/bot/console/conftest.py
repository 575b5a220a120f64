"""A real service on a port of loopback: the real app, the real sketch provider, a fresh folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from blockbuster import BlockBuster

from bot.app import App
from bot.opening import open_app
from config.settings import load
from tests.bot.console.serving import Console, served


@pytest.fixture(autouse=True)
def looks_for_files(watched_loop: BlockBuster) -> None:
    """Let ``LocalArtifacts.find`` look whether a file is there: microseconds, on a local disk."""
    watched_loop.functions["os.stat"].can_block_in("storage/artifacts.py", "find")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[App]:
    """The started service; a module may lay settings of its own over the defaults: SETTINGS."""
    folder: Path = tmp_path_factory.mktemp("console")
    toml = getattr(request.module, "SETTINGS", "")
    async with open_app(load(toml, {"AI_HANDLER_DATA_DIR": str(folder)})) as started:
        await started.pixels.warm()  # its processes are started before the loop is watched
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def console(app: App) -> AsyncIterator[Console]:
    http = httpx.AsyncClient(timeout=60, trust_env=False)
    async with served(app) as url, http:
        http.base_url = httpx.URL(url)
        yield Console(app, url, http)
