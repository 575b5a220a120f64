"""What is alike when any vendor fails over HTTP: cut connections, and how long to wait."""

import math
from collections.abc import Iterable
from typing import Any, Final

import httpx

from domain.errors import UnavailableError

TOLD_CHARS: Final = 300
"""So much of a vendor's own words is told."""
MAX_RETRY_S: Final = 600.0
NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
"""No byte of the request has left us."""


def cut(
    vendor: str,
    error: BaseException,
    *,
    model: str,
    job: str | None = None,
    maybe: bool,
    then: str = ": try again in a minute",
) -> UnavailableError:
    """Return the error of a call that had no answer.

    Args:
        vendor: As people call it.
        error: What the client raised; anything with *Timeout* in its name was late.
        model: Whom it concerns.
        job: What it is known by at the vendor, if it is.
        maybe: Whether the request may have arrived, and been billed.
        then: What the hint goes on with.
    """
    late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
    what = "did not answer in time" if late else "could not be reached or broke off"
    return UnavailableError(
        f"{vendor} {what}: {type(error).__name__} {error}"[:TOLD_CHARS],
        maybe_billed=maybe,
        model=model,
        request_id=job,
        hint=f"{vendor} {what}{then}.",
    )


def retry_after_s(told: Iterable[Any], default_s: float) -> float:
    """Return the first of the told seconds that can be read, between 0 and ten minutes."""
    for one in told:
        try:
            wanted_s = float("nothing" if one is None else one)
        except (TypeError, ValueError, OverflowError):
            continue
        if not math.isnan(wanted_s):
            return min(max(wanted_s, 0.0), MAX_RETRY_S)
    return default_s
