"""A call of the Web API: how it is read, who may make it, and how it is made to fail."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from aiohttp import web

from tests.vendors.slack.errors import RefusedError
from tests.vendors.slack.world import BOT_USER, Channel, Json, Message

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

PARSED: Final = ("blocks", "attachments", "metadata", "files", "view")


@dataclass(frozen=True, slots=True)
class Call:
    """One call that arrived, and how it was answered."""

    method: str
    args: Json
    error: str
    """Empty where all was well."""


@dataclass(slots=True)
class Failure:
    """How the next calls of a method go wrong.

    ``error`` answers with Slack's own word; ``status`` with an HTTP status; ``hang`` never answers;
    ``close`` cuts the connection before, ``lost`` after the call was carried out.
    """

    on: str
    """A method, or ``upload``, ``download``, ``response_url``, ``socket``."""
    mode: Literal["error", "status", "hang", "close", "lost"] = "error"
    error: str = "internal_error"
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it does, and the scope that it needs."""

    run: Callable[["SlackEmulator", Json], Json]
    scope: str = ""
    app_level: bool = False


async def read_args(request: web.Request) -> Json:
    """Return the arguments from query, form or JSON, with what is JSON inside them parsed."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await request.json()
    else:
        args |= dict(await request.post())
    for key in PARSED:
        if isinstance(args.get(key), str):
            args[key] = _parsed(args[key])
    return args


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise RefusedError("invalid_blocks_format") from error


def truth(value: Any) -> bool:
    """Read a boolean as it may come: true, "true", 1, "1"."""
    return str(value).lower() in ("true", "1")


def check_token(emu: "SlackEmulator", method: Method, token: str) -> None:
    """Refuse a token that is none, the wrong kind, revoked, or lacks the scope.

    Raises:
        RefusedError: With Slack's word for it.
    """
    right, other = emu.bot_token, emu.app_token
    if method.app_level:
        right, other = other, right
    if not token:
        raise RefusedError("not_authed")
    if token == other:
        raise RefusedError("not_allowed_token_type")
    if token != right:
        raise RefusedError("invalid_auth")
    if emu.token_error:
        raise RefusedError(emu.token_error)
    if not method.app_level and method.scope:
        needs_scope(emu, method.scope)


def needs_scope(emu: "SlackEmulator", scope: str) -> None:
    """Refuse if the app was installed without *scope*."""
    if scope not in emu.scopes:
        raise RefusedError("missing_scope", needed=scope, provided=",".join(sorted(emu.scopes)))


def reading(emu: "SlackEmulator", args: Json, what: str) -> Channel:
    """Return a channel for a method that needs ``channels:read`` or its like, by its kind."""
    channel = known_channel(emu, args)
    word = {"channel": "channels", "group": "groups", "im": "im"}[channel.kind]
    needs_scope(emu, f"{word}:{what}")
    return channel


def known_channel(emu: "SlackEmulator", args: Json) -> Channel:
    """Return the channel that the bot may know of: a private one only as its member."""
    channel = emu.world.channels.get(str(args.get("channel", "")))
    if channel is None:
        raise RefusedError("channel_not_found")
    if channel.kind != "channel" and BOT_USER not in channel.members:
        raise RefusedError("channel_not_found")
    return channel


def open_channel(emu: "SlackEmulator", args: Json) -> Channel:
    """Return the channel if the bot may write there."""
    channel = known_channel(emu, args)
    if channel.archived:
        raise RefusedError("is_archived")
    if BOT_USER not in channel.members:
        raise RefusedError("not_in_channel")
    return channel


def known_message(channel: Channel, ts: Any) -> Message:
    """Return a message that is still there."""
    message = channel.messages.get(str(ts))
    if message is None or message.tombstone:
        raise RefusedError("message_not_found")
    return message
