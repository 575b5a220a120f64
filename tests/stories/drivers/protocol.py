"""What a team does and sees, in words of no surface; each surface has a driver that does it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.app import App


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it now."""

    ref: str
    """The surface's own name for it."""
    text: str
    """All that can be read on it, the alt texts of its pictures aside."""
    buttons: tuple[str, ...] = ()
    """The labels of its buttons, and of what its menus hold."""
    pictures: int = 0
    """How many pictures it shows; a grid is one."""
    links: tuple[str, ...] = ()
    """Where it leads, on the console."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one person alone was told by an action, all of it."""

    text: str = ""
    buttons: tuple[str, ...] = ()
    form: str = ""
    """The id of the form that was opened, if any."""
    values: Mapping[str, str] | None = None
    """What stands in the form's fields, by their ids."""


class Room(Protocol):
    """A channel of its own, in which one thing is told."""

    surface: str
    app: App

    async def imagine(
        self, who: str, text: str, *, files: Mapping[str, bytes] | None = None
    ) -> Told:
        """Say ``/imagine TEXT`` in the channel (in Slack, files come with a mention instead)."""

    async def reply(self, who: str, text: str, *, files: Mapping[str, bytes] | None = None) -> Told:
        """Write in the thread of the room's newest first card, naming nobody."""

    async def hand_in(self, who: str, files: Mapping[str, bytes], text: str = "") -> Told:
        """Hand in pictures in the newest thread: sent there, on the console dropped on its card."""

    async def mention(self, who: str, text: str) -> Told:
        """Write in that thread, and name the bot (on the console every line is addressed)."""

    async def press(self, who: str, message: Shown, label: str, *, yes: bool = True) -> Told:
        """Press a button that the message shows, or choose it from a menu of it.

        A question that the button asks first is answered with *yes*.
        """

    async def press_told(self, who: str, told: Told, label: str) -> Told:
        """Press a button of what this person was told."""

    async def fill(self, who: str, told: Told, values: Mapping[str, str]) -> Told:
        """Send the form that was opened, with these fields changed."""

    async def react(self, who: str, message: Shown, emoji: str) -> Told:
        """Put a reaction (Unicode) under a message; on the console, what stands for it."""

    async def unreact(self, who: str, message: Shown, emoji: str) -> Told:
        """Take a reaction away."""

    async def add_approver(self, who: str, whom: str) -> Told:
        """Say ``/imagine approvers add @WHOM`` (Discord: ``/handler approvers``)."""

    async def settled(self) -> None:
        """Wait until every run has ended, and everything that was planned was sent."""

    async def cards(self) -> Sequence[Shown]:
        """Return the cards that stand in the channel itself, oldest first."""

    async def thread(self) -> Sequence[Shown]:
        """Return what stands in the thread of the newest first card, that card left out."""


class Team(Protocol):
    """A running service with a surface, and the people on it.

    ``Ana``, ``Ben`` and ``Cleo`` are full members, ``Gus`` is a guest, ``Olga`` is an owner of the
    workspace (Discord: may manage the server).
    """

    surface: str
    app: App

    async def room(self, name: str) -> Room:
        """Return a channel in which nothing has happened."""

    async def restart(self) -> None:
        """Stop the service and start it again on the same data."""


class Opens(Protocol):
    """A driver's entrance: ``open_team`` of its module."""

    def __call__(
        self, folder: Path, toml: str, environ: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Team]:
        """Open a team on a data folder.

        Args:
            folder: Where its log lies.
            toml: Its settings.
            environ: Of vendors: keys and addresses on loopback.
        """
