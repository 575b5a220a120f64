"""Writing what is handed out: originals byte for byte, sidecars, checksums; all or none."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from domain.errors import StorageError
from domain.picture import digest_of
from domain.ports import Clock
from storage.database import Database
from storage.tables import ExportRow
from storage.times import text_of


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export: its name below the folder, and its bytes."""

    name: str
    data: bytes


def sidecar_file(name: str, sidecar: Mapping[str, Any]) -> ExportFile:
    """Return the sidecar of the picture *name* as a file beside it."""
    text = json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n"
    return ExportFile(f"{name}.json", text.encode())


def checksums(files: Sequence[ExportFile]) -> ExportFile:
    """Return ``SHA256SUMS`` as ``sha256sum --check`` reads it."""
    lines = [f"{digest_of(file.data)}  {file.name}" for file in files]
    return ExportFile("SHA256SUMS", ("\n".join(lines) + "\n").encode())


def write_folder(
    folder: Path, files: Sequence[ExportFile], progressed: Callable[[int], None] = lambda _n: None
) -> None:
    """Write all files into *folder*, which is made; only a former export is replaced.

    Raises:
        StorageError: It cannot be written, or other files lie there; nothing half-written stays.
    """
    folder = folder.resolve()
    if folder == Path.cwd() or folder in Path.cwd().parents:
        raise StorageError(
            f"{folder} is where you stand", hint="Name an empty folder, or a new one."
        )
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        if folder.exists() and not _replaceable(folder):
            raise StorageError(
                f"{folder} holds other files", hint="Name an empty folder, or a new one."
            )
        aside.mkdir(parents=True)
        for count, file in enumerate(files, 1):
            _write(aside / file.name, file.data)
            progressed(count)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    except OSError as error:
        raise StorageError(
            f"cannot write {folder}: {error.strerror}",
            hint="Check space and permissions; nothing was half-written.",
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    """Say whether a folder holds nothing but what a former export lists in its checksums."""
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    if "SHA256SUMS" not in found:
        return not found and not any(folder.iterdir())
    listed = (folder / "SHA256SUMS").read_bytes().decode("utf-8", "replace").splitlines()
    return found <= {line.partition("  ")[2] for line in listed} | {"SHA256SUMS"}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


class Exports:
    """What was handed out, by whom and when."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def remember(self, export_id: str, run_id: str, by: str, names: Sequence[str]) -> None:
        """Note an export in the log."""
        row = insert(ExportRow).values(
            id=export_id, run_id=run_id, by=by, at=text_of(self._clock.now()), files_json=[*names]
        )
        async with self._database.write() as connection:
            await connection.execute(row)

    async def has(self, run_id: str) -> bool:
        """Return whether anything of a run was handed out."""
        query = select(ExportRow.id).where(ExportRow.run_id == run_id).limit(1)
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None
