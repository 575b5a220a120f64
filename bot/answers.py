"""What goes into the handler, and what comes out: a line that was said, and what it led to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from domain.axis import Axis
from domain.card import Panel
from domain.event import Attachment, Event, Person, Place
from domain.run import Run


@dataclass(frozen=True, slots=True)
class Said:
    """One addressed line, as a surface hands it in."""

    line: str
    person: Person
    place: Place
    key: str = ""
    """The platform's own key of the event; empty makes one."""
    at: Literal["channel", "thread"] = "channel"
    about_run: str | None = None
    """The run of the card that the line answers."""
    confirmed: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures that came with the line, by the names that it uses for them."""
    attachments: tuple[Attachment, ...] = ()
    """Pictures on a chat platform, fetched when the line is done."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people and groups that the line names are called."""

    def about(self, run_id: str) -> "Said":
        """Return the same, as an answer to another run's card."""
        return replace(self, about_run=run_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a line led to."""

    run: Run | None = None
    """The run that it changed, or the child that it made."""
    text: str = ""
    """What to tell the one who said it, privately."""
    data: Mapping[str, Any] | None = None
    """A comparison, or what was exported."""
    planned: tuple[Run, ...] = ()
    """Everything that a line with ``--dry-run`` would make."""
    axes: tuple[Axis, ...] = ()
    """What differs between them."""
    panels: tuple[Panel, ...] = ()
    """The same as *text*, with pictures and buttons, where a surface can show them."""


def said_again(event: Event) -> Said:
    """Return a stored event as it was said."""
    return Said(
        line=event.line,
        person=event.person,
        place=event.place,
        key=event.key,
        at=event.heard,
        about_run=event.about_run,
        confirmed=event.confirmed,
        attachments=event.attachments,
        names=event.names,
    )
