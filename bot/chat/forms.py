"""The forms that chat platforms show, and the line that a filled one says."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.edits import edit_line
from bot.grammar import SEGMENT_MEANINGS, render
from domain.card import Choice, Entry, Form
from domain.command import Imagine, Reject
from domain.errors import CommandError, Fault
from domain.policy import RejectReason
from domain.run import Run
from domain.spec import SEGMENTS, Segment, Segments

MAX_ENTRY_CHARS: Final = 3000
OTHER: Final = "other"


def imagine_form() -> Form:
    """Return the form of a new run: the five segments, and a line for flags."""
    flags = Entry(id="flags", label="Flags", hint="--ar 4:5 --count 2 --task product", lines=False)
    return Form(
        id="imagine",
        title="New image",
        submit="Make it",
        entries=(*(_segment(name, "") for name in SEGMENTS), flags),
    )


def edit_form(run: Run) -> Form:
    """Return the five segments of a run, to be changed."""
    entries = tuple(_segment(name, run.spec.segments[name].text) for name in SEGMENTS)
    return Form(id="edit", about=run.id, title=f"Edit {run.ref}", submit="Make it", entries=entries)


def reject_form(run: Run, number: int, reasons: Sequence[RejectReason]) -> Form:
    """Ask why an image is not good to ship."""
    choices = (*(Choice(value=one.name, label=one.label) for one in reasons),)
    return Form(
        id="reject",
        about=f"{run.id}/{number}",
        title=f"Reject #{number} of {run.ref}"[:24],
        submit="Reject",
        entries=(
            Entry(id="reason", label="Why", choices=choices, required=True, several=True),
            Entry(id="more", label="In words", lines=False, hint="Optional: what to change"),
        ),
    )


def filled_line(form: str, values: Mapping[str, str], run: Run | None, number: int) -> str:
    """Return the line that a filled form says.

    Raises:
        CommandError: Nothing was changed or nothing was said, or the form is none of ours.
    """
    if form == "edit" and run is not None:
        return edit_line(run, {name: values.get(name, "") for name in SEGMENTS})
    if form == "reject" and run is not None and number:
        said = (values.get("reason", ""), values.get("more", ""))
        several = "," in said[0]
        joint = ", " if several else ": "
        reason = joint.join(" ".join(one.split()) for one in said if one.strip())
        return f"{render(Reject(number=number, reason=reason))} --in {run.id}"
    if form == "imagine":
        return _imagined(values)
    raise CommandError("this form is not ours", hint="Open it again.")


def _imagined(values: Mapping[str, str]) -> str:
    texts = {name: " ".join(values.get(name, "").split()) for name in SEGMENTS}
    if not any(texts.values()):
        fault = Fault("subject", "", "say what to make: a red teapot")
        raise CommandError(str(fault), faults=(fault,))
    made = {name: Segment(text=text) for name, text in texts.items()}
    return f"{render(Imagine(segments=Segments(**made)))} {values.get('flags', '')}".strip()


def _segment(name: str, text: str) -> Entry:
    meaning = SEGMENT_MEANINGS[name]  # type: ignore[index]  # a name of SEGMENTS
    value = text[:MAX_ENTRY_CHARS]
    return Entry(id=name, label=name.capitalize(), value=value, hint=meaning[:100])
