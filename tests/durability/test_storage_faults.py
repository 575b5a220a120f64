"""Locked, read-only, full: a clear error that says what to do, and nothing half-written."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from domain.errors import StorageError
from domain.run import Run
from storage.artifacts import LocalArtifacts
from storage.database import Database
from tests.durability.workbench import Bench, Blocking, Life, Polled, keys, rows

LINE: Final = "imagine a red fox --count 2"


def in_one_life(bench: Bench, story: Callable[[Life], Coroutine[Any, Any, Any]]) -> Any:
    async def whole() -> Any:
        async with bench.life() as life:
            return await story(life)

    return asyncio.run(whole())


def pages(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def counts(path: Path, *tables: str) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in tables
        }


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Polled())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "handler.db"


def test_a_full_disk_refuses_the_line_and_nothing_is_half_written(bench: Bench, path: Path) -> None:
    bench.max_pages = pages(path) + 4

    async def story(life: Life) -> None:
        for _ in range(50):
            await life.say(f"imagine a red fox {'x' * 3000}")

    with pytest.raises(StorageError) as caught:
        in_one_life(bench, story)
    assert "full" in caught.value.message
    assert "Free some space" in caught.value.hint
    found = counts(path, "runs", "specs", "outbox")
    assert found["runs"] == found["specs"] == found["outbox"]
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT outcome FROM inbox WHERE run_id IS NULL"
        left = [outcome for (outcome,) in connection.execute(query)]
    # Not stored at all, stored and not acted on, or its refusal still found room.
    assert left in ([], [None], ["storage"])
    bench.max_pages = 0
    assert in_one_life(bench, lambda life: life.handler.resume()) == left.count(None)
    run = in_one_life(bench, lambda life: life.say(LINE))
    assert run.state == "queued"


def test_a_locked_database_is_said_to_be_locked(bench: Bench, path: Path) -> None:
    async def story(life: Life) -> None:
        await rows(life, "PRAGMA busy_timeout=100")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError) as caught:
                await life.say(LINE, "event-1")
            other.execute("ROLLBACK")
        assert "locked" in caught.value.message
        assert "Another program holds the database" in caught.value.hint
        assert (await life.say(LINE, "event-1")).state == "queued"

    in_one_life(bench, story)
    assert counts(path, "runs", "inbox") == {"runs": 1, "inbox": 1}


def test_a_database_that_may_only_be_read_says_so(bench: Bench, path: Path) -> None:
    async def story() -> None:
        database = Database(path, read_only=True)
        try:
            with pytest.raises(StorageError) as caught:
                async with database.write() as connection:
                    await connection.exec_driver_sql("DELETE FROM runs")
        finally:
            await database.close()
        assert "readonly" in caught.value.message
        assert "writable" in caught.value.hint

    in_one_life(bench, lambda life: life.say(LINE))
    asyncio.run(story())
    assert counts(path, "runs") == {"runs": 1}


@pytest.mark.parametrize("vendor", [Polled, Blocking])
def test_a_picture_that_the_disk_does_not_hold_is_in_doubt_and_its_cost_is_known(
    vendor: type[Polled] | type[Blocking], tmp_path: Path, path: Path
) -> None:
    bench = Bench(tmp_path, vendor())
    (tmp_path / "artifacts").write_text("no folder")  # so that no picture can be written

    async def story(life: Life) -> tuple[Run, list[Any]]:
        run = await life.produce(await life.say(LINE))
        return run, await rows(life, "SELECT usd FROM ledger WHERE kind = 'settle'")

    run, settled = in_one_life(bench, story)
    assert (run.state, run.artworks) == ("unknown", ())
    assert run.error is not None
    assert run.error.kind == "storage"
    assert "Check space and permissions" in run.error.hint
    assert [row.usd for row in settled] == [0.05, 0.05]
    assert run.cost_usd == pytest.approx(0.1)
    assert bench.provider.paid() == keys(run, [1, 2])
    assert counts(path, "artworks") == {"artworks": 0}


FILLS: Final = """
import asyncio, resource, signal, sys
from pathlib import Path
from domain.errors import StorageError
from storage.artifacts import LocalArtifacts
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    asyncio.run(LocalArtifacts(Path(sys.argv[1])).put(b"x" * 5000, "image/png"))
except StorageError as error:
    print(error.message, "|", error.hint)
"""


def test_a_file_that_is_cut_off_by_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    told = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", FILLS, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "cannot write" in told.stdout
    assert "nothing was half-written" in told.stdout
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == []


def test_a_file_that_was_changed_on_disk_is_never_handed_out(tmp_path: Path) -> None:
    store = LocalArtifacts(tmp_path)

    async def story() -> None:
        digest = await store.put(b"as it was", "image/png")
        await asyncio.to_thread(store.path(digest, "image/png").write_bytes, b"as it is!")
        with pytest.raises(StorageError, match="changed on disk"):
            await store.get(digest)

    asyncio.run(story())
