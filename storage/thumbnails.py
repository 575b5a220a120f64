"""Small pictures beside the artifacts, named by their originals; they can be made again."""

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path

from domain.errors import StorageError
from domain.spec import Digest


class Thumbnails:
    """A folder that anyone may empty: nothing in it is the only copy of anything."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "thumbnails"

    async def get(self, digest: Digest) -> bytes | None:
        """Return the thumbnail of an artwork, or None if it was not made."""
        return await asyncio.to_thread(self._read, digest)

    async def put(self, digest: Digest, data: bytes) -> None:
        """Keep a thumbnail.

        Raises:
            StorageError: The disk is full or the folder not writable.
        """
        await asyncio.to_thread(self._write, digest, data)

    def _path(self, digest: Digest) -> Path:
        stem = digest.removeprefix("sha256:")
        return self._folder / stem[:2] / f"{stem}.webp"

    def _read(self, digest: Digest) -> bytes | None:
        try:
            return self._path(digest).read_bytes()
        except OSError:
            return None

    def _write(self, digest: Digest, data: bytes) -> None:
        path = self._path(digest)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Renamed, so that nobody reads half of it; not synced: it can be made again.
            aside.write_bytes(data)
            aside.replace(path)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise StorageError(f"cannot write {path}: {error.strerror}") from error
