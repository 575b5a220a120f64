"""The HTTP interface, on the real service."""

import asyncio
import base64
import json
import sqlite3
from typing import Any

import pytest

from bot.console.server import serve
from domain.errors import ServiceError
from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
ONE = "a red fox :: in the snow --count 1 --seed 7"


async def test_a_healthy_service_says_so(console: Console) -> None:
    response = await console.http.get("/healthz")
    assert (response.status_code, response.json()["ok"]) == (200, True)


async def test_a_prompt_is_stored_then_made(console: Console) -> None:
    taken = await console.imagine(ONE)
    assert (taken["ref"], taken["run"]["id"], taken["run"]["state"]) == (
        "r1",
        taken["id"],
        "queued",
    )
    response = await console.http.get(f"/api/runs/{taken['id']}", params={"wait": "ended"})
    report = response.json()
    assert report["state"] == "done"
    assert [made["seed"] for made in report["artworks"]] == [7]
    assert report["by"] == "Ana"


async def test_the_same_key_makes_one_run_even_at_once(console: Console) -> None:
    calls = (console.imagine(ONE, key="double-click") for _ in range(3))
    taken = await asyncio.gather(*calls)
    again = await console.imagine(ONE, key="double-click")
    assert len({one["id"] for one in (*taken, again)}) == 1


async def test_a_dry_run_is_planned_and_nothing_is_stored(console: Console) -> None:
    body = {"text": "an unheard-of okapi --dry-run", "as": "Ana"}
    response = await console.http.post("/api/imagine", json=body)
    assert (response.status_code, response.json()["run"]["state"]) == (200, "planned")
    assert (await console.http.get("/api/runs", params={"q": "okapi"})).json() == []


async def test_all_faults_come_at_once(console: Console) -> None:
    body = {"text": "a fox --steps 9000 --ar 4x5 --cuont 3", "as": "Ana"}
    response = await console.http.post("/api/imagine", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["kind"]) == (422, "command")
    assert {fault["flag"] for fault in error["faults"]} == {"--steps", "--ar", "--cuont"}


async def test_a_thread_goes_the_whole_way(console: Console) -> None:
    first = await console.made("a red fox :: in the snow :: wide shot :: flat --count 2 --seed 7")
    picked = (await console.say(first["id"], "pick 2")).json()["run"]
    assert picked["artworks"][1]["picked_by"] == ["Ana"]
    approved = (await console.say(first["id"], "approve 2", "Lee")).json()["run"]
    assert [one["by"] for one in approved["artworks"][1]["approvals"]] == ["Lee"]
    child = (await console.say(first["id"], "style: more cinematic")).json()["run"]
    assert (child["thread"], child["seeds"]) == (first["id"], first["seeds"])
    assert child["baseline_delta"]["changed"] == ["segments.style"]
    response = await console.http.get(f"/api/runs/{child['id']}", params={"wait": "ended"})
    assert response.json()["state"] == "done"
    asked = {"text": "compare", "as": "Ana", "in": child["id"], "at": "thread"}
    compared = (await console.http.post("/api/say", json=asked)).json()
    assert compared["data"]["changed"] == ["segments.style"]


async def test_votes_say_the_line_that_a_person_would_type(console: Console) -> None:
    run = await console.made(ONE)
    votes = f"/api/runs/{run['id']}/votes"

    async def vote(value: str, name: str) -> Any:
        body = {"number": 1, "value": value, "as": name}
        return (await console.http.post(votes, json=body)).json()["run"]["artworks"][0]

    assert (await vote("5", "Ana"))["rating"] == 1.0
    assert (await vote("1", "Lee"))["rating"] == 0.5
    assert (await vote("none", "Lee"))["rating"] == 1.0
    refused = await console.http.post(votes, json={"number": 1, "value": "six", "as": "Ana"})
    assert refused.json()["error"]["faults"][0]["flag"] == "value"


async def test_an_original_is_handed_out_unchanged_for_good(console: Console) -> None:
    run = await console.made(ONE)
    digest = run["artworks"][0]["digest"]
    response = await console.http.get(f"/api/artworks/{digest}")
    assert response.content == await console.app.artifacts.get(digest)
    assert response.headers["content-type"] == "image/png"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    seen = {"if-none-match": response.headers["etag"]}
    again = await console.http.get(f"/api/artworks/{digest}", headers=seen)
    assert (again.status_code, again.content) == (304, b"")
    grid = await console.http.get(f"/api/runs/{run['id']}/grid")
    assert (grid.status_code, grid.headers["content-type"][:6]) == (200, "image/")


