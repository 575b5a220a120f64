"""The pages of templates in a real browser: by keys, in both themes, on a phone."""

from typing import Any, Literal

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, opened, seriously, tab_to
from tests.bot.console.serving import Console
from tests.bot.console.test_desk_browser import WIDER

pytestmark = browsing.pytestmark
chromium = browsing.chromium
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ADD = "templates add kettle a {metal=brass|steel} kettle :: on {ground}"


async def said(console: Console, text: str) -> str:
    response = await console.http.post("/api/say", json={"text": text, "as": "Ana"})
    assert response.status_code == 200, response.text
    return str(response.json()["text"])


async def test_a_template_is_found_by_keys_and_put_into_the_composer(
    console: Console, chromium: Any
) -> None:
    assert (await said(console, ADD)).startswith("Kept as kettle@1")
    page = await opened(chromium, console.url)
    await tab_to(page, "Library")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/templates")
    await page.get_by_role("searchbox").fill("steel kettle")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/templates?q=*")
    assert await page.locator(".kept li").count() == 1
    await tab_to(page, "kettle")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/templates/kettle")
    slots = await page.locator("main table").first.inner_text()
    assert "brass, steel" in slots
    assert "must be given" in slots
    await tab_to(page, "Use it")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/?draft=*")
    assert await page.locator("#text").input_value() == "--template kettle ground=…"
    assert page.complaints == []


async def test_a_new_version_is_kept_and_told_apart_from_the_one_before(
    console: Console, chromium: Any
) -> None:
    await said(console, ADD)
    page = await opened(chromium, f"{console.url}/templates/kettle")
    await page.get_by_label("Your name").fill("Ana")
    field = page.get_by_label("The prompt; braces hold slots")
    assert await field.input_value() == "a {metal=brass|steel} kettle :: on {ground}"
    await field.fill("a {metal=brass kettle")
    await page.get_by_role("button", name="Keep as a new version").click()
    await page.get_by_text("braces hold a slot").wait_for()
    await field.fill("a bold {metal=brass|steel} kettle :: on {ground}")
    await page.get_by_role("button", name="Keep as a new version").click()
    await page.get_by_role("heading", name="From @1 to @2").wait_for()
    assert await page.locator(".changes ins").inner_text() == " bold"
    (newest, _), (older, _) = await console.app.templates.versions("kettle")
    assert (newest.version, older.version) == (2, 1)
    assert [one for one in page.complaints if "422" not in one] == [], "it was refused once"


async def test_the_pages_are_usable_in_both_themes_and_on_a_phone(
    console: Console, chromium: Any
) -> None:
    await said(console, ADD)
    await said(console, ADD.replace("brass", "copper"))
    for address in ("/templates", "/templates?q=nothing+at+all", "/templates/kettle"):
        for theme in THEMES:
            page = await opened(chromium, f"{console.url}{address}", theme, size=PHONE)
            assert await seriously(page) == [], address
            assert await page.evaluate(WIDER) == [], address


async def test_what_is_not_there_is_said(console: Console) -> None:
    response = await console.http.get("/templates/nothing")
    assert response.status_code == 404
