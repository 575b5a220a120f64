"""The real service, killed in the middle of a run with the page open, and started again."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.bot.console import browsing
from tests.bot.console.browsing import opened, seriously

pytestmark = browsing.pytestmark
chromium = browsing.chromium
ROOT = Path(__file__).parents[3]
MADE_MS = 60_000


@asynccontextmanager
async def service(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the service as a process of its own until the block ends; it may be killed before."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AI_HANDLER")}
    own = {"AI_HANDLER_DATA_DIR": str(folder), "AI_HANDLER_CONSOLE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        env=kept | own | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await ready(port)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def ready(port: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_a_first_visit_teaches_and_one_click_makes_pictures(
    chromium: Any, tmp_path: Path
) -> None:
    port = free_port()
    async with service(tmp_path, port):
        for theme in ("light", "dark"):
            page = await opened(chromium, f"http://127.0.0.1:{port}", theme)
            await page.locator("#welcome").wait_for()
            assert await seriously(page) == []
        await page.locator("[data-example]").nth(1).click()
        await page.locator("#name:focus").wait_for()  # asked once, then it goes on by itself
        await page.keyboard.type("Ana")
        await page.keyboard.press("Enter")
        await page.locator(".card .number.approve").nth(3).wait_for(timeout=MADE_MS)
        assert await page.locator("#welcome").count() == 0
        assert page.complaints == []


async def test_a_killed_service_finishes_the_card_on_the_open_page(
    chromium: Any, tmp_path: Path
) -> None:
    port = free_port()
    async with service(tmp_path, port) as process:
        page = await opened(chromium, f"http://127.0.0.1:{port}")
        await page.fill("#name", "Ana")
        await page.fill("#text", "an otter :: in a river :: :: ink and wash --count 8 --seed 9")
        await page.press("#text", "Enter")
        await page.locator(".card .tile img").first.wait_for(timeout=MADE_MS)
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        await page.locator("#live").get_by_text("Not connected").wait_for()
    assert await page.locator(".number.approve").count() == 0
    async with service(tmp_path, port):
        await page.locator(".card .number.approve").nth(7).wait_for(timeout=MADE_MS)
        assert await page.locator(".feed > .card").count() == 1
        assert await page.locator(".card .tile img").count() == 8
        await page.locator("#live").get_by_text("Not connected").wait_for(state="detached")
