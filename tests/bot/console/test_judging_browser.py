"""Voting blind, ranks and differences in a real browser: nothing leaks before the vote."""

import re
from typing import Any, Literal

import pytest

from tests.bot.console import browsing
from tests.bot.console.browsing import PHONE, opened, seriously
from tests.bot.console.serving import Console
from tests.bot.console.test_comparing import child

pytestmark = browsing.pytestmark
chromium = browsing.chromium
FOX = "a red fox :: in the snow --count 3 --seed 7"
WIDTH = "document.documentElement.scrollWidth"


async def looking(
    console: Console, chromium: Any, runs: list[str], name: str = "Ben", **how: Any
) -> Any:
    """Open a page as *name*, and begin a blind look."""
    begun = await console.http.post("/blind", json={"runs": runs, "as": name})
    assert begun.status_code == 200, begun.text
    page = await opened(chromium, f"{console.url}/compare", **how)
    await page.context.add_cookies([{"name": "name", "value": name, "url": console.url}])
    await page.goto(console.url + begun.json()["address"])
    return page


async def test_a_button_on_the_card_leads_to_pictures_by_letter_and_the_vote_reveals(
    console: Console, chromium: Any
) -> None:
    run = await console.made(FOX)
    page = await opened(chromium, f"{console.url}/runs/{run['id']}")
    await page.fill("#name", "Cleo")
    await page.press("#name", "Enter")
    await page.locator(f"#run-{run['id']}").get_by_role("button", name="Vote blind").click()
    await page.wait_for_url("**/blind/*")
    assert await page.locator(".ballot img").count() == 3
    await page.get_by_role("button", name="Pick B").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Your vote is counted.").wait_for()
    assert await page.locator(".yours").count() == 1
    said = await page.inner_text(".ballot")
    assert "by Ana" in said
    assert "fit 0." in said
    (vote,) = await console.app.judging.ballots.votes([run["id"]])
    chosen = await page.locator("li", has=page.locator(".yours")).inner_text()
    assert f"r1 #{vote.number}" in chosen
    assert page.complaints == []
    assert page.asked == {console.url.split("/")[2]}


async def test_nothing_leaks_in_html_json_alt_or_address(console: Console, chromium: Any) -> None:
    run = await console.made(FOX.replace("7", "1234567"))  # no other run has its pictures
    page = await looking(console, chromium, [run["id"]])
    html = await page.content()
    digests = [made["digest"].removeprefix("sha256:") for made in run["artworks"]]
    for secret in ("sketch", "Storyboard", "fit ", "Ana", run["id"], "#1", "seed", *digests):
        assert secret not in html.split("<h1>Which")[1].split('<dialog id="confirm"')[0], secret
    sources = await page.eval_on_selector_all(".ballot img", "all => all.map(one => one.src)")
    data = await (await page.request.get(sources[0])).body()
    assert b"sketch" not in data
    assert b"fox" not in data
    for path in (f"/runs/{run['id']}", "/", "/gallery"):
        text = await (await page.request.get(console.url + path)).text()
        mine = (
            text.split(f'id="run-{run["id"]}"')[1].split("</article>")[0]
            if "run-" in text
            else text
        )
        for secret in ("Storyboard", "fit 0", *digests):
            assert secret not in mine, (path, secret)
    for path in (
        f"/api/runs/{run['id']}",
        f"/api/runs/{run['id']}/grid",
        f"/api/runs/{run['id']}/events",
        f"/runs/{run['id']}/details",
        f"/compare?a={run['id']}",
    ):
        answer = await page.request.get(console.url + path)
        text = await answer.text()
        assert answer.status == 409, path
        assert "Storyboard" not in text
        assert not any(digest in text for digest in digests)
    listed = await (await page.request.get(f"{console.url}/api/runs")).json()
    assert run["id"] not in {one["id"] for one in listed}


async def test_others_see_everything_meanwhile(console: Console, chromium: Any) -> None:
    run = await console.made(FOX)
    await looking(console, chromium, [run["id"]])
    answer = await console.http.get(f"/api/runs/{run['id']}", headers={"cookie": "name=Ana"})
    assert answer.json()["model"] == "sketch:storyboard"


async def test_a_redraw_tells_a_page_of_who_looks_blind_nothing(
    console: Console, chromium: Any
) -> None:
    run = await console.made(FOX)
    page = await looking(console, chromium, [run["id"]])
    await page.goto(f"{console.url}/runs/{run['id']}")
    card = page.locator(f"#run-{run['id']}").first
    assert "You look at this blind" in await card.inner_text()
    before = await card.get_attribute("data-revision")
    await console.say(run["id"], "pick 2", name="Cleo")
    await page.wait_for_function(
        "([id, old]) => document.getElementById(id).dataset.revision !== old",
        arg=[f"run-{run['id']}", before],
    )
    text = await page.locator("body").inner_text()
    assert "You look at this blind" in text
    assert "Cleo picked" not in text
    assert await card.locator("img").count() == 0


