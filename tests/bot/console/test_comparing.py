"""The compare page without a script: pictures by number, words, tables, and wrong questions."""

import re
from typing import Any

import pytest

from domain.errors import HandlerError
from domain.run import Run
from tests.bot.console.serving import Console
from tests.bot.console.test_pages import MARKUP, Tags

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINE = "a red fox :: in the snow :: wide shot :: cinematic, soft --count 2 --seed 7"
NOWHERE = "0" * 26


async def child(console: Console, run: dict[str, Any], text: str) -> dict[str, Any]:
    answer = (await console.say(run["id"], text, "Lee")).json()
    path = f"/api/runs/{answer['run']['id']}"
    made: dict[str, Any] = (await console.http.get(path, params={"wait": "ended"})).json()
    return made


async def page_of(console: Console, status: int = 200, **asked: str) -> str:
    answer = await console.http.get("/compare", params=asked, headers={"accept": "text/html"})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def chosen(page: str) -> list[str]:
    return re.findall(r'<option value="([^"]+)" selected', page)


async def test_a_run_stands_beside_its_baseline(console: Console) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "style: hard")
    page = await page_of(console, a=run["id"])
    assert "<h1>r2 against r1</h1>" in page
    assert 'href="/compare" aria-current="page"' in page
    for one in (base, run):
        assert f'href="/runs/{one["id"]}"' in page
        for made in one["artworks"]:
            assert f'src="/api/artworks/{made["digest"]}" width="1024" height="1024"' in page
    assert 'alt="r1 #1: a red fox, in the snow"' in page
    assert "by Ana" in page
    assert "by Lee" in page
    assert chosen(page) == [run["id"], base["id"]]


async def test_only_the_words_that_differ_are_marked(console: Console) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "edit style=cinematic, hard")
    page = await page_of(console, a=run["id"])
    words = page[page.index('<h2 id="words">') : page.index("As sent")]
    assert re.findall(r"<(del|ins)><span[^>]*>[^<]*</span>([^<]*)<", words) == [
        ("del", "soft"),
        ("ins", "hard"),
    ]
    assert "cinematic, <del>" in words
    assert words.count('class="unchanged"') == 4


async def test_sides_can_be_swapped_and_any_two_runs_compared(console: Console) -> None:
    old = await console.made(LINE)
    new = await console.made("a red fox --count 1", "Mo")
    page = await page_of(console, a=new["id"], b=old["id"])
    assert "r1 “a red fox” against r1 “a red fox, in the…”" in page
    assert f'href="/compare?a={old["id"]}&amp;b={new["id"]}"' in page
    swapped = await page_of(console, a=old["id"], b=new["id"])
    assert swapped.index(f'href="/runs/{new["id"]}"') < swapped.index(f'href="/runs/{old["id"]}"')


async def test_runs_of_the_same_words_are_told_apart_by_their_ids(console: Console) -> None:
    one, two = await console.made("an owl --count 1"), await console.made("an owl --count 1")
    page = await page_of(console, a=one["id"], b=two["id"])
    assert f"r1 …{one['id'][-4:]} against r1 …{two['id'][-4:]}" in page


async def test_a_picture_that_one_side_lacks_is_shown_alone(console: Console) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "edit --count 3 --ar 16:9")
    page = await page_of(console, a=run["id"])
    assert text_of(page).count("r1 has no picture 3.") == 1
    assert page.count("data-slider ") == 2
    assert text_of(page).count("1024 × 1024 and 1368 × 768 pixels") == 2


async def test_the_tables_say_what_differs_and_fold_the_rest(console: Console) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "edit --ar 16:9 --task product")
    await console.say(base["id"], "pick 2", "Lee")
    await console.say(base["id"], "approve 1", "Ana")
    text = text_of(await page_of(console, a=run["id"]))
    assert "width 1024 1368" in text
    assert re.search(r"\d+ parameters the same", text)
    assert "seeds 7, 8 7, 8 the same" in text
    assert re.search(r"r2 as product: figures of different tasks are not comparable", text)
    assert "picked #2 by Lee –" in text
    assert "approved #1 by Ana –" in text
    named = {name for made in run["artworks"] for name in made["scores"]}
    assert all(f" {name.replace('_', ' ')} " in text for name in named)


async def test_what_a_model_could_not_take_is_said_per_side(console: Console) -> None:
    base = await console.made("a heron --count 1")
    run = await child(console, base, "edit --steps 20 --cfg 4")
    assert run["adjustments"]
    text = text_of(await page_of(console, a=run["id"]))
    assert "Adjusted for r2" in text
    assert "Adjusted for r1" not in text
    assert run["adjustments"][0]["reason"] in text


