"""Who people are in a server: asked anew each time, and closed where Discord does not say."""

import discord

from bot.discord.faults import surely
from domain.event import Person
from domain.surface import Standing

NOBODY = Standing(full=False)


class DiscordDirectory:
    """Implements the port ``Directory``."""

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot

    async def standing(self, person: Person, groups: frozenset[str]) -> Standing:
        """Fetch a member: bots, guests, and those who are held back or away are no full members.

        Raises:
            SurfaceDownError: Discord does not say.
        """
        if not person.workspace.isdecimal():
            return NOBODY  # a direct message of somebody who shares no single server with us
        guild = self._bot.get_guild(int(person.workspace))
        if guild is None:
            return NOBODY
        try:
            with surely():
                try:
                    member = await guild.fetch_member(int(person.id))
                except discord.NotFound:
                    return NOBODY
        except ValueError:
            return NOBODY
        held = member.bot or member.pending or member.is_timed_out() or member.flags.guest
        roles = frozenset(f"role:{role.id}" for role in member.roles)
        return Standing(
            full=not held,
            admin=member.guild_permissions.manage_guild and not member.bot,
            groups=roles & groups,
        )
