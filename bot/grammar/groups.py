r"""Groups in braces, ``{a, b}``: cut, counted before anything is expanded, then expanded.

Commas part the options of a group; where ``||`` stands at its top level that parts them instead,
else ``|``. Groups nest, options may be empty, a backslash makes the next sign literal, and what is
in quotes is no structure. In the value of a flag that takes a number ranges are read: ``1-5``,
``1-5 (+2)``, ``1-10 [5]`` and ``1, 2, .., 10``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final

from bot.grammar.faults import Faults
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.marks import CURLY, QUOTED, scan
from bot.grammar.ranges import counted, spelled

DEEPEST: Final = 8
_TOKEN: Final = re.compile(
    rf"""
      (?P<escaped>\\.)
    | (?P<quoted>{QUOTED}|{CURLY})
    | (?P<open>\{{)
    | (?P<close>\}})
    | (?P<bars>\|\|)
    | (?P<bar>\|)
    | (?P<comma>,)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE: Final = re.compile(r"(?:^|\s)(?:--|[—–])([A-Za-z][A-Za-z0-9_-]*)(?:=|\s+)?$")
_NUMERIC: Final = frozenset({"integer", "decimal", "seed"})
_PARTS: Final = ("bars", "bar", "comma")
_HOW: Final = "for a brace write \\{"

Sequel = list["str | Group"]
"""Text and groups, one behind the other."""


@dataclass(slots=True)
class Group:
    """What stands between two braces."""

    start: int
    pieces: list["tuple[str, str | Group]"] = field(default_factory=list)
    """Kind and piece, while it is read: ``text``, ``group``, or the kind of a separator."""
    options: list[Sequel] = field(default_factory=list)
    ranges: bool = False
    """Whether its options may be ranges of numbers."""

    def close(self, *, ranges: bool) -> None:
        """Part the pieces at the separator that counts here; the others are text."""
        kinds = {kind for kind, _ in self.pieces}
        parts = next((kind for kind in _PARTS if kind in kinds), "")
        self.options = [[]]
        for kind, piece in self.pieces:
            if kind == parts:
                self.options.append([])
            else:
                self.options[-1].append(piece)
        self.options = [_stripped(option) for option in self.options]
        self.ranges = ranges and all(isinstance(one, str) for part in self.options for one in part)

    def count(self) -> int:
        """Return how many texts it stands for."""
        if self.ranges:
            return counted(self.texts())
        return sum(map(count, self.options))

    def texts(self) -> list[str]:
        """Return the options as typed, where none of them holds a group."""
        return ["".join(str(one) for one in option) for option in self.options]

    def expanded(self) -> Iterator[str]:
        """Yield every text that it stands for, in order."""
        if self.ranges:
            yield from spelled(self.texts())
            return
        for option in self.options:
            yield from expanded(option)


def has_groups(line: str) -> bool:
    """Tell whether a brace stands in *line* that is not escaped and not in quotes."""
    return any(mark.kind == "brace" for mark in scan(line))


def count(sequel: Sequel) -> int:
    """Return how many lines a line with groups stands for; nothing is expanded."""
    return prod(one.count() for one in sequel if isinstance(one, Group))


def groups_of(sequel: Sequel) -> list[Group]:
    """Return the groups at the top of a line."""
    return [one for one in sequel if isinstance(one, Group)]


def expanded(sequel: Sequel) -> Iterator[str]:
    """Yield every line that a line with groups stands for; the last group turns fastest."""
    choices: list[Sequence[str]] = [
        [one] if isinstance(one, str) else list(one.expanded()) for one in sequel
    ]
    for chosen in product(*choices):
        yield "".join(chosen)


def read_groups(line: str, faults: Faults) -> Sequel:
    """Cut *line* at its groups; what is not closed or has nothing to choose from is noted."""
    whole, open_ones = Group(0), list[Group]()
    here, at = whole, 0
    for found in _TOKEN.finditer(line):
        here.pieces.append(("text", line[at : found.start()]))
        at = found.end()
        kind = found.lastgroup or ""
        if kind == "open":
            open_ones.append(here)
            here = Group(found.start())
        elif kind == "close" and open_ones:
            here.close(ranges=len(open_ones) == 1 and _takes_numbers(line[: here.start]))
            _check(here, line, at, faults)
            inner, here = here, open_ones.pop()
            here.pieces.append(("group", inner))
        else:
            here.pieces.append((kind, found[0]))
        if len(open_ones) > DEEPEST:
            faults.add("{", "", f"groups stand in one another at most {DEEPEST} deep; {_HOW}")
            return []
    whole.pieces.append(("text", line[at:]))
    if open_ones:
        start = here.start
        faults.add("{", line[start : start + 40], f"needs a }} that closes it; {_HOW}")
    return [piece for _, piece in whole.pieces]


def _takes_numbers(before: str) -> bool:
    """Tell whether a group stands where a flag's number does."""
    found = _BEFORE.search(before[-60:])
    flag = FLAG_BY_NAME.get(found[1].lower()) if found else None
    return flag is not None and flag.kind in _NUMERIC


def _check(group: Group, line: str, end: int, faults: Faults) -> None:
    if len(group.options) == 1 and not group.ranges:
        said = line[group.start : end]
        faults.add("{", said, f"needs options to choose from: {{a, b}}; {_HOW}")


def _stripped(option: Sequel) -> Sequel:
    """Take white space off both ends of an option."""
    parts = [one for one in option if one != ""]
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(last := parts[-1], str):
        parts[-1] = last.rstrip()
    return parts
