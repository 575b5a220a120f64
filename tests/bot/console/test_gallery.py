"""The gallery, run, models and export over HTTP: on the real service, with ugly addresses."""

import asyncio
import hashlib
import io
import re
import zipfile
from typing import Any

import httpx
import pytest

from bot.console.gallery import PAGE
from bot.packing import KEPT
from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
HTML = {"accept": "text/html"}
MARKUP = "<img src=x onerror=alert(1)>"
NOBODY = "01J00000000000000000000009"


async def page(console: Console, path: str, **asked: str) -> httpx.Response:
    return await console.http.get(path, params=asked or None, headers=HTML)


async def packed(console: Console, **wanted: Any) -> httpx.Response:
    """Begin an export, wait for it, and return its zip."""
    begun = await console.http.post("/api/exports", json={"as": "Ana"} | wanted)
    assert begun.status_code == 202, begun.text
    async with asyncio.timeout(20):
        while (await look(console, begun.json()["id"]))["state"] == "packing":  # noqa: ASYNC110  over HTTP
            await asyncio.sleep(0)
    return await console.http.get(f"/api/exports/{begun.json()['id']}/file")


async def look(console: Console, export: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await console.http.get(f"/api/exports/{export}")).json()
    return shown


def opened(answer: httpx.Response) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


# --- the wall ---


async def test_the_wall_shows_what_was_made_and_finds_it(console: Console) -> None:
    run = await console.made("a heron :: on a lake --count 2 --seed 3")
    shown = (await page(console, "/gallery")).text
    for made in run["artworks"]:
        assert f"/api/artworks/{made['digest']}/thumbnail" in shown
    found = (await page(console, "/gallery", q="heron lak", task=run["task"], person="Ana")).text
    assert run["artworks"][0]["digest"] in found
    assert "Nothing is found" in (await page(console, "/gallery", q="heron", person="Ben")).text


async def test_the_wall_goes_on_by_links_without_a_script(console: Console) -> None:
    small = [f"a stone --count 8 --ar 1:1 --seed {seed}" for seed in range(1, PAGE // 8 + 2)]
    for line in small:
        await console.made(line)
    first = (await page(console, "/gallery")).text
    older = re.search(r'href="(/gallery\?after=[^"]+)" data-older', first)
    assert older is not None
    second = (await page(console, older[1])).text
    seen = [re.findall(r'value="([0-9A-Z]{26}\.\d)"', text) for text in (first, second)]
    assert len(seen[0]) == PAGE
    assert not set(seen[0]) & set(seen[1])
    piece = await console.http.get(older[1], headers={"x-piece": "1"})
    assert "<html" not in piece.text
    assert seen[1][0] in piece.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verdict", "good"),
        ("approved", "maybe"),
        ("rating", "7"),
        ("rating", "nan"),
        ("day", "2026-13-40"),
        ("after", "nonsense"),
        ("after", f"{NOBODY}.9"),
        ("q", "x" * 201),
    ],
)
async def test_nonsense_in_the_address_is_named(console: Console, name: str, value: str) -> None:
    answer = await page(console, "/gallery", **{name: value})
    assert answer.status_code == 422
    assert "That did not work" in answer.text


@pytest.mark.parametrize("asked", ["q", "task", "model", "person"])
async def test_what_is_searched_is_inert(console: Console, asked: str) -> None:
    answer = await page(console, "/gallery", **{asked: MARKUP})
    assert answer.status_code == 200
    assert MARKUP not in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-11-23"])
async def test_any_day_of_the_calendar_is_a_day(console: Console, day: str) -> None:
    assert (await page(console, "/gallery", day=day)).status_code == 200


# --- thumbnails ---


async def test_a_thumbnail_is_small_and_for_good(console: Console) -> None:
    digest = (await console.made("a pear --count 1"))["artworks"][0]["digest"]
    small = await console.http.get(f"/api/artworks/{digest}/thumbnail")
    whole = await console.http.get(f"/api/artworks/{digest}")
    assert small.headers["content-type"] == "image/webp"
    assert len(small.content) < len(whole.content) / 5
    assert "immutable" in small.headers["cache-control"]
    assert small.headers["cross-origin-resource-policy"] == "same-origin"
    seen = {"if-none-match": small.headers["etag"]}
    again = await console.http.get(f"/api/artworks/{digest}/thumbnail", headers=seen)
    assert again.status_code == 304
    for name in ("f" * 64, "nonsense", "..%2f..%2fhandler.db"):
        answer = await console.http.get(f"/api/artworks/{name}/thumbnail")
        assert answer.status_code == 404


# --- exports ---


