"""Slack: the real adapter on the emulated workspace; what people do goes through the socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bot.app import App
from bot.chat.connecting import connected
from bot.chat.reactions import plain_emoji
from bot.opening import delivering, open_app
from bot.slack.emoji import UNICODE
from bot.slack.forms import metadata
from config.settings import load
from tests.stories.drivers.protocol import Shown, Told
from tests.stories.drivers.waiting import until_settled
from tests.vendors.slack import SlackEmulator, slack_emulator
from tests.vendors.slack.people import Person
from tests.vendors.slack.world import BOT_USER, TEAM, Channel, Json, Message, View

PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "Ana": {},
    "Ben": {},
    "Cleo": {},
    "Gus": {"guest": "multi"},
    "Olga": {"owner": True},
}
NAMES: Final = {emoji: name for name, emoji in reversed(UNICODE.items())}
HELD: Final = "what was shown to that person"


class SlackTeam:
    """A workspace, and the service that is connected to it."""

    surface = "slack"

    def __init__(self, folder: Path, toml: str, environ: Mapping[str, str]) -> None:
        self._environ = {**environ, "AI_HANDLER_DATA_DIR": str(folder)}
        self._toml = toml
        self._world = AsyncExitStack()
        self._life = AsyncExitStack()
        self.app: App
        self.emu: SlackEmulator
        self.people: dict[str, Person] = {}

    async def start(self) -> None:
        """Open the workspace, people it, and connect the service."""
        self.emu = await self._world.enter_async_context(slack_emulator())
        self.people = {
            name: self.emu.person(name, id=f"U0{name.upper()}", **more)
            for name, more in PEOPLE.items()
        }
        await self._open()

    async def _open(self) -> None:
        environ = self._environ | self.emu.environment()
        settings = await asyncio.to_thread(load, self._toml, environ)
        self.app = await self._life.enter_async_context(open_app(settings))
        await self.app.pixels.warm()
        await self._life.enter_async_context(connected(self.app, "http://127.0.0.1:8787"))
        await self._life.enter_async_context(delivering(self.app, self.app.chats.surfaces))

    async def stop(self) -> None:
        """Close the service, then the workspace: it complains of what Slack would not bear."""
        await self._life.aclose()
        await self._world.aclose()

    async def restart(self) -> None:
        """Stop the service and start it again on the same data; the workspace stays."""
        await self._life.aclose()
        self._life = AsyncExitStack()
        await self._open()

    async def room(self, name: str) -> "SlackRoom":
        """Make a channel with everybody in it."""
        return SlackRoom(self, self.emu.channel(name, *self.people.values()))


class SlackRoom:
    """A channel, its cards, and the thread of the newest."""

    surface = "slack"

    def __init__(self, team: SlackTeam, channel: Channel) -> None:
        self._team = team
        self._channel = channel

    @property
    def app(self) -> App:
        """The running service."""
        return self._team.app

    async def imagine(
        self, who: str, text: str, *, files: Mapping[str, bytes] | None = None
    ) -> Told:
        """Type /imagine, or where files come with it, mention the bot."""
        person = self._team.people[who]
        if files:
            mention = person.mention(self._channel, text, files=list(files.items()))
            return await self._told(person, mention)
        return await self._told(person, person.slash(self._channel, "/imagine", text))

    async def reply(self, who: str, text: str, *, files: Mapping[str, bytes] | None = None) -> Told:
        """Write in the thread."""
        person = self._team.people[who]
        attached = list((files or {}).items())
        said = person.say(self._channel, text, thread=self._cards()[-1], files=attached)
        return await self._told(person, said)

    async def hand_in(self, who: str, files: Mapping[str, bytes], text: str = "") -> Told:
        """Send pictures in the thread."""
        return await self.reply(who, text, files=files)

    async def mention(self, who: str, text: str) -> Told:
        """Write in the thread with the bot's name."""
        return await self.reply(who, f"@atelier {text}")

    async def press(self, who: str, message: Shown, label: str, *, yes: bool = True) -> Told:
        """Press a button, or choose from a menu."""
        return await self._pressed(who, self._message(message.ref), label, yes=yes)

    async def press_told(self, who: str, told: Told, label: str) -> Told:
        """Press a button of what only this person sees."""
        return await self._pressed(who, (told.values or {})[HELD], label, yes=True)

    async def _pressed(self, who: str, on: Any, label: str, *, yes: bool) -> Told:
        person = self._team.people[who]
        if label in on.buttons:
            return await self._told(person, person.click(on, label, yes=yes))
        return await self._told(person, person.choose(on, label))

    async def fill(self, who: str, told: Told, values: Mapping[str, str]) -> Told:
        """Send the form; what Slack shows in it as wrong is told."""
        person = self._team.people[who]
        view = (told.values or {})[HELD]
        assert isinstance(view, View)
        since = self._team.emu.world.ts()
        sent = await person.submit(view, values)
        if sent.errors:
            await person.close(view)
        after = await self._since(person, since)
        return Told("\n".join((*sent.errors.values(), after.text)), after.buttons, "", after.values)

    async def react(self, who: str, message: Shown, emoji: str) -> Told:
        """Put a reaction under a message; one that is there already is taken away first."""
        person, name = self._team.people[who], NAMES[plain_emoji(emoji)]
        on = self._message(message.ref)
        if person.id in on.reactions.get(name, ()):
            await self._told(person, person.unreact(on, name))
        return await self._told(person, person.react(on, name))

    async def unreact(self, who: str, message: Shown, emoji: str) -> Told:
        """Take it away."""
        person, name = self._team.people[who], NAMES[plain_emoji(emoji)]
        return await self._told(person, person.unreact(self._message(message.ref), name))

    async def add_approver(self, who: str, whom: str) -> Told:
        """Type /imagine approvers add @WHOM."""
        return await self.imagine(who, f"approvers add @{whom}")

    async def settled(self) -> None:
        """Wait for the service."""
        await self._idle()
        await until_settled(self.app, "slack")
        await self._idle()

    async def cards(self) -> Sequence[Shown]:
        """Read the bot's messages in the channel."""
        return [_shown(one) for one in self._cards()]

    async def thread(self) -> Sequence[Shown]:
        """Read the bot's messages in the newest thread."""
        said = self._team.emu.messages(self._channel, self._cards()[-1])
        return [_shown(one) for one in said if one.user == BOT_USER]

    def _cards(self) -> list[Message]:
        return [one for one in self._team.emu.messages(self._channel) if one.user == BOT_USER]

    def _message(self, ref: str) -> Message:
        return self._channel.messages[ref.partition("/")[2]]

    async def _told(self, person: Person, action: Awaitable[object]) -> Told:
        since = self._team.emu.world.ts()
        await action
        return await self._since(person, since)

    async def _since(self, person: Person, since: str) -> Told:
        await self._idle()
        if person.form:
            return Told(form=str(metadata(person.form.shown)["form"]), values=_values(person.form))
        alone = [*person.whispers, *person.conversation.messages.values()]
        found = [one for one in alone if float(one.ts) > float(since) and one.user == BOT_USER]
        text = "\n".join(one.said for one in found)
        labels = tuple(label for one in found for label in (*one.buttons, *one.choices))
        return Told(text, labels, values={HELD: found[-1]} if found else None)  # type: ignore[dict-item]

    async def _idle(self) -> None:
        service: Any = self.app.chats.services["slack"]
        await service.working.idle()


def _values(view: View) -> dict[str, Any]:
    inputs = [one for one in view.shown["blocks"] if one["type"] == "input"]
    return {one["block_id"]: _standing(one["element"]) for one in inputs} | {HELD: view}


def _standing(element: Json) -> str:
    chosen = element.get("initial_option") or {}
    return str(element.get("initial_value") or chosen.get("value") or "")


def _shown(message: Message) -> Shown:
    labels = (*message.buttons, *message.choices)
    return Shown(message.ref, message.said, labels, len(message.pictures))


def known(who: str) -> str:
    """Return a person as the settings name them."""
    return f"slack:{TEAM}:U0{who.upper()}"


@asynccontextmanager
async def open_team(
    folder: Path, toml: str, environ: Mapping[str, str]
) -> AsyncIterator[SlackTeam]:
    """Open a workspace with the service in it."""
    team = SlackTeam(folder, toml, environ)
    await team.start()
    try:
        yield team
    finally:
        await team.stop()
