"""Putting a backup back: checked whole before anything is touched, and nothing that was is gone."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from domain.errors import CommandError, HandlerError, StorageError
from domain.picture import digest_of
from storage.backup import backup
from storage.manifest import NAME, artifacts_in, read_manifest
from storage.migrate import head, migrate
from storage.restore import Restored, check, place
from tests.durability.workbench import Bench, Life, Polled
from tests.pipeline.given import Ticking
from tests.storage.keeping import ROOT, add_picture, contents, data_with_runs, execute, rows

CLOCK: Final = Ticking()
RUN_LOG: Final = "SELECT * FROM run_log ORDER BY run_id, output_path, parameters_json"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    backup(data_with_runs(folder / "data"), folder / "backup", CLOCK)
    return folder


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template / "data", tmp_path / "data"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template / "backup", tmp_path / "backup"))


def restored(folder: Path, data: Path, *, go_on: bool = False) -> Restored:
    data.mkdir(exist_ok=True)
    return place(check(folder), data, CLOCK, go_on=go_on)


def change_record(folder: Path, **changes: Any) -> None:
    fields = json.loads((folder / NAME).read_text(encoding="utf-8"))
    (folder / NAME).write_text(json.dumps(fields | changes), encoding="utf-8")


# --- what is put back ---


def test_an_empty_place_becomes_the_data_folder_that_was(
    data: Path, folder: Path, tmp_path: Path
) -> None:
    done = restored(folder, tmp_path / "new")
    assert (done.added, done.stopped, done.kept) == (4, 0, None)
    assert contents(tmp_path / "new" / "artifacts") == contents(data / "artifacts")
    new, old = tmp_path / "new" / "handler.db", data / "handler.db"
    for query in (RUN_LOG, "SELECT * FROM ledger", "SELECT * FROM inbox", "SELECT * FROM outbox"):
        assert rows(new, query) == rows(old, query)
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"handler.db", "artifacts"}


def test_what_was_made_since_is_kept_aside_and_its_pictures_stay(data: Path, folder: Path) -> None:
    newer = add_picture(data, b"made since", 8)
    before = rows(data / "handler.db", RUN_LOG)
    done = restored(folder, data)
    assert (done.added, len(rows(data / "handler.db", RUN_LOG))) == (0, 6)
    assert done.kept is not None
    assert rows(done.kept / "handler.db", RUN_LOG) == before
    assert newer.exists()


def test_the_former_log_can_be_put_back_in_turn(data: Path, folder: Path, tmp_path: Path) -> None:
    add_picture(data, b"made since", 8)
    backup(data, tmp_path / "second", CLOCK)
    kept = [restored(one, data).kept for one in (folder, tmp_path / "second", folder)]
    assert len({*kept}) == 3
    assert [len(rows(one / "handler.db", RUN_LOG)) for one in kept if one] == [7, 6, 7]


def test_a_write_ahead_log_of_before_does_not_enter_the_restored_one(
    data: Path, folder: Path
) -> None:
    added = "INSERT INTO inbox (key, event_json, received_at) VALUES ('since', '{}', '')"
    with closing(sqlite3.connect(data / "handler.db")) as killed:
        killed.execute("PRAGMA journal_mode=WAL")
        killed.execute(added)
        killed.commit()
        done = restored_beside_the_remains_of_a_killed_service(data, folder)
    assert done.kept is not None
    asked = "SELECT key FROM inbox WHERE key = 'since'"
    assert rows(data / "handler.db", asked) == []
    assert rows(done.kept / "handler.db", asked) == [("since",)]
    assert rows(data / "handler.db", "PRAGMA integrity_check") == [("ok",)]


def restored_beside_the_remains_of_a_killed_service(data: Path, folder: Path) -> Restored:
    """Restore in a copy of *data* as it lies on disk now, write-ahead log and all; and take it."""
    left = data.with_name("left")
    shutil.copytree(data, left)
    assert (left / "handler.db-wal").stat().st_size > 0
    done = restored(folder, left)
    assert not (left / "handler.db-wal").exists()
    shutil.rmtree(data)
    shutil.copytree(left, data)
    return done


def test_a_damaged_log_is_kept_as_it_is_with_all_that_lies_beside_it(
    data: Path, folder: Path
) -> None:
    remains = {"handler.db": b"SQLite format 3\0" + b"\xff" * 5000, "handler.db-wal": b"\1" * 99}
    for name, what in remains.items():
        (data / name).write_bytes(what)
    done = restored(folder, data)
    assert done.kept is not None
    assert {name: (done.kept / name).read_bytes() for name in remains} == remains
    assert len(rows(data / "handler.db", RUN_LOG)) == 6


def test_a_damaged_picture_is_replaced_and_kept_aside(data: Path, folder: Path) -> None:
    one = next(iter(artifacts_in(data).values()))
    one.write_bytes(b"changed on disk")
    done = restored(folder, data)
    assert done.added == 1
    assert digest_of(one.read_bytes()) == one.stem
    assert done.kept is not None
    assert (done.kept / one.relative_to(data)).read_bytes() == b"changed on disk"


def test_thumbnails_and_exports_are_left_alone(data: Path, folder: Path) -> None:
    (data / "thumbnails").mkdir()
    (data / "thumbnails" / "x.webp").write_bytes(b"small")
    restored(folder, data)
    assert (data / "thumbnails" / "x.webp").read_bytes() == b"small"


def test_an_older_log_is_put_back_and_then_migrated(data: Path, tmp_path: Path) -> None:
    migrate(tmp_path / "handler.db", "0002")
    shutil.move(tmp_path / "handler.db", data / "handler.db")
    backup(data, tmp_path / "older", CLOCK)
    restored(tmp_path / "older", tmp_path / "new")
    done = migrate(tmp_path / "new" / "handler.db")
    assert (done.before, done.after) == ("0002", head())


def test_what_was_missing_already_does_not_stand_in_the_way(data: Path, tmp_path: Path) -> None:
    gone = next(iter(artifacts_in(data).values()))
    gone.unlink()
    backup(data, tmp_path / "poor", CLOCK)
    assert restored(tmp_path / "poor", tmp_path / "new").added == 3


def test_a_file_that_the_log_does_not_name_is_not_put_back_if_it_is_damaged(
    data: Path, folder: Path, tmp_path: Path
) -> None:
    stray = folder / "artifacts" / "ab" / f"{'ab' * 32}.png"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"not what its name says")
    restored(folder, tmp_path / "new")
    assert artifacts_in(tmp_path / "new").keys() == artifacts_in(data).keys()


# --- nothing is paid for twice ---


def with_open_run(data: Path, story: Callable[[Life], Any], vendor: Polled) -> Bench:
    """Let a service on *data* do something, and return its bench."""
    bench = Bench(data, vendor)

    async def whole() -> None:
        async with bench.life() as life:
            await story(life)

    asyncio.run(whole())
    return bench


async def produced(life: Life) -> None:
    """Do as the queue does at the start: every run that has not ended goes on."""
    await life.handler.resume()
    for run_id in await asyncio.to_thread(open_runs, life.bench.folder):
        await life.produce(await life.log.run(run_id))


def open_runs(data: Path) -> list[str]:
    query = "SELECT id FROM runs WHERE state IN ('queued', 'running')"
    return [run_id for (run_id,) in rows(data / "handler.db", query)]


@pytest.mark.parametrize(
    ("go_on", "state", "paid_again"), [(False, "cancelled", 0), (True, "done", 2)]
)
def test_an_open_run_was_perhaps_paid_for_since_and_is_stopped_unless_told_otherwise(
    tmp_path: Path, *, go_on: bool, state: str, paid_again: int
) -> None:
    vendor = Polled()
    with_open_run(tmp_path / "data", lambda life: life.say("imagine a red fox --count 2"), vendor)
    assert backup(tmp_path / "data", tmp_path / "backup", CLOCK).manifest.open_runs == 1
    with_open_run(tmp_path / "data", produced, vendor)
    paid = len(vendor.paid())
    assert paid == 2
    # The vendor does not know our keys: what it is asked for again, it makes again.
    fresh = Polled()
    done = restored(tmp_path / "backup", tmp_path / "new", go_on=go_on)
    assert done.stopped == (0 if go_on else 1)
    with_open_run(tmp_path / "new", produced, fresh)
    assert len(fresh.paid()) == paid_again
    found = rows(tmp_path / "new" / "handler.db", "SELECT state, cancel_requested_by FROM runs")
    assert found == [(state, None if go_on else "the restore")]


def test_a_line_that_waited_to_be_acted_on_is_not_acted_on_a_second_time(
    data: Path, tmp_path: Path
) -> None:
    execute(data / "handler.db", "UPDATE inbox SET outcome = NULL")
    backup(data, tmp_path / "backup", CLOCK)
    restored(tmp_path / "backup", tmp_path / "new")
    assert rows(tmp_path / "new" / "handler.db", "SELECT DISTINCT outcome FROM inbox") == [
        ("conflict",)
    ]


# --- what it refuses, with nothing touched ---


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("a file", encoding="utf-8")


def no_record(folder: Path) -> None:
    (folder / NAME).unlink()


def a_broken_record(folder: Path) -> None:
    change_record(folder, runs="many")


def a_newer_format(folder: Path) -> None:
    change_record(folder, format=2)


def a_record_that_points_elsewhere(folder: Path) -> None:
    record = read_manifest(folder).database.model_dump()
    change_record(folder, database=record | {"file": "../handler.db"})


def a_newer_schema(folder: Path) -> None:
    change_record(folder, revision="9999")


def no_log(folder: Path) -> None:
    (folder / read_manifest(folder).database.file).unlink()


def a_changed_log(folder: Path) -> None:
    log = folder / read_manifest(folder).database.file
    execute(log, "UPDATE artworks SET approved = 1")


def a_damaged_log(folder: Path) -> None:
    record = read_manifest(folder).database
    log = folder / record.file
    whole = log.read_bytes()
    log.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    digest = digest_of(log.read_bytes())
    change_record(folder, database=record.model_dump() | {"sha256": digest})


def a_missing_picture(folder: Path) -> None:
    next(iter(artifacts_in(folder).values())).unlink()


def a_damaged_picture(folder: Path) -> None:
    one = next(iter(artifacts_in(folder).values()))
    one.write_bytes(one.read_bytes()[::-1])


REFUSED: Final = [
    (no_folder, CommandError, "is no folder"),
    (a_file, CommandError, "is no folder"),
    (no_record, CommandError, "no backup of ours"),
    (a_broken_record, StorageError, "backup.json is damaged"),
    (a_record_that_points_elsewhere, StorageError, "backup.json is damaged"),
    (a_newer_format, StorageError, "this program reads 1"),
    (a_newer_schema, StorageError, "newer than this program"),
    (no_log, StorageError, "damaged or not there"),
    (a_changed_log, StorageError, "damaged or not there"),
    (a_damaged_log, StorageError, "is damaged: "),
    (a_missing_picture, StorageError, "lacks files, or they are damaged: sha256:"),
    (a_damaged_picture, StorageError, "lacks files, or they are damaged: sha256:"),
]


@pytest.mark.parametrize(
    ("spoil", "kind", "said"), REFUSED, ids=[one[0].__name__ for one in REFUSED]
)
def test_what_is_not_whole_is_refused_before_anything_is_touched(
    data: Path,
    folder: Path,
    spoil: Callable[[Path], None],
    kind: type[HandlerError],
    said: str,
) -> None:
    before = contents(data)
    spoil(folder)
    with pytest.raises(kind, match=said) as refused:
        restored(folder, data)
    assert refused.value.hint
    assert contents(data) == before


def test_a_backup_inside_the_data_folder_is_refused(data: Path, folder: Path) -> None:
    shutil.move(folder, data / "backup")
    before = contents(data)
    with pytest.raises(CommandError, match="lies in the data folder"):
        restored(data / "backup", data)
    assert contents(data) == before


FILLS: Final = """
import resource, signal, sys
from pathlib import Path
from domain.errors import StorageError
from storage.restore import check, place
from tests.pipeline.given import Ticking
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
checked = check(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    place(checked, Path(sys.argv[2]), Ticking())
except StorageError as error:
    print(error.message, "|", error.hint)
"""


@pytest.mark.parametrize("logs", [0.5, 2.0], ids=["for half a log", "for the log alone"])
def test_a_full_disk_is_said_and_nothing_is_half_way(
    data: Path, tmp_path: Path, template: Path, logs: float
) -> None:
    size = (data / "handler.db").stat().st_size
    add_picture(data, b"large " * size, 9)
    backup(data, tmp_path / "backup", CLOCK)
    target = Path(shutil.copytree(template / "data", tmp_path / "target"))
    before = contents(target)
    told = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", FILLS, tmp_path / "backup", target, str(int(logs * size))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "cannot write" in told
    assert "permissions" in told
    assert contents(target) == before
    assert not list(target.glob(".restoring-*"))
    assert restored(tmp_path / "backup", target).added == 1


DIES: Final = """
import os, shutil, signal, sys
from pathlib import Path
from storage.restore import check, place
from tests.pipeline.given import Ticking
folder, data = Path(sys.argv[1]), Path(sys.argv[2])
checked, number, ended = check(folder), 0, False
while not ended:
    number += 1
    here = Path(shutil.copytree(data, data.with_name(f"killed-{number}")))
    child = os.fork()
    if not child:
        left = [number]
        def count(name, _arguments):
            if name in {"os.rename", "os.link", "os.remove", "os.mkdir", "sqlite3.connect"}:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(count)
        place(checked, here, Ticking())
        os._exit(0)
    ended = os.waitpid(child, 0)[1] == 0
print(number)
"""


def test_killed_at_any_point_the_log_is_the_former_or_the_new_one_and_again_ends_it(
    data: Path, folder: Path
) -> None:
    execute(data / "handler.db", "DELETE FROM scores")  # the former log is known by it
    next(iter(artifacts_in(data).values())).write_bytes(b"changed on disk")
    next(reversed(artifacts_in(data).values())).unlink()
    told = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", DIES, folder, data],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    asked = "SELECT (SELECT count(*) FROM scores), (SELECT count(*) FROM run_log)"
    found = []
    for number in range(1, int(told) + 1):
        killed = data.with_name(f"killed-{number}")
        found += rows(killed / "handler.db", asked)
        restored(folder, killed)
        assert rows(killed / "handler.db", asked) == [(4, 6)]
    assert found == sorted(found)  # the former one, up to a moment, and then the new one
    assert {*found} == {(0, 6), (4, 6)}
    assert len(found) > 10


def test_a_place_for_pictures_that_cannot_be_written_leaves_the_log_as_it_was(
    data: Path, folder: Path
) -> None:
    shutil.rmtree(data / "artifacts")
    (data / "artifacts").write_text("a file where a folder belongs", encoding="utf-8")
    before = rows(data / "handler.db", RUN_LOG)
    with pytest.raises(StorageError, match="cannot write") as refused:
        restored(folder, data)
    assert "its log is as it was" in refused.value.hint
    assert rows(data / "handler.db", RUN_LOG) == before
    assert not list(data.glob(".restoring-*"))


def test_what_a_killed_restore_left_is_removed_by_the_next(data: Path, folder: Path) -> None:
    left = data / ".restoring-0badcafe"
    left.mkdir()
    (left / "handler.db").write_bytes(b"half")
    restored(folder, data)
    assert not left.exists()
