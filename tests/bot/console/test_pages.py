"""The pages as HTML: true without a script, redrawn by events, and everything in them inert."""

import asyncio
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from bot.console.desk import Desk
from bot.console.surface import ConsoleSurface
from tests.bot.console.serving import Console, served

pytestmark = pytest.mark.asyncio(loop_scope="module")
MARKUP = "<img src=x onerror=alert(1)> \"' </textarea><script>alert(2)</script>"


class Tags(HTMLParser):
    """The tags of a page, with their attributes, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


async def events(
    console: Console, cursor: str, until: Callable[[str, dict[str, Any]], bool]
) -> list[tuple[str, dict[str, Any]]]:
    """Read a page's events until one is what is waited for."""
    heard: list[tuple[str, dict[str, Any]]] = []
    how = {"after": cursor}
    async with asyncio.timeout(30), console.http.stream("GET", "/events", params=how) as stream:
        name = ""
        async for line in stream.aiter_lines():
            name = line[7:] if line.startswith("event: ") else name
            if line.startswith("data: "):
                heard.append((name, json.loads(line[6:])))
                if until(*heard[-1]):
                    return heard
    raise AssertionError(heard)


def finished(run: str) -> Callable[[str, dict[str, Any]], bool]:
    return lambda _, data: data.get("run") == run and "Approve 1" in data.get("html", "")


async def cursor_of(console: Console) -> str:
    page = (await console.http.get("/")).text
    found = re.search(r'data-cursor="([^"]*)"', page)
    assert found
    return found[1]


async def test_an_empty_page_teaches(console: Console) -> None:
    page = (await console.http.get("/")).text
    assert page.count("data-example=") == 3
    assert "<noscript>" in page


async def test_markup_in_prompt_and_name_is_inert_wherever_it_is_shown(console: Console) -> None:
    run = await console.made(f"{MARKUP} --count 1", "<b>Ana</b>")
    await console.say(run["id"], "pick 1", "<i>Lee</i>")
    for path in ("/", f"/runs/{run['id']}", f"/runs/{run['id']}/details"):
        page = (await console.http.get(path, headers={"cookie": "name=%3Cu%3E"})).text
        assert "alert(1)&gt;" in page
        for live in (
            "<img src=x",
            "<script>alert",
            "</textarea><script",
            "<b>Ana",
            "<i>Lee",
            "<u>",
        ):
            assert live not in page


async def test_no_page_holds_inline_script_or_style_or_another_host(console: Console) -> None:
    for path in ("/", "/api/docs", "/nowhere"):
        page = (await console.http.get(path, headers={"accept": "text/html"})).text
        for tag, attributes in Tags(page).found:
            assert tag != "style"
            assert tag != "script" or "src" in attributes
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
            links = [attributes.get(name, "/") for name in ("src", "href")]
            assert all(re.match(r"/(?!/)|#", link) for link in links)


async def test_a_run_is_read_without_a_script(console: Console) -> None:
    run = await console.made("a heron :: on a lake --count 2 --seed 3")
    page = (await console.http.get("/")).text
    for made in run["artworks"]:
        assert f'src="/api/artworks/{made["digest"]}"' in page
    assert 'alt="#1: a heron, on a lake"' in page
    thread = (await console.http.get(f"/runs/{run['id']}")).text
    assert "<aside" in thread
    details = (await console.http.get(f"/runs/{run['id']}/details")).text
    assert "ai-handler imagine" in details


async def test_a_run_is_told_to_open_pages_until_it_is_done(console: Console) -> None:
    cursor = await cursor_of(console)
    taken = await console.imagine("a red teapot --count 1 --seed 5")
    heard = await events(console, cursor, finished(taken["id"]))
    told = [data for _, data in heard if data["run"] == taken["id"]]
    assert [one["revision"] for one in told] == sorted(one["revision"] for one in told)
    assert "/api/artworks/sha256:" in told[-1]["html"]


async def test_a_page_that_comes_back_hears_what_it_missed(console: Console) -> None:
    run = await console.made("a red teapot --count 1 --seed 5")
    cursor = await cursor_of(console)
    await console.say(run["id"], "pick 1", "Lee")
    heard = await events(console, cursor, lambda name, _: name == "note")
    assert heard[-1][1]["run"] == run["id"]
    assert "Lee picked" in heard[-1][1]["html"]
    card = [data for name, data in heard if name == "card"]
    assert not card or "1 vote" in card[-1]["html"]


async def test_a_page_of_an_earlier_process_is_told_to_fetch_anew(console: Console) -> None:
    heard = await events(console, "0badcafe:7", lambda name, _: name == "stale")
    assert heard == [("stale", {})]


async def test_a_child_is_told_with_its_root(console: Console) -> None:
    run = await console.made("a red teapot --count 1 --seed 5")
    cursor = await cursor_of(console)
    child = (await console.say(run["id"], "style: more cinematic")).json()["run"]
    heard = await events(console, cursor, finished(child["id"]))
    told = [data for _, data in heard if data["run"] == child["id"]]
    assert {one["root"] for one in told} == {run["id"]}
    assert "1 version" in told[-1]["glance"]


async def test_the_quote_is_said_while_a_line_is_typed(console: Console) -> None:
    answer = await console.http.post("/quote", json={"text": "a red teapot --count 2"})
    said = "Storyboard sketch · 2 images · free · product: no other model is on"
    assert answer.json()["quote"] == said
    for text in ("", "a --steps 9000", "pick 2", "help", "x --init a.png", MARKUP * 2000):
        answer = await console.http.post("/quote", json={"text": text})
        assert answer.status_code == 200


async def test_what_is_not_there_is_a_page_for_people(console: Console) -> None:
    for path in ("/nowhere", "/runs/r99", "/?before=nonsense"):
        answer = await console.http.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 404
        assert "That did not work." in answer.text


async def test_style_and_scripts_are_asked_after_each_time(console: Console) -> None:
    answer = await console.http.get("/static/console.css")
    assert answer.headers["cache-control"] == "no-cache"
    for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd"):
        assert (await console.http.get(path)).status_code == 404


async def test_an_open_stream_does_not_hold_the_shutdown(console: Console) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        async with served(console.app) as url:
            request = http.build_request("GET", f"{url}/events")
            stream = await http.send(request, stream=True)
            waiting = asyncio.ensure_future(stream.aread())
            await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            assert b"stale" in await waiting


async def test_a_service_that_stops_is_not_healthy(console: Console) -> None:
    surface = ConsoleSurface()
    surface.close()
    with pytest.raises(Exception, match="stops"):
        await Desk(console.app, surface).check()
