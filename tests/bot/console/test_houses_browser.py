"""The page of house styles, characters and LoRA in a real browser: by keys, in both themes."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, WIDE, opened, seriously, tab_to
from tests.bot.console.serving import Console
from tests.bot.console.test_desk_browser import WIDER

pytestmark = browsing.pytestmark
chromium = browsing.chromium


async def said(console: Console, line: str) -> str:
    body = {"text": line, "as": "Ana", "at": "channel"}
    response = await console.http.post("/api/say", json=body)
    assert response.status_code < 300, response.text
    return str(response.json()["text"])


async def filled(console: Console) -> dict[str, Any]:
    run = await console.made("a red fox :: in the snow :: :: flat ink --count 2 --seed 7")
    one, two = (made["digest"] for made in run["artworks"])
    await said(console, f"houses save noir ink and fog --ref {one}:style --no text --seed 4")
    await said(console, f"houses save noir ink, fog and rain --ref {one}:style, {two}:style")
    await said(console, f"characters save mara a woman with red hair --ref {two}:subject")
    await said(
        console,
        'loras add mara family=sdxl trigger="mara woman" weight=0.8 '
        f"comfyui=mara.safetensors replicate=https://replicate.delivery/{'m' * 60}.tar "
        f'licence="CC BY 4.0" --ref {one}',
    )
    return dict(run)


async def test_an_empty_page_says_how_to_begin(console: Console, chromium: Any) -> None:
    page = await opened(chromium, f"{console.url}/house")
    text = await page.locator("#main").inner_text()
    for words in ("houses save NAME", "characters save NAME", "loras add mara family=sdxl"):
        assert words in text
    assert page.complaints == []


async def test_it_is_found_by_keys_and_shows_what_each_holds(
    console: Console, chromium: Any
) -> None:
    await filled(console)
    page = await opened(chromium, f"{console.url}/models")
    await tab_to(page, "House styles, characters and LoRA")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/house")
    house = page.get_by_role("article", name="noir @2")
    text = await house.inner_text()
    assert "ink, fog and rain" in text
    assert await house.get_by_role("img").count() == 2
    await tab_to(page, "1 older version of noir")
    await page.keyboard.press("Enter")
    assert "@1 by Ana: ink and fog · seed 4" in await house.inner_text()
    lora = page.get_by_role("article", name="mara @1 for sdxl")
    row = await lora.inner_text()
    for words in ("mara woman", "0.8", "mara.safetensors", "CC BY 4.0"):
        assert words in row
    assert await page.get_by_role("img", name="Sample of mara").count() == 1
    assert page.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_either_screen(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    await filled(console)
    for size in (WIDE, PHONE):
        page = await opened(chromium, f"{console.url}/house", theme, size=size)
        assert await seriously(page) == []
        assert await page.evaluate(WIDER) == []
