"""The review desk over HTTP: what waits, who decided, and who may."""

import re

import pytest

from config.settings import reject_reasons
from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = "[scoring.pixels]\nsaturation_mean = 0.0\n"
"""Every picture with any colour is left to people."""
REASONS = [reason.name for reason in reject_reasons()]
HTML = {"accept": "text/html"}


async def seat(console: Console, **asked: str) -> str:
    answer = await console.http.get("/review", params=asked, headers={"x-piece": "1"})
    assert answer.status_code == 200, answer.text
    return answer.text


def place_in(page: str) -> str:
    found = re.search(r'data-place="([^"]*)"', page)
    return found[1] if found else ""


async def test_an_empty_queue_says_so(console: Console) -> None:
    page = await console.http.get("/review", headers=HTML)
    assert "Nothing waits for you." in page.text
    assert 'id="waiting" hidden>0<' in page.text


async def test_the_queue_walks_skips_and_comes_round(console: Console) -> None:
    run = await console.made("a red fox --count 3 --seed 7")
    first, second, third = (f"{run['id']}.{number}" for number in (1, 2, 3))
    assert place_in(await seat(console)) == first
    assert place_in(await seat(console, after=first)) == second
    assert place_in(await seat(console, after=second)) == third
    again = await seat(console, after=third)
    assert place_in(again) == first
    assert "from the beginning again" in again
    await console.say(run["id"], "approve 1")
    assert place_in(await seat(console)) == second
    await console.say(run["id"], "withdraw 1")
    assert place_in(await seat(console)) == first


async def test_the_seat_shows_brief_reasons_scores_and_decisions(console: Console) -> None:
    run = await console.made("a red kite :: over a hill --count 1 --seed 2", "Lee")
    await console.say(run["id"], "reject 1 off-brief", "Ben")
    shown = await seat(console, at=f"{run['id']}.1")
    assert "over a hill" in shown
    assert "saturat" in shown
    assert "sharpness p90" in shown
    assert re.search(r"<b>Ben</b> rejected #1: off-brief", shown)
    assert "name typed" in shown
    for reason in REASONS:
        assert f'data-reason="{reason}"' in shown


async def test_two_who_decide_at_once_are_both_told(console: Console) -> None:
    run = await console.made("a red barn --count 1 --seed 3")
    assert (await console.say(run["id"], "approve 1", "Ana")).status_code == 200
    assert (await console.say(run["id"], "reject 1 crop", "Ben")).status_code == 200
    twice = await console.say(run["id"], "approve 1", "Ana")
    assert (twice.status_code, "already" in twice.text) == (409, True)
    shown = await seat(console, at=f"{run['id']}.1")
    assert re.search(r"<b>Ana</b> approved #1", shown)
    assert re.search(r"<b>Ben</b> rejected #1: crop", shown)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"at": "01J00000000000000000000009.1"}, 404),
        ({"at": "<script>"}, 422),
        ({"after": "r1.1"}, 422),
        ({"at": "x" * 41}, 422),
    ],
)
async def test_nonsense_is_refused(console: Console, asked: dict[str, str], status: int) -> None:
    answer = await console.http.get("/review", params=asked, headers=HTML)
    assert answer.status_code == status


async def test_every_page_counts_what_waits(console: Console) -> None:
    await console.made("a red door --count 1 --seed 4")
    waiting = await console.app.gallery.count_waiting()
    assert waiting
    for path in ("/", "/gallery", "/models", "/review"):
        page = (await console.http.get(path, headers=HTML)).text
        assert f'id="waiting">{waiting}<' in page
