"""Completion in a real browser, by keyboard: flags, values, verbs and segments as one types."""

from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import opened, seriously
from tests.bot.console.serving import Console

pytestmark = browsing.pytestmark
chromium = browsing.chromium
OPTION = ".complete [role=option]"
PROSE = (
    "a well-known red fox - or two, and/or a crow — at dusk; approve of help :: style of compare"
)


async def at_work(chromium: Any, url: str, theme: Literal["light", "dark"] = "light") -> Any:
    """Open the page for Ana, with the caret in the composer and the completions loaded."""
    page = await opened(chromium, url, theme)
    await page.fill("#name", "Ana")
    await page.press("#name", "Enter")
    await page.locator("#text").focus()
    await write(page, "-")
    await page.locator(OPTION).first.wait_for()
    await page.keyboard.press("Backspace")
    await gone(page)
    return page


async def write(page: Any, text: str) -> None:
    await page.keyboard.type(text)


async def gone(page: Any) -> None:
    """Wait until no list is open, nor said to be."""
    await page.locator(".complete:not([hidden])").wait_for(state="detached")
    assert await page.locator("[aria-expanded=true]").count() == 0


async def shown(page: Any) -> list[str]:
    names: list[str] = await page.locator(f"{OPTION} code").all_inner_texts()
    return names


async def value(page: Any, field: str = "#text") -> str:
    text: str = await page.input_value(field)
    return text


async def in_thread(console: Console, chromium: Any) -> Any:
    """Open a run's thread, with the caret in the reply field."""
    run = await console.made("a heron :: on a lake :: :: ink --count 2 --seed 1")
    page = await opened(chromium, f"{console.url}/runs/{run['id']}")
    await page.fill("#name", "Ana")
    await page.press("#name", "Enter")
    await page.locator("#reply-text").focus()
    return page


async def test_a_flag_then_its_value_then_the_line_is_sent(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "a red fox --as")
    assert await shown(page) == ["--aspect W:H"]
    await page.keyboard.press("Tab")
    assert await value(page) == "a red fox --aspect "
    assert "16:9" in await shown(page)
    await write(page, "16")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert await value(page) == "a red fox --aspect 16:9 "
    await gone(page)
    await write(page, "--count 1 --seed 7")
    await page.keyboard.press("Enter")
    await page.locator("#text:placeholder-shown").wait_for()
    await page.wait_for_selector(".card >> text=a red fox")
    assert page.complaints == []


async def test_arrows_move_and_say_which_option_is_meant(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "a fox --task ")
    field = page.locator("#text")
    assert await field.get_attribute("aria-expanded") == "true"
    assert await field.get_attribute("aria-activedescendant") is None
    for key, text in (("ArrowDown", "product"), ("ArrowDown", "brand"), ("ArrowUp", "product")):
        await page.keyboard.press(key)
        active = await field.get_attribute("aria-activedescendant")
        assert await page.locator(f"#{active}[aria-selected=true] code").inner_text() == text
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    assert await value(page) == "a fox --task environment "
    assert await field.get_attribute("aria-activedescendant") is None


async def test_enter_sends_while_no_option_was_moved_to(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "an owl --count 1 --dry")
    assert await shown(page) == ["--dry-run"]
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".errors:not(:empty)")  # --dry is no flag, and was not mended
    assert await value(page) == "an owl --count 1 --dry"
    await gone(page)


async def test_escape_closes_only_the_list(console: Console, chromium: Any) -> None:
    page = await in_thread(console, chromium)
    await write(page, "reroll --co")
    await page.locator(OPTION).first.wait_for()
    await page.keyboard.press("Escape")
    await gone(page)
    await write(page, "u")
    await gone(page)
    assert await page.locator("#thread").is_visible()
    await page.keyboard.press("Escape")
    assert await page.locator("#thread").is_hidden()


