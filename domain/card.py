"""A message before any platform renders it: one card per run, redrawn in place."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.axis import Axis
from domain.record import Moment, Record
from domain.run import RunState, Verdict
from domain.spec import Digest, SegmentName

MAX_LINE_CHARS = 90
MAX_LABEL_CHARS = 40


def _short_ascii(line: str) -> str:
    if len(line) > MAX_LINE_CHARS or not line.isascii():
        raise ValueError(f"a button's line has at most {MAX_LINE_CHARS} ASCII characters")
    return line


class Button(Record):
    """A button says a line that a person could have typed."""

    label: Annotated[str, Field(max_length=MAX_LABEL_CHARS)]
    line: Annotated[str, AfterValidator(_short_ascii)]
    """In our own grammar, with ``--in RUN``: Discord's custom ids hold 100 characters."""
    group: Literal["pick", "branch", "approve", "reject", "more"] = "more"
    form: Literal["", "edit", "reject"] = ""
    """Opens this form first, which then says a longer line; empty says the line at once."""
    number: int | None = None
    pressed: bool = False
    confirm: str = ""
    """Asked before it is said; empty for what costs nothing and can be undone."""


class Words(Record):
    """One segment as it is shown, in its colour."""

    segment: SegmentName
    text: str
    weight: float = 1.0


class Tile(Record):
    """One numbered picture of a card."""

    number: int
    digest: Digest | None
    """None: not made (yet)."""
    alt: str
    width: int
    height: int
    verdict: Verdict | None = None
    reasons: tuple[str, ...] = ()
    caption: str = ""
    picks: int = 0
    approved: bool = False
    rejected: bool = False
    favourite: bool = False
    progress: float | None = None
    preview: int = 0
    """How many pictures of the unfinished image have come; the newest can be shown."""


class Section(Record):
    """One run of a family, on the family's card."""

    run_id: str
    ref: str
    label: str
    """What sets it apart: the model's title."""
    facts: tuple[str, ...] = ()
    status: str = ""
    error: str = ""
    adjustments: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    chosen: str = ""
    """Who chose it, if anybody did: it has a card of its own then."""


class Alternative(Record):
    """One of the prompts that were written from a brief."""

    number: int
    title: str
    words: tuple[Words, ...]


class Card(Record):
    """Everything that a card shows, as plain text and data."""

    run_id: str
    root_id: str
    ref: str
    revision: int
    state: RunState
    by: str
    at: Moment
    words: tuple[Words, ...]
    title: str
    """What was done, in words: ``branched from r1 #2``; empty for a first run."""
    facts: tuple[str, ...]
    """Short facts on one line: model, task, seeds, price, time."""
    status: str
    """How far it is, in words."""
    paste: str = ""
    """A line to be copied as it stands and pasted elsewhere."""
    adjustments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    columns: int = 2
    buttons: tuple[Button, ...] = ()
    decided: tuple[str, ...] = ()
    """``#2 approved by Ana, 14:06``."""
    asked: tuple[str, ...] = ()
    """``Ben is asked to look at #2``."""
    baseline: str = ""
    """One line against the baseline."""
    error: str = ""
    hint: str = ""
    grid: Digest | None = None
    alt: str = ""
    taken_down: str = ""
    """Who took it off the platform: then nothing but that is shown, and no picture."""
    alternatives: tuple[Alternative, ...] = ()
    """Prompts to choose from; then the card has no tiles."""
    sections: tuple[Section, ...] = ()
    """Of a family's card: its runs. Then the card has no tiles of its own."""
    axes: tuple[Axis, ...] = ()
    """Of a family that differs in words or values: its runs stand in a grid of these."""


class Choice(Record):
    """One of the things that a field lets people choose from."""

    value: Annotated[str, Field(max_length=75)]
    label: Annotated[str, Field(max_length=75)]


class Entry(Record):
    """One field of a form."""

    id: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    label: Annotated[str, Field(max_length=45)]
    value: Annotated[str, Field(max_length=3000)] = ""
    hint: Annotated[str, Field(max_length=100)] = ""
    required: bool = False
    lines: bool = True
    """Several lines may be typed."""
    choices: tuple[Choice, ...] = ()
    """If any, one of them is chosen, and nothing is typed."""
    several: bool = False
    """More than one of the choices may be chosen; they come back with commas between them."""


class Form(Record):
    """A form that a platform shows in front of everything else: Discord's take five fields."""

    id: Literal["imagine", "edit", "reject"]
    about: str = ""
    """The run it is about, and behind a slash the image's number: ``01J…/2``."""
    title: Annotated[str, Field(max_length=24)]
    submit: Annotated[str, Field(max_length=24)]
    entries: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=6)]


class Panel(Record):
    """A message to one person, in plain text; nobody else sees it."""

    text: str
    picture: Digest | None = None
    """Shown with it: an artwork or a grid."""
    alt: str = ""
    buttons: tuple[Button, ...] = ()
