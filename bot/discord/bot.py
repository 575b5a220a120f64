"""The client: hears commands, buttons, forms, messages and reactions, and hands them on."""

import logging
from typing import Any, Final

import discord
from discord import ui
from discord.ext import commands

from bot.chat.heard import Filled, Heard, Line, Press, Reacted
from bot.chat.reactions import plain_emoji
from bot.chat.tools import Hear, Tools
from bot.chat.watch import Owned, watched
from bot.discord.commands import add_commands, sync
from bot.discord.faults import NEVER_MIND
from bot.discord.ids import BUTTON, MENU, MODAL, said_by
from bot.discord.reply import InteractionReply, MessageReply
from bot.discord.sending import Sending
from bot.discord.translate import (
    attachments_of,
    clean_text,
    mentions_of,
    person_of,
    spot_of,
)
from config.settings import DiscordSettings
from domain.card import Panel
from domain.command import Attachment
from domain.errors import SurfaceError

logger = logging.getLogger(__name__)
Asked = discord.Interaction[Any]
DRAIN_S: Final = 8.0


class HandlerBot(commands.AutoShardedBot):
    """Implements nothing itself: everything that is heard goes to *hear*."""

    def __init__(self, settings: DiscordSettings, hear: Hear, tools: Tools) -> None:
        # It warns that voice is missing, which nobody here speaks.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents_of(settings),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=60.0,
        )
        self._settings = settings
        self._hear = hear
        self.tools = tools
        self.sending = Sending(self, tools)
        self.owned = Owned()

    async def setup_hook(self) -> None:
        """Know the buttons by their ids, and tell Discord the commands if they are new."""
        if not self.tree.get_commands():  # a second try to connect finds them there
            self.add_dynamic_items(_Button, _Menu)
            add_commands(self.tree, self.say, self.shortcut, self.tools)
            self.tree.on_error = self._on_tree_error  # type: ignore[method-assign]
        try:
            await sync(self.tree, self.tools, self._settings.sync_guild)
        except discord.HTTPException as error:  # what was registered before still works
            logger.warning("the commands were not registered: %s", error)

    # --- interactions ---

    async def say(
        self,
        interaction: Asked,
        line: str,
        *,
        attachments: tuple[Attachment, ...] = (),
        mentions: dict[str, str] | None = None,
    ) -> None:
        """A command was used."""
        person = person_of(interaction.user, interaction.guild_id)
        reply = InteractionReply(interaction, self.sending)
        heard = Line(
            key=f"discord:i:{interaction.id}",
            person=person,
            spot=spot_of(interaction.channel, interaction.channel_id or 0, _g(interaction), person),
            text=clean_text(line, {}),
            how="command",
            reply=reply,
            attachments=attachments,
            mentions=mentions or {},
        )
        await self._answered(heard, reply)

    async def shortcut(self, interaction: Asked, verb: str, message: discord.Message) -> None:
        """A message's menu was used."""
        await self.press(interaction, verb, message)

    async def press(
        self,
        interaction: Asked,
        line: str,
        message: discord.Message | None,
        *,
        form: str = "",
    ) -> None:
        """A button was pressed, or an entry of a menu chosen."""
        person = person_of(interaction.user, interaction.guild_id)
        reply = InteractionReply(interaction, self.sending)
        ref = f"{message.channel.id}/{message.id}" if message else None
        heard = Press(
            key=f"discord:i:{interaction.id}",
            person=person,
            spot=spot_of(interaction.channel, interaction.channel_id or 0, _g(interaction), person),
            line=line,
            reply=reply,
            message=ref,
            form=form,
        )
        await self._answered(heard, reply)

    async def on_interaction(self, interaction: Asked) -> None:
        """Take forms here: those opened before a restart are known to nothing else."""
        data: Any = interaction.data or {}
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        found = MODAL.fullmatch(str(data.get("custom_id", "")))
        if found is None:
            return
        person = person_of(interaction.user, interaction.guild_id)
        reply = InteractionReply(interaction, self.sending)
        heard = Filled(
            key=f"discord:i:{interaction.id}",
            person=person,
            spot=spot_of(interaction.channel, interaction.channel_id or 0, _g(interaction), person),
            form=found[1],
            about=found[2],
            values=_values(data),
            reply=reply,
        )
        await self._answered(heard, reply)

    async def _answered(self, heard: Heard, reply: InteractionReply) -> None:
        """Hand it on; the interaction is answered when it is stored, or after 1.5 s."""
        self.owned.own()
        try:
            await watched(self._hear(heard), reply.stored, reply.acknowledge)
            await reply.finish()
        except NEVER_MIND as error:
            logger.warning("not answered key=%s: %s", heard.key, error)

    async def _on_tree_error(self, interaction: Asked, error: Exception) -> None:
        logger.error("a command broke", exc_info=error)
        reply = InteractionReply(interaction, self.sending)
        try:
            await reply.tell(Panel(text="Something broke on our side. Nothing was lost."))
        except NEVER_MIND:
            return

    # --- messages and reactions ---

    async def on_message(self, message: discord.Message) -> None:
        """Hear what people write: in threads of ours, by name, and in direct messages."""
        if message.author.bot or message.webhook_id or self.user is None:
            return
        names, known = mentions_of(message)
        own = (f"<@{self.user.id}>", f"<@!{self.user.id}>")
        named = any(form in message.content for form in own)
        names |= dict.fromkeys(own, "")
        guild = message.guild.id if message.guild else None
        person = person_of(message.author, guild)
        answered = message.reference.message_id if message.reference else None
        reply = MessageReply(message.channel.id, message.id, message.author.id, self.sending)
        heard = Line(
            key=f"discord:m:{message.id}",
            person=person,
            spot=spot_of(message.channel, message.channel.id, guild, person),
            text=clean_text(message.content, names),
            how="direct" if guild is None else "mention" if named else "message",
            reply=reply,
            answers=f"{message.channel.id}/{answered}" if answered else None,
            attachments=attachments_of(message.attachments),
            mentions={name: one for name, one in known.items() if one != str(self.user.id)},
        )
        await self._heard(heard)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Hear a reaction."""
        await self._reacted(payload, added=True)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Hear that one was taken away."""
        await self._reacted(payload, added=False)

    async def _reacted(self, payload: discord.RawReactionActionEvent, *, added: bool) -> None:
        if self.user is None or payload.user_id == self.user.id or payload.emoji.id is not None:
            return
        user = payload.member or await self._user(payload)
        if user is None or user.bot:
            return
        person = person_of(user, payload.guild_id)
        channel = self.get_channel(payload.channel_id)
        reply = MessageReply(payload.channel_id, payload.message_id, user.id, self.sending)
        heard = Reacted(
            key=f"discord:e:{self.tools.chance.ulid()}",
            person=person,
            spot=spot_of(channel, payload.channel_id, payload.guild_id, person),
            message=f"{payload.channel_id}/{payload.message_id}",
            emoji=plain_emoji(payload.emoji.name or ""),
            added=added,
            reply=reply,
        )
        await self._heard(heard)

    async def _user(self, payload: discord.RawReactionActionEvent) -> Any:
        """Find who took a reaction away: Discord names them by their id alone."""
        guild = self.get_guild(payload.guild_id) if payload.guild_id else None
        known = guild.get_member(payload.user_id) if guild else self.get_user(payload.user_id)
        if known is not None:
            return known
        try:
            return await (
                guild.fetch_member(payload.user_id) if guild else self.fetch_user(payload.user_id)
            )
        except discord.HTTPException:
            return None

    async def _heard(self, heard: Heard) -> None:
        self.owned.own()
        try:
            await self._hear(heard)
        except SurfaceError as error:
            logger.warning("not told key=%s: %s", heard.key, error.message)

    async def close(self) -> None:
        """Hear nothing more, let what was heard be answered, then go."""
        await self.owned.drain(DRAIN_S)
        await super().close()


