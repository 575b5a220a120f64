"""Pictures of differences beside the artifacts, named by both originals; they can be made again."""

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from domain.errors import StorageError
from domain.spec import Digest

VERSION: Final = 1
"""Of what is kept: another is not read."""


class Differences:
    """A folder that anyone may empty: nothing in it is the only copy of anything."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "differences"

    async def get(self, old: Digest, new: Digest) -> tuple[str, bytes] | None:
        """Return figures as JSON, and their picture; None if they were not made."""
        return await asyncio.to_thread(self._read, self._path(old, new))

    async def put(self, old: Digest, new: Digest, figures: str, data: bytes) -> None:
        """Keep both in one file: a line of JSON, then the picture.

        Raises:
            StorageError: The disk is full or the folder not writable.
        """
        whole = figures.encode() + b"\n" + data
        await asyncio.to_thread(self._write, self._path(old, new), whole)

    def _path(self, old: Digest, new: Digest) -> Path:
        stems = [one.removeprefix("sha256:") for one in (old, new)]
        return self._folder / stems[0][:2] / f"{stems[0]}-{stems[1]}.v{VERSION}"

    def _read(self, path: Path) -> tuple[str, bytes] | None:
        try:
            figures, _, data = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return figures.decode(), data

    def _write(self, path: Path, whole: bytes) -> None:
        aside = path.with_name(f".{path.name[:20]}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Renamed, so that nobody reads half of it; not synced: it can be made again.
            aside.write_bytes(whole)
            aside.replace(path)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise StorageError(f"cannot write {path}: {error.strerror}") from error
