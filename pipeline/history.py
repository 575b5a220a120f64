"""How a spec came to be: each change along a run's line of descent, word by word."""

from collections.abc import Sequence
from typing import Any, Final

from domain.record import Moment, Record
from domain.run import Run, RunKind
from domain.spec import SEGMENTS, Segment, SegmentName
from pipeline.replay import changed, parameter_differences
from pipeline.worddiff import Piece, word_diff

_DONE: Final[dict[RunKind, str]] = {
    "imagine": "asked for",
    "edit": "edited",
    "branch": "branched",
    "reroll": "rerolled",
    "again": "made again",
    "upscale": "upscaled",
    "extend": "extended",
    "cutout": "cut out",
    "select": "taken alone",
    "vary": "varied",
    "undo": "took back the change before",
    "text": "had prompts written from a brief",
}
_MARKS: Final = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
"""As ``git diff --word-diff`` writes them: plain text that no platform makes bold or struck."""


class Change(Record):
    """One step: who changed what, and when."""

    run: str
    ref: str
    kind: RunKind
    by: str
    at: Moment
    number: int | None = None
    """The image that it went on from."""
    segments: dict[SegmentName, tuple[Piece, ...]] = {}  # noqa: RUF012  pydantic copies a default
    """Those that differ, as one text each: what stayed, what is gone, what is new."""
    parameters: dict[str, list[Any]] = {}  # noqa: RUF012  pydantic copies a default
    """Those that differ: before, after."""
    seeds: bool = False
    """Whether the seeds are others."""

    @property
    def what(self) -> str:
        """Say in a few words what differs; empty if nothing does."""
        names = (*self.segments, *self.parameters, *(("seeds",) if self.seeds else ()))
        return ", ".join(names)


def history(line: Sequence[Run]) -> tuple[Change, ...]:
    """Return each step of a line of descent, the oldest first; the first has no change."""
    before: list[Run | None] = [None, *line]
    return tuple(change(run, one) for run, one in zip(line, before, strict=False))


def change(run: Run, before: Run | None) -> Change:
    """Return what *run* says otherwise than the run that it was made from."""
    made = Change(
        run=run.id,
        ref=run.ref,
        kind=run.kind,
        by=run.person.name,
        at=run.created_at,
        number=run.parent.number if run.parent else None,
    )
    if before is None or before.kind == "text":
        return made
    pairs = {name: (before.spec.segments[name], run.spec.segments[name]) for name in SEGMENTS}
    values: dict[str, object] = {
        "segments": {
            name: word_diff(_said(old), _said(new))
            for name, (old, new) in pairs.items()
            if old != new
        },
        "parameters": parameter_differences(before, run),
        "seeds": "seed" in changed(run, before),
    }
    return made.model_copy(update=values)


def standing(line: Sequence[Run]) -> list[Run]:
    """Return the steps of a line that still hold: an undo takes back the one before it."""
    held: list[Run] = []
    for run in (one for one in line if one.kind != "text"):
        if run.kind == "undo" and len(held) > 1:
            held.pop()
        else:
            held.append(run)
    return held


def told(one: Change) -> str:
    """Say one step in a line, with a further line for each segment and parameter."""
    origin = "prompt" if one.kind == "imagine" else "image"
    done = _DONE[one.kind] + (f" from {origin} {one.number}" if one.number else "")
    lines = [f"{one.ref} · {one.by} · {one.at:%Y-%m-%d %H:%M} UTC · {done}"]
    lines += [f"    {name}: {marked(pieces)}" for name, pieces in one.segments.items()]
    lines += [f"    {name}: {_value(a)} → {_value(b)}" for name, (a, b) in one.parameters.items()]
    if one.seeds:
        lines.append("    other seeds")
    return "\n".join(lines)


def marked(pieces: Sequence[Piece]) -> str:
    """Write a word-by-word difference as plain text: ``soft [-daylight-]{+dusk+}``."""
    return "".join(_marked(piece) for piece in pieces).strip()


def _marked(piece: Piece) -> str:
    text = piece.text.strip() if piece.kind != "same" else piece.text
    space = " " if piece.kind != "same" and piece.text[:1].isspace() else ""
    return space + _MARKS[piece.kind].format(text)


def _said(segment: Segment) -> str:
    return segment.text if segment.weight == 1.0 else f"{segment.text} ::{segment.weight:g}"


def _value(value: object) -> str:
    return "none" if value in (None, (), "") else str(value)
