"""Numbers as people type them, and written so that reading them gives the same number."""

import re
from typing import Final

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_MOST_DIGITS: Final = 18


def as_integer(text: str) -> int | None:
    """Return a whole number; one of absurd length becomes one that no range holds."""
    if not _INTEGER.fullmatch(text):
        return None
    if len(text) > _MOST_DIGITS:
        return -(10**_MOST_DIGITS) if text.startswith("-") else 10**_MOST_DIGITS
    return int(text)


def as_decimal(text: str) -> float | None:
    """Return a decimal number without exponent, never minus zero; it may be infinite."""
    return float(text) + 0.0 if _DECIMAL.fullmatch(text) else None


def number_text(value: float) -> str:
    """Write a number in full, so that reading it gives the same float: ``0.55``, ``2``."""
    if value == int(value):
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    return f"{value:.{len(mantissa) - int(exponent)}f}".rstrip("0")
