"""What goes wrong in the worker, by a name for it: the reasons of torch, diffusers and the hub."""

import errno
from collections.abc import Iterator
from typing import Final


class MishapError(Exception):
    """A failure that we know, by its name in ``faults.HINTS``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_BY_CLASS: Final = {
    "OutOfMemoryError": "memory",
    "MemoryError": "memory",
    "GatedRepoError": "gated",
    "RepositoryNotFoundError": "gated",
    "LocalEntryNotFoundError": "offline",
    "OfflineModeIsEnabled": "offline",
    "HfHubHTTPError": "hub",
    "ConnectError": "hub",
    "ConnectionError": "hub",
    "NowhereError": "nowhere",
    "ModuleNotFoundError": "package",
    "PictureError": "invalid",
}
_BY_TEXT: Final = (
    ("out of memory", "memory"),
    ("can't allocate memory", "memory"),
    ("not enough memory", "memory"),
    ("gated repo", "gated"),
    ("offline mode", "offline"),
    ("local_files_only", "offline"),
    ("cached files", "offline"),
    ("cached_folder", "offline"),
    ("couldn't connect", "hub"),
    ("safetensors", "unsafe"),
    ("is not a directory", "broken"),
)
LONGEST: Final = 400


def kind_of(error: BaseException) -> str:
    """Return the name of a failure."""
    if isinstance(error, MishapError):
        return error.kind
    for one in _chain(error):
        names = [known.__name__ for known in type(one).__mro__]
        if kind := next((_BY_CLASS[name] for name in names if name in _BY_CLASS), ""):
            return kind
        if isinstance(one, OSError) and one.errno == errno.ENOMEM:
            return "memory"
    said = " ".join(str(one).lower() for one in _chain(error))
    if kind := next((kind for text, kind in _BY_TEXT if text in said), ""):
        return kind
    return "invalid" if isinstance(error, ValueError | TypeError) else "broken"


def words_of(error: BaseException) -> str:
    """Return its first lines, short."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _chain(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__
