"""Errors that came over HTTP become the errors they were."""

from typing import Any

from domain import errors
from domain.errors import (
    CommandError,
    ConflictError,
    Fault,
    HandlerError,
    ProviderError,
    WhichError,
)

_BY_KIND: dict[str, type[HandlerError]] = {
    kind.kind: kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, HandlerError)
    and not issubclass(kind, ProviderError | CommandError | WhichError)
} | {WhichError.kind: ConflictError}


def error_of(record: dict[str, Any]) -> HandlerError:
    """Return the error that an ``{"error": …}`` record tells of."""
    message, hint = str(record.get("message", "")), str(record.get("hint", ""))
    kind = record.get("kind", "")
    if kind == CommandError.kind:
        faults = tuple(Fault(**fault) for fault in record.get("faults", ()))
        return CommandError(message, faults=faults, hint=hint)
    if kind in _BY_KIND:
        return _BY_KIND[kind](message, hint=hint)
    return ProviderError(message, hint=hint)
