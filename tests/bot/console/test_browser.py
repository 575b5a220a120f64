"""The whole way in a real browser, by keyboard: make, pick, approve, reply; in both themes."""

import shutil
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
import pytest_asyncio

from tests.bot.console.serving import Console, served

CHROMIUM = shutil.which("chromium")
WHY = "chromium is missing: install it with `apt-get install chromium`"
try:
    from axe_playwright_python.async_playwright import Axe
    from playwright.async_api import Page, async_playwright
except ImportError:  # the light set has neither
    CHROMIUM, WHY = None, "install them with `make test`: playwright, axe-playwright-python"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason=WHY),
]
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FOCUSED = (
    "(({ ariaLabel, id, textContent }) => ariaLabel || id || textContent)(document.activeElement)"
)
LINE = "a red fox :: in the snow at dusk :: wide shot :: flat illustration --count 2 --seed 7"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS])
        yield browser
        await browser.close()


async def opened(chromium: Any, url: str, theme: Literal["light", "dark"] = "light") -> Any:
    """Open the page, and keep what it complains of and whom it asks."""
    context = await chromium.new_context(
        color_scheme=theme, viewport={"width": 1280, "height": 900}
    )
    page = await context.new_page()
    page.complaints, page.asked = [], set()
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.asked.add(request.url.split("/")[2]))
    await page.goto(url)
    return page


async def tab_to(page: Any, name: str) -> None:
    """Go to a control by nothing but the Tab key."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if (await page.evaluate(FOCUSED)).strip() == name:
            return
    raise AssertionError(f"{name} was not reached")


async def seriously(page: Page) -> list[str]:
    """Return what axe finds serious on the page as it stands."""
    await page.wait_for_timeout(400)  # what moves in has arrived
    found = await Axe().run(page)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


async def test_the_whole_way_by_keyboard(console: Console, chromium: Any) -> None:
    page = await opened(chromium, console.url)
    await tab_to(page, "name")
    await page.keyboard.type("Ana")
    await page.keyboard.press("Enter")
    await page.keyboard.type(LINE)
    assert await page.locator("#ink .seg-style").inner_text() == "flat illustration"
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".card .tile img >> nth=1", timeout=30_000)
    await page.wait_for_selector(".card .number.approve")
    await page.locator("body").focus()
    await tab_to(page, "Pick 2")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".votes")
    await tab_to(page, "Approve 2")
    await page.keyboard.press("Space")
    await page.wait_for_selector(".mark-approved")
    assert await page.evaluate("document.activeElement.ariaLabel") == "Approve 2"
    await page.locator(".glance").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#reply-text:focus")
    await page.keyboard.type("style: more cinematic")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".lines .card .number.approve", timeout=30_000)
    said = await page.locator(".lines .card .seg-style").inner_text()
    assert said == "flat illustration, cinematic"
    await page.keyboard.press("Escape")
    assert await page.locator("#thread").is_hidden()
    assert page.complaints == []
    assert page.asked == {console.url.split("/")[2]}


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
    for path in (f"/runs/{run['id']}/details", "/api/docs"):
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
