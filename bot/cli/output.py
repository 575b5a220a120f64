"""What the command line prints: records as JSON or words, errors in both, and the exit codes."""

import json
import sys
from typing import Any, Final, NoReturn

from rich.console import Console

from domain.errors import (
    CommandError,
    ConfirmError,
    HandlerError,
    PictureError,
    ProviderError,
    RouteError,
    ServiceError,
    SettingsError,
    StorageError,
)

DONE: Final = 0
NOT_GOT: Final = 1
INPUT: Final = 2
NEEDS_YES: Final = 3
PROVIDER: Final = 4
SERVICE: Final = 5
_CODES: Final[tuple[tuple[type[HandlerError], int], ...]] = (
    (ConfirmError, NEEDS_YES),
    (ProviderError, PROVIDER),
    (StorageError, SERVICE),
    (ServiceError, SERVICE),
    (CommandError, INPUT),
    (PictureError, INPUT),
    (RouteError, INPUT),
    (SettingsError, INPUT),
)
STATE_CODES: Final = {"failed": NOT_GOT, "cancelled": NOT_GOT, "unknown": PROVIDER}
"""What a run's end means to a script; a provider that was down is 4 as well."""
_PROVIDER_KINDS: Final = frozenset({"down", "rate_limited", "bad_reply", "not_configured"})


def printer(*, stderr: bool = False) -> Console:
    """Return where words are printed; nothing in them is markup: they may be a person's own."""
    return Console(stderr=stderr, highlight=False, markup=False)


def exit_code(error: HandlerError) -> int:
    """Return the exit code of an error (DESIGN 12)."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), NOT_GOT)


def run_code(report: dict[str, Any]) -> int:
    """Return the exit code of a run that has ended."""
    error = report.get("error") or {}
    if report["state"] == "failed" and error.get("kind") in _PROVIDER_KINDS:
        return PROVIDER
    return STATE_CODES.get(report["state"], DONE)


def error_record(error: HandlerError) -> dict[str, Any]:
    """Return an error as ``--json`` and the HTTP interface show it."""
    faults = error.faults if isinstance(error, CommandError) else ()
    return {
        "error": {
            "kind": error.kind,
            "message": error.message,
            "hint": error.hint,
            "faults": [
                {
                    "flag": fault.flag,
                    "value": fault.value,
                    "allowed": fault.allowed,
                    "nearest": fault.nearest,
                }
                for fault in faults
            ],
        }
    }


def print_json(record: object) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=False, default=str) + "\n")


def stop(error: HandlerError, *, as_json: bool) -> NoReturn:
    """Say what went wrong and what to do, and end with its exit code."""
    if as_json:
        print_json(error_record(error))
    else:
        words = printer(stderr=True)
        faults = error.faults if isinstance(error, CommandError) else ()
        words.print(error.message, style="bold red")
        for fault in faults if len(faults) > 1 else ():
            words.print(f"  · {fault}")
        if error.hint:
            words.print(error.hint)
    raise SystemExit(exit_code(error))