async def test_a_weight_that_differs_is_marked(console: Console) -> None:
    base = await console.made("a heron :: on a lake --count 1")
    run = await child(console, base, "edit environment=on a lake ::2")
    assert run["spec"]["segments"]["environment"]["weight"] == 2
    text = text_of(await page_of(console, a=run["id"]))
    assert "on a lake weight was ×1 is ×2" in text


async def test_alike_runs_are_not_said_to_differ(console: Console) -> None:
    base = await console.made(LINE)
    run = await child(console, base, "again")
    page = await page_of(console, a=run["id"])
    text = text_of(page)
    assert "No parameter differs." in text
    assert "not comparable" not in text
    assert "Nobody has picked" in text
    assert page.count('class="unchanged"') == 5
    assert "<del><span" not in page


async def test_a_page_without_runs_offers_them(console: Console) -> None:
    base = await console.made("a heron --count 1")
    run = await child(console, base, "style: dark")
    page = await page_of(console)
    for one in (base, run):
        assert page.count(f'<option value="{one["id"]}"') == 2
    assert '<form class="choose-runs" action="/compare" method="get">' in page
    assert chosen(await page_of(console, b=run["id"])) == [run["id"]]
    assert chosen(await page_of(console, a="", b="")) == []


async def test_an_older_run_that_was_chosen_stays_among_the_choices(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await console.made("a heron --count 1")
    await console.made("an otter --count 1")
    monkeypatch.setattr("bot.console.comparing.OFFERED", 1)
    page = await page_of(console, status=409, a=old["id"])
    assert chosen(page) == [old["id"]]
    assert '<optgroup label="Chosen">' in page


@pytest.mark.parametrize("wrong", [NOWHERE, "r99999", "nonsense", "a" * 9000, MARKUP, "\x00", "é"])
async def test_a_run_that_is_not_there_is_said_in_words(console: Console, wrong: str) -> None:
    run = await console.made("a heron --count 1")
    page = await page_of(console, status=404, a=run["id"], b=wrong)
    assert 'role="alert"' in page
    assert "no run" in page
    assert chosen(page) == [run["id"]]
    assert "<script>alert" not in page
    assert len(page) < 200_000
    assert "no run" in await page_of(console, status=404, a=wrong)


async def test_a_run_without_another_to_compare_with_is_a_conflict(console: Console) -> None:
    run = await console.made("a heron --count 1")
    page = await page_of(console, status=409, a=run["id"])
    assert "r1 is the baseline itself" in page
    assert chosen(page) == [run["id"]]
    page = await page_of(console, status=409, a=run["id"], b=run["id"])
    assert "r1 is chosen twice" in page


async def test_names_as_people_say_them_are_taken(console: Console) -> None:
    base = await console.made("a heron --count 1")
    await child(console, base, "style: dark")
    assert "<h1>r1 against r2</h1>" in await page_of(console, a=" r1 ", b="r2")


async def test_markup_in_words_and_names_is_inert(console: Console) -> None:
    base = await console.made(f"{MARKUP} --count 1", "<b>Ana</b>")
    other = await console.made(f"{MARKUP} <i>x</i> --count 1", "<b>Lee</b>")
    page = await page_of(console, a=base["id"], b=other["id"])
    for live in ("<img src=x", "<script>alert", "<b>Ana", "<b>Lee", "<i>x"):
        assert live not in page
    for tag, attributes in Tags(page).found:
        assert tag != "style"
        assert tag != "script" or "src" in attributes
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


async def test_what_is_not_known_is_said_so(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = await console.made("a heron --count 1")
    run = await child(console, base, "style: dark")
    found = console.app.log.run

    async def unmade(run_id: str) -> Run:
        known = await found(run_id)
        gone: dict[str, Any] = {
            "artworks": (),
            "cost_usd": None,
            "timings_s": {},
            "state": "running",
        }
        return known.model_copy(update=gone)

    monkeypatch.setattr("storage.run_log.RunLog.run", staticmethod(unmade))
    text = text_of(await page_of(console, a=run["id"]))
    for said in ("Neither run has a picture", "not known", "not measured", "Load this page again"):
        assert said in text


async def test_a_baseline_that_cannot_be_read_is_an_error_in_words(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = await console.made("a heron --count 1")
    run = await child(console, base, "style: dark")
    found = console.app.log.run

    async def broken(run_id: str) -> Run:
        if run_id == base["id"]:
            raise HandlerError("the file is damaged")
        return await found(run_id)

    monkeypatch.setattr("storage.run_log.RunLog.run", staticmethod(broken))
    page = await page_of(console, status=500, a=run["id"])
    assert "the file is damaged" in page
