"""A line cut at its marks: prompt text, named segments and flags, each with what it holds."""

from dataclasses import dataclass
from typing import Final, Literal

from bot.grammar.faults import Faults
from bot.grammar.flags import FLAG_BY_NAME
from bot.grammar.marks import Mark, leading_quote, scan
from domain.spec import SegmentName

RegionKind = Literal["text", "named", "rest", "flag"]
"""``rest`` is text behind a quoted ``style="…"``: it belongs where the text before that stood."""
FLAGS_LAST: Final = "flags stand last: the words of the prompt before them, longer values in quotes"


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a line that belongs to one thing."""

    kind: RegionKind
    name: str
    """The segment or flag, without dashes; empty for text that stands by its position."""
    raw: str
    """As typed: backslashes and quotes are still in it."""
    weight: str = ""
    """The number touching the ``::`` that ends the region."""

    @property
    def segment(self) -> SegmentName:
        """The segment of a named region."""
        name: SegmentName = self.name  # type: ignore[assignment]  # the pattern knows only these
        return name


def cut(line: str, faults: Faults) -> list[Region]:
    """Cut a single line into regions; the first one is text, which may be empty."""
    regions: list[Region] = []
    kind: RegionKind = "text"
    name, start = "", 0
    for mark in scan(line):
        if mark.kind in ("slip", "brace"):
            _refuse(mark, line, faults)
            continue
        weight = mark.said if mark.kind == "separator" else ""
        regions += _closed(kind, name, line[start : mark.start].strip(), weight)
        if mark.kind == "separator" and kind == "flag":
            _late_separator(name, faults)
        kind, name = _opened(mark)
        start = mark.end
    return regions + _closed(kind, name, line[start:].strip(), "")


def _closed(kind: RegionKind, name: str, raw: str, weight: str) -> list[Region]:
    """Make a region; a quoted value of a name ends with its quote, and text goes on behind it."""
    quoted, rest = leading_quote(raw) if kind == "named" else ("", "")
    if quoted and rest:
        return [Region("named", name, quoted), Region("rest", "", rest, weight)]
    return [Region(kind, name, raw, weight)]


def _opened(mark: Mark) -> tuple[RegionKind, str]:
    if mark.kind == "separator":
        return "text", ""
    return ("flag", mark.said) if mark.kind == "flag" else ("named", mark.said)


def _late_separator(name: str, faults: Faults) -> None:
    """Refuse ``::`` behind a flag, unless the flag is refused anyway."""
    flag = FLAG_BY_NAME.get(name)
    if flag and flag.built:
        faults.add("::", f"after {flag.name}", FLAGS_LAST)


def _refuse(mark: Mark, line: str, faults: Faults) -> None:
    if mark.kind == "slip":
        word = line[mark.end : mark.end + 40].split(maxsplit=1)[0]
        said = line[mark.start : mark.end]
        faults.add(f"{said} {word}", "", "no space after the dashes", f"--{word}")
    else:
        group = line[mark.start : mark.start + 40].partition("}")
        faults.add(
            "{",
            group[0] + group[1],
            "a group is no part of this; for a brace write \\{",
        )