async def test_an_export_holds_the_originals_and_all_that_made_them(console: Console) -> None:
    run = await console.made("a plum --count 2 --seed 5")
    await console.say(run["id"], "approve 2")
    answer = await packed(console, run=run["id"])
    assert 'filename="a-plum-' in answer.headers["content-disposition"]
    with opened(answer) as box:
        pictures = [name for name in box.namelist() if name.endswith(".png")]
        assert len(pictures) == 1
        digest = hashlib.sha256(box.read(pictures[0])).hexdigest()
        assert f"sha256:{digest}" == run["artworks"][1]["digest"]
        assert {f"{pictures[0]}.json", "commands.txt", "ATTRIBUTION.txt"} < set(box.namelist())
        for line in box.read("SHA256SUMS").decode().splitlines():
            said, _, name = line.partition("  ")
            assert hashlib.sha256(box.read(name)).hexdigest() == said
    assert (await packed(console, run=run["id"])).content == answer.content


async def test_a_thread_and_a_selection_are_packed_whole(console: Console) -> None:
    run = await console.made("a fig --count 2 --seed 5")
    child = (await console.say(run["id"], "style: vintage")).json()["run"]
    await console.http.get(f"/api/runs/{child['id']}", params={"wait": "ended"})
    with opened(await packed(console, thread=child["id"], all=True)) as box:
        assert len([name for name in box.namelist() if name.endswith(".png")]) == 4
    chosen = [f"{run['id']}.1", f"{child['id']}.2", f"{child['id']}.2"]
    with opened(await packed(console, artworks=chosen, all=True)) as box:
        assert len([name for name in box.namelist() if name.endswith(".png")]) == 2


async def test_what_cannot_be_exported_says_why(console: Console) -> None:
    run = await console.made("a lime --count 1")
    for wanted, status, words in (
        ({"run": run["id"]}, 404, "nothing of this is approved"),
        ({}, 422, "a run, a thread, or artworks"),
        ({"run": NOBODY}, 404, "no run"),
        ({"artworks": ["nonsense"]}, 422, "artwork"),
        ({"artworks": [f"{run['id']}.7"], "all": True}, 404, "nothing here was made"),
        ({"run": run["id"], "as": ""}, 422, "name"),
        ({"run": run["id"], "key": "x"}, 422, "key"),
    ):
        answer = await console.http.post("/api/exports", json={"as": "Ana"} | wanted)
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
    for path in ("nonsense", NOBODY):
        assert (await console.http.get(f"/api/exports/{path}/file")).status_code == 404


async def test_only_the_last_exports_are_kept(console: Console) -> None:
    run = await console.made("a date --count 1 --seed 1")
    folder = console.app.settings.data_dir / "exports" / "zips"
    for _ in range(KEPT + 2):
        await packed(console, run=run["id"], all=True)
    assert len(list(folder.iterdir())) <= KEPT


# --- the run page and the models ---


async def test_the_run_page_shows_family_decisions_and_what_was_asked(console: Console) -> None:
    run = await console.made("a quince --count 1 --seed 8 --steps 20")
    child = (await console.say(run["id"], "branch 1 --strength 0.4")).json()["run"]
    await console.http.get(f"/api/runs/{child['id']}", params={"wait": "ended"})
    await console.say(child["id"], "reject 1 crop", "Ben")
    shown = (await page(console, f"/runs/{child['id']}/details")).text
    assert "branched from #1" in shown
    assert re.search(r"<b>Ben</b> rejected #1: crop", shown)
    assert re.search(r"denoising strength</th><td[^>]*>0.4</td><td>0.4<", shown)
    assert f'href="/compare?a={child["id"]}&amp;b={run["id"]}"' in shown
    first = (await page(console, f"/runs/{run['id']}/details")).text
    assert re.search(r"steps</th><td[^>]*>20</td><td>–<", first)


async def test_the_models_page_says_what_is_off_and_why(console: Console) -> None:
    shown = (await page(console, "/models")).text
    assert "no key: set REPLICATE_API_TOKEN" in shown
    assert shown.count("Storyboard sketch</b>") == 5
    assert "Drawings: OpenMoji, CC BY-SA 4.0" in shown


async def test_prompts_and_names_are_inert_on_every_page(console: Console) -> None:
    said = MARKUP.replace("=", " ")  # an equals sign would begin a flag's value
    run = await console.made(f"{said} :: {said} --count 1 --seed 1", name="<b>Eve</b>")
    await console.say(run["id"], f"reject 1 {said}", "<b>Eve</b>")
    child = (await console.say(run["id"], "style: vintage")).json()["run"]
    await console.http.get(f"/api/runs/{child['id']}", params={"wait": "ended"})
    pages = (
        "/gallery", f"/review?at={run['id']}.1", f"/runs/{run['id']}/details",
        f"/compare?a={child['id']}", f"/runs/{run['id']}", "/",
    )  # fmt: skip
    for path in pages:
        shown = (await page(console, path)).text
        assert said not in shown
        assert "<b>Eve</b>" not in shown
        assert "&lt;img src" in shown
