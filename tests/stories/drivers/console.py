"""The console: its pages are read, and what they do is said over HTTP with the page's own lines."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from bot.app import App
from bot.chat.forms import edit_form, reject_form
from bot.chat.reactions import line_of, plain_emoji
from bot.opening import open_app
from config.settings import load, reject_reasons
from domain.card import Button
from tests.bot.console.serving import served
from tests.stories.drivers.pages import messages_of
from tests.stories.drivers.protocol import Shown, Told
from tests.stories.drivers.waiting import until_settled

HELD: Final = "what the page keeps between two clicks"


class ConsoleTeam:
    """A served console; people are the names that they type."""

    surface = "console"

    def __init__(self, folder: Path, toml: str, environ: Mapping[str, str]) -> None:
        self._environ = {**environ, "AI_HANDLER_DATA_DIR": str(folder)}
        self._toml = toml
        self._open = AsyncExitStack()
        self.app: App
        self.http: httpx.AsyncClient

    async def start(self) -> None:
        """Open the service and its page."""
        settings = await asyncio.to_thread(load, self._toml, self._environ)
        self.app = await self._open.enter_async_context(open_app(settings))
        await self.app.pixels.warm()  # its processes are started before anything is asked of them
        url = await self._open.enter_async_context(served(self.app))
        client = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False)
        self.http = await self._open.enter_async_context(client)

    async def stop(self) -> None:
        """Close both, in order."""
        await self._open.aclose()

    async def restart(self) -> None:
        """Stop the service and start it again on the same data."""
        await self.stop()
        self._open = AsyncExitStack()
        await self.start()

    async def room(self, name: str) -> "ConsoleRoom":  # noqa: ARG002  the console has one room
        """Return a view of the room in which nothing has happened."""
        return ConsoleRoom(self)


class ConsoleRoom:
    """What one thread of the console shows."""

    surface = "console"

    def __init__(self, team: ConsoleTeam) -> None:
        self._team = team
        self._roots: list[str] = []
        self._told: dict[int, tuple[Button, ...]] = {}

    @property
    def app(self) -> App:
        """The running service."""
        return self._team.app

    async def imagine(
        self, who: str, text: str, *, files: Mapping[str, bytes] | None = None
    ) -> Told:
        """Type into the composer."""
        line = f"{text} --init {next(iter(files))}" if files else text
        body = {"text": line, "as": who, "files": _encoded(files)}
        answer = await self._team.http.post("/api/imagine", json=body)
        run = answer.json().get("run")
        if answer.status_code == 202 and run:
            self._roots.append(run["id"])
        return _told(answer)

    async def reply(self, who: str, text: str, *, files: Mapping[str, bytes] | None = None) -> Told:
        """Type below the thread."""
        line = f"{text} --init {next(iter(files))}" if files else text
        return await self._say(who, self._roots[-1], line, files=_encoded(files), in_thread=True)

    async def hand_in(self, who: str, files: Mapping[str, bytes], text: str = "") -> Told:
        """Drop pictures on the newest card: its page says this line."""
        run = (await self.app.search.thread(self._roots[-1]))[-1].id
        line = f"{text or 'attach'} {', '.join(files)}".strip()
        return await self._say(who, run, line, files=_encoded(files))

    async def mention(self, who: str, text: str) -> Told:
        """Type below the thread: every line there is addressed."""
        return await self.reply(who, text)

    async def press(self, who: str, message: Shown, label: str, *, yes: bool = True) -> Told:
        """Press a button of a card."""
        button = await self._button(message, label)
        if button.form:
            return await self._form(button)
        return await self._say(
            who, message.ref, button.line, confirmed=bool(button.confirm) and yes
        )

    async def press_told(self, who: str, told: Told, label: str) -> Told:  # noqa: ARG002
        """Do what was asked for in words: the console asks with a sentence."""
        return await self.reply(who, label.lower())

    async def fill(self, who: str, told: Told, values: Mapping[str, str]) -> Told:
        """Send a form of segments."""
        same = dict(told.values or {})
        run = same.pop(HELD)
        body = {"segments": same | dict(values), "as": who}
        return _told(await self._team.http.post(f"/api/runs/{run}/edit", json=body))

    async def react(self, who: str, message: Shown, emoji: str) -> Told:
        """Press what stands for the reaction: the same line."""
        return await self._reacted(who, message, emoji, added=True)

    async def unreact(self, who: str, message: Shown, emoji: str) -> Told:
        """Take it back."""
        return await self._reacted(who, message, emoji, added=False)

    async def add_approver(self, who: str, whom: str) -> Told:
        """Only chat changes who may approve."""
        return await self.reply(who, f"approvers add console:local:{whom}")

    async def settled(self) -> None:
        """Wait until all has ended and was told."""
        await until_settled(self.app, "console")

    async def cards(self) -> Sequence[Shown]:
        """Read the first cards of this room's threads."""
        return [(await self._page(root))[0] for root in self._roots]

    async def thread(self) -> Sequence[Shown]:
        """Read what follows the newest first card."""
        return (await self._page(self._roots[-1]))[1:]

    async def _page(self, root: str) -> list[Shown]:
        answer = await self._team.http.get(f"/runs/{root}")
        found = messages_of(answer.text)
        first = next(one for one in found if one.ref == root)
        return [first, *(one for one in found if one is not first)]

    async def _button(self, message: Shown, label: str) -> Button:
        assert label in message.buttons, (label, message.buttons)
        run = await self.app.log.run(message.ref)
        cards = (await self.app.cards.first(run), await self.app.cards.card(run))
        buttons = [one for card in cards for one in card.buttons]
        return next(one for one in buttons if one.label == label)

    async def _form(self, button: Button) -> Told:
        run = await self.app.log.run(button.line.rpartition(" ")[2])
        form = edit_form(run) if button.form == "edit" else reject_form(run, 1, reject_reasons())
        values = {entry.id: entry.value for entry in form.entries} | {HELD: run.id}
        return Told(form=form.id, values=values)

    async def _reacted(self, who: str, message: Shown, emoji: str, *, added: bool) -> Told:
        run = await self.app.log.run(message.ref)
        mine = [made.index for made in run.artworks if who in made.picked_by]
        number = 1 if run.spec.count == 1 else None
        line = line_of(plain_emoji(emoji), added=added, number=number, picked=mine)
        return await self._say(who, message.ref, line) if line else Told()

    async def _say(self, who: str, run: str, line: str, **more: Any) -> Told:
        body = {"text": line, "as": who} | more
        return _told(await self._team.http.post(f"/api/runs/{run}/say", json=body))


def _encoded(files: Mapping[str, bytes] | None) -> dict[str, str]:
    return {name: base64.b64encode(data).decode() for name, data in (files or {}).items()}


def _told(answer: httpx.Response) -> Told:
    body = answer.json()
    if "error" in body and answer.is_error:
        error = body["error"]
        return Told(text=f"{error['message']} {error['hint']}")
    return Told(text=body.get("text", ""))


@asynccontextmanager
async def open_team(
    folder: Path, toml: str, environ: Mapping[str, str]
) -> AsyncIterator[ConsoleTeam]:
    """Open the console of a team."""
    team = ConsoleTeam(folder, toml, environ)
    await team.start()
    try:
        yield team
    finally:
        await team.stop()
