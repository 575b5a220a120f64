"""What a person did on a chat platform, in words of no platform; and how to answer them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from domain.card import Form, Panel
from domain.event import Attachment, Person

How = Literal["command", "mention", "message", "direct"]
"""``command``: /imagine. ``mention``: the bot was named. ``message``: it was not, in a channel or
a thread. ``direct``: in a conversation with the bot alone."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it happened, in the platform's own ids."""

    surface: str
    workspace: str
    channel: str
    thread: str | None = None
    """Slack: the ``ts`` of the thread's first message. Discord: the thread's own channel id, which
    is the id of the message it hangs on."""


class Reply(Protocol):
    """The way back to one person, for as long as the platform lets it be; never stored."""

    async def taken(self) -> None:
        """It is stored: the platform may be answered. Harmless when said twice, or late."""

    async def tell(self, panel: Panel) -> None:
        """Tell that person alone; where the platform cannot, answer them in the thread."""

    async def refuse(self, panel: Panel) -> None:
        """Tell that person alone what was wrong; where the platform cannot, for 20 s only."""

    async def form(self, form: Form) -> None:
        """Show a form; only as the first answer to a command, button or shortcut."""

    async def faults(self, message: str, entry: str = "") -> None:
        """Say what is wrong with a form that was filled in, and keep it open where one can.

        Args:
            message: What is wrong.
            entry: The id of the field it is about; empty for the first.
        """


@dataclass(frozen=True, slots=True)
class Line:
    """Something was written."""

    key: str
    """The platform's own key of the event, the platform's name before it; again, it is the same."""
    person: Person
    spot: Spot
    text: str
    """Cleaned of the platform's markup, and of the bot's own name."""
    how: How
    reply: Reply
    answers: str | None = None
    """The message (``CHANNEL/MESSAGE``) that it was an answer to, if the platform says so."""
    attachments: tuple[Attachment, ...] = ()
    others: int = 0
    """How many files came with it that are no pictures we can take."""
    mentions: Mapping[str, str] = field(default_factory=dict)
    """People and groups that were named, as written in *text* (``@Ana``), with what they are:
    ``U123``, ``group:S9`` (Slack), ``42``, ``role:7`` (Discord)."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button was pressed, a menu chosen from, or a message's shortcut used."""

    key: str
    person: Person
    spot: Spot
    line: str
    """What the button says: a line of our grammar. Never trusted."""
    reply: Reply
    message: str | None = None
    """The message (``CHANNEL/MESSAGE``) that it stands on."""
    form: str = ""
    """The form that is to be opened first."""
    confirmed: bool = False
    """The doubt that the button names was answered with yes."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form was filled in and sent."""

    key: str
    person: Person
    spot: Spot
    form: str
    about: str
    values: Mapping[str, str]
    """By the ids of its entries; empty where nothing stands."""
    reply: Reply


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction was put under a message, or taken away."""

    key: str
    person: Person
    spot: Spot
    message: str
    """``CHANNEL/MESSAGE``."""
    emoji: str
    """As Unicode, without U+FE0F and skin tones: ``1⃣``, ``✅``, ``👍``."""
    added: bool
    reply: Reply


Heard = Line | Press | Filled | Reacted
