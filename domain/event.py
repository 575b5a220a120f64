"""Who said a line, where, and what came with it."""

from typing import Annotated, Literal

from pydantic import Field

from domain.record import Moment, Record


class Person(Record):
    """Someone on a surface. ``id`` is the platform's; on the console it is the typed name."""

    surface: str
    workspace: str
    id: str
    name: str


class Place(Record):
    """Where a conversation lives; ``thread`` is None for what stands in the channel itself."""

    surface: str
    workspace: str
    channel: str
    thread: str | None = None
    """The first run of the thread, whatever the platform calls the thread."""
    topic: str | None = None
    """The platform's own thread in which it began, where that is none of ours."""


class Attachment(Record):
    """A file that came with a line: fetched when the line is done, not when it is heard."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,40}$")]
    """Ours, as the line names it: ``picture1``."""
    url: str
    size_bytes: int


class Event(Record):
    """One addressed line, with the key that makes its redelivery harmless."""

    key: str
    at: Moment
    person: Person
    place: Place
    line: str
    """The canonical line of the command (``render``), as stored in the inbox."""
    heard: Literal["channel", "thread"] = "channel"
    """As what the line is read: the same words mean less in a channel than in a thread."""
    about_run: str | None = None
    """The run of the card that this answers, if any."""
    confirmed: bool = False
    """The person said yes to the price or the doubt (``--yes``, or the button that asked)."""
    attachments: tuple[Attachment, ...] = ()
    """Dropped from the inbox once the line is done: such addresses may hold a signature."""
    names: dict[str, str] = {}  # noqa: RUF012  pydantic copies a field's default
    """What people and groups that the line names are called: ``slack:T1:U2`` is ``@Ana``."""
