"""A copy of the log as one file: taken while it is in use, checked, and asked what it names."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domain.errors import StorageError
from domain.spec import Digest
from storage.artifacts import sync_folder
from storage.database import storage_error

PATIENCE_S: Final = 30
"""How long a lock of someone else is waited for."""
STOPPED_BY: Final = "the restore"
_NAMED: Final = """
SELECT digest FROM artworks
UNION SELECT grid_digest FROM runs
UNION SELECT json_extract(spec_json, '$.init_image') FROM specs
UNION SELECT json_extract(spec_json, '$.mask') FROM specs
UNION SELECT json_extract(one.value, '$.image')
    FROM specs, json_each(spec_json, '$.controls') AS one
UNION SELECT json_extract(one.value, '$.image')
    FROM specs, json_each(spec_json, '$.references') AS one
"""
_SHEETS: Final = "SELECT sheet_digest FROM families"
_HAS_FAMILIES: Final = "SELECT 1 FROM sqlite_master WHERE name = 'families'"
"""A log that is older has none; it is put back as it is, and migrated then."""
_OPEN: Final = "state IN ('queued', 'running')"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in a log."""

    runs: int
    open_runs: int
    artworks: int


def take_snapshot(source: Path, folder: Path) -> Path:
    """Copy a database that may be in use into *folder*, under a name of its own.

    VACUUM INTO reads within one transaction: the copy is the log at one moment, whoever writes.

    Raises:
        StorageError: The database is damaged, or the folder cannot be written; nothing stays.
    """
    copy = folder / f".handler-{secrets.token_hex(4)}.part"
    with _refusing(folder):
        with _connected(source, "ro") as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        check_sound(copy)
        sync_file(copy)
        sync_folder(folder)
    return copy


def sync_file(path: Path) -> None:
    """Let the bytes of a file survive a power cut; VACUUM INTO leaves that to its caller."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def check_sound(path: Path) -> None:
    """Read a database through.

    Raises:
        StorageError: It is damaged.
    """
    hint = "Take another backup, or the copy beside the database."
    try:
        with _connected(path, "ro") as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StorageError(f"{path} is damaged: {error}", hint=hint) from error
    if said != "ok":
        raise StorageError(f"{path} is damaged: {said}", hint=hint)


def named_files(path: Path) -> set[Digest]:
    """Return every file that a log cannot do without: artworks, grids, init images, masks.

    Raises:
        StorageError: It cannot be read.
    """
    named = _rows(path, _NAMED)
    if _rows(path, _HAS_FAMILIES):
        named += _rows(path, _SHEETS)
    return {digest for (digest,) in named if digest}


def counts(path: Path) -> Counts:
    """Count what a log holds.

    Raises:
        StorageError: It cannot be read.
    """
    runs, artworks = (f"(SELECT count(*) FROM {name})" for name in ("runs", "artworks"))  # noqa: S608
    still = f"(SELECT count(*) FROM runs WHERE {_OPEN})"  # noqa: S608  our own words
    ((all_runs, open_runs, pictures),) = _rows(path, f"SELECT {runs}, {still}, {artworks}")
    return Counts(runs=all_runs, open_runs=open_runs, artworks=pictures)


def stop_open_runs(path: Path) -> None:
    """Ask every open run of a copied log to stop, and close the lines that wait to be acted on.

    Both may have gone on, and been paid for, since the copy was made: going on again would pay
    twice. The runs end as cancelled when the service starts; `retry` makes what they did not.

    Raises:
        StorageError: It cannot be written.
    """
    with _refusing(path.parent):
        with _connected(path, "rw") as connection:
            connection.execute(
                f"UPDATE runs SET cancel_requested_by = ? WHERE {_OPEN}",  # noqa: S608  our own
                (STOPPED_BY,),
            )
            connection.execute("UPDATE inbox SET outcome = 'conflict' WHERE outcome IS NULL")
            connection.commit()
        sync_file(path)


def fold_in(path: Path) -> None:
    """Write what lies in a database's write-ahead log into its file; leave a damaged one alone."""
    with suppress(StorageError, sqlite3.Error):
        check_sound(path)  # beside a damaged one, SQLite would throw the write-ahead log away
        with _connected(path, "rw") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _rows(path: Path, query: str) -> list[Any]:
    try:
        with _connected(path, "ro") as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise storage_error(error) from error


@contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE_S)) as connection:
        yield connection


@contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Say in our words what SQLite and the disk of *folder* refuse."""
    try:
        yield
    except sqlite3.Error as error:
        said = storage_error(error)
        elsewhere = any(word in str(error) for word in ("full", "I/O", "unable to open"))
        raise _cannot(folder, str(error)) if elsewhere else said from error
    except OSError as error:
        raise _cannot(folder, error.strerror or str(error)) from error


def _cannot(folder: Path, said: str) -> StorageError:
    return StorageError(
        f"cannot write {folder}: {said}", hint="Check space and permissions of that folder."
    )
