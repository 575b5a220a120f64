"""A Discord server in this process (simcord): its people, its channels, and what stands in them."""

from typing import Final

import discord
import simcord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle

GUILD_ID: Final = 9_000_000_000_000_001
PEOPLE: Final = ("Ana", "Ben", "Cleo", "Gus", "Olga")
"""In the order in which they join, so that their ids are the same each time."""


class House:
    """A server with the bot in it, and people: Olga may manage it, Gus has not accepted its rules,
    Robo is another bot."""

    def __init__(self, env: simcord.Env) -> None:
        self.env = env
        self.guild: GuildHandle = env.create_guild("Studio", id=GUILD_ID)
        self.art: ChannelHandle = self.guild.create_text_channel("art")
        self.leads = self.guild.create_role("Leads")
        manages = discord.Permissions(manage_guild=True)
        self.managers = self.guild.create_role("Managers", permissions=manages)
        self.people = {name: self._join(name) for name in PEOPLE}
        self.robo = self.guild.add_member(env.create_user("Robo", bot=True))
        members = env.backend.get_guild(GUILD_ID).members
        members[self.people["Gus"].id].pending = True

    def _join(self, name: str) -> MemberActor:
        roles = [self.managers] if name == "Olga" else []
        user = self.env.create_user(name.lower(), global_name=name)
        return self.guild.add_member(user, roles=roles)

    @property
    def ana(self) -> MemberActor:
        """Who asks, in most tests."""
        return self.people["Ana"]

    @property
    def ben(self) -> MemberActor:
        """A teammate."""
        return self.people["Ben"]
