"""A weights folder that says itself what it is; anything doubtful in it is refused with a reason.

``manifest.json`` names every other file with its size and SHA-256, the licence, how the network was
built and which pictures its figures hold for. ``open_clip_config.json`` is open_clip's own form.
"""

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from domain.errors import SettingsError
from domain.record import Record

MANIFEST: Final = "manifest.json"
CONFIG: Final = "open_clip_config.json"
TENSORS: Final = "open_clip_model.safetensors"
SHIPPED: Final = "sketch-small"
CHUNK: Final = 1 << 20
MAX_JSON_BYTES: Final = 1 << 20
Name = Annotated[str, Field(pattern=r"^[a-z0-9][\w.-]{0,80}$")]
"""A file of the folder itself: never a path."""


class WeightsError(SettingsError):
    """A weights folder that is not used, and why."""


class StoredFile(Record):
    """One file of the folder."""

    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(Record):
    """What a weights folder says of itself."""

    form: Literal[1]
    """Of this file; a later form is refused, not guessed at."""
    name: Name
    licence: str
    source: str
    """Where the weights come from, in words."""
    valid_for: tuple[str, ...]
    """Providers whose pictures the figures hold for; ``*`` for all."""
    quick_gelu: bool
    """Which activation the network was trained with: the other one loads and scores nonsense."""
    dim: Annotated[int, Field(ge=1, le=8192)]
    side_px: Annotated[int, Field(ge=16, le=1024)]
    context_length: Annotated[int, Field(ge=4, le=512)]
    files: dict[Name, StoredFile]
    trained: dict[str, Any] = {}  # noqa: RUF012  pydantic copies a field's default
    """How it was trained and how well it does, for people."""


class Weights(Record):
    """A folder that was found whole."""

    folder: Path
    manifest: Manifest
    backbone_id: str
    """``name-`` and the first digits of the manifest's SHA-256."""

    def path(self, name: str) -> Path:
        """Return the path of one of its files.

        Raises:
            WeightsError: The folder has none of that name.
        """
        if name not in self.manifest.files:
            raise WeightsError(f"the weights in {self.folder} have no {name}", hint=_hint())
        return self.folder / name

    def valid_for(self, provider: str) -> bool:
        """Say whether figures of this provider's pictures mean anything."""
        return "*" in self.manifest.valid_for or provider in self.manifest.valid_for


def shipped() -> Path:
    """Return the folder of the small CLIP that comes with the package."""
    return Path(str(files(__package__).joinpath("shipped", SHIPPED)))


def opened(folder: Path) -> Weights:
    """Check a weights folder, every byte of it, and return what it is.

    Raises:
        WeightsError: Missing, half-downloaded, changed, foreign, or at odds with itself.
    """
    raw = _json(folder, MANIFEST)
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"{folder / MANIFEST} is no manifest of ours: {where}: {first['msg']}"
        raise WeightsError(said, hint=_hint()) from error
    for name, stored in manifest.files.items():
        _check(folder / name, stored)
    _check_config(folder, manifest)
    digest = hashlib.sha256(raw).hexdigest()
    return Weights(folder=folder, manifest=manifest, backbone_id=f"{manifest.name}-{digest[:12]}")


def stored(path: Path) -> StoredFile:
    """Return the size and SHA-256 of a file."""
    return StoredFile(bytes=path.stat().st_size, sha256=_sha256(path))


def sealed(folder: Path, **said: Any) -> Manifest:
    """Write the manifest of a folder: every file that stands there now, and what is *said*."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.name != MANIFEST)
    listed = {path.name: stored(path).model_dump() for path in paths}
    manifest = Manifest.model_validate({"form": 1, "files": listed, **said})
    text = json.dumps(manifest.model_dump(), indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{text}\n", "utf-8")
    return manifest


def _json(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise WeightsError(f"{path} is too large to be ours", hint=_hint())
        return path.read_bytes()
    except OSError as error:
        said = f"no weights in {folder}: {name}: {error.strerror}"
        raise WeightsError(said, hint=_hint()) from error


def _check(path: Path, expected: StoredFile) -> None:
    try:
        size = path.stat().st_size
        if size < expected.bytes:
            said = f"{path} is half-downloaded: {size} of {expected.bytes} bytes"
            raise WeightsError(said, hint=_hint())
        if size > expected.bytes or _sha256(path) != expected.sha256:
            raise WeightsError(f"{path} is not the file of its manifest", hint=_hint())
    except OSError as error:
        raise WeightsError(f"{path}: {error.strerror}", hint=_hint()) from error


def _check_config(folder: Path, manifest: Manifest) -> None:
    """Refuse a configuration that builds another network than the manifest speaks of."""
    if CONFIG not in manifest.files:
        raise WeightsError(f"{folder / MANIFEST} names no {CONFIG}", hint=_hint())
    try:
        model = json.loads(_json(folder, CONFIG))["model_cfg"]
        built = (
            bool(model.get("quick_gelu", False)), model["embed_dim"],
            model["vision_cfg"]["image_size"], model["text_cfg"]["context_length"],
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{folder / CONFIG} is not open_clip's form", hint=_hint()) from error
    said = (manifest.quick_gelu, manifest.dim, manifest.side_px, manifest.context_length)
    names = ("quick_gelu", "embed_dim", "image_size", "context_length")
    for name, one, other in zip(names, built, said, strict=True):
        if one != other:
            text = f"{folder}: {name} is {one} in {CONFIG} and {other} in {MANIFEST}"
            raise WeightsError(text, hint=_hint())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hint() -> str:
    return "`ai-handler weights list` says which weights are whole."
