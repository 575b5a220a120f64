"""A message before any platform renders it: one card per run, redrawn in place."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.record import Moment, Record
from domain.run import RunState, Verdict
from domain.spec import Digest, SegmentName

MAX_LINE_CHARS = 90


def _short_ascii(line: str) -> str:
    if len(line) > MAX_LINE_CHARS or not line.isascii():
        raise ValueError(f"a button's line has at most {MAX_LINE_CHARS} ASCII characters")
    return line


class Button(Record):
    """A button says a line that a person could have typed."""

    label: Annotated[str, Field(max_length=40)]
    line: Annotated[str, AfterValidator(_short_ascii)]
    """In our own grammar, with ``--in RUN``: Discord's custom ids hold 100 characters."""
    group: Literal["pick", "branch", "approve", "more"] = "more"
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
    adjustments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    columns: int = 2
    buttons: tuple[Button, ...] = ()
    decided: tuple[str, ...] = ()
    """``#2 approved by Ana, 14:06``."""
    baseline: str = ""
    """One line against the baseline."""
    error: str = ""
    hint: str = ""
    grid: Digest | None = None
    alt: str = ""