async def test_each_person_has_an_order_of_their_own_and_no_other_sees_it(
    console: Console, chromium: Any
) -> None:
    run = await console.made(FOX)
    page = await looking(console, chromium, [run["id"]])
    stranger = await console.http.get(
        page.url, headers={"cookie": "name=Cleo", "accept": "text/html"}
    )
    assert stranger.status_code == 403
    assert "somebody else&#39;s blind look" in stranger.text
    orders = set()
    for number in range(6):
        body = {"runs": [run["id"]], "as": f"voter {number}"}
        begun = (await console.http.post("/blind", json=body)).json()["address"]
        look = await console.app.judging.look(begun.rpartition("/")[2])
        orders.add(tuple(tile.artwork.index for tile in look.tiles))
    assert len(orders) > 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"runs": [], "as": "Ben"}, 422),
        ({"runs": ["nonsense"], "as": "Ben"}, 404),
        ({"runs": ["r1"], "as": ""}, 422),
    ],
)
async def test_nonsense_is_refused(console: Console, body: dict[str, Any], status: int) -> None:
    await console.made(FOX)
    assert (await console.http.post("/blind", json=body)).status_code == status
    nobody = await console.http.get("/blind/01M858VW2A55CYJ6WHBAR5H3Z1")
    assert nobody.status_code == 404


async def test_two_runs_are_mixed_and_the_winner_stands_on_the_compare_page(
    console: Console, chromium: Any
) -> None:
    base = await console.made("a red fox :: in the snow --count 1 --seed 7")
    run = await child(console, base, "style: hard")
    page = await opened(chromium, f"{console.url}/compare?a={run['id']}")
    await page.fill("#name", "Ben")
    await page.press("#name", "Enter")
    await page.get_by_role("button", name="Vote blind").click()
    await page.wait_for_url("**/blind/*")
    look = await console.app.judging.look(page.url.rpartition("/")[2])
    (letter,) = [tile.letter for tile in look.tiles if tile.run.id == run["id"]]
    await page.get_by_role("button", name=f"Pick {letter}").click()
    await page.get_by_role("link", name="Compare the two").click()
    await page.get_by_text("Blind votes: 1 of 1 for r2 (21% to 100%, within noise)").wait_for()
    assert page.complaints == []
    again = await console.http.post("/blind", json={"runs": [run["id"], base["id"]], "as": "Ben"})
    assert again.status_code == 409
    assert "you have voted on r2 already" in again.json()["error"]["message"]


async def test_a_look_can_end_without_a_vote(console: Console, chromium: Any) -> None:
    run = await console.made(FOX)
    page = await looking(console, chromium, [run["id"]])
    await page.get_by_role("button", name="Show all without a vote").click()
    await page.get_by_role("heading", name="You have not voted.").wait_for()
    answer = await page.request.get(f"{console.url}/api/runs/{run['id']}")
    assert answer.status == 200


async def test_the_difference_is_a_figure_and_a_picture(console: Console, chromium: Any) -> None:
    base = await console.made("a red fox :: in the snow --count 1 --seed 7")
    run = await child(console, base, "environment: at night")
    page = await opened(chromium, f"{console.url}/compare?a={run['id']}")
    head = await page.inner_text("#pair-1")
    assert re.search(r"\d+% of it changed · mean ΔE \d+\.\d · \d+ of 64 pHash bits", head), head
    picture = page.locator(".difference img")
    assert await picture.is_hidden()
    await page.get_by_role("radio", name="Difference").check()
    assert await picture.is_visible()
    assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    assert await page.locator(".pair .side").first.is_hidden()
    assert await seriously(page) == []
    await page.get_by_role("radio", name="Side by side").check()
    assert await picture.is_hidden()
    wide = await child(console, base, "edit --ar 16:9")
    await page.goto(f"{console.url}/compare?a={wide['id']}")
    await page.get_by_role("radio", name="Difference").check()
    assert await page.get_by_text("Pictures of other shapes").is_visible()
    assert page.complaints == []


async def test_votes_are_ranked_on_the_page_of_a_run(console: Console, chromium: Any) -> None:
    run = await console.made(FOX)
    for name in ("Ana", "Ben"):
        await console.say(run["id"], "pick 3", name=name)
    page = await opened(chromium, f"{console.url}/runs/{run['id']}/details")
    rows = await page.locator(".ranks tbody tr").all_inner_texts()
    assert "r1 #3" in rows[0]
    assert "100 %" in rows[0]
    assert "34 to 100 % of 2 voters" in rows[0]
    assert await seriously(page) == []


async def test_disagreements_are_listed_from_the_review_desk(
    console: Console, chromium: Any
) -> None:
    run = await console.made(FOX)
    worst = min(run["artworks"], key=lambda made: made["scores"]["fit"])["index"]
    await console.say(run["id"], f"pick {worst}")
    page = await opened(chromium, f"{console.url}/review")
    await page.get_by_role("link", name="People and scorers").click()
    rows = await page.locator(".ranks tbody tr").all_inner_texts()
    assert any("people like it, fit does not" in row for row in rows)
    assert await seriously(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious_and_a_phone_does_not_scroll(
    console: Console, chromium: Any, theme: Literal["light", "dark"]
) -> None:
    run = await console.made(FOX)
    page = await looking(console, chromium, [run["id"]], theme=theme, size=PHONE)
    assert await seriously(page) == []
    assert await page.evaluate(WIDTH) <= PHONE[0]
    await page.get_by_role("button", name="Pick A").click()
    await page.get_by_role("heading", name="Your vote is counted.").wait_for()
    assert await seriously(page) == []
    assert await page.evaluate(WIDTH) <= PHONE[0]
    for path in (f"/runs/{run['id']}/details", "/disagreements"):
        await page.goto(console.url + path)
        assert await seriously(page) == []
        assert await page.evaluate(WIDTH) <= PHONE[0]