class _Button(ui.DynamicItem[ui.Button[Any]], template=BUTTON):
    """Any button of ours, however old: it is known by its id."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: Asked, item: ui.Item[Any], _match: Any, /
    ) -> "_Button":
        """Make it from the id that was pressed."""
        return cls(item)  # type: ignore[arg-type]  # a button, by its template

    async def callback(self, interaction: Asked) -> None:
        """Hand on what its id says; a question is asked first."""
        said = said_by(self.custom_id)
        bot = interaction.client
        if said is None or not isinstance(bot, HandlerBot):
            return
        await bot.press(interaction, said.line, interaction.message, form=said.form)


class _Menu(ui.DynamicItem[ui.Select[Any]], template=MENU):
    """A menu of what would be too many buttons."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: Asked, item: ui.Item[Any], _match: Any, /
    ) -> "_Menu":
        """Make it from the id that was used."""
        return cls(item)  # type: ignore[arg-type]  # a select, by its template

    async def callback(self, interaction: Asked) -> None:
        """Hand on what the chosen entry says."""
        data: Any = interaction.data or {}
        said = said_by(str((data.get("values") or [""])[0]))
        bot = interaction.client
        if said is not None and isinstance(bot, HandlerBot):
            await bot.press(interaction, said.line, interaction.message, form=said.form)


def intents_of(settings: DiscordSettings) -> discord.Intents:
    """Return what the bot asks to hear of."""
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = True
    intents.guild_reactions = intents.dm_reactions = True
    intents.message_content = settings.message_content
    return intents


def _g(interaction: Asked) -> int | None:
    return interaction.guild_id


def _values(data: Any) -> dict[str, str]:
    """Return a form's fields by their ids."""
    found: dict[str, str] = {}
    for row in data.get("components", []):
        inner: dict[str, Any] = row.get("component") or next(iter(row.get("components", [])), {})
        chosen = inner.get("values")
        value = chosen[0] if chosen else inner.get("value", "")
        found[str(inner.get("custom_id", ""))] = str(value or "")
    return found
