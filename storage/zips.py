"""Exports as one zip: written aside file by file, in its place only when it is whole."""

import os
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from domain.errors import StorageError
from domain.picture import digest_of
from storage.export import ExportFile

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The same files make the same zip, whenever they are packed."""
TEXTS: Final = (".json", ".txt", "SHA256SUMS")
"""Worth compressing; pictures are compressed already."""


class ZipBox:
    """One zip that is being written; it blocks, so it is used in a thread."""

    def __init__(self, path: Path) -> None:
        """Begin it.

        Raises:
            StorageError: The folder cannot be written.
        """
        self._path = path
        self._aside = path.with_name(f".{path.name}.part")
        self._sums: dict[str, str] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._zip = zipfile.ZipFile(self._aside, "w")
        except OSError as error:
            raise _cannot(path, error) from error

    def add(self, file: ExportFile) -> None:
        """Put a file in; the same name again changes nothing.

        Raises:
            StorageError: The disk is full.
        """
        if file.name in self._sums:
            return
        self._write(file)
        self._sums[file.name] = digest_of(file.data)

    def close(self) -> int:
        """Add the checksums, sync, and put it in its place; return its size in bytes.

        Raises:
            StorageError: The disk is full.
        """
        lines = "".join(f"{digest}  {name}\n" for name, digest in self._sums.items())
        self._write(ExportFile("SHA256SUMS", lines.encode()))
        try:
            self._zip.close()
            with self._aside.open("rb") as file:
                os.fsync(file.fileno())
            size_bytes = self._aside.stat().st_size
            self._aside.replace(self._path)
        except OSError as error:
            raise _cannot(self._path, error) from error
        return size_bytes

    def discard(self) -> None:
        """Leave nothing half-written."""
        try:
            self._zip.close()
        except OSError:  # a full disk: what was begun is removed all the same
            pass
        finally:
            self._aside.unlink(missing_ok=True)

    def _write(self, file: ExportFile) -> None:
        info = zipfile.ZipInfo(file.name, EPOCH)
        plain = not file.name.endswith(TEXTS)
        info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        try:
            self._zip.writestr(info, file.data)
        except OSError as error:
            raise _cannot(self._path, error) from error


def write_zip(path: Path, files: Iterable[ExportFile]) -> int:
    """Write files as one zip and return its size in bytes; nothing half-written stays.

    Raises:
        StorageError: It cannot be written.
    """
    box = ZipBox(path)
    try:
        for file in files:
            if file.name != "SHA256SUMS":  # the box adds its own
                box.add(file)
        return box.close()
    except BaseException:
        box.discard()
        raise


def empty_folder(folder: Path) -> None:
    """Remove what an earlier service left in a folder of zips; they can be packed again."""
    shutil.rmtree(folder, ignore_errors=True)


def _cannot(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {path}: {error.strerror}",
        hint="Check space and permissions of the data folder; nothing was half-written.",
    )
