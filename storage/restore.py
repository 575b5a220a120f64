"""Putting a backup back: verified whole, laid out beside what is there, then switched by renames.

What was there is kept: the former log in a folder of its own, its pictures where they lie, since a
file named by its content serves both logs. A kill at any point leaves the former log or the new
one, never half of either.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.errors import CommandError, StorageError
from domain.ports import Clock
from storage.artifacts import sync_folder
from storage.backup import copy_whole, refuse_if_being_made
from storage.manifest import Manifest, artifacts_in, read_manifest, sha256_of
from storage.migrate import refuse_newer
from storage.snapshot import check_sound, fold_in, named_files, stop_open_runs, sync_file

LOG: Final = "handler.db"
BESIDE_IT: Final = ("-wal", "-journal", "-shm")
"""What SQLite keeps beside a database; beside another one it would damage that."""
SHOWN: Final = 3
"""So many names of lost files are said; more help nobody."""
_AGAIN: Final = "Nothing was changed. Take another backup, or make this one again."


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was read from end to end."""

    folder: Path
    manifest: Manifest
    files: dict[str, Path]
    """The whole files of the store, by name."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back."""

    added: int
    """Files that the data folder did not have."""
    stopped: int
    """Open runs that will end as cancelled."""
    kept: Path | None
    """The folder in which the former log lies, if there was one."""


def check(folder: Path) -> Checked:
    """Read a backup from end to end; nothing is changed.

    Raises:
        CommandError: The folder is not there, or holds no backup of ours.
        StorageError: The backup is unfinished, being made, damaged, incomplete or newer.
    """
    manifest = read_manifest(folder)
    refuse_if_being_made(folder)
    log = folder / manifest.database.file
    refuse_newer(log, manifest.revision)
    if sha256_of(log) != manifest.database.sha256:
        raise StorageError(f"{log} is damaged or not there", hint=_AGAIN)
    check_sound(log)
    whole = {name: path for name, path in artifacts_in(folder).items() if _is_whole(path)}
    stems = {path.stem for path in whole.values()} | {
        digest.removeprefix("sha256:") for digest in manifest.missing
    }
    lost = sorted(one for one in named_files(log) if one.removeprefix("sha256:") not in stems)
    if lost:
        raise StorageError(
            f"the backup in {folder} lacks files, or they are damaged: "
            f"{', '.join(lost[:SHOWN])}{', …' if len(lost) > SHOWN else ''}",
            hint=_AGAIN,
        )
    return Checked(folder, manifest, whole)


def place(checked: Checked, data_dir: Path, clock: Clock, *, go_on: bool = False) -> Restored:
    """Put a checked backup into a data folder whose lock is held.

    Args:
        checked: What ``check`` returned.
        data_dir: Missing things are made, nothing is deleted.
        clock: What time the folder of the former log bears.
        go_on: Let open runs go on, instead of ending them as cancelled: only right if the service
            did nothing more after the copy was made.

    Raises:
        CommandError: The backup lies in the data folder.
        StorageError: The data folder cannot be written; what was there is unchanged.
    """
    here, data = checked.folder.resolve(), data_dir.resolve()
    if here == data or data in here.parents:
        raise CommandError(f"{checked.folder} lies in the data folder", hint="Move it elsewhere.")
    with _refusing(data_dir), _staging(data_dir) as staging:
        log = _staged_log(checked, staging)
        if not go_on:
            stop_open_runs(log)
        files = _staged_files(checked, data_dir, staging)
        kept = _switched(log, files, data_dir, clock)
    stopped = 0 if go_on else checked.manifest.open_runs
    return Restored(added=len(files), stopped=stopped, kept=kept)


def _is_whole(path: Path) -> bool:
    return sha256_of(path) == path.stem


@contextmanager
def _refusing(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot write {data_dir}: {error.strerror}",
            hint="Check space and permissions of the data folder; its log is as it was.",
        ) from error


@contextmanager
def _staging(data_dir: Path) -> Iterator[Path]:
    """Make a folder on the disk of the data folder, so that what lies in it is moved by renames."""
    for left in data_dir.glob(".restoring-*"):  # by a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    staging = data_dir / f".restoring-{secrets.token_hex(4)}"
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _staged_log(checked: Checked, staging: Path) -> Path:
    log = staging / LOG
    shutil.copyfile(checked.folder / checked.manifest.database.file, log)
    sync_file(log)
    if sha256_of(log) != checked.manifest.database.sha256:
        raise StorageError("the copy of the log was damaged on its way", hint=_AGAIN)
    return log


def _staged_files(checked: Checked, data_dir: Path, staging: Path) -> dict[Path, Path]:
    """Copy what the data folder lacks, or has with other bytes; return where each shall go."""
    there = artifacts_in(data_dir)
    staged: dict[Path, Path] = {}
    for name, source in checked.files.items():
        if name in there and _is_whole(there[name]):
            continue
        below = Path("artifacts") / name[:2] / name
        if not copy_whole(source, staging / below):
            raise StorageError(f"{source} was damaged meanwhile", hint=_AGAIN)
        staged[staging / below] = data_dir / below
    return staged


def _switched(log: Path, files: dict[Path, Path], data_dir: Path, clock: Clock) -> Path | None:
    """Keep what will be replaced, then replace it; the log comes last, with one rename."""
    present = data_dir / LOG
    replaced = [path for path in (*_with_companions(present), *files.values()) if path.exists()]
    kept = _kept(replaced, data_dir, clock) if replaced else None
    fold_in(present)  # so that it is whole even if the next lines are not reached
    for staged, path in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(path)
        sync_folder(path.parent)
    for companion in _with_companions(present)[1:]:
        companion.unlink(missing_ok=True)
    log.replace(present)
    sync_folder(data_dir)
    return kept


def _with_companions(log: Path) -> list[Path]:
    return [log, *(log.with_name(log.name + suffix) for suffix in BESIDE_IT)]


def _kept(files: list[Path], data_dir: Path, clock: Clock) -> Path:
    """Give files a second name in a folder of their own: they are never gone from their first."""
    stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
    kept = data_dir / f"before-restore-{stamp}-{secrets.token_hex(2)}"
    for path in files:
        other = kept / path.relative_to(data_dir)
        other.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, other)
        except OSError:  # a file system without second names
            shutil.copyfile(path, other)
            sync_file(other)
        sync_folder(other.parent)
    sync_folder(data_dir)
    return kept
