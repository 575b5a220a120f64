"""Methods on the app, conversations, people, groups, reactions; and the table of all methods."""

import re
from typing import TYPE_CHECKING, Final

from tests.vendors.slack import chat, files, views
from tests.vendors.slack.calls import (
    Method,
    known_message,
    open_channel,
    reading,
    truth,
)
from tests.vendors.slack.errors import RefusedError
from tests.vendors.slack.world import BOT_ID, BOT_USER, TEAM, Json, Message

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

EMOJI: Final = re.compile(r"^[a-z0-9_+'-]+(::skin-tone-[2-6])?$")
MOST_REACTIONS: Final = 23
PAGE: Final = 100


def auth_test(emu: "SlackEmulator", _args: Json) -> Json:
    """``auth.test``."""
    return {
        "url": f"{emu.url}/",
        "team": "Loopback",
        "user": "atelier",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def connections_open(emu: "SlackEmulator", _args: Json) -> Json:
    """``apps.connections.open``."""
    return {"url": emu.socket.ticket()}


# --- conversations ---


def info(emu: "SlackEmulator", args: Json) -> Json:
    """``conversations.info``."""
    return {"channel": reading(emu, args, "read").told()}


def open_direct(emu: "SlackEmulator", args: Json) -> Json:
    """``conversations.open``, with one person."""
    users = str(args.get("users", "")).split(",")
    if len(users) != 1 or users[0] not in emu.world.users:
        raise RefusedError("users_not_found")
    return {"channel": emu.world.direct(users[0]).told()}


def members(emu: "SlackEmulator", args: Json) -> Json:
    """``conversations.members``."""
    channel = reading(emu, args, "read")
    return _page(sorted(channel.members), args, "members")


def history(emu: "SlackEmulator", args: Json) -> Json:
    """``conversations.history``: the newest first, no replies."""
    channel = reading(emu, args, "history")
    if BOT_USER not in channel.members:
        raise RefusedError("not_in_channel")
    all_ = [one for one in channel.messages.values() if not one.thread_ts]
    return _page(_within(emu, all_, args)[::-1], args, "messages")


def replies(emu: "SlackEmulator", args: Json) -> Json:
    """``conversations.replies``: the first message, then its replies, the oldest first."""
    channel = reading(emu, args, "history")
    if BOT_USER not in channel.members:
        raise RefusedError("not_in_channel")
    first = channel.messages.get(str(args.get("ts", "")))
    if first is None:
        raise RefusedError("thread_not_found")
    all_ = [first, *(one for one in channel.messages.values() if one.thread_ts == first.ts)]
    return _page(_within(emu, all_, args), args, "messages")


def _within(emu: "SlackEmulator", messages: list[Message], args: Json) -> list[Json]:
    metadata = truth(args.get("include_all_metadata"))
    oldest, latest = str(args.get("oldest", "0")), str(args.get("latest", "9" * 20))
    inside = [one for one in messages if float(oldest) <= float(one.ts) <= float(latest)]
    return [emu.told(one, metadata=metadata) for one in inside]


def _page(items: list[Json] | list[str], args: Json, key: str) -> Json:
    start = int(args.get("cursor") or 0)
    end = start + min(int(args.get("limit") or PAGE), 1000)
    cursor = str(end) if end < len(items) else ""
    told = {key: items[start:end], "has_more": bool(cursor)}
    return told | {"response_metadata": {"next_cursor": cursor}}


# --- people and groups ---


def user_info(emu: "SlackEmulator", args: Json) -> Json:
    """``users.info``."""
    user = emu.world.users.get(str(args.get("user", "")))
    if user is None:
        raise RefusedError("user_not_found")
    return {"user": user.told()}


def user_list(emu: "SlackEmulator", args: Json) -> Json:
    """``users.list``."""
    return _page([user.told() for user in emu.world.users.values()], args, "members")


def groups(emu: "SlackEmulator", _args: Json) -> Json:
    """``usergroups.list``."""
    known = emu.world.groups.items()
    told = [{"id": name, "handle": handle, "name": handle} for name, (handle, _) in known]
    return {"usergroups": told}


def group_members(emu: "SlackEmulator", args: Json) -> Json:
    """``usergroups.users.list``."""
    found = emu.world.groups.get(str(args.get("usergroup", "")))
    if found is None:
        raise RefusedError("no_such_subteam")
    return {"users": found[1]}


# --- reactions ---


def react(emu: "SlackEmulator", args: Json) -> Json:
    """``reactions.add``."""
    channel = open_channel(emu, args)
    message = known_message(channel, args.get("timestamp"))
    name = str(args.get("name", ""))
    if not EMOJI.match(name):
        raise RefusedError("invalid_name")
    if BOT_USER in message.reactions.get(name, []):
        raise RefusedError("already_reacted")
    if name not in message.reactions and len(message.reactions) >= MOST_REACTIONS:
        raise RefusedError("too_many_emoji")
    emu.start(emu.put_reaction(message, BOT_USER, name), "own reaction")
    return {}


def unreact(emu: "SlackEmulator", args: Json) -> Json:
    """``reactions.remove``."""
    message = known_message(open_channel(emu, args), args.get("timestamp"))
    name = str(args.get("name", ""))
    if BOT_USER not in message.reactions.get(name, []):
        raise RefusedError("no_reaction")
    emu.start(emu.take_reaction(message, BOT_USER, name), "own reaction")
    return {}


def reactions(emu: "SlackEmulator", args: Json) -> Json:
    """``reactions.get``."""
    message = known_message(open_channel(emu, args), args.get("timestamp"))
    return {"type": "message", "channel": message.channel, "message": emu.told(message)}


def method_named(name: str) -> Method:
    """Return a method, or refuse."""
    method = METHODS.get(name)
    if method is None:
        raise RefusedError("unknown_method")
    return method


METHODS: Final = {
    "auth.test": Method(auth_test),
    "apps.connections.open": Method(connections_open, app_level=True),
    "conversations.info": Method(info),
    "conversations.open": Method(open_direct, "im:write"),
    "conversations.members": Method(members),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "users.info": Method(user_info, "users:read"),
    "users.list": Method(user_list, "users:read"),
    "usergroups.list": Method(groups, "usergroups:read"),
    "usergroups.users.list": Method(group_members, "usergroups:read"),
    "reactions.add": Method(react, "reactions:write"),
    "reactions.remove": Method(unreact, "reactions:write"),
    "reactions.get": Method(reactions, "reactions:read"),
    **chat.METHODS,
    **files.METHODS,
    **views.METHODS,
}
