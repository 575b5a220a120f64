"""Opinions and decisions: who thinks what now, who decided what ever; each in one transaction."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from domain.errors import StorageError
from domain.event import Person
from domain.run import Run
from storage.opinions import Note
from tests.pipeline.given import ANA, BEN, artwork
from tests.storage.conftest import Memory

SLACK = Person(surface="slack", workspace="T1", id="U1", name="Cleo")


async def pick(memory: Memory, run: Run, number: int, person: Person = ANA) -> None:
    key = await memory.key(run, person)
    note = Note(f"{person.name} picked #{number}", number)
    await memory.opinions.vote(key, run.id, person, number, kind="pick", value=1.0, note=note)


async def unpick(memory: Memory, run: Run, number: int, person: Person = ANA) -> None:
    key = await memory.key(run, person)
    await memory.opinions.unvote(key, run.id, person, number, kind="pick")


async def rate(memory: Memory, run: Run, number: int, value: float, person: Person = ANA) -> None:
    key = await memory.key(run, person)
    await memory.opinions.vote(key, run.id, person, number, kind="rate", value=value)


async def decide(
    memory: Memory,
    run: Run,
    number: int,
    decision: Any,
    person: Person = ANA,
    *,
    reason: str = "",
) -> None:
    key = await memory.key(run, person)
    await memory.opinions.decide(key, run.id, person, number, decision, reason=reason)


async def ratings(memory: Memory, run: Run) -> list[float | None]:
    return [made.rating for made in (await memory.log.run(run.id)).artworks]


@pytest.fixture
async def run(memory: Memory) -> Run:
    return await memory.made()


# --- ratings ---


async def test_nobodys_opinion_is_no_rating(memory: Memory, run: Run) -> None:
    assert await ratings(memory, run) == [None] * 4


async def test_a_pick_counts_one_for_its_tile_and_zero_for_the_others(
    memory: Memory, run: Run
) -> None:
    await pick(memory, run, 2)
    assert await ratings(memory, run) == [0, 1, 0, 0]
    await pick(memory, run, 3)
    assert await ratings(memory, run) == [0, 1, 1, 0]


async def test_the_rating_is_the_mean_over_people(memory: Memory, run: Run) -> None:
    await pick(memory, run, 2)
    await pick(memory, run, 2, BEN)
    await pick(memory, run, 3, BEN)
    assert await ratings(memory, run) == [0, 1, 0.5, 0]


async def test_the_last_pick_withdrawn_withdraws_all_of_them(memory: Memory, run: Run) -> None:
    await pick(memory, run, 2)
    await pick(memory, run, 3)
    await unpick(memory, run, 2)
    assert await ratings(memory, run) == [0, 0, 1, 0]
    await unpick(memory, run, 3)
    assert await ratings(memory, run) == [None] * 4


async def test_a_person_s_latest_word_on_a_tile_counts(memory: Memory, run: Run) -> None:
    await pick(memory, run, 2)
    await rate(memory, run, 2, 0.25)
    assert await ratings(memory, run) == [0, 0.25, 0, 0]
    await pick(memory, run, 3)
    assert await ratings(memory, run) == [0, 1, 1, 0]


async def test_a_vote_replaces_the_one_before(memory: Memory, run: Run) -> None:
    await rate(memory, run, 1, 1.0)
    await rate(memory, run, 1, 0.0)
    await rate(memory, run, 1, 0.5, BEN)
    assert await ratings(memory, run) == [0.25, None, None, None]


async def test_a_favourite_is_no_rating(memory: Memory, run: Run) -> None:
    key = await memory.key(run)
    await memory.opinions.vote(key, run.id, ANA, 2, kind="favourite", value=1.0)
    assert await ratings(memory, run) == [None] * 4
    assert (await memory.log.run(run.id)).artworks[1].favourite_of == ("Ana",)


async def test_withdrawing_what_is_not_there_changes_nothing(memory: Memory, run: Run) -> None:
    await unpick(memory, run, 2)
    assert await ratings(memory, run) == [None] * 4


async def test_votes_belong_to_the_artwork_not_to_its_bytes(memory: Memory) -> None:
    run = await memory.made(numbers=())
    for number in (1, 2):
        await memory.log.keep(run.id, artwork(run, number, digest=f"sha256:{'f' * 64}"))
    await decide(memory, run, 2, "approve")
    assert [made.approved for made in (await memory.log.run(run.id)).artworks] == [False, True]


async def test_what_a_person_picked_is_known(memory: Memory, run: Run) -> None:
    await pick(memory, run, 3)
    await pick(memory, run, 1)
    await pick(memory, run, 2, BEN)
    assert await memory.opinions.picks(run.id, ANA) == [1, 3]
    assert (await memory.log.run(run.id)).artworks[1].picked_by == ("Ben",)


async def test_the_original_is_posted_once_per_tile(memory: Memory, run: Run) -> None:
    for person in (ANA, BEN):
        await pick(memory, run, 2, person)
    await unpick(memory, run, 2)
    await pick(memory, run, 2)
    await pick(memory, run, 3)
    notes = await memory.outbox.notes([run.id])
    assert [(one.number, one.text) for one in notes] == [(2, "Ana picked #2"), (3, "Ana picked #3")]


async def test_the_same_event_again_changes_nothing(memory: Memory, run: Run) -> None:
    key = await memory.key(run)
    await memory.opinions.vote(key, run.id, ANA, 2, kind="pick", value=1.0)
    await memory.opinions.unvote(key, run.id, ANA, 2, kind="pick")
    assert await ratings(memory, run) == [0, 1, 0, 0]


# --- decisions ---


async def test_an_approval_records_who_when_where_and_for_which_bytes(
    memory: Memory, run: Run
) -> None:
    await decide(memory, run, 2, "approve")
    made = (await memory.log.run(run.id)).artworks[1]
    (approval,) = made.approvals
    assert made.approved
    assert approval.digest == made.digest
    assert (approval.by, approval.surface, approval.assurance) == ("Ana", "console", "local")


async def test_a_name_that_a_platform_vouches_for_is_no_local_one(memory: Memory, run: Run) -> None:
    await decide(memory, run, 2, "approve", SLACK)
    assert (await memory.log.run(run.id)).artworks[1].approvals[0].assurance == "platform"


async def test_each_persons_newest_decision_stands(memory: Memory, run: Run) -> None:
    await decide(memory, run, 2, "approve")
    await decide(memory, run, 2, "reject", BEN)
    made = (await memory.log.run(run.id)).artworks[1]
    assert made.approved
    assert made.rejected_by == ("Ben",)
    await decide(memory, run, 2, "reject")
    made = (await memory.log.run(run.id)).artworks[1]
    assert not made.approved
    assert made.rejected_by == ("Ben", "Ana")
    await decide(memory, run, 2, "withdraw", BEN)
    assert (await memory.log.run(run.id)).artworks[1].rejected_by == ("Ana",)


async def test_earlier_decisions_are_kept(memory: Memory, run: Run) -> None:
    await decide(memory, run, 2, "approve")
    await decide(memory, run, 2, "withdraw")
    await decide(memory, run, 2, "reject", reason="hands")
    async with memory.database.read() as connection:
        found = await connection.execute(text("SELECT decision, reason FROM decisions ORDER BY id"))
        assert [tuple(row) for row in found] == [
            ("approve", ""),
            ("withdraw", ""),
            ("reject", "hands"),
        ]


async def test_a_restored_tile_passes_and_says_who_brought_it_back(
    memory: Memory, run: Run
) -> None:
    await decide(memory, run, 2, "approve")
    await decide(memory, run, 2, "restore")
    made = (await memory.log.run(run.id)).artworks[1]
    assert (made.verdict, made.restored_by) == ("pass", "Ana")
    assert made.approved


async def test_a_decision_on_what_was_not_made_is_not_stored(memory: Memory) -> None:
    run = await memory.made(numbers=(1,))
    with pytest.raises(StorageError, match="NOT NULL"):
        await decide(memory, run, 3, "approve")
    assert len(await memory.inbox.open_events()) == 1


# --- the thread's baseline ---


async def test_the_first_run_is_the_baseline_until_another_is_set(memory: Memory) -> None:
    first = await memory.made()
    assert await memory.opinions.baseline_of(first.id) == first.id
    second = await memory.accepted("style: dark", parent=first)
    key = await memory.key(second)
    await memory.opinions.set_baseline(key, first.id, second.id, Note("Ana made r2 the baseline"))
    assert await memory.opinions.baseline_of(first.id) == second.id
    (note,) = await memory.outbox.notes([second.id])
    assert note.text == "Ana made r2 the baseline"


async def test_a_line_is_told_once_per_event(memory: Memory, run: Run) -> None:
    key = await memory.key(run)
    for _ in range(2):
        await memory.opinions.say(key, run.id, Note("hello"), by="Ana")
    (note,) = await memory.outbox.notes([run.id])
    assert (note.text, note.by) == ("hello", "Ana")


async def test_what_comes_at_once_is_counted_exactly(memory: Memory, run: Run) -> None:
    people = [ANA.model_copy(update={"id": f"p{n}", "name": f"P{n}"}) for n in range(40)]
    keys = {(one.id, n): await memory.key(run, one) for one in people for n in (1, 2)}
    again = [*keys.items(), *keys.items()]  # each is delivered twice
    await asyncio.gather(
        *(
            memory.opinions.vote(key, run.id, who, number, kind="pick", value=1.0)
            for (person, number), key in again
            for who in people
            if who.id == person
        )
    )
    made = (await memory.log.run(run.id)).artworks
    assert [len(one.picked_by) for one in made] == [40, 40, *(0 for _ in made[2:])]
    assert [one.rating for one in made] == [1.0, 1.0, *(0.0 for _ in made[2:])]


async def test_one_that_cannot_be_stored_stops_none_that_came_with_it(
    memory: Memory, run: Run
) -> None:
    keys = [await memory.key(run, ANA) for _ in range(4)]
    numbers = [1, 2, 99, 1]  # there is no image 99: its digest is null
    told = await asyncio.gather(
        *(
            memory.opinions.decide(key, run.id, ANA, number, "approve")
            for key, number in zip(keys, numbers, strict=True)
        ),
        return_exceptions=True,
    )
    assert [isinstance(one, StorageError) for one in told] == [False, False, True, False]
    made = (await memory.log.run(run.id)).artworks
    assert [bool(one.approvals) for one in made[:3]] == [True, True, False]
