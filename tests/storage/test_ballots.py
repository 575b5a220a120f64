"""Votes gathered for rankings and blind looks, from a real database."""

import pytest
from sqlalchemy import insert

from bot.ranking import disagreements, ranking, ranking_record, ranking_text
from domain.ports import Ending, Judged
from domain.run import Run
from storage.ballots import Ballots
from storage.blinds import NOTHING, Blinds
from storage.opinions import Shown
from storage.rows import person_key
from storage.tables import VoteRow
from tests.pipeline.given import ANA, BEN
from tests.storage.conftest import Memory


@pytest.fixture
async def run(memory: Memory) -> Run:
    """Four images whose fit falls with their number."""
    run = await memory.made()
    judged = tuple(
        Judged(
            number=number,
            verdict="pass",
            reasons=(),
            scores={"fit": 1 - number / 10},
            version="fit-1",
        )
        for number in (1, 2, 3, 4)
    )
    await memory.log.end(run.id, Ending(state="done", judged=judged))
    return await memory.log.run(run.id)


async def vote(memory: Memory, run: Run, person: str, number: int, value: float) -> None:
    who = ANA.model_copy(update={"id": person, "name": person})
    key = await memory.key(run, who)
    await memory.opinions.vote(key, run.id, who, number, kind="rate", value=value)


async def test_a_thread_is_ranked_with_intervals(memory: Memory, run: Run) -> None:
    await vote(memory, run, "ana", 3, 1.0)
    await vote(memory, run, "ben", 3, 0.75)
    await vote(memory, run, "ben", 1, 0.25)
    (group,) = await ranking(Ballots(memory.database), run)
    assert group.brief == "a red fox, in the snow at dusk"
    said = ranking_text([group])
    assert said.startswith("1. r1 #3 · approval 88% (26% to 99%) of 2 people · strength +")
    assert said.endswith("No votes on 2 images.")
    (shown,) = ranking_record(run, [group])["groups"]
    assert [one["number"] for one in shown["images"]] == [3, 1, 2, 4]
    assert shown["images"][0]["fit"] == pytest.approx(0.7)
    assert shown["images"][2]["place"] is None


async def test_nothing_voted_says_how_to_vote(memory: Memory, run: Run) -> None:
    groups = await ranking(Ballots(memory.database), run)
    assert ranking_text(groups).startswith("Nobody has voted in this thread.")


async def test_what_people_like_and_fit_does_not_is_listed_first(memory: Memory, run: Run) -> None:
    ballots = Ballots(memory.database)
    await vote(memory, run, "ana", 4, 1.0)
    assert await disagreements(ballots) == [], "of one rated image there are no ranks"
    await vote(memory, run, "ana", 1, 0.0)
    await vote(memory, run, "ana", 2, 0.5)
    found = await disagreements(ballots)
    assert [(one.piece.number, one.says, one.far) for one in found] == [
        (1, "fit likes it, people do not", 1.0),
        (4, "people like it, fit does not", 1.0),
    ]


async def test_a_voters_own_mean_is_asked_of_all_their_stars(memory: Memory, run: Run) -> None:
    for number in (1, 2):
        await vote(memory, run, "ana", number, 1.0)
    key = await memory.key(run, BEN)
    await memory.opinions.vote(key, run.id, BEN, 1, kind="pick", value=1.0)
    means = await Ballots(memory.database).means([run.id])
    assert means == {"console:local:ana": (2, 1.0)}


async def test_blind_sessions_end_and_count_each_person_once(memory: Memory, run: Run) -> None:
    other = await memory.made("imagine a blue fox")
    blinds = Blinds(memory.database, memory.clock)
    key = person_key(ANA)
    await blinds.begin("s1", key, [run.id])
    await blinds.begin("s2", key, [run.id, other.id])
    assert (await blinds.of(key, run.id)) == await blinds.session("s2")
    assert await blinds.newest(key) == "s2"
    assert await blinds.session("s1") is None, "a new look takes the place of one that shares a run"
    assert (await blinds.hidden(key)).runs == {run.id, other.id}
    assert await blinds.hidden(person_key(BEN)) == NOTHING
    event = await memory.key(other, ANA)
    await memory.opinions.vote(
        event, other.id, ANA, 2, kind="pick", value=1.0, shown=Shown("s2", 5)
    )
    await blinds.end("s2")
    assert await blinds.of(key, run.id) is None
    assert await blinds.hidden(key) == NOTHING
    assert await blinds.voted(key, [run.id, other.id]) == [other.id]
    assert await blinds.wins(run.id, other.id) == (0, 1)
    assert await blinds.wins(other.id, run.id) == (1, 0)


async def test_a_vote_that_was_not_blind_wins_nothing(memory: Memory, run: Run) -> None:
    other = await memory.made("imagine a blue fox")
    blinds = Blinds(memory.database, memory.clock)
    await blinds.begin("s1", person_key(ANA), [run.id, other.id])
    event = await memory.key(run, ANA)
    await memory.opinions.vote(event, run.id, ANA, 1, kind="pick", value=1.0)
    assert await blinds.wins(run.id, other.id) == (0, 0)


async def test_a_hundred_thousand_votes_are_counted_whole(memory: Memory, run: Run) -> None:
    rows = [
        {
            "run_id": run.id,
            "number": 1 + voter % 4,
            "person_key": f"slack:T1:{voter}",
            "kind": "pick",
            "value": 1.0,
            "name": "someone",
            "at": "2026-11-23T12:00:00Z",
        }
        for voter in range(100_000)
    ]
    async with memory.database.write() as connection:
        await connection.execute(insert(VoteRow), rows)
    (group,) = await ranking(Ballots(memory.database), run)
    assert [one.standing.voters for one in group.images] == [100_000] * 4
    assert group.images[0].standing.approval.low == pytest.approx(0.247, abs=0.001)
