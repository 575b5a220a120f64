"""What a backup says of itself; written last, so that whatever it names is whole."""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from domain.errors import CommandError, StorageError
from domain.record import Moment, Record
from domain.spec import Digest
from storage.artifacts import write_whole

NAME: Final = "backup.json"
KIND: Final = "ai-handler backup"
FORMAT: Final = 1
ARTIFACT: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9]+")
"""A whole file of the artifact store; what a crash left aside begins with a dot."""
_BEGUN: Final = {"kind": KIND, "format": FORMAT}
_AGAIN: Final = "Make the backup again, or take another."


class DatabaseCopy(Record):
    """The copy of the log: named by its bytes, so that the one before stays until it is whole."""

    file: Annotated[str, Field(pattern=r"^handler-[0-9a-f]{16}\.db$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: int


class Manifest(Record):
    """One backup."""

    kind: Literal["ai-handler backup"] = KIND
    format: Literal[1] = FORMAT
    version: str
    """Of the program that made it."""
    revision: str
    """Of the schema."""
    made_at: Moment
    database: DatabaseCopy
    runs: int
    open_runs: int
    """Those that waited or were under way when the copy was made."""
    artworks: int
    files: int
    """In ``artifacts/``, each named by its SHA-256."""
    files_bytes: int
    missing: tuple[Digest, ...] = ()
    """Named by the log, but gone or changed on disk when the copy was made."""


def begin_manifest(folder: Path) -> None:
    """Mark a folder as a backup's, before anything lies in it."""
    write_whole(folder / NAME, _text(_BEGUN))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Say what the backup holds: from here on it is that."""
    write_whole(folder / NAME, _text(manifest.model_dump(mode="json")))


def is_ours(folder: Path) -> bool:
    """Return whether a folder holds a backup of ours, whole or begun."""
    try:
        return _fields(folder).get("kind") == KIND
    except (OSError, ValueError):
        return False


def read_manifest(folder: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises:
        CommandError: The folder is not there, or holds no backup.
        StorageError: The backup was never finished, is damaged, or newer than this program.
    """
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder", hint="Name the folder of a backup.")
    if not is_ours(folder):
        raise CommandError(
            f"{folder} holds no backup of ours", hint=f"Name the folder in which {NAME} lies."
        )
    fields = _fields(folder)
    if fields.get("format") != FORMAT:
        raise StorageError(
            f"the backup in {folder} has format {fields.get('format')!r}, this program reads 1",
            hint="Use the newer version of AI Handler that made it.",
        )
    if fields == _BEGUN:
        raise StorageError(f"the backup in {folder} was begun and never finished", hint=_AGAIN)
    try:
        return Manifest.model_validate(fields)
    except ValidationError as error:
        raise StorageError(f"{folder / NAME} is damaged", hint=_AGAIN) from error


def artifacts_in(folder: Path) -> dict[str, Path]:
    """Return the files of the artifact store below a folder, by name, in order."""
    found = folder.glob("artifacts/??/*")
    return {path.name: path for path in sorted(found) if ARTIFACT.fullmatch(path.name)}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file of any size; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _fields(folder: Path) -> dict[str, object]:
    fields = json.loads((folder / NAME).read_text(encoding="utf-8"))
    if not isinstance(fields, dict):
        raise ValueError(f"{NAME} holds no record")  # noqa: TRY004  the same as no JSON at all
    return fields


def _text(fields: object) -> bytes:
    return (json.dumps(fields, indent=2) + "\n").encode()
