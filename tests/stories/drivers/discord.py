"""Discord: the real bot under simcord, which plays the server and its people without a network."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import discord
import simcord

from bot.app import App
from bot.chat.connecting import open_desk, open_tools
from bot.discord.fetcher import DiscordFetcher
from bot.discord.reply import REMOVED_AFTER_S
from bot.discord.service import build
from bot.opening import delivering, open_app
from config.settings import load, reject_reasons
from tests.stories.drivers.protocol import Shown, Told
from tests.stories.drivers.waiting import until_settled

PEOPLE: Final = ("Ana", "Ben", "Cleo", "Gus", "Olga")
FORM: Final = "what opened the form"
SETTLE_S: Final = 8


class DiscordTeam:
    """A server with a bot; the service runs beside it, as simcord's clock wants it."""

    surface = "discord"

    def __init__(self, folder: Path, toml: str, environ: Mapping[str, str]) -> None:
        self._environ = {
            **environ,
            "AI_HANDLER_DATA_DIR": str(folder),
            "DISCORD_TOKEN": "a.token.of-this-test",
        }
        self._toml = toml
        self._life = AsyncExitStack()
        self._world = AsyncExitStack()
        self.app: App
        self.env: Any = None
        self.guild: Any = None
        self.people: dict[str, Any] = {}

    async def start(self) -> None:
        """Open the service, then the server, and people it."""
        mimetypes.init()  # reads files once, which simcord would do on the loop
        bot = await self._open()
        self.env = await self._world.enter_async_context(
            simcord.run(bot, settle_timeout=SETTLE_S, shard_count=1)
        )
        self.guild = self.env.create_guild("Studio")
        may = discord.Permissions(manage_guild=True)
        admins = self.guild.create_role("Admins", permissions=may)
        for name in PEOPLE:
            user = self.env.create_user(name.lower(), global_name=name)
            roles = [admins] if name == "Olga" else []
            self.people[name] = self.guild.add_member(user, roles=roles)
        await self._deliver()

    async def _open(self) -> Any:
        settings = await asyncio.to_thread(load, self._toml, self._environ)
        self.app = await self._life.enter_async_context(open_app(settings))
        await self.app.pixels.warm()
        reasons = await asyncio.to_thread(reject_reasons)
        tools = open_tools(self.app, "http://127.0.0.1:8787")
        service = build(settings.discord, open_desk(self.app, reasons).hear, tools)
        own = frozenset({"cdn.simcord.invalid"})
        service.fetcher = DiscordFetcher(settings.discord.api_url, self._attached, own)
        self._life.push_async_callback(service.bot.owned.idle)
        self.app.chats.add("discord", service)
        return service.bot

    async def _attached(self, url: str, _max_bytes: int) -> bytes:
        """Hand out what somebody attached: simcord keeps it, and serves nothing over HTTP."""
        data: bytes | None = self.env.backend.cdn.get(url)
        if data is None:
            raise aiohttp.ClientError(404)  # its signature has expired
        return data

    async def _deliver(self) -> None:
        await self._life.enter_async_context(delivering(self.app, self.app.chats.surfaces))

    async def stop(self) -> None:
        """Close the service, then the server."""
        await self._life.aclose()
        await self._world.aclose()

    async def restart(self) -> None:
        """Stop the service and start it again on the same data; the server stays."""
        await self._life.aclose()
        self._life = AsyncExitStack()
        await self.env.restart_bot(await self._open())
        await self._deliver()

    async def room(self, name: str) -> "DiscordRoom":
        """Make a channel."""
        return DiscordRoom(self, self.guild.create_text_channel(name))


