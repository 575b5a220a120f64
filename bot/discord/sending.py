"""Messages as they go out: pictures that fit, answers below messages, mentions that are meant."""

import io
from typing import Any, Final

import discord

from bot.chat.pictures import Shot
from bot.chat.tools import Tools
from bot.discord.faults import surely
from bot.discord.render import panel_text, view_of
from domain.card import Panel
from domain.errors import PictureError

MULTIPART_BYTES: Final = 64 * 1024
"""Of Discord's limit, for what stands around a file."""
MAX_ALT: Final = 1024


class Sending:
    """Knows the client and its limits."""

    def __init__(self, bot: discord.Client, tools: Tools) -> None:
        self._bot = bot
        self.tools = tools

    def max_bytes(self, guild: int | None = None) -> int:
        """Return how large a file may be in a server."""
        known = self._bot.get_guild(guild) if guild else None
        limit = known.filesize_limit if known else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        return min(limit - MULTIPART_BYTES, self.tools.max_file_bytes)

    async def shot(self, digest: str, guild: int | None = None) -> Shot:
        """Return a picture as it can be sent; its name begins with its digest."""
        name = digest.removeprefix("sha256:")[:12]
        return await self.tools.pictures.fitting(digest, name, max_bytes=self.max_bytes(guild))

    async def files_of(self, digest: str | None, alt: str) -> list[discord.File]:
        """Return a private message's picture, if it has one that fits."""
        if digest is None:
            return []
        try:
            return [file_of(await self.shot(digest), alt)]
        except PictureError:
            return []

    async def answer(
        self,
        channel: int,
        message: int,
        person: int,
        panel: Panel,
        *,
        removed_after_s: float | None,
    ) -> None:
        """Answer one person below a message."""
        where = self._bot.get_partial_messageable(channel)
        files = await self.files_of(panel.picture, panel.alt)
        view = view_of(panel.buttons) if panel.buttons else discord.utils.MISSING
        with surely():
            await where.send(
                f"<@{person}> {panel_text(panel)}"[:2000],
                reference=where.get_partial_message(message).to_reference(fail_if_not_exists=False),
                mention_author=False,
                allowed_mentions=only(person),
                files=files,
                view=view,
                suppress_embeds=True,
                delete_after=removed_after_s,  # type: ignore[arg-type]  # None keeps it
            )


def only(person: int | str | None) -> discord.AllowedMentions:
    """Let one person be called, and nobody else."""
    users: Any = [discord.Object(int(person))] if person else False
    return discord.AllowedMentions(everyone=False, roles=False, users=users, replied_user=False)


def file_of(shot: Shot, alt: str) -> discord.File:
    """Return a picture to attach."""
    return discord.File(io.BytesIO(shot.data), shot.name, description=alt[:MAX_ALT] or None)
