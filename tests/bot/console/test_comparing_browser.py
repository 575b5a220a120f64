"""The compare page in a real browser: the switch and the slider by keyboard, in both themes."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing as browser
from tests.bot.console.serving import Console
from tests.bot.console.test_comparing import child
from tests.bot.console.test_pages import MARKUP

pytestmark = browser.pytestmark
chromium = browser.chromium
LINE = "a red fox :: in the snow :: wide shot :: cinematic, soft --count 1 --seed 7"
REVEAL = "document.querySelector('[data-slider]').style.getPropertyValue('--reveal')"
CLIP = "getComputedStyle(document.querySelector('.slides > .new .shown')).clipPath"
LEFT = "getComputedStyle(document.querySelector('.divide')).left"


async def compared(console: Console, chromium: Any, change: str, **how: Any) -> Any:
    """Open the compare page of a run and its changed child."""
    base = await console.made(LINE)
    run = await child(console, base, change)
    return await browser.opened(chromium, f"{console.url}/compare?a={run['id']}", **how)


async def test_the_slider_is_moved_by_keyboard(console: Console, chromium: Any) -> None:
    page = await compared(console, chromium, "style: hard")
    assert await page.locator(".reveal").first.is_hidden()
    await page.get_by_role("radio", name="Side by side").focus()
    await page.keyboard.press("ArrowRight")
    slider = page.get_by_role("slider", name="Picture 1: how much of r1 shows")
    await slider.focus()
    assert await page.evaluate(REVEAL) == "50%"
    before = await page.evaluate(CLIP), await page.evaluate(LEFT)
    await page.keyboard.press("ArrowRight")
    assert await page.evaluate(REVEAL) == "51%"
    assert await slider.get_attribute("aria-valuetext") == "51 % r1, 49 % r2"
    after = await page.evaluate(CLIP), await page.evaluate(LEFT)
    assert before[0] != after[0]
    assert before[1] != after[1]
    await page.keyboard.press("Home")
    assert await page.evaluate(REVEAL) == "0%"
    await page.get_by_role("radio", name="Slider").focus()
    await page.keyboard.press("ArrowLeft")
    assert await slider.is_hidden()
    assert page.complaints == []
    assert page.asked == {console.url.split("/")[2]}


async def test_pressing_a_picture_brings_the_slider_there(console: Console, chromium: Any) -> None:
    page = await compared(console, chromium, "style: hard")
    await page.get_by_role("radio", name="Slider").check()
    box = await page.locator("[data-slider]").first.bounding_box()
    place = {"x": box["width"] * 0.25, "y": box["height"] * 0.5}
    await page.locator(".reveal").first.click(position=place)
    assert await page.evaluate(REVEAL) == "25%"


async def test_pictures_lie_exactly_over_each_other(console: Console, chromium: Any) -> None:
    page = await compared(console, chromium, "style: hard")
    await page.get_by_role("radio", name="Slider").check()
    pair = page.locator("[data-slider]").first
    boxes = [await pair.locator("img").nth(place).bounding_box() for place in (0, 1)]
    assert boxes[0] == boxes[1]


async def test_a_wide_picture_stands_in_the_middle_of_a_square(
    console: Console, chromium: Any
) -> None:
    page = await compared(console, chromium, "edit --ar 16:9")
    await page.get_by_role("radio", name="Slider").check()
    pair = page.locator("[data-slider]").first
    square, wide = [await pair.locator("img").nth(place).bounding_box() for place in (0, 1)]
    assert wide["width"] == pytest.approx(square["width"], abs=1)
    middles = [box["y"] + box["height"] / 2 for box in (square, wide)]
    assert middles[0] == pytest.approx(middles[1], abs=1)
    whole = await pair.bounding_box()
    assert whole["height"] == pytest.approx(square["height"], abs=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    page = await compared(console, chromium, "style: hard", theme=theme)
    for closed in await page.locator("summary").all():
        await closed.click()
    assert await browser.seriously(page) == []
    await page.get_by_role("radio", name="Slider").check()
    assert await browser.seriously(page) == []
    for path in ("/compare", "/compare?a=nonsense"):
        await page.goto(console.url + path)
        assert await browser.seriously(page) == []


async def test_a_picture_opens_large_and_turns_to_the_other_run(
    console: Console, chromium: Any
) -> None:
    page = await compared(console, chromium, "style: hard")
    await page.locator(".pair .open").first.press("Enter")
    first = await page.get_attribute("#viewer-image", "src")
    await page.keyboard.press("ArrowRight")
    assert await page.get_attribute("#viewer-image", "src") != first
    assert (await page.inner_text("#viewer-words")).startswith("r2 #1")
    await page.keyboard.press("Escape")
    assert await page.locator("#viewer").is_hidden()


async def test_a_phone_stacks_the_sides_and_does_not_scroll_sideways(
    console: Console, chromium: Any
) -> None:
    page = await compared(console, chromium, "edit --ar 16:9 --count 2")
    await page.set_viewport_size({"width": 360, "height": 740})
    heads = [await page.locator(".head").nth(place).bounding_box() for place in (0, 1)]
    assert heads[1]["y"] >= heads[0]["y"] + heads[0]["height"]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_the_form_works_without_a_script(console: Console, chromium: Any) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "style: hard")
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{console.url}/compare")
    await page.select_option("#choose-a", run["id"])
    await page.get_by_role("button", name="Compare").click()
    assert await page.inner_text("h1") == "r2 against r1"
    assert await page.locator("#switch").is_hidden()
    assert await page.locator(".pair .side img").count() == 2


async def test_markup_in_words_stays_words(console: Console, chromium: Any) -> None:
    base = await console.made(f"{MARKUP} --count 1")
    run = await child(console, base, "style: <script>alert(3)</script>")
    page = await browser.opened(chromium, f"{console.url}/compare?a={run['id']}")
    await page.get_by_role("radio", name="Slider").check()
    assert await page.locator("main script, main img[src=x]").count() == 0
    assert "<script>alert(3)</script>" in await page.inner_text(".diff ins")
    assert page.complaints == []
