"""What Discord sends becomes what was heard: cleaned words, people, places."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord

from bot.chat.heard import Spot
from bot.discord.text import Names, Typed, readable
from domain.event import Attachment, Person
from domain.spec import MAX_COUNT

SURFACE: Final = "discord"
DM: Final = "dm"
IMAGES: Final = ("image/png", "image/jpeg", "image/webp")


def typed_message(message: discord.Message, me: int) -> Typed:
    """Return what somebody wrote, without the bot's own name; *me* is its id."""
    names = Names(
        users={str(one.id): one.display_name for one in message.mentions},
        roles={str(one.id): one.name for one in message.role_mentions},
        channels={str(one.id): one.name for one in message.channel_mentions},
    )
    return readable(message.content, names, me=own_ids(message.guild, me))


def typed_option(interaction: discord.Interaction[Any], text: str) -> Typed:
    """Return what somebody typed behind a command; whoever Discord does not name is an id."""
    data: Mapping[str, Any] = interaction.data or {}
    known: Mapping[str, Any] = data.get("resolved") or {}
    users = {key: _called(one) for key, one in (known.get("users") or {}).items()}
    nicks = {key: one.get("nick") for key, one in (known.get("members") or {}).items()}
    guild = interaction.guild
    names = Names(
        users=users | {key: name for key, name in nicks.items() if name},
        roles={str(one.id): one.name for one in guild.roles} if guild else {},
        channels={key: str(one["name"]) for key, one in (known.get("channels") or {}).items()},
    )
    return readable(text, names, me=own_ids(interaction.guild, interaction.application_id))


def own_ids(guild: discord.Guild | None, me: int) -> frozenset[str]:
    """Return the bot's own ids: people call it by the role that carries its name, too."""
    role = guild.self_role if guild is not None else None
    return frozenset({str(me), f"role:{role.id}" if role else str(me)})


def names_us(message: discord.Message, me: int) -> bool:
    """Tell whether a message calls the bot in words; to answer it is not to call it."""
    forms = (
        [f"<@&{one.removeprefix('role:')}>"]
        if one.startswith("role:")
        else [f"<@{one}>", f"<@!{one}>"]
        for one in own_ids(message.guild, me)
    )
    return any(form in message.content for known in forms for form in known)


def answered_by(message: discord.Message) -> str | None:
    """Return the name of the message that one answers; what is passed on answers nothing."""
    known = message.reference
    if message.type is not discord.MessageType.reply or known is None or not known.message_id:
        return None
    return f"{known.channel_id}/{known.message_id}"


def _called(user: Mapping[str, Any]) -> str:
    return str(user.get("global_name") or user.get("username") or user.get("id"))


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
    pictures = [one for one in files if is_picture(one)]
    return tuple(
        Attachment(name=f"picture{number}", url=one.url, size_bytes=one.size)
        for number, one in enumerate(pictures[:MAX_COUNT], start=1)
    )


def others_of(files: Iterable[discord.Attachment]) -> int:
    """Return how many of the attached files are no pictures."""
    return sum(not is_picture(one) for one in files)


def is_picture(file: discord.Attachment) -> bool:
    """Tell whether a file calls itself a picture; whether it is one is seen when it is here."""
    return (file.content_type or "").split(";")[0] in IMAGES


def _shared(user: discord.abc.User) -> str:
    guilds = getattr(user, "mutual_guilds", [])
    return str(guilds[0].id) if len(guilds) == 1 else DM
