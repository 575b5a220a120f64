"""A quorum of two on the console, where all names are typed: they count as one person together."""

import pytest

from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = "[approvals]\nquorum = 2\n"


async def test_typed_names_alone_never_reach_a_quorum_of_two(console: Console) -> None:
    run = await console.made("a red fox --count 1 --seed 7")
    for name in ("Ana", "Ben", "Lee"):
        assert (await console.say(run["id"], "approve 1", name)).status_code == 200
    report = (await console.http.get(f"/api/runs/{run['id']}")).json()
    made = report["artworks"][0]
    assert not made["approved"]
    assert [(one["by"], one["assurance"]) for one in made["approvals"]] == [
        ("Ana", "local"), ("Ben", "local"), ("Lee", "local"),
    ]  # fmt: skip
    page = (await console.http.get("/")).text
    assert "#1 is approved by 1 of 2 that are needed" in page
    refused = await console.http.post("/api/exports", json={"run": run["id"], "as": "Ana"})
    assert refused.status_code == 404
