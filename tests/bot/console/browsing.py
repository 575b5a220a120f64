"""A real browser for the tests of pages: opened without a trace, watched for complaints."""

import shutil
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
import pytest_asyncio

CHROMIUM = shutil.which("chromium")
WHY = "chromium is missing: install it with `apt-get install chromium`"
try:
    from axe_playwright_python.async_playwright import Axe
    from playwright.async_api import async_playwright
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
WIDE, PHONE = (1280, 900), (390, 844)
FOCUSED = (
    "(({ ariaLabel, id, textContent }) => ariaLabel || id || textContent)(document.activeElement)"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGS])
        yield browser
        await browser.close()


async def opened(
    chromium: Any,
    url: str,
    theme: Literal["light", "dark"] = "light",
    *,
    size: tuple[int, int] = WIDE,
    **how: Any,
) -> Any:
    """Open the page, and keep what it complains of and whom it asks."""
    context = await chromium.new_context(
        color_scheme=theme, viewport={"width": size[0], "height": size[1]}, **how
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
    for _ in range(120):
        await page.keyboard.press("Tab")
        if (await page.evaluate(FOCUSED)).strip() == name:
            return
    raise AssertionError(f"{name} was not reached")


async def seriously(page: Any) -> list[str]:
    """Return what axe finds serious on the page as it stands."""
    await page.wait_for_timeout(400)  # what moves in has arrived
    found = await Axe().run(page)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found.response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