class DiscordRoom:
    """A channel, its cards, and the thread of the newest."""

    surface = "discord"

    def __init__(self, team: DiscordTeam, channel: Any) -> None:
        self._team = team
        self._channel = channel

    @property
    def app(self) -> App:
        """The running service."""
        return self._team.app

    async def imagine(
        self, who: str, text: str, *, files: Mapping[str, bytes] | None = None
    ) -> Told:
        """Use /imagine."""
        more = {"picture": next(iter(files.items()))} if files else {}
        result = await self._who(who).slash(self._channel, "imagine", prompt=text, **more)
        return _told(result)

    async def reply(self, who: str, text: str, *, files: Mapping[str, bytes] | None = None) -> Told:
        """Write in the thread; before there is one, answer the card."""
        threads = self._channel.threads
        where = threads[-1] if threads else self._channel
        how = {} if threads else {"reply_to": self._cards()[-1]}
        before = {one.id for one in where.history()}
        attachments = list((files or {}).items())
        await self._who(who).send(where, self._called(text), attachments=attachments, **how)
        return await self._answers(where, before, who)

    async def hand_in(self, who: str, files: Mapping[str, bytes], text: str = "") -> Told:
        """Send pictures in the thread."""
        return await self.reply(who, text, files=files)

    async def mention(self, who: str, text: str) -> Told:
        """Write in the thread with the bot's name."""
        return await self.reply(who, f"<@{self._team.env.bot.user.id}> {text}")

    async def press(self, who: str, message: Shown, label: str, *, yes: bool = True) -> Told:  # noqa: ARG002
        """Press a button, or choose from a menu."""
        target = self._message(message.ref)
        result = await self._who(who).click(target, label=label)
        return _told(result)

    async def press_told(self, who: str, told: Told, label: str) -> Told:
        """Press a button of an answer."""
        message: Any = (told.values or {})[FORM]
        for row in message.components:
            for item in row.children:
                known = getattr(item, "options", ()) or ()
                chosen = [one.value for one in known if one.label == label]
                if chosen:
                    menu = item.custom_id
                    return _told(await self._who(who).select(message, chosen, custom_id=menu))
        return _told(await self._who(who).click(message, label=label))

    async def fill(self, who: str, told: Told, values: Mapping[str, str]) -> Told:
        """Send the form."""
        same = dict(told.values or {})
        shown: Any = same.pop(FORM)
        chosen = {
            row["component"]["custom_id"]
            for row in shown.modal["components"]
            if row["component"]["type"] == discord.ComponentType.select.value
        }
        filled = {
            name: [text] if name in chosen else text
            for name, text in (same | dict(values)).items()
            if text
        }
        return _told(await self._who(who).submit_modal(shown, filled))

    async def react(self, who: str, message: Shown, emoji: str) -> Told:
        """Put a reaction under a message."""
        return await self._reacted(who, message, emoji, reacted=True)

    async def unreact(self, who: str, message: Shown, emoji: str) -> Told:
        """Take it away."""
        return await self._reacted(who, message, emoji, reacted=False)

    async def add_approver(self, who: str, whom: str) -> Told:
        """Use /handler approvers."""
        member = self._who(whom)
        result = await self._who(who).slash(
            self._channel, "handler approvers", action="add", member=member
        )
        return _told(result)

    async def settled(self) -> None:
        """Wait for the service, then for the bot."""
        await until_settled(self.app, "discord")
        await self._pass()
        await self._team.env.settle()

    async def cards(self) -> Sequence[Shown]:
        """Read the bot's messages in the channel."""
        return [_shown(one) for one in self._cards()]

    async def thread(self) -> Sequence[Shown]:
        """Read the bot's messages in the newest thread."""
        threads = self._channel.threads
        return [_shown(one) for one in threads[-1].history() if one.author.bot] if threads else []

    def _called(self, text: str) -> str:
        """Write people's names as Discord's own client sends them once they are chosen."""
        for name, member in self._team.people.items():
            text = text.replace(f"@{name}", f"<@{member.id}>")
        return text

    def _cards(self) -> list[Any]:
        ours = self._team.env.bot.user.id
        said = [one for one in self._channel.history() if one.author.id == ours]
        return [one for one in said if one.reference is None]

    def _message(self, ref: str) -> Any:
        channel, _, message = ref.partition("/")
        places = [self._channel, *self._channel.threads]
        where = next(one for one in places if one.id == int(channel))
        return next(one for one in where.history() if one.id == int(message))

    def _who(self, name: str) -> Any:
        return self._team.people[name]

    async def _reacted(self, who: str, message: Shown, emoji: str, *, reacted: bool) -> Told:
        target = self._message(message.ref)
        places = [self._channel, *self._channel.threads]
        where = next(one for one in places if one.id == target.channel.id)
        before = {one.id for one in where.history()}
        await self._who(who).set_reaction(target, emoji, reacted=reacted)
        return await self._answers(where, before, who)

    async def _answers(self, where: Any, before: set[int], who: str) -> Told:
        """Return what the bot answered this person, by their name."""
        name = f"<@{self._who(who).id}>"
        found = [
            one
            for one in where.history()
            if one.id not in before and one.author.bot and one.content.startswith(name)
        ]
        text = "\n".join(one.content for one in found)
        labels = tuple(label for one in found for label in _labels(one))
        if found and not labels:
            await self._pass()
        return Told(text, labels, values={FORM: found[-1]} if found else None)

    async def _pass(self) -> None:
        """Let the time pass after which refusals go.

        simcord lets whatever people do next wait for a timer that is due within ``SETTLE_S`` of
        this machine's time, and fails if it comes in the last moment.
        """
        await self._team.env.advance_time(REMOVED_AFTER_S + 1)


def _told(result: Any) -> Told:
    if result.modal is not None:
        fields = [row["component"] for row in result.modal["components"]]
        values = {one["custom_id"]: one.get("value") or "" for one in fields}
        form = result.modal["custom_id"].partition("#")[2].partition(":")[0]
        return Told(form=form, values=values | {FORM: result})
    first = [result.response] if result.response and result.response.ephemeral else []
    found = [*first, *result.followups]
    text = "\n".join(one.content for one in found)
    labels = tuple(label for one in found for label in _labels(one.message))
    return Told(text, labels, values={FORM: found[-1].message} if found else None)


def _shown(message: Any) -> Shown:
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.description or "", (embed.footer.text or "") if embed.footer else ""]
    plain = "\n".join(parts).replace("\\", "").replace("*", "")
    inside = sum(bool(embed.image and embed.image.url) for embed in message.embeds)
    pictures = max(inside, len(message.attachments))
    return Shown(f"{message.channel.id}/{message.id}", plain, tuple(_labels(message)), pictures)


def _labels(message: Any) -> list[str]:
    found = []
    for row in message.components:
        for item in row.children:
            if isinstance(item, discord.SelectMenu):
                found += [option.label for option in item.options]
            elif item.label:
                found.append(item.label.removesuffix(" ✓"))
    return found


@asynccontextmanager
async def open_team(
    folder: Path, toml: str, environ: Mapping[str, str]
) -> AsyncIterator[DiscordTeam]:
    """Open a server with its bot."""
    team = DiscordTeam(folder, toml, environ)
    await team.start()
    try:
        yield team
    finally:
        await team.stop()
