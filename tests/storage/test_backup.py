"""Backups: consistent beside a writer, incremental, and never the ruin of the one before."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from domain.errors import CommandError, StorageError
from domain.picture import digest_of
from storage.backup import backup
from storage.lock import DataLock
from storage.manifest import NAME, artifacts_in, read_manifest
from storage.migrate import head
from storage.restore import check
from tests.pipeline.given import Ticking
from tests.storage.keeping import ROOT, add_picture, contents, data_with_runs, execute, rows

CLOCK: Final = Ticking()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_with_runs(tmp_path_factory.mktemp("template") / "data")


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def log_of(folder: Path) -> Path:
    return folder / read_manifest(folder).database.file


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# --- what it holds ---


def test_a_backup_holds_the_log_and_its_files_and_says_what_it_is(data: Path, folder: Path) -> None:
    made = backup(data, folder, CLOCK)
    manifest = made.manifest
    assert manifest == read_manifest(folder)
    assert (manifest.runs, manifest.artworks, manifest.files, made.copied) == (2, 6, 4, 4)
    assert (manifest.revision, manifest.open_runs, manifest.missing) == (head(), 0, ())
    assert digest_of(log_of(folder).read_bytes()) == manifest.database.sha256
    assert manifest.files_bytes == sum(path.stat().st_size for path in artifacts_in(data).values())
    assert contents(folder / "artifacts") == contents(data / "artifacts")
    for query in ("SELECT * FROM run_log ORDER BY output_path", "SELECT * FROM ledger"):
        assert rows(log_of(folder), query) == rows(data / "handler.db", query)
    assert check(folder).manifest == manifest


def test_nothing_in_the_data_folder_is_changed(data: Path, folder: Path) -> None:
    before = contents(data)
    backup(data, folder, CLOCK)
    assert contents(data) == before


def test_what_can_be_made_again_and_what_is_secret_stays_out(data: Path, folder: Path) -> None:
    for name in ("thumbnails/ab/cd.webp", "exports/1/x.png", "handler.before-0003.from-0001.db"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(b"can be made again")
    (data / "artifacts" / "ab").mkdir(exist_ok=True)
    (data / "artifacts" / "ab" / f".{'ab' * 32}.png.0badcafe").write_bytes(b"left by a crash")
    lock = DataLock(data).take("a-one-process-token")
    try:
        backup(data, folder, CLOCK)
    finally:
        lock.release()
    names = {path.name for path in artifacts_in(data).values()}
    assert files(folder) == {NAME, "lock", log_of(folder).name} | {
        f"artifacts/{name[:2]}/{name}" for name in names
    }
    everything = b"".join((folder / name).read_bytes() for name in files(folder))
    assert b"a-one-process-token" not in everything


def test_a_new_folder_is_for_its_owner_alone(data: Path, folder: Path) -> None:
    backup(data, folder / "deep" / "down", CLOCK)
    assert (folder / "deep" / "down").stat().st_mode & 0o777 == 0o700


def test_an_older_log_is_copied_as_it_is(data: Path, folder: Path) -> None:
    execute(data / "handler.db", "UPDATE alembic_version SET version_num = '0002'")
    assert backup(data, folder, CLOCK).manifest.revision == "0002"


# --- beside a service ---


def test_a_copy_beside_a_writer_is_the_log_at_one_moment(data: Path, folder: Path) -> None:
    with closing(sqlite3.connect(data / "handler.db", isolation_level=None)) as service:
        service.execute("PRAGMA journal_mode=WAL")
        service.execute("INSERT INTO inbox (key, event_json, received_at) VALUES ('a', '{}', '')")
        service.execute("BEGIN IMMEDIATE")
        service.execute("INSERT INTO inbox (key, event_json, received_at) VALUES ('b', '{}', '')")
        backup(data, folder, CLOCK)
        service.execute("ROLLBACK")
    found = rows(log_of(folder), "SELECT key FROM inbox WHERE key IN ('a', 'b')")
    assert found == [("a",)]


def test_while_pictures_are_made_no_backup_names_one_that_it_lacks(
    data: Path, folder: Path
) -> None:
    stop = threading.Event()

    def produce() -> None:
        number = 10
        while not stop.is_set():
            add_picture(data, b"picture %d" % number, number)
            number += 1

    service = threading.Thread(target=produce)
    service.start()
    try:
        found = [backup(data, folder, CLOCK).manifest for _ in range(5)]
    finally:
        stop.set()
        service.join()
    assert [one.missing for one in found] == [()] * 5
    assert found[0].artworks < found[-1].artworks


# --- again ---


def test_a_second_backup_copies_only_what_is_new(data: Path, folder: Path) -> None:
    first = backup(data, folder, CLOCK).manifest
    before = {name: path.stat().st_mtime_ns for name, path in artifacts_in(folder).items()}
    new = add_picture(data, b"a new picture", 9)
    second = backup(data, folder, CLOCK)
    assert (second.copied, second.manifest.files) == (1, 5)
    assert second.manifest.made_at > first.made_at
    after = {name: path.stat().st_mtime_ns for name, path in artifacts_in(folder).items()}
    assert after == before | {new.name: after[new.name]}
    assert [path.name for path in folder.glob("*.db")] == [second.manifest.database.file]


def test_a_backup_of_the_same_is_the_same(data: Path, folder: Path) -> None:
    first = backup(data, folder, CLOCK).manifest
    second = backup(data, folder, CLOCK)
    assert second.copied == 0
    assert second.manifest == first.model_copy(update={"made_at": second.manifest.made_at})


def test_a_file_that_was_damaged_in_the_backup_is_copied_anew(data: Path, folder: Path) -> None:
    backup(data, folder, CLOCK)
    one, other = list(artifacts_in(folder).values())[:2]
    one.write_bytes(one.read_bytes()[::-1])
    other.write_bytes(b"cut")
    assert backup(data, folder, CLOCK, quick=True).copied == 1
    assert digest_of(other.read_bytes()) == other.stem
    assert digest_of(one.read_bytes()) != one.stem
    assert backup(data, folder, CLOCK).copied == 1
    assert digest_of(one.read_bytes()) == one.stem


def test_what_the_data_folder_lost_meanwhile_is_still_in_the_backup(
    data: Path, folder: Path
) -> None:
    backup(data, folder, CLOCK)
    gone, changed = list(artifacts_in(data).values())[:2]
    gone.unlink()
    changed.write_bytes(b"changed on disk")
    second = backup(data, folder, CLOCK).manifest
    assert (second.missing, second.files) == ((), 4)
    assert digest_of((folder / changed.relative_to(data)).read_bytes()) == changed.stem


def test_files_that_are_gone_are_named_and_the_rest_is_copied(data: Path, folder: Path) -> None:
    gone, changed = list(artifacts_in(data).values())[:2]
    gone.unlink()
    changed.write_bytes(b"changed on disk")
    manifest = backup(data, folder, CLOCK).manifest
    assert manifest.missing == tuple(sorted(f"sha256:{one.stem}" for one in (gone, changed)))
    assert manifest.files == 2
    assert check(folder).manifest == manifest


# --- what it refuses ---


def test_a_folder_with_other_files_is_refused_and_untouched(data: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("four years", encoding="utf-8")
    with pytest.raises(CommandError, match="other files") as refused:
        backup(data, folder, CLOCK)
    assert "empty folder" in refused.value.hint
    assert files(folder) == {"thesis.txt"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "another program\'s"}', "\0"])
def test_a_record_of_another_program_does_not_make_a_folder_ours(
    data: Path, folder: Path, text: str
) -> None:
    folder.mkdir()
    (folder / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="other files"):
        backup(data, folder, CLOCK)
    assert (folder / NAME).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("below", ["", "artifacts/ab", "backups"])
def test_the_data_folder_does_not_hold_its_own_backup(data: Path, below: str) -> None:
    before = contents(data)
    with pytest.raises(CommandError, match="data folder"):
        backup(data, data / below, CLOCK)
    assert contents(data) == before


def test_a_file_where_a_folder_belongs_is_refused(data: Path, folder: Path) -> None:
    folder.write_text("a file", encoding="utf-8")
    for place in (folder, folder / "below"):
        with pytest.raises(StorageError, match="cannot write"):
            backup(data, place, CLOCK)
    assert folder.read_text(encoding="utf-8") == "a file"


def test_without_a_log_there_is_nothing_to_back_up(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        backup(tmp_path / "none", folder, CLOCK)
    assert not folder.exists()


def test_a_newer_log_is_refused(data: Path, folder: Path) -> None:
    execute(data / "handler.db", "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer than this program"):
        backup(data, folder, CLOCK)
    assert not folder.exists()


def test_a_damaged_log_is_refused_and_the_former_backup_stands(data: Path, folder: Path) -> None:
    backup(data, folder, CLOCK)
    before = contents(folder)
    whole = (data / "handler.db").read_bytes()
    (data / "handler.db").write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(StorageError) as refused:
        backup(data, folder, CLOCK)
    assert "backup" in refused.value.hint
    assert contents(folder) == before


def test_two_backups_at_once_do_not_meet(data: Path, folder: Path) -> None:
    backup(data, folder, CLOCK)
    lock = DataLock(folder).take("")
    try:
        for does in (lambda: backup(data, folder, CLOCK), lambda: check(folder)):
            with pytest.raises(StorageError, match=f"process {os.getpid()} is making a backup"):
                does()
    finally:
        lock.release()
    check(folder)


FILLS: Final = """
import resource, signal, sys
from pathlib import Path
from domain.errors import StorageError
from storage.backup import backup
from tests.pipeline.given import Ticking
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    backup(Path(sys.argv[1]), Path(sys.argv[2]), Ticking())
except StorageError as error:
    print(error.message, "|", error.hint)
