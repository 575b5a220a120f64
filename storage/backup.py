"""Backups: a consistent copy of the log, then the files that it names, then a record of both.

The database is copied first, the artifacts after it. A file lies on disk before a row names it and
is never altered, so every file of the copied log is there to be copied; the other way round, a run
that ended in between would be in the log without its pictures. That is all it takes to copy beside
a running service. Thumbnails, exports and the lock are left out: they can be made again.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from domain.errors import CommandError, HandlerError, StorageError
from domain.picture import digest_of
from domain.ports import Clock
from storage.artifacts import sync_folder, write_whole
from storage.lock import DataLock
from storage.manifest import (
    DatabaseCopy,
    Manifest,
    artifacts_in,
    begin_manifest,
    is_ours,
    read_manifest,
    sha256_of,
    write_manifest,
)
from storage.migrate import current, refuse_newer
from storage.snapshot import counts, named_files, take_snapshot


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made."""

    manifest: Manifest
    copied: int
    """Files that were new to it."""


@dataclass(frozen=True, slots=True)
class _Files:
    whole: dict[str, Path]
    """By name, as they lie in the backup."""
    copied: int


def backup(data_dir: Path, folder: Path, clock: Clock, *, quick: bool = False) -> Made:
    """Copy a data folder into *folder*, whether the service runs or not.

    Args:
        data_dir: The data folder; nothing in it is changed.
        folder: Missing, empty, or a former backup, which is brought up to date.
        clock: What time the backup bears.
        quick: Take files of a former backup by their size, without reading them.

    Raises:
        CommandError: *folder* holds something else, or lies in the data folder.
        StorageError: There is no log, it is newer than this program or damaged; or *folder* cannot
            be written. A former backup in it still stands.
    """
    source = data_dir / "handler.db"
    revision = _revision(source)
    _check_target(folder, data_dir)
    with _held(folder), _tidied(folder):
        database = _copied_log(source, folder)
        files = _copied_files(data_dir, folder, quick=quick)
        manifest = _described(folder, database, files, revision, clock)
        write_manifest(folder, manifest)
    return Made(manifest, files.copied)


def refuse_if_being_made(folder: Path) -> None:
    """Refuse a backup that another process is making just now.

    Raises:
        StorageError: It names the process.
    """
    holder = DataLock(folder).holder()
    if holder is not None:
        raise StorageError(
            f"process {holder.pid} is making a backup in {folder}", hint="Wait until it has ended."
        )


def _revision(source: Path) -> str:
    found = current(source)
    if found is None:
        raise StorageError(
            f"no database at {source}", hint="There is nothing to back up: see AI_HANDLER_DATA_DIR."
        )
    refuse_newer(source, found)
    return found


def _check_target(folder: Path, data_dir: Path) -> None:
    here, data = folder.resolve(), data_dir.resolve()
    if here == data or data in here.parents:
        raise CommandError(
            f"{folder} lies in the data folder",
            hint="Name a folder elsewhere, best on another disk.",
        )
    if folder.exists() and not is_ours(folder) and _holds_anything(folder):
        raise CommandError(
            f"{folder} holds other files", hint="Name an empty folder, a new one, or a backup."
        )


def _holds_anything(folder: Path) -> bool:
    try:
        return any(path.name != "lock" for path in folder.iterdir())
    except OSError as error:
        raise _cannot(folder, error) from error


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep a folder to ourselves: two backups at once would remove each other's copies."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot(folder, error) from error
    refuse_if_being_made(folder)
    lock = DataLock(folder).take("")
    try:
        if not is_ours(folder):
            begin_manifest(folder)
        yield
    finally:
        lock.release()


@contextmanager
def _tidied(folder: Path) -> Iterator[None]:
    """Leave one copy of the log: the new one, or the former one if the new came to nothing."""
    try:
        yield
    finally:
        stands = ""
        with suppress(HandlerError):
            stands = read_manifest(folder).database.file
        for path in (*folder.glob(".handler-*"), *folder.glob("handler-*.db")):
            if path.name != stands:
                path.unlink(missing_ok=True)


def _copied_log(source: Path, folder: Path) -> DatabaseCopy:
    copy = take_snapshot(source, folder)
    digest = sha256_of(copy)
    path = folder / f"handler-{digest[:16]}.db"
    try:
        copy.rename(path)
        sync_folder(folder)
        return DatabaseCopy(file=path.name, sha256=digest, size_bytes=path.stat().st_size)
    except OSError as error:
        raise _cannot(folder, error) from error


def _copied_files(data_dir: Path, folder: Path, *, quick: bool) -> _Files:
    """Copy all files there are, not only those named: nothing that a row means is forgotten."""
    there, here = artifacts_in(folder), artifacts_in(data_dir)
    whole: dict[str, Path] = {}
    copied = 0
    for name in sorted(there.keys() | here.keys()):
        target = folder / "artifacts" / name[:2] / name
        source = here.get(name)
        if name in there and _is_whole(target, source, quick=quick):
            whole[name] = target
        elif source is not None and copy_whole(source, target):
            whole[name] = target
            copied += 1
    return _Files(whole, copied)


def _is_whole(target: Path, source: Path | None, *, quick: bool) -> bool:
    if quick:
        return source is None or target.stat().st_size == source.stat().st_size
    return sha256_of(target) == target.stem


def copy_whole(source: Path, target: Path) -> bool:
    """Copy a file of the store, unless its bytes are no longer those of its name.

    Raises:
        StorageError: The target cannot be written.
    """
    try:
        data = source.read_bytes()
    except OSError:
        return False
    if digest_of(data) != source.stem:
        return False
    write_whole(target, data)
    return True


def _described(
    folder: Path, database: DatabaseCopy, files: _Files, revision: str, clock: Clock
) -> Manifest:
    log = folder / database.file
    found = counts(log)
    stems = {path.stem for path in files.whole.values()}
    named = named_files(log)
    return Manifest(
        version=_own_version(),
        revision=revision,
        made_at=clock.now(),
        database=database,
        runs=found.runs,
        open_runs=found.open_runs,
        artworks=found.artworks,
        files=len(files.whole),
        files_bytes=sum(path.stat().st_size for path in files.whole.values()),
        missing=tuple(sorted(one for one in named if one.removeprefix("sha256:") not in stems)),
    )


def _own_version() -> str:
    try:
        return version("ai-handler")
    except PackageNotFoundError:
        return "unknown"


def _cannot(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {folder}: {error.strerror}",
        hint="Check space and permissions of that folder.",
    )
