"""Ranges of numbers among the values of a sweep, as A1111 and SwarmUI write them."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

_NUMBER: Final = r"[0-9]{1,10}(?:\.[0-9]{1,4})?|\.[0-9]{1,4}"
_RANGE: Final = re.compile(
    rf"(?P<first>{_NUMBER}) ?- ?(?P<last>{_NUMBER})"
    rf"(?: ?\( ?\+? ?(?P<step>{_NUMBER}) ?\)| ?\[ ?(?P<many>[0-9]{{1,4}}) ?\])?"
)
_PLAIN: Final = re.compile(_NUMBER)
_ON: Final = frozenset({"..", "...", "…"})


def counted(texts: Sequence[str]) -> int:
    """Return how many values *texts* stand for, without making them."""
    return sum(_long(one) if isinstance(one, tuple) else 1 for one in _read(texts))


def spelled(texts: Sequence[str]) -> Iterator[str]:
    """Yield every value that *texts* stand for."""
    for one in _read(texts):
        if isinstance(one, str):
            yield one
            continue
        first, _, step = one
        yield from (_text(first + step * at) for at in range(_long(one)))


def _read(texts: Sequence[str]) -> Iterator[str | tuple[Decimal, Decimal, Decimal]]:
    """Yield values as typed, and ranges as first, last and step."""
    for at, text in enumerate(texts):
        if (text in _ON and (found := _going_on(texts, at))) or (found := _range(text)):
            yield found
        else:
            yield text


def _going_on(texts: Sequence[str], at: int) -> tuple[Decimal, Decimal, Decimal] | None:
    """Read ``1, 2, .., 10`` at its dots: what stands between the values before and behind."""
    near = (*texts[max(0, at - 2) : at], *texts[at + 1 : at + 2])
    if at < 2 or len(near) != 3 or not all(map(_PLAIN.fullmatch, near)):  # noqa: PLR2004
        return None
    before, last, end = map(Decimal, near)
    step = last - before
    if step == 0 or (end - last) / step < 1:
        return None
    return last + step, end - step, step


def _range(text: str) -> tuple[Decimal, Decimal, Decimal] | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = Decimal(found["first"]), Decimal(found["last"])
    turn = Decimal(1 if last >= first else -1)
    if found["many"]:
        many = int(found["many"])
        return (first, last, (last - first) / (many - 1)) if many > 1 and last != first else None
    step = Decimal(found["step"] or 1) * turn
    return (first, last, step) if step else None


def _long(one: tuple[Decimal, Decimal, Decimal]) -> int:
    first, last, step = one
    return max(0, int((last - first) / step + Decimal("1e-9")) + 1)


def _text(value: Decimal) -> str:
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return text or "0"
