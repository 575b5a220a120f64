"""What Slack hands on of a person's text, turned back into what they typed.

Escapes and tokens: docs.slack.dev/messaging/formatting-message-text, read 2026-11.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.chat.clean import tidy

_TOKEN: Final = re.compile(r"<([^<>\n]+)>")
_USER: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_PERSON: Final = re.compile(r"@([UW][A-Z0-9]+)(?:\|(.*))?")
_GROUP: Final = re.compile(r"!subteam\^([A-Z0-9]+)(?:\|@?(.*))?")
_CALL: Final = re.compile(r"!(here|channel|everyone)(?:\|.*)?")
_LINK: Final = re.compile(r"(?:https?|mailto|tel|ftp):.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it was typed, and who is named in it."""

    text: str
    mentions: Mapping[str, str]
    """``@Ana`` → ``U123``, ``@leads`` → ``group:S9``."""


def people_in(text: str) -> set[str]:
    """Return the ids of the people that a text names."""
    return set(_USER.findall(text))


def readable(text: str, names: Mapping[str, str], bot: str) -> Typed:
    """Return a text as it was typed.

    Args:
        text: As Slack hands it on.
        names: What people are called, by their ids.
        bot: The bot's own id: its name is taken out.
    """
    mentions: dict[str, str] = {}

    def token(found: re.Match[str]) -> str:
        inner = found[1]
        if person := _PERSON.fullmatch(inner):
            return "" if person[1] == bot else _named(person, names, mentions)
        if group := _GROUP.fullmatch(inner):
            return _noted(f"@{group[2] or group[1]}", f"group:{group[1]}", mentions)
        return _plain(inner, found[0])

    shown = _TOKEN.sub(token, text)
    return Typed(tidy(_unescaped(shown)), {_unescaped(key): one for key, one in mentions.items()})


def _named(person: re.Match[str], names: Mapping[str, str], mentions: dict[str, str]) -> str:
    name = names.get(person[1]) or person[2] or person[1]
    return _noted(f"@{name}", person[1], mentions)


def _noted(said: str, known: str, mentions: dict[str, str]) -> str:
    """Remember who is meant; two of one name are told apart by their ids."""
    if mentions.get(said, known) != known:
        said = f"{said}~{known}"
    mentions[said] = known
    return said


def _plain(inner: str, whole: str) -> str:
    """Return what stands in the text for a channel, a call to all, a date or a link."""
    if call := _CALL.fullmatch(inner):
        return f"@{call[1]}"
    target, _, label = inner.partition("|")
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or whole
    if _LINK.fullmatch(target):
        return label or target.removeprefix("mailto:")
    return whole


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
