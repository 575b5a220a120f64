"""What the emulated Slack remembers: people, channels, messages, files, views; and its time."""

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]
TEAM: Final = "T0LOOPBACK"
APP: Final = "A0LOOPBACK"
BOT_ID: Final = "B0LOOPBACK"
BOT_USER: Final = "U0BOT"
SCOPES: Final = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "reactions:write",
        "usergroups:read",
        "users:read",
    }
)
EVENTS: Final = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "message.channels",
        "message.groups",
        "message.im",
        "reaction_added",
        "reaction_removed",
        "tokens_revoked",
    }
)


class Clock:
    """Slack's time: it runs by itself, and jumps where a test says so."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._jumped = asyncio.Event()

    def now_s(self) -> float:
        """Return seconds since 1970."""
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Jump ahead; whoever sleeps by this clock hears of it."""
        self._ahead_s += seconds
        jumped, self._jumped = self._jumped, asyncio.Event()
        jumped.set()

    async def sleep(self, seconds: float) -> None:
        """Wait by this clock."""
        until = self.now_s() + seconds
        while (left := until - self.now_s()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._jumped.wait(), left)


@dataclass(slots=True)
class User:
    """Someone with an account, or a bot."""

    id: str
    name: str
    team: str = TEAM
    admin: bool = False
    owner: bool = False
    guest: str = ""
    """``multi`` (is_restricted) or ``single`` (is_ultra_restricted)."""
    bot: bool = False
    deleted: bool = False

    def told(self) -> Json:
        """Return the account as ``users.info`` tells it."""
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name.lower(),
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.bot,
            "is_admin": self.admin,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": bool(self.guest),
            "is_ultra_restricted": self.guest == "single",
            "is_app_user": False,
            "profile": {"display_name": self.name, "real_name": self.name, "team": self.team},
        }


@dataclass(slots=True)
class Channel:
    """A channel, a private one, or a conversation of two."""

    id: str
    name: str
    kind: str = "channel"
    """``channel``, ``group`` (private) or ``im``."""
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: dict[str, "Message"] = field(default_factory=dict)

    def told(self) -> Json:
        """Return the channel as ``conversations.info`` tells it."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": self.kind == "im",
            "is_private": self.kind != "channel",
            "is_archived": self.archived,
            "is_member": BOT_USER in self.members,
        }


@dataclass(slots=True)
class Message:
    """A message in a channel, or (``only_for``) one that a single person sees."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edits: int = 0
    only_for: str = ""
    tombstone: bool = False
    client_id: str = ""

    @property
    def ref(self) -> str:
        """``CHANNEL/MESSAGE``, as the product names it."""
        return f"{self.channel}/{self.ts}"

    def elements(self) -> Iterator[Json]:
        """Return everything that can be pressed or chosen from, in order."""
        for block in self.blocks:
            rows = block.get("elements", []) if block["type"] == "actions" else []
            one = [block["accessory"]] if block.get("accessory") else []
            for element in (*rows, *one):
                yield {**element, "block_id": block.get("block_id", "")}

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons, in order."""
        return [one["text"]["text"] for one in self.elements() if one["type"] == "button"]

    @property
    def choices(self) -> list[str]:
        """The labels of everything that menus offer, in order."""
        menus = [one for one in self.elements() if "options" in one]
        return [option["text"]["text"] for one in menus for option in one["options"]]

    @property
    def pictures(self) -> list[str]:
        """The file ids of the images that stand in it."""
        return [
            block["slack_file"]["id"]
            for block in self.blocks
            if block["type"] == "image" and "id" in block.get("slack_file", {})
        ]

    @property
    def said(self) -> str:
        """All words that a reader sees, one block a line."""
        lines = ("".join(words(block)).strip() for block in self.blocks)
        return "\n".join(filter(None, lines)) or self.text

    def told(self, files: Callable[[str], Json], *, metadata: bool = False) -> Json:
        """Return the message as the API and events tell it."""
        told: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        told |= {"team": TEAM, "blocks": self.blocks}
        if self.user == BOT_USER:
            told |= {"bot_id": BOT_ID, "app_id": APP}
        if self.client_id:
            told["client_msg_id"] = self.client_id
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.files:
            told["files"] = [files(one) for one in self.files]
        if self.reactions:
            told["reactions"] = [
                {"name": name, "users": users, "count": len(users)}
                for name, users in self.reactions.items()
            ]
        if metadata and self.metadata:
            told["metadata"] = self.metadata
        return told


def words(block: Any) -> Iterator[str]:
    """Return every text inside a block that a reader sees (no labels of buttons)."""
    if isinstance(block, list):
        for one in block:
            yield from words(one)
    if not isinstance(block, dict) or block.get("type") in ("button", "static_select"):
        return
    own = block.get("text") or (block.get("url") if block.get("type") == "link" else "")
    if isinstance(own, str):
        yield own
    for key in ("text", "title", "fields", "elements", "label"):
        yield from words(block.get(key))
    if str(block.get("type")).startswith("rich_text_"):
        yield "\n"


@dataclass(slots=True)
class File:
    """An uploaded file; ``mimetype`` is empty until it is ready."""

    id: str
    name: str
    owner: str
    data: bytes = b""
    length: int = 0
    title: str = ""
    uploaded: bool = False
    completed: bool = False
    ready_at_s: float = 0.0
    deleted: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class View:
    """A modal, or someone's home tab."""

    id: str
    user: str
    shown: Json
    hash: str
    root: str
    previous: str | None = None
    closed: bool = False

    def told(self) -> Json:
        """Return the view as payloads tell it."""
        return {
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT_ID,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "callback_id": "",
            "private_metadata": "",
            "close": None,
            "submit": None,
            "external_id": "",
            **self.shown,
        }


@dataclass(slots=True)
class Trigger:
    """What lets an app open a view for someone: once, for 3 s."""

    id: str
    user: str
    at_s: float
    used: bool = False


@dataclass(slots=True)
class Way:
    """A response_url: five uses within 30 minutes."""

    user: str
    channel: str
    at_s: float
    message: str = ""
    """The ts of the message that the interaction began on."""
    thread_ts: str | None = None
    uses: int = 0


class World:
    """One workspace with one app in it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.ways: dict[str, Way] = {}
        self.only: list[Message] = []
        """What single people saw, in order; what was removed is gone from it."""
        self._count = itertools.count(1)
        self.users[BOT_USER] = User(BOT_USER, "atelier", bot=True)

    def name(self, letter: str) -> str:
        """Return a new id of that kind."""
        return f"{letter}0{next(self._count):06d}"

    def ts(self) -> str:
        """Return the next message's ts, later than all before."""
        return f"{int(self.clock.now_s())}.{next(self._count):06d}"

    def trigger(self, user: str) -> str:
        """Return a fresh trigger_id."""
        name = f"{next(self._count)}.{secrets.randbelow(10**9)}.{secrets.token_hex(8)}"
        self.triggers[name] = Trigger(name, user, self.clock.now_s())
        return name

    def channel_of(self, name: str) -> Channel | None:
        """Return a channel by its id or its name."""
        named = (one for one in self.channels.values() if one.name == name and one.kind != "im")
        return self.channels.get(name) or next(named, None)

    def direct(self, user: str) -> Channel:
        """Return the conversation of a person with the bot."""
        for channel in self.channels.values():
            if channel.kind == "im" and user in channel.members:
                return channel
        channel = Channel(self.name("D"), "directmessage", "im", {user, BOT_USER})
        self.channels[channel.id] = channel
        return channel
