"""The line that says the same as a form of segments: those that differ from the run's are edits."""

from collections.abc import Mapping

from bot.grammar import render
from domain.command import Edit, SegmentEdit
from domain.errors import CommandError, Fault
from domain.run import Run
from domain.spec import SEGMENTS, SegmentName


def edit_line(run: Run, texts: Mapping[SegmentName, str]) -> str:
    """Return the line; a segment that *texts* does not name stays.

    Raises:
        CommandError: Nothing differs.
    """
    said = {name: " ".join(text.split()) for name, text in texts.items()}
    edits = tuple(
        SegmentEdit(segment=name, action="replace", text=said[name], weight=_kept(run, name))
        for name in SEGMENTS
        if name in said and said[name] != run.spec.segments[name].text
    )
    if not edits:
        fault = Fault("edit", "", "at least one segment that differs")
        raise CommandError("nothing is changed", faults=(fault,))
    return render(Edit(edits=edits))


def _kept(run: Run, name: SegmentName) -> float | None:
    """A segment keeps its weight when its words change."""
    weight = run.spec.segments[name].weight
    return None if weight == 1.0 else weight
