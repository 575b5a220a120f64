"""The review queue in the database: its orders, what empties them, who looks, races, digests."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import ConflictError
from domain.event import Person, Place
from domain.judging import CALIBRATED, Check, Explained
from domain.policy import PixelPolicy
from domain.ports import Ending, Judged
from domain.run import Run
from scoring.tally import opinions
from storage.assignments import Assignments
from storage.digests import Digests
from storage.queue import Queue
from storage.reasons import Reasons
from storage.rows import person_key
from tests.pipeline.given import ANA, BEN
from tests.storage.conftest import Memory
from tests.storage.test_opinions import SLACK, decide, rate

SHARPNESS = {1: 90.0, 2: 31.0, 3: 27.0, 4: 60.0}
PLACE = Place(surface="slack", workspace="T1", channel="C1")


@pytest.fixture
async def run(memory: Memory) -> Run:
    """Four images that wait, with what was measured of them."""
    run = await memory.made()
    judged = tuple(
        Judged(
            number=number,
            verdict="review",
            reasons=("soft",),
            scores={"sharpness_p90": value, "fit": number / 10},
            version="1",
        )
        for number, value in SHARPNESS.items()
    )
    await memory.log.end(run.id, Ending(state="done", judged=judged))
    return await memory.log.run(run.id)


def queue(memory: Memory, **policy: float) -> Queue:
    return Queue(memory.database, memory.gallery, PixelPolicy(**policy), opinions)


async def numbers(asked: Queue, by: str, **how: object) -> list[int]:
    found = await asked.page(by, **how)  # type: ignore[arg-type]  # the words of an order
    return [one.number for one in found]


async def test_each_order_goes_on_where_it_stopped(memory: Memory, run: Run) -> None:
    asked = queue(memory)
    assert await numbers(asked, "age") == [1, 2, 3, 4]
    assert await numbers(asked, "close") == [2, 3, 4, 1]
    first = await asked.page("close", limit=2)
    assert first[0].says == "sharpness 31, review under 30"
    assert await numbers(asked, "close", after=first[-1].place) == [4, 1]
    assert await numbers(asked, "close", after=(run.id, 1)) == []
    assert await asked.count() == 4


async def test_a_vote_and_a_threshold_make_it_be_worked_out_anew(memory: Memory, run: Run) -> None:
    asked = queue(memory)
    await asked.open()
    assert await numbers(asked, "disagree") == [1, 2, 3, 4]
    await rate(memory, run, 3, 1.0)
    await rate(memory, run, 3, 0.0, BEN)
    first = (await asked.page("disagree", limit=1))[0]
    assert (first.number, first.says) == (3, "1 for it, 1 against")
    stricter = queue(memory, blur_review_p90=88.0)
    await stricter.open()
    assert (await numbers(stricter, "close"))[0] == 1


@pytest.mark.parametrize(
    ("explored", "says"),
    [(False, "fit 0.32, rejected under 0.31"), (True, "nothing was measured")],
)
async def test_fit_counts_beside_the_threshold_it_was_held_against(
    memory: Memory, *, explored: bool, says: str
) -> None:
    checks = (
        Check(rule=CALIBRATED, figure="fit", value=0.32, beyond="under", threshold=0.31),
        Check(rule="subject", figure="fit_subject", value=None, threshold=None),
    )
    found = Explained(number=1, verdict="review", policy="p", checks=checks, explored=explored)
    judged = Judged(number=1, verdict="review", reasons=(), scores={}, version="1", explained=found)
    run = await memory.made()
    await memory.log.end(run.id, Ending(state="done", judged=(judged,)))
    stands = await queue(memory).stands((run.id, 1), "close")
    assert stands is not None
    assert stands.says == says


async def test_what_nobody_measured_stands_last(memory: Memory, run: Run) -> None:
    other = await memory.made()
    judged = (Judged(number=1, verdict="review", reasons=(), scores={}, version="1"),)
    await memory.log.end(other.id, Ending(state="done", judged=judged))
    last = (await queue(memory).page("close"))[-1]
    assert (last.run_id, last.says) == (other.id, "nothing was measured")
    assert run.id != other.id


async def test_the_first_decision_wins_though_both_come_at_once(memory: Memory, run: Run) -> None:
    async def says(decision: str, person: Person) -> None:
        key = await memory.key(run, person)
        await memory.opinions.decide(
            key,
            run.id,
            person,
            1,
            decision,  # type: ignore[arg-type]
            only_first=True,
        )

    both = await asyncio.gather(says("approve", ANA), says("reject", BEN), return_exceptions=True)
    (late,) = [one for one in both if one is not None]
    assert isinstance(late, ConflictError)
    assert "was first: #1 is" in late.message
    made = (await memory.log.run(run.id)).artwork(1)
    assert made is not None
    assert len(made.approvals) + len(made.rejected_by) == 1


async def test_one_may_change_ones_own_mind_in_the_queue(memory: Memory, run: Run) -> None:
    await decide(memory, run, 1, "approve")
    key = await memory.key(run)
    await memory.opinions.decide(key, run.id, ANA, 1, "reject", only_first=True)
    made = (await memory.log.run(run.id)).artwork(1)
    assert made is not None
    assert made.rejected_by == ("Ana",)


async def test_who_looks_is_kept_until_somebody_decides(memory: Memory, run: Run) -> None:
    assignments = Assignments(memory.database, memory.clock)
    key = await memory.key(run)
    await assignments.assign(key, run.id, [2, 3], SLACK, ANA, told="Ana asks Cleo")
    mine = person_key(SLACK)
    asked = queue(memory)
    assert await numbers(asked, "close", mine=mine) == [2, 3]
    assert await asked.count(mine) == 2
    (note,) = await memory.outbox.notes([run.id])
    assert (note.text, (note.mention or {})["id"]) == ("Ana asks Cleo", "U1")
    await decide(memory, run, 2, "approve", BEN)
    assert [*await assignments.of(run.id)] == [3]
    assert await numbers(asked, "age", mine=mine) == [3]
    await assignments.unassign(await memory.key(run), run.id, [3])
    assert await asked.count(mine) == 0


async def test_reasons_are_counted_by_image_and_not_once_taken_back(
    memory: Memory, run: Run
) -> None:
    for person in (ANA, BEN):
        key = await memory.key(run, person)
        why = (("hands", True), ("odd tail", False))
        await memory.opinions.decide(key, run.id, person, 1, "reject", reasons=why)
    counted = Reasons(memory.database)
    assert [(one.reason, one.images) for one in await counted.counted()] == [
        ("hands", 1),
        ("odd tail", 1),
    ]
    for person in (ANA, BEN):
        await decide(memory, run, 1, "withdraw", person)
    assert await counted.counted() == []


async def test_a_digest_is_planned_once_a_day_and_sums_what_it_tells(
    memory: Memory, run: Run
) -> None:
    digests = Digests(memory.database, memory.clock)
    await digests.set_from_settings(PLACE, "09:00", empty=False)
    await digests.set_from_settings(PLACE, "10:00", empty=True)
    (told,) = await digests.all()
    assert (told.at, told.empty, told.by) == ("10:00", True, "settings")
    bulletin = {"place": PLACE.model_dump(mode="json"), "picture": None}

    async def plan(day: str, text: str = "3 wait") -> bool:
        return await digests.plan(told, day, text=text, run_id=run.id, bulletin=bulletin)

    assert await plan("2026-11-23")
    assert not await plan("2026-11-23")
    assert not await plan("2026-11-24", ""), "nothing to tell is told to nobody …"
    assert not await plan("2026-11-24"), "… and not later that day"
    letters = await memory.outbox.due("slack")
    assert [(one.key, one.text) for one in letters if one.kind == "digest"] == [
        ("digest:slack:T1:C1:2026-11-23", "3 wait")
    ]
    await memory.outbox.sent(letters[-1], 1, "C1/9")
    assert await memory.outbox.found("slack", "C1/9") is None, "it is about no run"
    await digests.choose(PLACE, "", "Olga", "key", empty=False, last_day="")
    await digests.set_from_settings(PLACE, "09:00", empty=False)
    assert await digests.all() == [], "an admin's word in the channel stands over the settings"


async def test_sums_count_what_waits_and_what_was_approved(memory: Memory, run: Run) -> None:
    await decide(memory, run, 1, "approve", ANA)
    await decide(memory, run, 2, "approve", BEN)
    await decide(memory, run, 2, "withdraw", BEN)
    now = memory.clock.now()
    sums = await Digests(memory.database, memory.clock).sums(
        (now - timedelta(days=1), now + timedelta(days=1)), now - timedelta(days=30)
    )
    assert sums.by_task == {run.route.task: 3}
    assert (sums.waiting, sums.approved, sums.approved_since) == (3, {"Ana": 1}, 1)
