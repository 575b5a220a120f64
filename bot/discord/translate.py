"""What Discord sends becomes what was heard: cleaned words, people, places."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord

from bot.chat.heard import Spot
from domain.command import Attachment, Person

SURFACE: Final = "discord"
DM: Final = "dm"
IMAGES: Final = ("image/png", "image/jpeg", "image/webp")
_EMOJI: Final = re.compile(r"<a?(:\w+:)\d+>")
_LINK: Final = re.compile(r"<(https?://[^\s>]+)>")
_CODE: Final = re.compile(r"^(?:```(?:\w*\n)?(.*?)```|`([^`\n]+)`)$", re.DOTALL)
_PAIRED: Final = re.compile("\u201c([^\u201c\u201d]*)\u201d")
_BLANKS: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u200b": "", "\ufeff": ""})


def clean_text(text: str, names: Mapping[str, str]) -> str:
    """Return typed text without Discord's markup.

    Args:
        text: As Discord sends it.
        names: Readable names by the mentions that stand in the text: ``<@42>`` is ``@Ana``.
    """
    for mention, name in names.items():
        text = text.replace(mention, name)
    plain = _LINK.sub(r"\1", _EMOJI.sub(r"\1", text)).translate(_BLANKS).strip()
    if coded := _CODE.fullmatch(plain):
        plain = (coded[1] or coded[2] or "").strip()
    return _PAIRED.sub(r'"\1"', plain)


def mentions_of(message: discord.Message) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names to read, and what the named are: by ``<@42>``, and by ``@Ana``."""
    names: dict[str, str] = {}
    known: dict[str, str] = {}
    for person in message.mentions:
        for form in (f"<@{person.id}>", f"<@!{person.id}>"):
            names[form] = f"@{person.display_name}"
        known[f"@{person.display_name}"] = str(person.id)
    for role in message.role_mentions:
        names[f"<@&{role.id}>"] = f"@{role.name}"
        known[f"@{role.name}"] = f"role:{role.id}"
    for channel in message.channel_mentions:
        names[f"<#{channel.id}>"] = f"#{channel.name}"
    return names, known


def person_of(user: discord.abc.User, guild: int | None) -> Person:
    """Return somebody; in a direct message, of the one server that they share with us."""
    workspace = str(guild) if guild else _shared(user)
    return Person(surface=SURFACE, workspace=workspace, id=str(user.id), name=user.display_name)


def spot_of(channel: Any, channel_id: int, guild: int | None, person: Person) -> Spot:
    """Return where something happened; a thread's own channel is its parent."""
    workspace = str(guild) if guild else person.workspace
    parent = getattr(channel, "parent_id", None) if isinstance(channel, discord.Thread) else None
    if parent:
        return Spot(SURFACE, workspace, str(parent), str(channel_id))
    return Spot(SURFACE, workspace, str(channel_id))


def attachments_of(files: Iterable[discord.Attachment]) -> tuple[Attachment, ...]:
    """Return the pictures among attached files, by names of ours."""
    pictures = [one for one in files if (one.content_type or "").split(";")[0] in IMAGES]
    return tuple(
        Attachment(name=f"picture{number}", url=one.url, size_bytes=one.size)
        for number, one in enumerate(pictures[:4], start=1)
    )


def _shared(user: discord.abc.User) -> str:
    guilds = getattr(user, "mutual_guilds", [])
    return str(guilds[0].id) if len(guilds) == 1 else DM
