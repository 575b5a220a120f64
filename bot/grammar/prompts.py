"""The five segments of a prompt, and edits of them, read from the regions of a line."""

import re
from typing import Final

from bot.grammar.faults import Faults
from bot.grammar.figures import as_decimal, number_text
from bot.grammar.marks import unescape, whole
from bot.grammar.regions import Region
from bot.grammar.values import measure
from domain.command import SegmentEdit
from domain.spec import SEGMENTS, Segment, SegmentName, Segments

ACTION: Final = re.compile(
    r"(?:(?P<word>more|less)(?= |$)|(?P<sign>[+-])(?= |$|[^\W\d_])) ?", re.IGNORECASE
)
"""What makes an edit more than a replacement: ``more X``, ``less X``, ``+ X``, ``- X``."""
EDIT_START: Final = re.compile(rf"(?P<segment>{'|'.join(SEGMENTS)}):(?!:) ?", re.IGNORECASE)
_MOST: Final = 10.0
_SAY_WHAT: Final = 'say the new text; style="" empties a segment'
_NAME_IT: Final = "an edit names its segment: style: more cinematic"


class _Slots:
    """Texts and weights by segment, while a prompt is read."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.texts: dict[SegmentName, str] = {}
        self.weights: dict[SegmentName, float] = {}

    def put(self, name: SegmentName, text: str, weight: str) -> None:
        if text and self.texts.get(name):
            self.faults.add(f"{name}=", text, "this segment is given twice; keep one of them")
        elif text:
            self.texts[name] = text
        if weight:
            self._weigh(name, weight)

    def _weigh(self, name: SegmentName, weight: str) -> None:
        if name in self.weights:
            self.faults.add(f"::{weight}", "", f"{name} has a weight already; keep one of them")
        self.weights[name] = read_weight(weight, self.faults)

    def segments(self) -> Segments:
        filled = {
            name: Segment(text=self.texts.get(name, ""), weight=self.weights.get(name, 1.0))
            for name in SEGMENTS
        }
        return Segments(**filled)


def read_segments(regions: list[Region], faults: Faults) -> Segments:
    """Read a prompt: by position between ``::``, by name, by weight."""
    slots = _Slots(faults)
    position = -1
    for region in regions:
        if region.kind == "text":
            position += 1
            _put_by_position(slots, position, region)
        elif region.kind == "named":
            slots.put(region.segment, whole(region.raw), region.weight)
        elif region.kind == "rest":
            _put_by_position(slots, position, region)
    measure(slots.texts.values(), faults)
    return slots.segments()


def _put_by_position(slots: _Slots, position: int, region: Region) -> None:
    text = unescape(region.raw)
    if position < len(SEGMENTS):
        slots.put(SEGMENTS[position], text, region.weight)
    elif text or region.weight:
        said = text or f"::{region.weight}"
        slots.faults.add("::", said, "a prompt has five segments; name the one you mean: style=…")


def read_weight(weight: str, faults: Faults) -> float:
    """Read the number that touches ``::``."""
    value = as_decimal(weight)
    if value is None or abs(value) > _MOST:
        near = number_text(_MOST if value is None or value > 0 else -_MOST)
        faults.add(f"::{weight}", "", "a weight is -10 to 10", f"::{near}")
        return 1.0
    return value


def read_edits(regions: list[Region], faults: Faults) -> tuple[SegmentEdit, ...]:
    """Read the edits of a line: ``style: + fog :: negative: - text``, or ``style="fog"``."""
    edits: list[SegmentEdit] = []
    for region in regions:
        if region.kind == "flag" or (region.kind == "text" and not (region.raw or region.weight)):
            continue
        if edit := _edit(region, faults):
            edits.append(edit)
    measure((edit.text for edit in edits), faults)
    return tuple(edits)


def _edit(region: Region, faults: Faults) -> SegmentEdit | None:
    if region.kind == "named":
        weight = read_weight(region.weight, faults) if region.weight else None
        text = whole(region.raw)
        return SegmentEdit(segment=region.segment, action="replace", text=text, weight=weight)
    found = EDIT_START.match(region.raw)
    if not found:
        faults.add("edit", region.raw or f"::{region.weight}", _NAME_IT)
        return None
    segment: SegmentName = found["segment"].casefold()  # type: ignore[assignment]  # the pattern
    return _worded(segment, region.raw[found.end() :], region.weight, faults)


def _worded(segment: SegmentName, raw: str, weight: str, faults: Faults) -> SegmentEdit | None:
    found = ACTION.match(raw)
    text = unescape(raw[found.end() :] if found else raw)
    if not text:
        faults.add(f"{segment}:", raw, _SAY_WHAT)
    if found and weight:
        faults.add(
            f"::{weight}", "", f"a weight goes with a whole segment: {segment}: … ::{weight}"
        )
    value = read_weight(weight, faults) if weight else None
    if faults:
        return None
    action = _action(found) if found else "replace"
    return SegmentEdit.model_validate(
        {"segment": segment, "action": action, "text": text, "weight": value}
    )


def _action(found: re.Match[str]) -> str:
    if found["word"]:
        return found["word"].casefold()
    return "append" if found["sign"] == "+" else "remove"
