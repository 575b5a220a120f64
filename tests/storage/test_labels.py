"""Labels: what people want, gathered by the database, from what nothing kept from them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from domain.judging import CALIBRATED, Calibrated, CalibrationPolicy, Check, Explained
from domain.ports import Ending, Judged
from domain.run import Run
from storage.labels import Label, Labels
from storage.tables import RunRow, VoteRow
from storage.verdicts import Verdicts
from tests.pipeline.given import ANA, BEN
from tests.storage.conftest import Memory

VERSION = "p fit-1:w"
LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00Z")


def explained(number: int, *, explored: bool = False, calibration: int | None = None) -> Explained:
    check = Check(rule=CALIBRATED, figure="fit", value=0.1, threshold=0.2, failed=True)
    return Explained(
        number=number,
        verdict="review",
        policy="policy-2-x",
        checks=(check,),
        explored=explored,
        calibration=calibration,
    )


async def scored(memory: Memory, **judged: Any) -> Run:
    run = await memory.made()
    await memory.log.end(
        run.id,
        Ending(
            state="done",
            judged=tuple(
                Judged(
                    number=number,
                    verdict="pass",
                    reasons=(),
                    scores={"fit": number / 10, "entropy_bits": 7.0},
                    version=VERSION,
                    explained=explained(number, **judged),
                )
                for number in (1, 2, 3, 4)
            ),
        ),
    )
    return run


async def labels(memory: Memory, version: str = VERSION, most: int = 500) -> dict[int, Label]:
    of = Labels(memory.database).of
    found = await of("environment", "fit", version, since=LONG_AGO, most=most)
    return {one.number: one for one in found}


async def test_one_reviewer_s_decision_is_a_label_and_taken_back_it_is_none(memory: Memory) -> None:
    run = await scored(memory)
    decide = memory.opinions.decide
    await decide(await memory.key(run), run.id, ANA, 1, "approve")
    await decide(await memory.key(run), run.id, ANA, 2, "reject")
    await decide(await memory.key(run), run.id, ANA, 3, "approve")
    await decide(await memory.key(run), run.id, ANA, 3, "withdraw")
    found = await labels(memory)
    assert {number: (one.wanted, one.value) for number, one in found.items()} == {
        1: (True, 0.1),
        2: (False, 0.2),
    }


async def test_two_voters_are_a_label_and_one_is_none(memory: Memory) -> None:
    run = await scored(memory)
    for person in (ANA, BEN):
        await memory.opinions.vote(
            await memory.key(run, person), run.id, person, 2, kind="rate", value=1.0
        )
    await memory.opinions.vote(await memory.key(run), run.id, ANA, 3, kind="rate", value=1.0)
    assert {number: one.wanted for number, one in (await labels(memory)).items()} == {2: True}


async def test_picks_of_two_people_speak_of_every_tile(memory: Memory) -> None:
    run = await scored(memory)
    for person in (ANA, BEN):
        await memory.opinions.vote(
            await memory.key(run, person), run.id, person, 4, kind="pick", value=1.0
        )
    found = await labels(memory)
    assert {number: one.wanted for number, one in found.items()} == {
        1: False, 2: False, 3: False, 4: True,
    }  # fmt: skip


async def test_a_person_who_picks_and_rates_is_one_voter(memory: Memory) -> None:
    run = await scored(memory)
    for kind in ("pick", "rate"):
        await memory.opinions.vote(await memory.key(run), run.id, ANA, 1, kind=kind, value=1.0)
    assert await labels(memory) == {}


async def test_what_was_restored_is_wanted(memory: Memory) -> None:
    run = await scored(memory, calibration=3)
    await memory.opinions.decide(await memory.key(run), run.id, ANA, 2, "restore")
    found = await labels(memory)
    assert [(one.wanted, one.restored) for one in found.values()] == [(True, True)]


async def test_under_a_threshold_only_what_chance_picked_or_people_restored_counts(
    memory: Memory,
) -> None:
    run = await scored(memory, calibration=3)
    picked = await scored(memory, calibration=3, explored=True)
    for one in (run, picked):
        await memory.opinions.decide(await memory.key(one), one.id, ANA, 1, "approve")
    found = await Labels(memory.database).of("environment", "fit", VERSION, since=LONG_AGO, most=9)
    assert [(one.run_id, one.explored, one.would_reject) for one in found] == [
        (picked.id, True, True)
    ]


async def test_another_version_task_or_time_has_other_labels(memory: Memory) -> None:
    run = await scored(memory)
    await memory.opinions.decide(await memory.key(run), run.id, ANA, 1, "approve")
    assert await labels(memory, "p fit-1:other") == {}
    of = Labels(memory.database).of
    assert await of("product", "fit", VERSION, since=LONG_AGO, most=9) == []
    later = memory.clock.now() + timedelta(days=1)
    assert await of("environment", "fit", VERSION, since=later, most=9) == []
    assert await Labels(memory.database).version("environment", "fit") == VERSION
    assert await Labels(memory.database).versions("fit", LONG_AGO) == [("environment", VERSION)]


async def test_a_judgement_is_kept_with_all_its_checks(memory: Memory) -> None:
    run = await scored(memory, explored=True, calibration=3)
    found = await Verdicts(memory.database).explained(run.id)
    assert list(found) == [1, 2, 3, 4]
    assert found[2] == explained(2, explored=True, calibration=3)


async def test_a_calibration_is_kept_once_under_a_number_of_its_own(memory: Memory) -> None:
    verdicts, policy = Verdicts(memory.database), CalibrationPolicy()
    found = Calibrated(task="ui", version=VERSION, n=50, k=1, a=0.05, d=0.1, threshold=0.3)
    first = await verdicts.keep(found, policy, memory.clock.now())
    again = await verdicts.keep(found, policy, memory.clock.now())
    more = found.model_copy(update={"n": 51})
    second = await verdicts.keep(more, policy, memory.clock.now())
    assert (first.number, again.number, second.number) == (1, 1, 2)
    assert await verdicts.newest("ui", "fit", VERSION) == second
    assert await verdicts.newest("ui", "fit", "other") is None
    assert [one for one, _ in await verdicts.all_newest()] == [second]


@pytest.mark.parametrize("runs", [20])
async def test_a_hundred_thousand_votes_are_gathered_by_the_database(
    memory: Memory, runs: int
) -> None:
    made = [await scored(memory) for _ in range(runs)]
    votes = [
        {
            "run_id": run.id, "number": number, "person_key": f"console::p{person}",
            "kind": "rate", "value": 1.0, "name": "p", "at": "2026-11-23T00:00:00.000Z",
        }
        for run in made for number in (1, 2, 3, 4) for person in range(100_000 // runs // 4)
    ]  # fmt: skip
    async with memory.database.write() as connection:
        await connection.execute(insert(VoteRow), votes)
        await connection.execute(update(RunRow).values(state="done"))
        rated = "UPDATE artworks SET rating = 1.0"
        await connection.exec_driver_sql(rated)
    found = await Labels(memory.database).of(
        "environment", "fit", VERSION, since=LONG_AGO, most=500
    )
    assert len(found) == runs * 4
    assert all(one.wanted for one in found)
