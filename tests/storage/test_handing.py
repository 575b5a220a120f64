"""Runs that wait for a person: taken once, handed over again, lapsed politely."""

from datetime import timedelta

import pytest

from domain.errors import ConflictError, LimitError
from domain.run import Failure, Run
from storage.database import Database
from storage.handing import Handing
from storage.limits import Limits
from tests.pipeline.given import FOX, artwork, event, planned
from tests.storage.conftest import Memory

LATE = Failure(kind="lapsed", message="No picture came within 72 hours", hint="Retry.")


def handing(memory: Memory) -> Handing:
    return Handing(
        memory.database, memory.clock, enqueue=memory.enqueue, published=memory.news.append
    )


async def waiting(memory: Memory, key: str = "e1") -> Run:
    await memory.inbox.remember(event(FOX, key=key))
    handed = {"state": "handed", "stage": "handed"}
    asked = planned(FOX, chance=memory.chance).model_copy(update=handed)
    return await memory.log.accept(asked, key)


async def test_what_is_handed_over_waits_for_no_job(memory: Memory) -> None:
    run = await waiting(memory)
    assert (run.state, memory.jobs) == ("handed", [])
    assert [one.id for one in await handing(memory).waiting()] == [run.id]
    assert not await memory.search.under_way()


async def test_only_so_many_wait_for_one_persons_hands_and_take_no_place_in_the_queue(
    database: Database,
) -> None:
    memory = Memory(database, limits=Limits(waiting_per_person=2))
    first = await waiting(memory)
    await waiting(memory, "e2")
    with pytest.raises(LimitError, match="2 of your runs wait for pictures already") as full:
        await waiting(memory, "e3")
    assert "`queue` shows them" in full.value.hint
    assert first.id in [one.id for one in await memory.search.handed_over()]
    await memory.accepted()


async def test_pictures_are_taken_once_per_event(memory: Memory) -> None:
    run = await waiting(memory)
    await memory.inbox.remember(event("attach", key="e2"))
    for _ in range(2):
        await handing(memory).take(run, [artwork(run, 1), artwork(run, 2)], "e2")
    now = await memory.log.run(run.id)
    assert (now.state, now.attempt_round, len(now.artworks)) == ("queued", 2, 2)
    assert [job for job, _, _ in memory.jobs] == [f"{run.id}.2"]


async def test_a_run_that_is_measured_takes_none(memory: Memory) -> None:
    run = await waiting(memory)
    await handing(memory).take(run, [artwork(run, 1)], "e2")
    with pytest.raises(ConflictError, match="being measured"):
        await handing(memory).take(await memory.log.run(run.id), [artwork(run, 2)], "e3")


async def test_a_place_is_filled_once(memory: Memory) -> None:
    run = await waiting(memory)
    await handing(memory).take(run, [artwork(run, 1)], "e2")
    with pytest.raises(ConflictError):
        await handing(memory).take(run, [artwork(run, 1)], "e3")
    assert len((await memory.log.run(run.id)).artworks) == 1


async def test_it_can_be_cancelled_and_handed_over_again(memory: Memory) -> None:
    run = await waiting(memory)
    assert await memory.log.request_cancel(run.id, "Ana")
    ended = await memory.log.run(run.id)
    assert (ended.state, ended.cancel_requested_by) == ("cancelled", "Ana")
    await handing(memory).hand_over(ended, "e2")
    again = await memory.log.run(run.id)
    assert (again.state, again.cancel_requested_by) == ("handed", None)
    with pytest.raises(ConflictError, match="waits for its pictures already"):
        await handing(memory).hand_over(again, "e3")


async def test_it_lapses_after_its_time_and_takes_pictures_even_then(memory: Memory) -> None:
    run = await waiting(memory)
    soon = run.created_at - timedelta(hours=1)
    assert await handing(memory).lapse(soon, LATE) == []
    late = run.created_at + timedelta(hours=1)
    assert await handing(memory).lapse(late, LATE) == [run.id]
    assert await handing(memory).lapse(late, LATE) == []
    lapsed = await memory.log.run(run.id)
    assert (lapsed.state, lapsed.error) == ("failed", LATE)
    await handing(memory).take(lapsed, [artwork(run, 1)], "e2")
    assert (await memory.log.run(run.id)).error is None


async def test_only_runs_of_the_channel_are_found(memory: Memory) -> None:
    run = await waiting(memory)
    place = run.place
    here = {"surface": place.surface, "channel": place.channel}
    assert len(await handing(memory).waiting(**here)) == 1
    assert not await handing(memory).waiting(surface=place.surface, channel="elsewhere")
    assert len(await handing(memory).waiting(root=run.root)) == 1
    assert not await handing(memory).waiting(root="01J")
