"""Files by content: named by their SHA-256, written aside, synced, renamed; never altered."""

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path

from domain.errors import NotFoundError, StorageError
from domain.picture import SUFFIXES, digest_of
from domain.spec import Digest


def output_path(digest: Digest, media_type: str) -> str:
    """Return where a file lies, relative to the data folder: ``artifacts/ab/abcdef….png``."""
    stem = digest.removeprefix("sha256:")
    return f"artifacts/{stem[:2]}/{stem}{SUFFIXES.get(media_type, '.bin')}"


class LocalArtifacts:
    """The artifact store in a folder of this machine."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def path(self, digest: Digest, media_type: str) -> Path:
        """Return the file's path, whether it exists or not."""
        return self.data_dir / output_path(digest, media_type)

    async def put(self, data: bytes, media_type: str) -> Digest:
        """Store *data* for good; storing the same bytes again changes nothing.

        Raises:
            StorageError: The disk is full or the folder not writable; nothing half-written stays.
        """
        digest = f"sha256:{digest_of(data)}"
        await asyncio.to_thread(_write_once, self.path(digest, media_type), data)
        return digest

    async def get(self, digest: Digest) -> bytes:
        """Return the bytes of a digest.

        Raises:
            NotFoundError: No such file.
            StorageError: The file's bytes are not those of its name.
        """
        data = await asyncio.to_thread(self._read, digest)
        if f"sha256:{digest_of(data)}" != digest:
            raise StorageError(f"the bytes of {digest} were changed on disk")
        return data

    def find(self, digest: Digest) -> Path | None:
        """Return the path of a stored file of any type, or None."""
        paths = (self.path(digest, media_type) for media_type in SUFFIXES)
        return next((path for path in paths if path.exists()), None)

    def _read(self, digest: Digest) -> bytes:
        path = self.find(digest)
        if path is None:
            raise NotFoundError(f"no file {digest}", hint="Its file is gone from data/artifacts.")
        try:
            return path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"cannot read {path}: {error.strerror}", hint="Check its permissions."
            ) from error


def _write_once(path: Path, data: bytes) -> None:
    try:
        if path.exists() and path.stat().st_size == len(data):
            return
    except OSError as error:
        raise _cannot(path, error) from error
    write_whole(path, data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file aside, sync it and put it in its place; its folders are made.

    Raises:
        StorageError: The disk is full or the folder not writable; nothing half-written stays.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_synced(aside, data)
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # its folder may be what cannot be written
            aside.unlink(missing_ok=True)
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {path}: {error.strerror}",
        hint="Check space and permissions of its folder; nothing was half-written.",
    )


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
