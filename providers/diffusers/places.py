"""Where weights lie: a folder of this machine, or the Hugging Face hub.

What a person in a chat may name (a LoRA) is looked for in the team's folder and on the hub, never
anywhere else on the disk; only safetensors are read, since other formats run code when opened.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

SAFE: Final = ".safetensors"
_HUB_ID: Final = re.compile(r"[\w.-]+/[\w.-]+")


class NowhereError(Exception):
    """It lies nowhere that may be looked at; the text says where was looked."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder or hub id, and a file in it."""

    root: str
    is_local: bool
    folder: str = ""
    file: str = ""


def model_at(source: str, folder: str) -> Place:
    """Return where a model or a ControlNet lies: a path of the team's, or a hub id.

    Raises:
        NowhereError: Neither.
    """
    for path in (Path(source).expanduser(), Path(folder).expanduser() / source):
        if path.is_absolute() and path.is_dir():
            return Place(str(path), is_local=True)
    if _HUB_ID.fullmatch(source) and ".." not in source:
        return Place(source, is_local=False)
    where = f" and is not in {folder}" if folder else ""
    raise NowhereError(f"{source!r} is no folder{where}")


def adapter_at(source: str, folder: str) -> Place:
    """Return where an IP-Adapter's file lies, by ``…/folder/file.safetensors``.

    Raises:
        NowhereError: It names no such file.
    """
    named = PurePosixPath(source)
    if named.suffix != SAFE:
        raise NowhereError(f"{source!r} names no {SAFE} file")
    for path in (Path(source).expanduser(), Path(folder).expanduser() / source):
        if path.is_absolute() and path.is_file():
            return Place(str(path.parent), is_local=True, file=path.name)
    return _on_hub(source)


def lora_at(name: str, folder: str) -> Place:
    """Return where a LoRA lies: in the team's folder, or on the hub.

    Raises:
        NowhereError: It lies in neither.
    """
    if folder and (path := _in_folder(name, Path(folder).expanduser())):
        return Place(str(path.parent), is_local=True, file=path.name)
    if not name.startswith((".", "/", "~")) and ".." not in name:
        plain = _HUB_ID.fullmatch(name) and not name.endswith(SAFE)
        if plain or (name.endswith(SAFE) and name.count("/") > 1):
            return Place(name, is_local=False) if plain else _on_hub(name)
    looked = f"in {folder}" if folder else "in no folder, since diffusers.folder is not set"
    raise NowhereError(f"LoRA {name!r} is no hub id, and was looked for {looked}")


def _in_folder(name: str, folder: Path) -> Path | None:
    root = folder.resolve()
    for end in ("", SAFE, f"/pytorch_lora_weights{SAFE}"):
        path = (root / f"{name}{end}").resolve()
        if path.is_relative_to(root) and path.suffix == SAFE and path.is_file():
            return path
    return None


def _on_hub(name: str) -> Place:
    parts = PurePosixPath(name).parts
    if name.startswith(("/", "~", ".")) or ".." in parts or len(parts) < len(("o", "n", "file")):
        raise NowhereError(f"{name!r} is not there, and is no file on the hub (owner/name/file)")
    return Place("/".join(parts[:2]), is_local=False, folder="/".join(parts[2:-1]), file=parts[-1])
