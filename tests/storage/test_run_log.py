"""The run log: every write is whole, once, and plans the card; the view keeps its promise."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.errors import ConflictError, LimitError, NotFoundError, StorageError
from domain.ports import (
    Ending,
    Judged,
    Receipt,
)
from domain.run import Failure, Run
from storage.database import Database
from storage.limits import Limits
from storage.run_log import job_id
from tests.pipeline.given import ANA, BEN, FLARE, FOX, artwork, event, planned
from tests.storage.conftest import Memory

KEYS = (
    "model",
    "prompt",
    "negative_prompt",
    "seed",
    "cfg_scale",
    "steps",
    "width",
    "height",
    "denoising_strength",
)
"""What the team was promised to find in ``parameters_json``."""


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


async def ledger(memory: Memory) -> list[tuple[str, float]]:
    async with memory.database.read() as connection:
        found = await connection.execute(text("SELECT kind, usd FROM ledger ORDER BY at, kind"))
        return [(row.kind, row.usd) for row in found]


def receipt(number: int = 1, cost_usd: float | None = 0.013) -> Receipt:
    return Receipt(
        digest=f"sha256:{number:064x}",
        media_type="image/png",
        size_bytes=9,
        width=8,
        height=8,
        cost_usd=cost_usd,
    )


# --- accepting ---


async def test_an_accepted_run_comes_back_as_it_was_planned(memory: Memory) -> None:
    run = await memory.accepted()
    again = planned().model_copy(update={"id": run.id, "root": run.id, "revision": run.revision})
    assert run == again
    assert memory.jobs == [(run.id, run.id, "console:local:ana")]
    assert run.id in memory.news


async def test_accepting_the_same_event_again_gives_the_run_it_led_to(memory: Memory) -> None:
    run = await memory.accepted(key="event-1")
    other = planned(chance=memory.chance)
    assert (await memory.log.accept(other, "event-1")).id == run.id
    assert len(memory.jobs) == 1
    assert len(await memory.search.recent()) == 1


async def test_runs_are_numbered_in_their_thread(memory: Memory) -> None:
    first = await memory.made()
    second = await memory.accepted("style: dark", parent=first)
    third = await memory.accepted("reroll", parent=second)
    assert [first.ref, second.ref, third.ref] == ["r1", "r2", "r3"]
    assert {first.root, second.root, third.root} == {first.id}
    assert (await memory.accepted("imagine a cat")).ref == "r1"


async def test_an_unknown_run_is_not_found(memory: Memory) -> None:
    with pytest.raises(NotFoundError) as missing:
        await memory.log.run("01J00000000000000000000000")
    assert missing.value.hint


async def test_what_cannot_be_queued_is_not_stored_at_all(memory: Memory) -> None:
    async def broken(*_: object) -> None:
        raise StorageError("no queue")

    memory.log._enqueue = broken
    with pytest.raises(StorageError, match="no queue"):
        await memory.accepted(key="event-1")
    assert await memory.search.recent() == []
    assert [one.key for one in await memory.inbox.open_events()] == ["event-1"]
    assert await memory.outbox.due("console") == []


# --- limits ---


async def test_a_person_may_have_only_so_many_runs_waiting(database: Database) -> None:
    memory = Memory(database, limits=Limits(waiting_per_person=2))
    first = await memory.accepted()
    await memory.accepted()
    with pytest.raises(LimitError, match="2 of your runs wait") as full:
        await memory.accepted()
    assert "number 2" in full.value.hint
    await memory.accepted(person=BEN)
    await memory.log.begin(first.id)
    await memory.accepted()


async def test_a_days_money_is_held_by_quotes_and_given_back(database: Database) -> None:
    memory = Memory(database, limits=Limits(max_usd_per_day=0.06))
    paid = planned("imagine a login --task ui", FLARE, chance=memory.chance)
    await memory.inbox.remember(event("x", key="a"))
    await memory.log.accept(paid, "a")
    other = planned("imagine a login --task ui", FLARE, chance=memory.chance)
    with pytest.raises(LimitError, match=r"\$0\.05 of \$0\.06 are used today"):
        await memory.log.accept(other, "b")
    await memory.accepted("imagine a free fox")
    assert await memory.log.request_cancel(paid.id, "Ana")
    assert await ledger(memory) == [("reserve", 0.052), ("release", -0.052)]
    assert (await memory.log.accept(other, "b")).state == "queued"


async def test_what_was_paid_yesterday_is_not_counted_today(database: Database) -> None:
    memory = Memory(database, limits=Limits(max_usd_per_day=0.06))
    first = planned("imagine a login --task ui", FLARE, chance=memory.chance)
    await memory.log.accept(first, "a")
    memory.clock.moment += timedelta(days=1)
    other = planned("imagine a login --task ui", FLARE, chance=memory.chance)
    assert (await memory.log.accept(other, "b")).id == other.id


async def test_a_run_costs_what_its_attempts_settled(memory: Memory) -> None:
    run = planned("imagine a login --task ui --count 2", FLARE, chance=memory.chance)
    await memory.log.accept(run, "a")
    run = await memory.log.begin(run.id)
    for number in (1, 2):
        key = f"{run.id}:{number}:1"
        assert (await memory.attempts.open(key, run, number, {"prompt": "x"})).fresh
        await memory.attempts.stored(key, receipt(number))
        await memory.attempts.stored(key, receipt(number))
        await memory.log.keep(run.id, artwork(run, number))
    await memory.log.end(run.id, Ending(state="done"))
    assert (await memory.log.run(run.id)).cost_usd == 0.026
    assert sum(usd for _, usd in await ledger(memory)) == pytest.approx(0.026)


async def test_a_cost_that_nobody_knows_stays_unknown(memory: Memory) -> None:
    run = await memory.accepted()
    await memory.attempts.open("k", run, 1, {})
    await memory.attempts.stored("k", receipt(cost_usd=None))
    await memory.log.end(run.id, Ending(state="done"))
    assert (await memory.log.run(run.id)).cost_usd is None


async def test_an_attempt_is_opened_once_and_remembers_its_job_and_receipt(memory: Memory) -> None:
    run = await memory.accepted()
    first = await memory.attempts.open("k", run, 1, {"prompt": "x"})
    again = await memory.attempts.open("k", run, 1, {"prompt": "y"})
    assert (first.fresh, again.fresh) == (True, False)
    assert again.opened_at == first.opened_at
    await memory.attempts.stored("k", receipt())
    known = await memory.attempts.open("k", run, 1, {})
    assert (known.state, known.receipt) == ("stored", receipt())
    await memory.attempts.open("l", run, 2, {})
    await memory.attempts.closed("l", "refused", "by policy")
    assert (await memory.attempts.open("l", run, 2, {})).message == "by policy"


# --- on the road ---


async def test_a_run_begins_once(memory: Memory) -> None:
    run = await memory.accepted()
    begun = await memory.log.begin(run.id)
    again = await memory.log.begin(run.id)
    assert (begun.state, begun.stage) == ("running", "generate")
    assert again.started_at == begun.started_at
    assert again.revision == begun.revision


async def test_an_artwork_is_kept_once(memory: Memory) -> None:
    run = await memory.made(numbers=(2,))
    await memory.log.keep(run.id, artwork(run, 2, digest=f"sha256:{'f' * 64}"))
    (kept,) = (await memory.log.run(run.id)).artworks
    assert kept == artwork(run, 2)


async def test_two_artworks_may_hold_the_same_bytes(memory: Memory) -> None:
    run = await memory.made(numbers=())
    for number in (1, 2):
        await memory.log.keep(run.id, artwork(run, number, digest=f"sha256:{'f' * 64}"))
    assert len((await memory.log.run(run.id)).artworks) == 2


def ending(run: Run) -> Ending:
    judged = Judged(
        number=1, verdict="reject", reasons=("black",), scores={"sharp": 1.5}, version="1"
    )
    return Ending(
        state="done",
        judged=(judged,),
        failures=(Failure(kind="down", message="away", number=2),),
        grid=f"sha256:{'9' * 64}",
        timings_s={"total": 1.5},
        model_version=run.route.model,
    )


async def test_an_end_is_written_whole_and_again_changes_nothing(memory: Memory) -> None:
    run = await memory.made(numbers=(1,))
    await memory.log.end(run.id, ending(run))
    ended = await memory.log.run(run.id)
    assert (ended.state, ended.stage, ended.grid) == ("done", "ended", f"sha256:{'9' * 64}")
    assert ended.timings_s == {"total": 1.5}
    assert ended.failures[0].number == 2
    (made,) = ended.artworks
    assert (made.verdict, made.reasons, made.scores) == ("reject", ("black",), {"sharp": 1.5})
    await memory.log.end(run.id, ending(run))
    once_more = await memory.log.run(run.id)
    assert once_more.artworks == ended.artworks


async def test_every_write_raises_the_revision(memory: Memory) -> None:
    run = await memory.accepted()
    revisions = [run.revision]
    for write in (
        lambda: memory.log.begin(run.id),
        lambda: memory.log.keep(run.id, artwork(run, 1)),
        lambda: memory.log.reach(run.id, "score"),
        lambda: memory.log.end(run.id, Ending(state="done")),
        lambda: memory.log.regrid(run.id, f"sha256:{'8' * 64}"),
    ):
        await write()
        revisions.append((await memory.log.run(run.id)).revision)
    assert revisions == sorted(set(revisions))


# --- cancel and retry ---


async def test_a_waiting_run_is_cancelled_at_once_a_running_one_is_asked_to_stop(
    memory: Memory,
) -> None:
    waiting, running = await memory.accepted(), await memory.made(numbers=())
    for run in (waiting, running):
        assert not await memory.log.cancel_requested(run.id)
        assert await memory.log.request_cancel(run.id, "Ana")
        assert await memory.log.cancel_requested(run.id)
    assert (await memory.log.run(waiting.id)).state == "cancelled"
    assert (await memory.log.run(running.id)).state == "running"
    assert not await memory.log.request_cancel(waiting.id, "Ana")


async def test_a_retry_queues_the_run_again_in_a_round_of_its_own(memory: Memory) -> None:
    run = await memory.made(numbers=(1,))
    lost = Failure(kind="down", message="away", hint="Later.")
    await memory.log.end(run.id, Ending(state="failed", error=lost, failures=(lost,)))
    failed = await memory.log.run(run.id)
    key = await memory.key(run)
    again = await memory.log.retry(failed, key)
    assert (again.state, again.attempt_round, again.error, again.failures) == (
        "queued", 2, None, ()
    )  # fmt: skip
    assert [made.index for made in again.artworks] == [1]
    assert memory.jobs[-1][:2] == (f"{run.id}.2", run.id) == (job_id(run.id, 2), run.id)
    assert await memory.log.retry(failed, key) == again
    with pytest.raises(ConflictError, match="already under way"):
        await memory.log.retry(failed, await memory.key(run))
    assert len(memory.jobs) == 2


# --- the view: what the team was promised ---


async def test_the_view_has_a_row_per_artwork_and_one_for_a_run_without(
    memory: Memory, file: Path
) -> None:
    made = await memory.made()
    empty = await memory.accepted("imagine a cat --seed 3")
    found = rows(file, "SELECT * FROM run_log ORDER BY run_id, output_path")
    assert [row[0] for row in found] == [made.id] * 4 + [empty.id]
    paths = [row[2] for row in found]
    assert paths[:4] == [
        f"artifacts/{f'{number:064x}'[:2]}/{number:064x}.png" for number in range(1, 5)
    ]
    assert paths[4] is None
    names = [row[1] for row in rows(file, "PRAGMA table_info(run_log)")]
    assert names == ["run_id", "parameters_json", "output_path", "rating"]


async def test_each_image_has_what_was_sent_for_it_alone(memory: Memory, file: Path) -> None:
    await memory.made()
    await memory.accepted("imagine a cat --seed 3")
    found = rows(
        file,
        "SELECT json_extract(parameters_json, '$.seed'), json_extract(parameters_json, '$.count')"
        " FROM run_log ORDER BY run_id, output_path",
    )
    assert found == [(7, 1), (8, 1), (9, 1), (10, 1), (3, 4)]


@pytest.mark.parametrize("key", KEYS)
async def test_every_row_has_every_promised_key_with_the_value_as_sent(
    memory: Memory, file: Path, key: str
) -> None:
    first = await memory.made(FOX + " --ar 16:9")
    await memory.log.end(first.id, Ending(state="done"))
    await memory.accepted("branch 2 --strength 0.3", parent=await memory.log.run(first.id))
    unseeded = planned("imagine a login --task ui", FLARE, chance=memory.chance)
    await memory.log.accept(unseeded, "a")
    query = (
        f"SELECT run_id, json_type(parameters_json, '$.{key}'),"  # noqa: S608  a fixed list
        f" json_extract(parameters_json, '$.{key}'), output_path FROM run_log"
    )
    found = rows(file, query)
    assert len(found) == 6
    for run_id, kind, value, path in found:
        assert kind is not None
        run = await memory.log.run(run_id)
        made = [one for one in run.artworks if path and path.endswith(f"{one.digest[7:]}.png")]
        sent = made[0].parameters if made else run.parameters
        assert value == getattr(sent, key)


async def test_the_view_shows_the_rating(memory: Memory, file: Path) -> None:
    run = await memory.made()
    await memory.opinions.vote(await memory.key(run), run.id, ANA, 2, kind="pick", value=1.0)
    found = rows(file, "SELECT rating FROM run_log ORDER BY output_path")
    assert found == [(0.0,), (1.0,), (0.0,), (0.0,)]


async def test_stored_records_are_json_that_any_tool_reads(memory: Memory, file: Path) -> None:
    await memory.made("imagine a café :: 雪 --seed 1")
    ((spec,),) = rows(file, "SELECT spec_json FROM specs")
    assert json.loads(spec)["segments"]["environment"]["text"] == "雪"
    found = rows(file, "SELECT json_extract(spec_json, '$.segments.subject.text') FROM specs")
    assert found == [("a café",)]


# --- the database itself ---


async def test_a_reader_cannot_write(file: Path) -> None:
    reader = Database(file, read_only=True)
    with pytest.raises(StorageError, match="readonly") as refused:
        await write(reader, "DELETE FROM runs")
    assert "writable" in refused.value.hint
    await reader.close()


async def write(database: Database, *statements: str) -> None:
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_failed_transaction_writes_nothing(memory: Memory) -> None:
    good = "INSERT INTO inbox (key, event_json, received_at) VALUES ('k', '{}', '1')"
    with pytest.raises(StorageError, match="no such table"):
        await write(memory.database, good, "INSERT INTO nonsense VALUES (1)")
    assert await memory.inbox.open_events() == []


async def test_a_broken_reference_is_refused(memory: Memory) -> None:
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        await memory.log.keep("01J00000000000000000000000", artwork(planned(), 1))


async def test_a_locked_database_is_said_after_its_patience(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Thirty seconds of patience are too many for a test.
    monkeypatch.setattr("storage.database.PRAGMAS", ("busy_timeout=50",))
    database = Database(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked") as refused:
            await write(database, "SELECT 1")
    assert "close it" in refused.value.hint
    await write(database, "SELECT 1")
    await database.close()