"""


def on_a_full_disk(data: Path, folder: Path, limit_bytes: int) -> str:
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", FILLS, str(data), str(folder), str(limit_bytes)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.fixture
def large(data: Path) -> Path:
    """Make a picture that is larger than the whole log."""
    size = (data / "handler.db").stat().st_size
    return add_picture(data, os.urandom(4 * size), 9)


@pytest.mark.parametrize("logs", [0.5, 2.0], ids=["for half a log", "for the log alone"])
def test_a_full_disk_is_said_and_the_former_backup_stands(
    data: Path, folder: Path, logs: float
) -> None:
    backup(data, folder, CLOCK)
    before = contents(folder)
    size = (data / "handler.db").stat().st_size
    add_picture(data, os.urandom(4 * size), 9)
    told = on_a_full_disk(data, folder, int(logs * size))
    assert "cannot write" in told
    assert "Check space and permissions" in told
    assert contents(folder) == before
    check(folder)


def test_a_first_backup_that_came_to_nothing_is_no_backup_and_may_be_made_again(
    data: Path, folder: Path, large: Path
) -> None:
    told = on_a_full_disk(data, folder, large.stat().st_size // 2)
    assert "cannot write" in told
    assert list(folder.glob("*.db")) == []
    with pytest.raises(StorageError, match="never finished"):
        check(folder)
    assert backup(data, folder, CLOCK).manifest.files == 5
    check(folder)


def test_what_a_killed_backup_left_is_tidied_by_the_next(data: Path, folder: Path) -> None:
    backup(data, folder, CLOCK)
    (folder / ".handler-0badcafe.part").write_bytes(b"half")
    (folder / f"handler-{'0' * 16}.db").write_bytes(b"whole, but never named")
    backup(data, folder, CLOCK)
    assert {name for name in files(folder) if "handler" in name} == {log_of(folder).name}


def test_a_record_is_json_that_other_programs_read(data: Path, folder: Path) -> None:
    made = backup(data, folder, CLOCK).manifest
    record = json.loads((folder / NAME).read_text(encoding="utf-8"))
    assert record["database"]["sha256"] == made.database.sha256
    assert record["made_at"].endswith("Z")
