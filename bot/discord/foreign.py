"""Messages of Midjourney's bot, as they are handed on."""

from collections.abc import Iterator

import discord

from bot.sighting import File, Seen


def seen_of(message: discord.Message) -> Seen:
    """Return what a message of another bot shows; its buttons are only read."""
    channel = message.channel
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    made_from = message.reference
    return Seen(
        id=str(message.id),
        guild=str(message.guild.id) if message.guild else "",
        channel=str(parent or channel.id),
        content=message.content,
        files=tuple(File(one.url, one.size) for one in message.attachments),
        buttons=tuple(_buttons(message)),
        answers=str(made_from.message_id) if made_from and made_from.message_id else None,
        names=tuple((str(one.id), one.display_name) for one in message.mentions),
    )


def _buttons(message: discord.Message) -> Iterator[str]:
    for row in message.components:
        for item in getattr(row, "children", ()):
            if known := getattr(item, "custom_id", None):
                yield str(known)
