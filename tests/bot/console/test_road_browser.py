"""The whole way in a real browser by nothing but keys, wide and on a phone; and two at once."""

import asyncio
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.grammar import parse
from domain.command import Imagine
from domain.errors import CommandError
from domain.spec import SEGMENTS
from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, WIDE, opened, tab_to
from tests.bot.console.serving import Console, served

pytestmark = browsing.pytestmark
chromium = browsing.chromium
LINE = "a red fox :: in the snow at dusk :: wide shot :: flat illustration --count 2 --seed 7"
MADE_MS = 30_000


async def begun(page: Any, name: str, line: str) -> None:
    """Say who one is and what one wants, by keys."""
    await tab_to(page, "name")
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await page.keyboard.type(line)
    await page.keyboard.press("Enter")


async def fresh(page: Any) -> Any:
    """Name the card that comes next."""
    return page.locator(".feed > .card").nth(await page.locator(".feed > .card").count())


async def replied(page: Any, line: str, cards: int) -> None:
    """Answer in the thread and wait until so many finished cards stand in it."""
    await page.locator("#reply-text").focus()
    await page.keyboard.type(line)
    await page.keyboard.press("Enter")
    last = page.locator(".lines .card .number.approve[aria-label='Approve 1']").nth(cards - 1)
    await last.wait_for(timeout=MADE_MS)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_the_whole_way_by_keyboard(
    console: Console, chromium: Any, size: tuple[int, int], tmp_path: Path
) -> None:
    page = await opened(chromium, console.url, size=size)
    card = await fresh(page)
    await begun(page, "Ana", LINE)
    await card.locator(".number.approve").first.wait_for(timeout=MADE_MS)
    assert await card.locator(".seg-style").inner_text() == "flat illustration"
    await card.locator(".open").first.focus()
    await tab_to(page, "Pick 2")
    await page.keyboard.press("Enter")
    await card.locator(".votes").wait_for()
    await tab_to(page, "Approve 2")
    await page.keyboard.press("Space")
    await card.locator(".mark-approved").wait_for()
    assert await page.evaluate("document.activeElement.ariaLabel") == "Approve 2"
    await card.locator(".glance").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#reply-text:focus")
    await replied(page, "style: more cinematic", 1)
    said = page.locator(".lines .card .seg-style").first
    assert await said.inner_text() == "flat illustration, cinematic"
    await replied(page, "branch 2 --strength 0.55", 2)
    await page.locator(".lines .card").last.locator("[data-details]").focus()
    await page.keyboard.press("Enter")
    await page.locator("#details[open] .family").wait_for()
    await tab_to(page, "compare with the baseline")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/compare?**")
    assert await page.locator(".pair").count() == 2
    await page.goto(f"{console.url}/gallery?q=fox&approved=yes")
    await exported(page, tmp_path)
    assert page.complaints == []
    assert page.asked == {console.url.split("/")[2]}


async def exported(page: Any, folder: Path) -> None:
    """Choose the first picture of the wall and export it, by keys."""
    await page.locator(".piece .open").first.focus()
    await page.keyboard.press("x")
    await tab_to(page, "Export as zip")
    async with page.expect_download() as coming:
        await page.keyboard.press("Enter")
    path = folder / "export.zip"
    await (await coming.value).save_as(path)
    names = await asyncio.to_thread(lambda: zipfile.ZipFile(path).namelist())
    assert len([name for name in names if name.endswith(".png")]) == 1
    assert "with sidecars" in await page.locator("#chosen .packing").inner_text()


async def test_two_people_stay_in_step(console: Console, chromium: Any) -> None:
    ana = await opened(chromium, console.url)
    ben = await opened(chromium, console.url)
    cards = {"Ana": await fresh(ana), "Ben": await fresh(ben)}
    await begun(ana, "Ana", "a heron :: on a lake --count 2 --seed 4")
    await cards["Ben"].locator(".number.approve").first.wait_for(timeout=MADE_MS)
    await ben.fill("#name", "Ben")
    for name, label in (("Ben", "Pick 1"), ("Ana", "Pick 1"), ("Ben", "Approve 2")):
        await cards[name].get_by_label(label, exact=True).press("Enter")
    for card in cards.values():
        await card.get_by_text("2 votes").wait_for()
        await card.get_by_text("#2 approved by Ben").wait_for()
    for card in cards.values():
        await card.locator(".glance").press("Enter")
    await ana.locator("#reply-text").fill("environment: at night")
    await ana.locator("#reply-text").press("Enter")
    await ben.locator(".lines .card .seg-environment").get_by_text("at night").wait_for()
    assert ana.complaints == ben.complaints == []


async def test_a_restart_in_the_middle_ends_with_one_finished_card(
    console: Console, chromium: Any
) -> None:
    async with served(console.app) as url:
        page = await opened(chromium, url)
        card, port = await fresh(page), int(url.rpartition(":")[2])
        await begun(page, "Ana", "an otter :: in a river --count 4 --seed 9")
        await card.locator(".waiting").first.wait_for()
    async with served(console.app, port):
        await card.locator(".number.approve").nth(3).wait_for(timeout=MADE_MS)
        assert await page.locator(".feed > .card").get_by_text("an otter").count() == 1
        assert await card.locator(".tile img").count() == 4


