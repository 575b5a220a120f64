"""One process per data folder: the lock file says who serves it, where, and with which token."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from domain.errors import StorageError

LOOKS = 10


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a data folder."""

    pid: int
    url: str
    """Where it takes commands; empty while it starts, and for a command that runs alone."""
    token: str
    """Proves to it that the caller can read the lock file."""


class DataLock:
    """The lock of a data folder: held by the one process that writes."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "lock"
        self._handle: int | None = None

    def take(self, token: str) -> Self:
        """Take the lock for this process.

        Raises:
            StorageError: Another process holds it (named in the message), or the folder is not
                writable.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        if not _lock(handle):
            os.close(handle)
            raise self._held()
        self._handle = handle
        try:
            self.announce(Holder(pid=os.getpid(), url="", token=token))
        except OSError as error:  # a full disk
            self.release()
            raise self._unwritable(error) from error
        return self

    def announce(self, holder: Holder) -> None:
        """Write who holds the lock."""
        if self._handle is None:
            raise RuntimeError("only the holder announces itself")
        text = json.dumps(asdict(holder)).encode()
        os.fchmod(self._handle, 0o600)
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text, 0)

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None

    def holder(self) -> Holder | None:
        """Return who holds the lock now, or None if nobody does.

        Raises:
            StorageError: The lock file is not for this user to read.
        """
        try:
            handle = os.open(self.path, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return _read(handle)
        finally:
            os.close(handle)
        return None

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"cannot write {self.path}: {error.strerror}",
            hint="Make the data folder writable, or set AI_HANDLER_DATA_DIR to one that is.",
        )

    def _held(self) -> StorageError:
        holder = self.holder()
        who = f"process {holder.pid}" if holder and holder.pid else "another process"
        where = f" at {holder.url}" if holder and holder.url else ""
        return StorageError(
            f"the data folder {self.path.parent} is in use by {who}{where}",
            hint="Stop that process, or set AI_HANDLER_DATA_DIR to another folder.",
        )


def _lock(handle: int) -> bool:
    # Someone who only looks holds it for a moment: look again before it counts as taken.
    for _ in range(LOOKS):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.01)
        else:
            return True
    return False


def _read(handle: int) -> Holder:
    try:
        fields = json.loads(os.pread(handle, 4096, 0) or b"{}")
        return Holder(**fields)
    except (ValueError, TypeError):
        return Holder(pid=0, url="", token="")
