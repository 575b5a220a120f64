"""The grid of a family in a real browser: headings, keys, one cell at a time."""

from typing import Any

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, WIDE, opened
from tests.bot.console.serving import Console
from tests.bot.console.test_road_browser import MADE_MS, begun, fresh

pytestmark = browsing.pytestmark
chromium = browsing.chromium
LINE = "a red {fox, owl} :: in the snow :: :: {night, outline, } --count 1 --seed 7"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_cells_stand_under_their_headings_and_one_is_chosen_by_keys(
    console: Console, chromium: Any, size: tuple[int, int]
) -> None:
    page = await opened(chromium, console.url, size=size)
    card = await fresh(page)
    await begun(page, "Ana", LINE)
    await card.locator(".matrix-foot .button").nth(5).wait_for(timeout=MADE_MS)
    heads = await card.locator(".matrix thead th").all_inner_texts()
    assert [text.split()[-1] for text in heads] == ["night", "outline", "(nothing)"]
    rows = await card.locator(".matrix th[scope=row]").all_inner_texts()
    assert [text.split()[-1] for text in rows] == ["fox", "owl"]
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    assert await page.evaluate(wide), "only the grid itself scrolls"
    await card.locator(".matrix-foot .button").nth(3).focus()
    await page.keyboard.press("Enter")
    await card.locator(".model-chosen").wait_for()
    assert await card.locator("section:has(.model-chosen)").get_attribute("aria-label") == (
        "r4, subject owl · style night"
    )
