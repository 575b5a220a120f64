"""The calibration page in a real browser: what votes allow, by keys, in both themes, on a phone."""

from typing import Any, Literal

import numpy as np
import pytest

from domain.judging import Calibrated, CalibrationPolicy
from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, WIDE, opened, seriously, tab_to
from tests.bot.console.labelled import labelled
from tests.bot.console.serving import Console
from tests.bot.console.test_desk_browser import WIDER

pytestmark = browsing.pytestmark
chromium = browsing.chromium


async def votes(console: Console) -> dict[str, Any]:
    """Two hundred pictures that people approved and ninety that they did not."""
    run = await console.made("a red fox :: in the snow --task character --count 2 --seed 7")
    dice = np.random.default_rng(5)
    wanted = [round(float(one), 4) for one in dice.normal(0.62, 0.12, 200)]
    unwanted = [round(float(one), 4) for one in dice.normal(0.42, 0.14, 90)]
    await labelled(console, run["id"], wanted, unwanted)
    return dict(run)


async def test_a_fresh_page_says_what_is_lacking(console: Console, chromium: Any) -> None:
    page = await opened(chromium, f"{console.url}/calibration")
    assert "Nothing was scored yet" in await page.locator("#main").inner_text()
    await console.made("a red fox :: in the snow --count 1 --seed 7")
    await page.reload()
    said = await page.locator("#main").inner_text()
    assert "Rejects nothing yet" in said
    assert "45 more approved pictures before it rejects anything" in said
    assert page.complaints == []


async def test_two_hundred_votes_set_a_threshold_which_new_runs_are_held_against(
    console: Console, chromium: Any
) -> None:
    run = await votes(console)
    page = await opened(chromium, console.url)
    await tab_to(page, "Calibrate")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/calibration")
    section = page.get_by_role("region", name="Character")
    (one,) = await console.app.calibrating.all("character")
    threshold = one.calibrated.threshold
    assert (one.calibrated.n, one.calibrated.k) == (200, 6)
    said = await section.inner_text()
    assert f"Rejects under {threshold:.2f}" in said
    assert "200 votes; FRR ≤ 5% with 90% confidence" in said
    figure = section.get_by_role("img")
    assert "200 wanted" in str(await figure.locator("title").text_content())
    assert await figure.locator("rect.wanted").count() > 5
    later = await console.made("a red fox :: in the snow --task character --count 1 --seed 8")
    found = await console.app.calibrating.verdicts.explained(later["id"])
    assert [check.threshold for check in found[1].checks if check.rule == "calibrated fit"] == [
        threshold
    ]
    assert run["id"] != later["id"]
    assert page.complaints == []


async def test_a_threshold_of_another_version_is_shown_as_void_with_the_reason(
    console: Console, chromium: Any
) -> None:
    await console.made("a red fox :: in the snow --task character --count 1 --seed 7")
    old = Calibrated(task="character", version="fit-0:old", n=60, k=1, a=0.05, d=0.1, threshold=0.3)
    calibrating = console.app.calibrating
    await calibrating.verdicts.keep(old, CalibrationPolicy(), console.app.clock.now())
    page = await opened(chromium, f"{console.url}/calibration")
    said = await page.locator(".voids").inner_text()
    assert "rejects < 0.30; 60 votes" in said
    assert "The figure is measured otherwise now" in said
    assert "was fit-0:old" in said


async def test_the_details_of_a_run_hold_every_check(console: Console, chromium: Any) -> None:
    run = await console.made("a red fox :: in the snow --count 1 --seed 7")
    page = await opened(chromium, f"{console.url}/runs/{run['id']}/details")
    summary = page.locator(".checks summary")
    assert "none failed (policy-" in await summary.inner_text()
    await summary.focus()
    await page.keyboard.press("Enter")
    rows = page.locator(".checks tbody tr")
    assert await rows.count() >= 18
    assert "not under 8" in await rows.nth(1).inner_text()
    assert page.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_either_screen(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    run = await votes(console)
    for size in (WIDE, PHONE):
        page = await opened(chromium, f"{console.url}/calibration", theme, size=size)
        assert await seriously(page) == []
        assert await page.evaluate(WIDER) == []
        await page.goto(f"{console.url}/runs/{run['id']}/details")
        await page.locator(".checks summary").first.click()
        assert await seriously(page) == []
        assert await page.evaluate(WIDER) == []
