"""The console in a real browser: the pictures, its errors, its themes, a restart under it."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import opened, seriously
from tests.bot.console.serving import Console, served

pytestmark = browsing.pytestmark
chromium = browsing.chromium


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    run = await console.made("a heron :: on a lake :: :: ink and wash :: text --count 2")
    await console.say(run["id"], "pick 1")
    await console.say(run["id"], "approve 1")
    page = await opened(chromium, console.url, theme)
    assert await seriously(page) == []
    await page.locator(".glance").last.click()
    await page.locator(".lines .note").first.wait_for()
    assert await seriously(page) == []
    await page.locator("#feed [data-details]").last.click()
    assert await seriously(page) == []
    pages = (
        f"/runs/{run['id']}/details",
        "/api/docs",
        "/gallery",
        "/models",
        "/review",
        "/compare",
        "/nothing-here",
    )
    for path in pages:
        await page.goto(console.url + path)
        assert await seriously(page) == []


async def test_an_error_keeps_the_text_and_one_click_mends_it(
    console: Console, chromium: Any
) -> None:
    page = await opened(chromium, console.url)
    await page.fill("#name", "Ana")
    await page.fill("#text", "a fox --steps 9000 --count 1")
    await page.press("#text", "Enter")
    await page.click(".errors .near")
    assert await page.input_value("#text") == "a fox --steps 150 --count 1"


async def test_a_picture_opens_large_and_turns_by_arrows(console: Console, chromium: Any) -> None:
    run = await console.made("a heron --count 2 --seed 1")
    page = await opened(chromium, f"{console.url}/runs/{run['id']}")
    await page.locator("#feed .open").first.press("Enter")
    await page.keyboard.press("ArrowRight")
    source = await page.get_attribute("#viewer-image", "src")
    assert source == f"/api/artworks/{run['artworks'][1]['digest']}" or (source or "").endswith(
        run["artworks"][1]["digest"]
    )
    await page.keyboard.press("Escape")
    assert await page.locator("#viewer").is_hidden()


async def test_an_open_page_is_true_again_after_a_restart(console: Console, chromium: Any) -> None:
    async with served(console.app) as url:
        page = await opened(chromium, url)
        port = int(url.rpartition(":")[2])
    run = await console.made("an otter --count 1")
    async with served(console.app, port):
        await page.wait_for_selector(f"#run-{run['id']} img", timeout=15_000)
        assert await page.locator(f"#run-{run['id']}").count() == 1
