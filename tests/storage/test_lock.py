"""One process per data folder: the second is refused with the first one's number."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from domain.errors import StorageError
from storage.lock import DataLock, Holder

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from storage.lock import DataLock, Holder
import os
lock = DataLock(Path(sys.argv[1])).take("token")
lock.announce(Holder(pid=os.getpid(), url="http://127.0.0.1:1", token="token"))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_who_holds_the_lock_can_be_read(data_dir: Path) -> None:
    lock = DataLock(data_dir)
    assert lock.holder() is None
    lock.take("secret")
    assert DataLock(data_dir).holder() == Holder(pid=os.getpid(), url="", token="secret")
    lock.announce(Holder(pid=os.getpid(), url="http://127.0.0.1:8787", token="secret"))
    found = DataLock(data_dir).holder()
    assert found is not None
    assert found.url == "http://127.0.0.1:8787"
    lock.release()
    assert DataLock(data_dir).holder() is None


def test_the_file_with_the_token_is_for_this_user_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "lock").write_text("left over", encoding="utf-8")
    (data_dir / "lock").chmod(0o644)
    lock = DataLock(data_dir).take("secret")
    assert stat.S_IMODE(lock.path.stat().st_mode) == 0o600
    lock.release()


def test_a_second_holder_is_refused_with_the_number_of_the_first(data_dir: Path) -> None:
    lock = DataLock(data_dir).take("secret")
    with pytest.raises(StorageError, match=f"process {os.getpid()}") as refused:
        DataLock(data_dir).take("other")
    assert "secret" not in refused.value.message
    assert "AI_HANDLER_DATA_DIR" in refused.value.hint
    lock.release()
    DataLock(data_dir).take("other").release()


def test_a_killed_holder_leaves_no_lock_behind(data_dir: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(data_dir)]
    with subprocess.Popen(  # noqa: S603  our own program
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StorageError, match=f"process {process.pid} at http://127.0.0.1:1"):
            DataLock(data_dir).take("other")
        process.kill()
        process.wait()
        assert DataLock(data_dir).holder() is None
        DataLock(data_dir).take("other").release()


def test_looking_does_not_keep_others_from_taking_it(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "lock").touch()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            DataLock(data_dir).holder()

    looker = threading.Thread(target=look)
    looker.start()
    try:
        for _ in range(50):
            DataLock(data_dir).take("token").release()
    finally:
        stop.set()
        looker.join()


def test_a_lock_file_that_holds_nonsense_names_nobody(data_dir: Path) -> None:
    lock = DataLock(data_dir).take("secret")
    for nonsense in ("", "{", "[1]", '{"pid": 1}', '{"colour": 1}'):
        lock.path.write_text(nonsense, encoding="utf-8")
        assert DataLock(data_dir).holder() == Holder(pid=0, url="", token="")
        with pytest.raises(StorageError, match="another process"):
            DataLock(data_dir).take("other")
    lock.release()


def test_only_the_holder_announces_itself(data_dir: Path) -> None:
    with pytest.raises(RuntimeError):
        DataLock(data_dir).announce(Holder(pid=1, url="", token=""))


def test_releasing_what_is_not_held_changes_nothing(data_dir: Path) -> None:
    DataLock(data_dir).release()
    assert not data_dir.exists()


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file", encoding="utf-8")
    assert DataLock(blocked).holder() is None
    with pytest.raises(StorageError, match="cannot write") as refused:
        DataLock(blocked).take("token")
    assert "AI_HANDLER_DATA_DIR" in refused.value.hint
