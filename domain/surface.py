"""Where people talk with us, as protocols: messages, people and files of a chat platform."""

from typing import Protocol

from domain.card import Button, Card
from domain.event import Attachment, Person, Place
from domain.record import Moment, Record
from domain.spec import Digest


class Address(Record):
    """Where a message goes: the place, and what the surface calls the first card of the thread."""

    place: Place
    root_ref: str | None = None
    """None for the first card itself, and where that card was never posted."""
    title: str = ""
    """What a thread is called, where it must be made: the brief."""


class NoteLine(Record):
    """One line for a thread, with the artwork it shows, if any."""

    key: str
    run_id: str
    root_id: str
    text: str
    by: str
    at: Moment
    number: int | None = None
    digest: Digest | None = None
    alt: str = ""
    mention: str | None = None
    """The platform's id of the person to call, if any."""
    file: str | None = None
    """A file of ours to hand out, as a path below the data folder."""
    buttons: tuple[Button, ...] = ()


class Surface(Protocol):
    """Where cards are posted and redrawn; one per platform, and the console.

    A message's name is ``CHANNEL/MESSAGE`` in the platform's own ids; the console's is its key.
    """

    name: str
    edit_every_s: float
    """At least so long between two redrawings of a card that is still under way; its end, and
    what people do with it, is shown at once."""

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:
        """Post a card and return the surface's name for the message; once per *key*.

        Args:
            card: What it shows.
            address: Where it goes.
            key: Of the planned message.
            again: An earlier try may have arrived: look for it first.

        Raises:
            SurfaceGoneError: It can never be posted there.
            SurfaceDownError: Not now.
        """

    async def edit(self, ref: str, card: Card) -> None:
        """Redraw a card in place; the same again changes nothing.

        Raises:
            SurfaceGoneError: The message is not there any more, or cannot be edited.
            SurfaceDownError: Not now.
        """

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:
        """Say one line in the card's thread, once per its key; return the message's name."""

    async def retract(self, ref: str) -> None:
        """Take a message of ours off the platform; one that is gone already is no fault."""


class Standing(Record):
    """What a platform says of a person at this moment."""

    full: bool
    """A member with all rights: no bot, no guest, nobody from outside, not deactivated."""
    admin: bool = False
    """Slack: owner or admin of the workspace. Discord: may manage the server."""
    groups: frozenset[str] = frozenset()
    """``group:S123`` (Slack's user groups), ``role:42`` (Discord's roles)."""


class Directory(Protocol):
    """Who people are on a platform, asked anew each time it matters."""

    async def standing(self, person: Person, groups: frozenset[str]) -> Standing:
        """Look a person up; *groups* are those that matter, as in ``Standing.groups``.

        Raises:
            SurfaceDownError: The platform does not say; then nothing is allowed.
        """


class Fetcher(Protocol):
    """Fetches what people attached on a platform, with that platform's rules."""

    async def fetch(self, attachment: Attachment, *, max_bytes: int) -> bytes:
        """Return the bytes: only from the platform's own file hosts, no redirect with a token.

        Raises:
            PictureError: Too large, or not to be had.
        """