@pytest.mark.parametrize(
    "digest", ["x", "sha256:" + "0" * 64, "%2e%2e%2flock", "sha256:" + "g" * 64]
)
async def test_a_nonsense_digest_is_not_found(console: Console, digest: str) -> None:
    response = await console.http.get(f"/api/artworks/{digest}")
    assert (response.status_code, response.json()["error"]["kind"]) == (404, "not_found")


@pytest.mark.parametrize("run", ["r0", "rabbit", "01", "R1", "0" * 26, "%00", "x" * 500])
async def test_a_run_that_is_not_there_is_not_found(console: Console, run: str) -> None:
    for path in (f"/api/runs/{run}", f"/api/runs/{run}/grid", f"/api/runs/{run}/events"):
        assert (await console.http.get(path)).status_code == 404
    assert (await console.say(run, "pick 1")).status_code == 404


async def test_a_short_name_means_the_newest_thread(console: Console) -> None:
    run = await console.made(ONE)
    found = (await console.http.get("/api/runs/r1")).json()
    assert found["id"] == run["id"]
    said = await console.http.post("/api/say", json={"text": "pick 1", "as": "Ana", "in": "r1"})
    assert said.json()["run"]["id"] == run["id"]


async def test_runs_are_listed_newest_first_and_found_by_words(console: Console) -> None:
    heron = await console.made("a heron --count 1")
    newest = await console.made(ONE)
    listed = (await console.http.get("/api/runs", params={"limit": 2})).json()
    assert [one["id"] for one in listed] == [newest["id"], heron["id"]]
    found = (await console.http.get("/api/runs", params={"q": "heron"})).json()
    assert [one["id"] for one in found] == [heron["id"]]
    older = (await console.http.get("/api/runs", params={"before": heron["id"]})).json()
    assert heron["id"] not in {one["id"] for one in older}
    assert (await console.http.get("/api/runs", params={"limit": 0})).status_code == 422


async def test_a_change_is_waited_for_and_a_late_answer_is_the_same_report(
    console: Console,
) -> None:
    taken = await console.imagine(ONE)
    path, revision = f"/api/runs/{taken['id']}", taken["run"]["revision"]
    changed = await console.http.get(path, params={"wait_s": 20, "after": revision})
    assert changed.json()["revision"] > revision


