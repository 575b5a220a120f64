"""The review queue in a real browser: its orders, several reasons, who looks, and the digest."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, opened, seriously
from tests.bot.console.serving import Console
from tests.bot.console.test_desk_browser import WIDER, at, seated

pytestmark = browsing.pytestmark
chromium = browsing.chromium
SETTINGS = "[scoring.pixels]\nsaturation_mean = 0.01\n"


async def test_the_order_is_turned_and_kept_while_one_decides(
    console: Console, chromium: Any
) -> None:
    page = await seated(console, chromium, "a red fox :: in the snow --count 3 --seed 7")
    await page.get_by_role("link", name="Closest calls").click()
    first, second = [one.number for one in await console.app.queue.page("close", limit=2)]
    await at(page, first)
    assert await page.locator(".orders [aria-current]").all_inner_texts() == ["Closest calls"]
    close = await console.app.queue.page("close", limit=1)
    assert close[0].says in await page.locator(".stands").inner_text()
    await page.keyboard.press("a")
    await at(page, second)
    assert "Closest call" in await page.locator(".stands").inner_text()
    await page.keyboard.press("u")
    await at(page, first)
    assert page.complaints == []


async def test_several_reasons_are_marked_and_one_is_one_tap(
    console: Console, chromium: Any
) -> None:
    page = await seated(console, chromium, "a red kite --count 3 --seed 7")
    await page.keyboard.press("s")
    await page.keyboard.press("1")
    await page.keyboard.press("4")
    await page.keyboard.press("3")
    await page.keyboard.press("3")
    await page.locator("[data-do=marked]").click()
    await at(page, 2)
    await page.keyboard.press("r")
    await page.keyboard.press("2")
    await at(page, 3)
    found = await console.app.kinship.decisions(page.run)
    assert [one.reason for one in found] == ["hands, crop", "face"]
    shown = await page.request.get(f"{console.url}/runs/{page.run}")
    assert "hands or fingers are wrong; cut off, or framed badly" in await shown.text()
    assert page.complaints == []


async def test_who_looks_is_marked_and_shown_as_ones_own(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red barn --count 2 --seed 7")
    await page.keyboard.press("l")
    await page.locator("[data-assigned]").get_by_text("You are asked").wait_for()
    await page.get_by_role("link", name="Mine 1").click()
    await at(page, 1)
    assert "1 picture for you" in await page.locator(".docket").inner_text()
    other = await opened(chromium, f"{console.url}/review?at={page.run}.1")
    await other.fill("#name", "Ben")
    await other.press("#name", "Enter")
    assert "Ana is asked" in await other.locator("[data-assigned]").inner_text()
    await page.keyboard.press("l")
    await page.locator("[data-assigned]").wait_for(state="detached")


async def test_the_second_of_two_is_told_who_was_first(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red door --count 2 --seed 7")
    await console.say(page.run, "reject 1 crop --first", "Ben")
    await page.locator(".history").get_by_text("Ben").wait_for()
    await page.keyboard.press("a")
    await page.locator("#errors").get_by_text("Ben was first: #1 is rejected").wait_for()
    run = await console.app.log.run(page.run)
    assert run.artworks[0].approvals == ()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    page = await seated(console, chromium, "a red chair --count 2 --seed 7")
    await page.emulate_media(color_scheme=theme)
    await page.keyboard.press("l")
    await page.locator("[data-assigned]").wait_for()
    await page.keyboard.press("s")
    await page.keyboard.press("2")
    for path in ("", "/review?by=disagree", "/review?by=close&mine=yes", "/digest"):
        if path:
            await page.goto(console.url + path)
        assert await seriously(page) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for path in ("/review?by=close", "/digest"):
        await page.goto(console.url + path)
        assert await seriously(page) == []
        assert await page.evaluate(WIDER) == [], f"{path} is wider than a phone"
    assert page.complaints == []
