"""Approvers are named: a typed name decides nothing, and is told what to do."""

import pytest

from tests.bot.console.serving import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")
SETTINGS = '[approvals]\napprovers = ["slack:T1:U1"]\n'


async def test_a_typed_name_is_refused_and_nothing_is_stored(console: Console) -> None:
    run = await console.made("a red fox --count 1 --seed 7")
    for line in ("approve 1", "reject 1 crop"):
        answer = await console.say(run["id"], line, "U1")
        assert answer.status_code == 403
        assert "console_may_approve" in answer.json()["error"]["hint"]
    assert await console.app.kinship.decisions(run["id"]) == []
    assert (await console.say(run["id"], "pick 1")).status_code == 200
