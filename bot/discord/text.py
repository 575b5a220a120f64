"""What Discord hands on of a person's text, turned back into what they typed.

Formats: docs.discord.com/developers/reference#message-formatting, read 2026-11.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.chat.clean import tidy

_TOKEN: Final = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})|@&(?P<role>\d{1,20})|#(?P<channel>\d{1,20})"
    r"|a?:(?P<emoji>\w{1,40}):\d{1,20}|/(?P<command>[^:<>]{1,80}):\d{1,20}"
    r"|(?P<link>(?:https?|mailto)://[^\s<>]+))>"
)


@dataclass(frozen=True, slots=True)
class Names:
    """What people, roles and channels are called, by their ids."""

    users: Mapping[str, str]
    roles: Mapping[str, str]
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it was typed, and who is named in it."""

    text: str
    mentions: Mapping[str, str]
    """``@Ana`` → ``42``, ``@Leads`` → ``role:7``."""


def readable(text: str, names: Names, *, me: frozenset[str]) -> Typed:
    """Return a text as it was typed.

    Args:
        text: As Discord hands it on.
        names: Of those that it may name.
        me: The bot's own ids, ``7`` and its role ``role:8``: what names it is taken out.
    """
    mentions: dict[str, str] = {}

    def token(found: re.Match[str]) -> str:
        if found["user"] or found["role"]:
            known = found["user"] or f"role:{found['role']}"
            called = names.users if found["user"] else names.roles
            name = called.get(found["user"] or found["role"], found["user"] or found["role"])
            return "" if known in me else _noted(name, known, mentions)
        if found["channel"]:
            return f"#{names.channels.get(found['channel'], found['channel'])}"
        if found["emoji"]:
            return f":{found['emoji']}:"
        return found["link"] or f"/{found['command']}"

    return Typed(tidy(_TOKEN.sub(token, text)), mentions)


def _noted(name: str, known: str, mentions: dict[str, str]) -> str:
    """Remember who is meant; two of one name are told apart by their ids."""
    said = f"@{name}"
    if mentions.get(said, known) != known:
        said = f"{said}~{known}"
    mentions[said] = known
    return said
