"""The client: hears commands, buttons, forms, messages and reactions, and hands them on."""

import logging
import re
from typing import Any, Final

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.chat.heard import Filled, Heard, Line, Press, Reacted
from bot.chat.reactions import line_of, plain_emoji
from bot.chat.tools import Hear, Tools
from bot.chat.watch import ANSWER_S, Owned, watched
from bot.discord.commands import add_commands, sync
from bot.discord.faults import NEVER_MIND
from bot.discord.foreign import seen_of
from bot.discord.ids import BUTTON, MENU, MODAL, is_ours, said_by
from bot.discord.reply import InteractionReply, MessageReply
from bot.discord.sending import Sending
from bot.discord.translate import (
    answered_by,
    attachments_of,
    names_us,
    others_of,
    person_of,
    spot_of,
    typed_message,
    typed_option,
)
from config.records import DiscordSettings
from domain.card import Panel
from domain.errors import SurfaceError
from domain.event import Attachment
from providers.midjourney.messages import AUTHORS

logger = logging.getLogger(__name__)
Asked = discord.Interaction[Any]
DRAIN_S: Final = 8.0
FORM_S: Final = 2.5
"""A form can only be the first answer: it is waited for nearly as long as Discord waits."""
TYPED: Final = (discord.MessageType.default, discord.MessageType.reply)
NOT_OURS: Final = "That button is none of mine, or too old: use those of the newest card."


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
        self._closing = False
        self.problem = ""
        """What Discord did not take; the rest works."""
        add_commands(self.tree, self.say, self.shortcut, self.tools)
        self.tree.on_error = self._on_tree_error  # type: ignore[method-assign]

    async def setup_hook(self) -> None:
        """Know the buttons by their ids, and tell Discord the commands if they are new."""
        self.add_dynamic_items(_Button, _Menu)
        try:
            await sync(self.tree, self.tools, self._settings.sync_guild)
        except (app_commands.AppCommandError, discord.DiscordException, OSError) as error:
            self.problem = f"Discord did not take the commands: {error}"
            logger.warning("%s", self.problem)

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
        typed = typed_option(interaction, line)
        person = person_of(interaction.user, interaction.guild_id)
        reply = InteractionReply(interaction, self.sending)
        heard = Line(
            key=f"discord:i:{interaction.id}",
            person=person,
            spot=spot_of(interaction.channel, interaction.channel_id or 0, _g(interaction), person),
            text=typed.text,
            how="command",
            reply=reply,
            attachments=attachments,
            mentions=mentions or typed.mentions,
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
        await self._answered(heard, reply, limit_s=FORM_S if form else ANSWER_S)

    async def on_interaction(self, interaction: Asked) -> None:
        """Take forms here: those opened before a restart are known to nothing else."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        kind = interaction.type
        if kind is discord.InteractionType.component and not is_ours(custom_id):
            await self.refuse(interaction, NOT_OURS)
        if kind is discord.InteractionType.modal_submit:
            await self._filled(interaction, data, MODAL.fullmatch(custom_id))

    async def _filled(self, interaction: Asked, data: Any, found: re.Match[str] | None) -> None:
        if found is None:
            await self.refuse(interaction, NOT_OURS)
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

    async def refuse(self, interaction: Asked, text: str) -> None:
        """Say no to one person, and nothing else."""
        await self._told(InteractionReply(interaction, self.sending), Panel(text=text))

    async def _told(self, reply: InteractionReply, panel: Panel) -> None:
        try:
            await reply.refuse(panel)
        except NEVER_MIND as error:
            logger.warning("not told: %s", error)

    async def _answered(
        self, heard: Heard, reply: InteractionReply, limit_s: float = ANSWER_S
    ) -> None:
        """Hand it on; the interaction is answered when it is stored, or when time is up."""
        if self._closing:
            heard_not = Panel(text="I am being restarted: say it again in a minute.")
            await self._told(reply, heard_not)
            return
        self.owned.own()
        try:
            await watched(self._hear(heard), reply.stored, reply.acknowledge, limit_s=limit_s)
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
        if message.author.id in AUTHORS:
            await self._saw(message)
        if message.author.bot or message.webhook_id or self.user is None:
            return
        if message.type not in TYPED:
            return  # Discord's own lines: somebody joined, a thread has another name
        typed = typed_message(message, self.user.id)
        named = names_us(message, self.user.id)
        guild = message.guild.id if message.guild else None
        person = person_of(message.author, guild)
        reply = MessageReply(message.channel.id, message.id, message.author.id, self.sending)
        heard = Line(
            key=f"discord:m:{message.id}",
            person=person,
            spot=spot_of(message.channel, message.channel.id, guild, person),
            text=typed.text,
            how="direct" if guild is None else "mention" if named else "message",
            reply=reply,
            answers=answered_by(message),
            attachments=attachments_of(message.attachments),
            others=others_of(message.attachments),
            mentions=typed.mentions,
        )
        await self._heard(heard)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """See how far Midjourney is: it edits its message while it draws."""
        if payload.message.author.id in AUTHORS:
            await self._saw(payload.message)

    async def _saw(self, message: discord.Message) -> None:
        """Hand on what Midjourney's own bot wrote; it is read, and never answered."""
        if self._closing or message.guild is None:
            return
        self.owned.own()
        await self.tools.sighted(seen_of(message))

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Hear a reaction."""
        await self._reacted(payload, added=True)

    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Hear that one was taken away."""
        await self._reacted(payload, added=False)

    async def _reacted(self, payload: discord.RawReactionActionEvent, *, added: bool) -> None:
        if self.user is None or payload.user_id == self.user.id or payload.emoji.id is not None:
            return
        emoji = plain_emoji(payload.emoji.name or "")
        means = line_of(emoji, added=True, number=1, picked=()) is not None
        if not means or payload.message_author_id not in (None, self.user.id):
            return  # only removals do not say whose message it was
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
            emoji=emoji,
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
        if self._closing:
            return
        self.owned.own()
        try:
            await self._hear(heard)
        except SurfaceError as error:
            logger.warning("not told key=%s: %s", heard.key, error.message)

    async def close(self) -> None:
        """Hear nothing more, let what was heard be answered, then go."""
        self._closing = True
        await self.owned.drain(DRAIN_S)
        await super().close()

    async def rest(self) -> None:
        """Let a connection go that has failed, so that another can be made."""
        if not self._closing:
            await super().close()
            self.clear()
            # discord.py 2.7.1 would go on with the connector that it has just closed, and with a
            # queue in which "closed" lies already.
            self.http.connector = discord.utils.MISSING
            await self._async_setup_hook()


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
        """Hand on what the chosen entry says; what was forged is refused."""
        data: Any = interaction.data or {}
        said = said_by(str((data.get("values") or [""])[0]))
        bot = interaction.client
        if not isinstance(bot, HandlerBot):
            return
        if said is None:
            await bot.refuse(interaction, NOT_OURS)
            return
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
        value = ", ".join(map(str, chosen)) if chosen else inner.get("value", "")
        found[str(inner.get("custom_id", ""))] = str(value or "")
    return found