async def test_a_click_takes_and_leaving_closes(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "a fox --see")
    await page.locator(OPTION).first.click()
    assert await value(page) == "a fox --seed "
    assert await shown(page) == ["keep", "random"]
    await page.locator(".top h1").click()
    await gone(page)


async def test_prose_opens_nothing(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await page.evaluate(
        """() => {
            window.seen = [];
            const field = document.getElementById("text");
            const look = () => field.ariaExpanded === "true" && seen.push(field.value);
            new MutationObserver(look).observe(field, { attributes: true });
        }"""
    )
    await write(page, PROSE)
    await gone(page)
    assert await page.evaluate("seen") == [PROSE[: PROSE.index(" - ") + 2]]
    assert await value(page) == PROSE


async def test_a_slash_names_verbs_and_segments(console: Console, chromium: Any) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "/pi")
    assert await shown(page) == ["/pick N"]
    await page.keyboard.press("Tab")
    await write(page, "1 --")
    assert await shown(page) == ["--in RUN"]
    await page.fill("#text", "")
    await write(page, "a fox /st")
    await page.keyboard.press("Tab")
    assert await value(page) == "a fox style="
    assert await page.locator("#legend .now").inner_text() == "style"


async def test_a_thread_completes_verbs_and_edits(console: Console, chromium: Any) -> None:
    page = await in_thread(console, chromium)
    await write(page, "fav")
    await page.locator(OPTION).first.wait_for()
    assert await shown(page) == ["favourite N", "unfavourite N"]
    await page.fill("#reply-text", "")
    await write(page, "sty")
    await page.keyboard.press("Tab")
    await write(page, "dark :: env")
    await page.keyboard.press("Tab")
    await write(page, "at night")
    await gone(page)
    assert await value(page, "#reply-text") == "style: dark :: environment: at night"
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".lines .card")
    assert page.complaints == []


async def test_the_field_of_the_next_thread_completes_too(console: Console, chromium: Any) -> None:
    await console.made("an otter --count 1")
    page = await at_work(chromium, console.url)
    for _ in range(2):
        await page.locator(".glance").last.click()
        await page.locator("#reply-text:focus").wait_for()
        await write(page, "comp")
        assert await shown(page) == ["compare [RUN]"]
        await page.locator("[data-close]").first.click()
        await page.locator("#thread").wait_for(state="hidden")
    assert page.complaints == []


async def test_what_follows_a_verb_is_offered(console: Console, chromium: Any) -> None:
    page = await in_thread(console, chromium)
    await write(page, "reject 2 ha")
    await page.locator(OPTION).first.wait_for()
    await page.keyboard.press("Tab")
    assert await value(page, "#reply-text") == "reject 2 hands "
    await page.fill("#reply-text", "")
    await write(page, "seed 7 k")
    await gone(page)


async def test_a_flag_that_was_said_is_not_offered_again_but_lists_are(
    console: Console, chromium: Any
) -> None:
    page = await at_work(chromium, console.url)
    await write(page, "a fox --n 2 --ar=16:9 --no text --n")
    assert await shown(page) == ["--no THING, THING"]


async def test_completions_are_fetched_once_and_only_when_a_field_is_used(
    console: Console, chromium: Any
) -> None:
    page = await opened(chromium, console.url)
    asked = f"performance.getEntriesByName('{console.url}/completions').length"
    assert await page.evaluate(asked) == 0
    for _ in range(2):
        await page.locator("#text").focus()
        await write(page, " -")
        await page.locator(OPTION).first.wait_for()
        await page.locator("#name").focus()
        await gone(page)
    assert await page.evaluate(asked) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_an_open_list(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    page = await at_work(chromium, console.url, theme)
    await write(page, "a fox --")
    await page.keyboard.press("ArrowDown")
    assert len(await shown(page)) == 8
    assert await seriously(page) == []
    await page.set_viewport_size({"width": 360, "height": 640})
    assert await seriously(page) == []
    box = await page.locator(".complete:not([hidden])").bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.complaints == []
