"""The hand-off on the console's page: the line to copy, pictures chosen and dropped on the card."""

import base64
from typing import Any

from tests.bot.console import browsing
from tests.bot.console.browsing import opened, seriously
from tests.bot.console.serving import Console
from tests.bot.console.test_road_browser import begun, fresh
from tests.vendors.midjourney import grid

pytestmark = browsing.pytestmark
chromium = browsing.chromium
LINE = "a red fox :: in the snow --seed 7 --model midjourney:v7"
PASTE = "/imagine prompt: a red fox, in the snow --ar 1:1 --seed 7 --stylize 100 --chaos 0 --v 7"
DROP = """([card, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], name, { type: "image/png" }));
  for (const kind of ["dragover", "drop"]) {
    card.dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: held })
    );
  }
}"""


async def handed_over(console: Console, chromium: Any) -> tuple[Any, Any]:
    """Open the page and ask for a run that a person makes."""
    page = await opened(chromium, console.url)
    card = await fresh(page)
    await begun(page, "Ana", LINE)
    await card.locator(".paste").wait_for()
    return page, card


async def test_a_grid_is_chosen_on_the_card(console: Console, chromium: Any) -> None:
    page, card = await handed_over(console, chromium)
    assert await card.locator(".paste").inner_text() == PASTE
    assert not await seriously(page)
    picture = grid("a fox", 400, 400, "PNG")
    files = [{"name": "grid.png", "mimeType": "image/png", "buffer": picture}]
    await card.locator("[data-hand-in]").set_input_files(files)
    await card.locator(".number.approve").nth(3).wait_for(timeout=30_000)
    assert await card.locator(".paste").count() == 0
    assert not page.complaints


async def test_a_grid_is_dropped_and_what_is_wrong_is_said(console: Console, chromium: Any) -> None:
    page, card = await handed_over(console, chromium)
    element = await card.element_handle()
    wrong = base64.b64encode(b"no picture").decode()
    await page.evaluate(DROP, [element, "notes.png", wrong])
    said = card.locator(".answer")
    await said.filter(has_text="PNG, JPEG or WebP").wait_for(timeout=30_000)
    assert await card.locator(".paste").count() == 1, "it still waits"
    right = base64.b64encode(grid("another fox", 400, 400, "PNG")).decode()
    await page.evaluate(DROP, [await card.element_handle(), "grid.png", right])
    await card.locator(".number.approve").nth(3).wait_for(timeout=30_000)
