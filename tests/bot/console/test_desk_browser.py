"""The review desk and the gallery in a real browser, by keyboard; strict triage fills the queue."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, opened, seriously
from tests.bot.console.serving import Console

pytestmark = browsing.pytestmark
chromium = browsing.chromium
WIDER = """[...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .filter((one) => document.documentElement.scrollWidth > innerWidth)
  .map((one) => one.outerHTML.slice(0, 160))"""
SETTINGS = "[scoring.pixels]\nsaturation_mean = 0.0\n"


async def seated(console: Console, chromium: Any, line: str, name: str = "Ana") -> Any:
    """Make pictures that wait, and sit down before the first of them."""
    run = await console.made(line)
    page = await opened(chromium, f"{console.url}/review?at={run['id']}.1")
    await page.fill("#name", name)
    await page.press("#name", "Enter")
    page.run = run["id"]
    return page


async def at(page: Any, number: int) -> None:
    """Wait until picture *number* lies on the desk."""
    await page.locator(f"#seat[data-place='{page.run}.{number}']").wait_for()


async def test_decided_by_keys_and_taken_back(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red fox :: in the snow --count 3 --seed 7")
    await page.keyboard.press("a")
    await at(page, 2)
    assert "Approved #1 of r1" in await page.locator("#done").inner_text()
    await page.keyboard.press("r")
    await page.keyboard.press("4")
    await at(page, 3)
    assert "Rejected for “crop”: #2 of r1" in await page.locator("#done").inner_text()
    await page.keyboard.press("u")
    await at(page, 2)
    history = await page.locator(".history li").all_inner_texts()
    assert [said.split(" #")[0] for said in history] == [
        "Ana rejected",
        "Ana took back the decision on",
    ]
    run = await console.app.log.run(page.run)
    assert [made.approved for made in run.artworks] == [True, False, False]
    assert run.artworks[1].rejected_by == ()
    assert page.complaints == []


async def test_no_slip_decides(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red kite --count 2 --seed 7")
    await page.keyboard.press("4")  # a reason without R before it
    await page.keyboard.press("r")
    await page.keyboard.press("Escape")
    await page.keyboard.press("4")
    await page.keyboard.press("u")  # nothing to take back
    await page.keyboard.press("Control+a")
    await page.keyboard.press("n")
    await at(page, 2)
    await page.keyboard.press("b")
    await at(page, 1)
    assert await console.app.kinship.decisions(page.run) == []


async def test_another_reason_in_ones_own_words(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red barn --count 2 --seed 7")
    await page.keyboard.press("r")
    await page.locator("[data-other]").focus()
    await page.keyboard.type("<b>an arm</b> too many")  # letters here are no commands
    await page.keyboard.press("Enter")
    await at(page, 2)
    found = await console.app.kinship.decisions(page.run)
    assert [one.reason for one in found] == ["<b>an arm</b> too many"]
    await page.keyboard.press("b")
    await at(page, 1)
    assert "<b>an arm</b> too many" in await page.locator(".history").inner_text()


async def test_who_decides_meanwhile_is_seen(console: Console, chromium: Any) -> None:
    page = await seated(console, chromium, "a red door --count 2 --seed 7")
    await console.say(page.run, "approve 1", "Ben")
    await page.locator(".history").get_by_text("Ben").wait_for()
    await at(page, 1)


async def test_the_wall_goes_on_and_turns_by_arrows(console: Console, chromium: Any) -> None:
    for seed in range(1, 9):
        await console.made(f"a pebble --count 8 --seed {seed}")
    page = await opened(chromium, f"{console.url}/gallery?q=pebble")
    await page.locator(".piece .open").nth(59).focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowRight")
    await page.locator(".piece").nth(63).wait_for(state="attached")
    sixtieth = await page.locator(".piece .open").nth(60).get_attribute("href")
    await page.locator(f"#viewer-image[src$='{sixtieth}']").wait_for()
    await page.keyboard.press("Escape")
    await page.locator(f".open:focus[href='{sixtieth}']").wait_for()
    assert page.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    page = await seated(console, chromium, "a red chair --count 2 --seed 7")
    await page.keyboard.press("n")
    await at(page, 2)
    await page.keyboard.press("r")
    await page.emulate_media(color_scheme=theme)
    assert await seriously(page) == []
    await page.keyboard.press("1")
    await page.locator("#done").get_by_text("Undo").wait_for()
    assert await seriously(page) == []
    await page.goto(f"{console.url}/gallery?q=chair")
    await page.locator(".choose input").first.check()
    assert await seriously(page) == []
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for path in ("/", "/review", "/gallery", "/models", f"/runs/{page.run}/details"):
        await page.goto(console.url + path)
        assert await seriously(page) == []
        assert await page.evaluate(WIDER) == [], f"{path} is wider than a phone"
