"""``backup`` and ``restore`` on the command line: what they say, and with which exit code."""

import os
import shutil
from pathlib import Path

import pytest

from storage.lock import DataLock
from storage.manifest import artifacts_in, read_manifest
from storage.migrate import head
from tests.bot.test_cli import cli, refused, said
from tests.storage.keeping import contents, data_with_runs, execute, rows


@pytest.fixture(autouse=True)
def watched_loop() -> None:
    """Leave the loop unwatched: that of one command serves nobody else, and may wait for files."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_with_runs(tmp_path_factory.mktemp("template") / "data")


@pytest.fixture
def data(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(template, tmp_path / "data"))
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_backup_and_its_restore_are_one_document_each(data: Path) -> None:
    made = said("backup", "copies")
    assert (made["runs"], made["files"], made["copied"], made["missing"]) == (2, 4, 4, [])
    assert made["folder"] == str(Path("copies").absolute())
    assert made["revision"] == head()
    assert made["database"]["file"].startswith("handler-")
    assert said("backup", "copies")["copied"] == 0
    shutil.rmtree(data)
    done = said("restore", "copies")
    assert (done["added"], done["stopped"], done["kept"]) == (4, 0, None)
    assert len(said("runs")) == 2
    assert Path(said("restore", "copies")["kept"]).is_dir()


def test_both_say_in_words_what_was_done(data: Path) -> None:
    first = cli("backup", "copies")
    assert first.exit_code == 0
    assert "2 runs, 4 files" in first.stdout
    assert "4 files of it new" in first.stdout
    done = cli("restore", "copies")
    assert done.exit_code == 0
    assert f"in {data}" in done.stdout
    assert "The log as it was lies in" in done.stdout
    assert "paid" not in done.stdout


def test_an_open_run_is_said_to_be_stopped_unless_it_may_go_on(data: Path) -> None:
    execute(data / "handler.db", "UPDATE runs SET state = 'running'")
    assert said("backup", "copies")["open_runs"] == 2
    assert "Under way when the copy was made: 2 runs." in cli("restore", "copies").stdout
    assert said("restore", "copies", "--go-on")["stopped"] == 0
    assert rows(data / "handler.db", "SELECT DISTINCT cancel_requested_by FROM runs") == [(None,)]


def test_an_older_log_is_said_to_be_migrated_by_the_next_start(data: Path) -> None:
    execute(data / "handler.db", "UPDATE alembic_version SET version_num = '0002'")
    assert said("backup", "copies")["revision"] == "0002"
    assert f"the next start brings it to {head()}" in cli("restore", "copies").stdout


def test_pictures_that_are_gone_are_named_and_end_with_code_1(data: Path) -> None:
    gone = next(iter(artifacts_in(data).values()))
    gone.unlink()
    assert said("backup", "copies", code=1)["missing"] == [f"sha256:{gone.stem}"]
    for words in (("backup", "copies"), ("restore", "copies")):
        result = cli(*words)
        assert result.exit_code == 1
        assert gone.stem in result.stderr


def test_what_was_asked_wrongly_ends_with_code_2(data: Path) -> None:
    Path("full").mkdir()
    Path("full/thesis.txt").write_text("four years", encoding="utf-8")
    before = contents(data)
    for words in (
        ("backup", "full"),
        ("backup", str(data)),
        ("restore", "full"),
        ("restore", "none"),
    ):
        assert refused(*words, code=2)["kind"] == "command"
    for line in ("backup", "restore", "backup a b", "restore a --colour"):
        assert cli(*line.split()).exit_code == 2
    assert contents(data) == before


def test_what_the_disk_or_a_version_refuses_ends_with_code_5(data: Path) -> None:
    assert cli("backup", "copies").exit_code == 0
    before = contents(data / "artifacts")
    next(iter(artifacts_in(Path("copies")).values())).unlink()
    assert "lacks files" in refused("restore", "copies", code=5)["message"]
    execute(Path("copies") / read_manifest(Path("copies")).database.file, "DELETE FROM votes")
    assert "damaged" in refused("restore", "copies", code=5)["message"]
    Path("file").write_text("a file", encoding="utf-8")
    assert "cannot write" in refused("backup", "file/below", code=5)["message"]
    execute(data / "handler.db", "UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in refused("backup", "copies", code=5)["message"]
    assert contents(data / "artifacts") == before


def test_without_a_data_folder_there_is_nothing_to_back_up_and_a_bad_restore_makes_none(
    data: Path,
) -> None:
    shutil.rmtree(data)
    assert "no database" in refused("backup", "copies", code=5)["message"]
    assert refused("restore", "copies", code=2)["kind"] == "command"
    assert not data.exists()
    assert not Path("copies").exists()


def test_a_restore_is_refused_while_another_process_holds_the_folder(data: Path) -> None:
    assert cli("backup", "copies").exit_code == 0
    before = contents(data)
    lock = DataLock(data).take("secret")
    try:
        assert f"process {os.getpid()}" in refused("restore", "copies", code=5)["message"]
        assert f"process {os.getpid()}" in refused("restore", "none", code=5)["message"]
        assert cli("backup", "copies").exit_code == 0
    finally:
        lock.release()
    assert {name: digest for name, digest in contents(data).items() if name != "lock"} == before
    assert cli("restore", "copies").exit_code == 0