async def test_a_run_streams_its_reports_until_it_ends(console: Console) -> None:
    taken = await console.imagine(ONE)
    async with console.http.stream("GET", f"/api/runs/{taken['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = [line[6:] async for line in stream.aiter_lines() if line.startswith("data: ")]
    assert json.loads(told[-1])["state"] == "done"


async def test_a_picture_comes_with_its_line(console: Console) -> None:
    run = await console.made(ONE)
    data = await console.app.artifacts.get(run["artworks"][0]["digest"])
    files = {"mine.png": base64.b64encode(data).decode()}
    child = await console.made("a fox --count 1 --init mine.png --strength 0.5", files=files)
    assert child["parameters"]["denoising_strength"] == 0.5
    body = {"text": "a fox --init mine.png", "as": "Ana", "files": {"mine.png": "R0lGODlh"}}
    response = await console.http.post("/api/imagine", json=body)
    assert (response.status_code, response.json()["error"]["kind"]) == (422, "picture")


async def test_only_ones_own_run_can_be_cancelled_and_not_when_it_has_ended(
    console: Console,
) -> None:
    run = await console.made(ONE)
    assert (await console.say(run["id"], "cancel", "Lee")).status_code == 403
    assert (await console.say(run["id"], "cancel")).status_code == 409


async def test_the_tables_are_the_grammars_and_the_catalogues(console: Console) -> None:
    commands = (await console.http.get("/api/commands")).json()
    assert {"--seed", "--ar"} <= {flag["name"] for flag in commands["flags"]}
    models = {model["id"]: model for model in (await console.http.get("/api/models")).json()}
    assert models["sketch:storyboard"]["on"] is True
    assert any(model["why_off"] for model in models.values())


async def test_the_interface_describes_itself(console: Console) -> None:
    described = (await console.http.get("/api/openapi.json")).json()
    assert "/api/imagine" in described["paths"]
    page = (await console.http.get("/api/docs")).text
    for path in described["paths"]:
        assert path in page


async def test_a_body_that_is_none_names_what_is_missing(console: Console) -> None:
    bodies: list[Any] = [{}, {"text": 5, "as": "Ana"}, {"text": "x", "as": "Ana", "is": 1}, [], "x"]
    for body in bodies:
        response = await console.http.post("/api/imagine", json=body)
        assert (response.status_code, response.json()["error"]["kind"]) == (422, "command")
    response = await console.http.post("/api/imagine", content=b"[" * 100_000)
    assert response.status_code in {400, 422}
    assert (await console.http.get("/nowhere")).json()["error"]["kind"] == "not_found"
    assert (await console.http.delete("/api/runs")).status_code == 405


async def test_a_taken_port_is_named_with_its_setting(console: Console) -> None:
    port = int(console.url.rpartition(":")[2])
    with pytest.raises(ServiceError) as refused:
        await serve(console.app, host="127.0.0.1", port=port, token="", ready=print)
    assert str(port) in refused.value.message
    assert "AI_HANDLER_CONSOLE_PORT" in refused.value.hint


async def test_a_database_that_takes_nothing_is_told_by_its_reason(console: Console) -> None:
    held = sqlite3.connect(console.app.settings.data_dir / "handler.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        response = await console.http.get("/healthz")
    finally:
        held.close()
    assert (response.status_code, response.json()["ok"]) == (503, False)
    assert "no write" in response.json()["error"]["message"]
    assert (await console.http.get("/healthz")).status_code == 200


async def test_a_form_of_segments_is_an_edit_of_those_that_differ(console: Console) -> None:
    run = await console.made("a red fox ::2 in the snow :: :: flat --count 1 --seed 7")
    same = {name: part["text"] for name, part in run["spec"]["segments"].items()}
    form = {"segments": same | {"style": 'a "bold" :: look --no x', "environment": ""}, "as": "Ben"}
    answer = await console.http.post(f"/api/runs/{run['id']}/edit", json=form)
    child = answer.json()["run"]
    assert (child["kind"], child["parent"]["run"], child["seeds"]) == ("edit", run["id"], [7])
    told = {name: part["text"] for name, part in child["spec"]["segments"].items()}
    assert told == form["segments"]
    assert child["spec"]["segments"]["subject"]["weight"] == 2
    again = form | {"segments": same}
    refused = await console.http.post(f"/api/runs/{run['id']}/edit", json=again)
    assert (refused.status_code, "nothing is changed" in refused.text) == (422, True)
    wrong = await console.http.post(
        f"/api/runs/{run['id']}/edit", json=form | {"segments": {"x": ""}}
    )
    assert wrong.status_code == 422


async def test_a_weight_stays_when_its_words_change(console: Console) -> None:
    run = await console.made("a red fox ::2 in the snow --count 1 --seed 7")
    form = {"segments": {"subject": "a blue fox"}, "as": "Ben"}
    child = (await console.http.post(f"/api/runs/{run['id']}/edit", json=form)).json()["run"]
    assert child["spec"]["segments"]["subject"] == {"text": "a blue fox", "weight": 2}


async def test_an_unfinished_picture_is_handed_out_small_and_kept_by_nobody(
    console: Console,
) -> None:
    run = await console.made(ONE)
    where = f"/api/runs/{run['id']}/previews/1"
    none = await console.http.get(where)
    assert none.status_code == 404
    assert "no preview" in none.json()["error"]["message"]
    original = (await console.http.get(f"/api/artworks/{run['artworks'][0]['digest']}")).content
    bus = console.app.bus
    bus.previewed(run["id"], 1, original)
    shown = await console.http.get(where)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"] == "no-store"
    assert len(shown.content) < len(original)
    bus.previewed(run["id"], 1, b"GIF89a and nothing more")
    assert (await console.http.get(where)).status_code in {415, 422, 502}
    bus.forget(run["id"])
    assert (await console.http.get(where)).status_code == 404