async def test_a_page_without_scripts_shows_runs_and_pictures(
    console: Console, chromium: Any
) -> None:
    run = await console.made("a swan --count 2 --seed 2")
    page = await opened(chromium, console.url, java_script_enabled=False)
    assert await page.locator(f"#run-{run['id']} img").count() == 2
    assert "ai-handler imagine" in await page.locator("noscript .banner").inner_text()
    await page.locator(f"#run-{run['id']} .glance").click()
    assert "a swan" in await page.locator("#thread h2").inner_text()
    await page.goto(f"{console.url}/gallery?q=swan")
    assert await page.locator(".piece img").count() == 2
    await page.locator(".by-line a").first.click()
    assert "Parameters" in await page.locator("main").inner_text()


async def test_a_picture_is_dropped_and_pasted_to_start_from(
    console: Console, chromium: Any
) -> None:
    page = await opened(chromium, console.url)
    card = await fresh(page)
    await page.fill("#name", "Ana")
    for kind in ("drop", "paste"):
        await page.evaluate(GIVE, kind)
        await page.locator("#attached img").wait_for()
        assert "Starts from given.png" in await page.locator("#attached").inner_text()
    await page.fill("#text", "a red fox --count 1 --strength 0.5")
    await page.press("#text", "Enter")
    await card.get_by_text("strength 0.5").wait_for()
    await card.locator(".number.approve").wait_for(timeout=MADE_MS)
    assert page.complaints == []


GIVE = """async (kind) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
  canvas.getContext("2d").fillRect(8, 8, 40, 40);
  const blob = await new Promise((done) => canvas.toBlob(done));
  const data = new DataTransfer();
  data.items.add(new File([blob], "given.png", { type: "image/png" }));
  const event = kind === "drop"
    ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.getElementById("text").dispatchEvent(event);
}"""


async def test_money_is_asked_about_and_no_means_no(console: Console, chromium: Any) -> None:
    page = await opened(chromium, console.url)
    await page.fill("#name", "Ana")
    asked = "Make it again, and perhaps pay twice?"
    await page.evaluate(
        """(asked) => {
          const button = Object.assign(document.createElement("button"), { id: "paid" });
          Object.assign(button.dataset, { line: "retry", run: "01J00000000000000000000009" });
          button.dataset.confirm = asked;
          document.getElementById("feed").append(button);
        }""",
        asked,
    )
    said: list[str] = []
    page.on("request", lambda request: said.append(request.method))
    await page.locator("#paid").press("Enter")
    await page.get_by_text(asked).wait_for()
    await page.keyboard.press("Escape")
    await page.locator("#confirm").wait_for(state="hidden")
    assert "POST" not in said


async def test_the_form_of_segments_makes_a_child(console: Console, chromium: Any) -> None:
    run = await console.made("a red pear :: on a table :: :: flat --count 1 --seed 3")
    page = await opened(chromium, f"{console.url}/runs/{run['id']}")
    await page.fill("#name", "Ana")
    await page.locator("#feed [data-edit]").press("Enter")
    field = page.get_by_label("environment")
    await page.locator("#edit-form textarea[name=environment]").wait_for()
    assert await page.locator("#edit-form textarea[name=subject]").input_value() == "a red pear"
    assert await browsing.seriously(page) == []
    await field.press("Enter")
    await page.locator("#edit-form .errors").get_by_text("nothing is changed").wait_for()
    await field.fill("on a window sill")
    await field.press("Enter")
    await page.locator(".lines .card .seg-environment").get_by_text("window sill").wait_for()


LINES = (
    "a fox :: in snow ::2 wide",
    'text "a :: b" :: c',
    r"a \\:: b :: c",
    "a --no x :: y",
    "style=ink subject=a fox",
    "a :: b :: c :: d :: e :: f",
    "::::",
    "an iPhone—held :: x",
    "a —ar 16:9",
    "red ::.5 blue::3 green",
    "STYLE=ink",
    "a “quoted :: part” :: b",
    "lifestyle=x :: y",
    "",
)


@pytest.mark.parametrize("line", LINES)
async def test_the_page_colours_what_the_grammar_reads(
    console: Console, chromium: Any, line: str
) -> None:
    """The page repeats the grammar's marks; this binds the two."""
    page = await opened(chromium, console.url)
    seen = await page.evaluate(COLOURED, line)
    try:
        command = parse(line)
    except CommandError:
        return  # while a line is wrong, any colour will do
    assert isinstance(command, Imagine)
    read = {name: command.segments[name].text for name in SEGMENTS if command.segments[name].text}
    assert {name for name, text in seen.items() if text.strip()} == set(read)


COLOURED = """async (line) => {
  const { stretches } = await import("/static/words.js");
  const told = {};
  for (const { text, segment } of stretches(line)) {
    if (segment) told[segment] = (told[segment] ?? "") + text;
  }
  return told;
}"""
