"""What comes in over HTTP becomes a line somebody said; errors become answers with a status."""

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, Literal

from bot.handler import Said
from domain.errors import CommandError, Fault, HandlerError, PictureError, ProviderError
from domain.event import Person, Place

SURFACE: Final = "console"
MAX_NAME_CHARS: Final = 40
JOINERS: Final = frozenset("\u200c\u200d")
"""Persian, Indic scripts and emoji are spelled with them."""
STATUS: Final[Mapping[str, int]] = {
    "command": 422,
    "picture": 422,
    "route": 422,
    "not_found": 404,
    "forbidden": 403,
    "conflict": 409,
    "which": 409,
    "surface": 502,
    "surface_gone": 502,
    "surface_down": 502,
    "confirm": 409,
    "limit": 429,
    "settings": 500,
    "storage": 503,
    "service": 503,
}
"""The HTTP status of each kind of error; every kind of provider error is a 502."""


def status_of(error: HandlerError) -> int:
    """Return the HTTP status of an error."""
    return 502 if isinstance(error, ProviderError) else STATUS.get(error.kind, 500)


def error_record(error: HandlerError) -> dict[str, Any]:
    """Return an error as the HTTP interface shows it; the same as ``--json``."""
    faults = error.faults if isinstance(error, CommandError) else ()
    return error_of(error.kind, error.message, error.hint, [asdict(fault) for fault in faults])


def error_of(
    kind: str, message: str, hint: str = "", faults: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Return an error record from its parts."""
    said = {"kind": kind, "message": message, "hint": hint, "faults": faults or []}
    return {"error": said}


def name_of(typed: str) -> str:
    """Return a typed name with single spaces.

    Raises:
        CommandError: It is empty, too long, or holds what cannot be seen.
    """
    name = " ".join(typed.split())
    if not 1 <= len(name) <= MAX_NAME_CHARS or any(_hidden(one) for one in name):
        shown = "".join("?" if _hidden(one) else one for one in name[:MAX_NAME_CHARS])
        fault = Fault("name", shown, f"1 to {MAX_NAME_CHARS} characters that can be seen")
        raise CommandError(str(fault), faults=(fault,), hint="Type the name that people know.")
    return name


def said_of(
    line: str,
    typed_name: str,
    *,
    at: Literal["channel", "thread"] = "channel",
    root: str | None = None,
    about: str | None = None,
    key: str | None = None,
    confirmed: bool = False,
    files: Mapping[str, str] | None = None,
) -> Said:
    """Return a line as the handler takes it.

    Args:
        line: As typed.
        typed_name: Who says it; on the console a name is only typed.
        at: Whether the line stands in the channel or answers a run.
        root: The first run of the thread that it was said in, if any.
        about: The run that it answers, if any.
        key: Makes saying it twice harmless; None makes one.
        confirmed: The price or the doubt was agreed to.
        files: Pictures in base64, by the names that the line uses.
    """
    name = name_of(typed_name)
    return Said(
        line=line,
        person=Person(surface=SURFACE, workspace="local", id=name, name=name),
        place=Place(surface=SURFACE, workspace="local", channel="main", thread=root),
        key=f"{SURFACE}:{key}" if key else "",
        at=at,
        about_run=about,
        confirmed=confirmed,
        files={file: _bytes(file, text) for file, text in (files or {}).items()},
    )


def _hidden(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ" and character not in JOINERS | {" "}


def _bytes(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise PictureError(
            f"the file {name[:80]!r} is not base64", hint="Send the picture's bytes in base64."
        ) from error
