"""Slack on 127.0.0.1, for the real slack_bolt: Web API, Socket Mode, files, and its people.

``async with slack_emulator() as emu:`` runs in the test's own loop; when the block is left well,
``emu.check()`` fails the test if something was not acknowledged or alive markup left. What it
refuses and how is documented in ``errors.py`` and ``blocks.py``.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web

from tests.vendors.slack import admin, chat, files, markup
from tests.vendors.slack.calls import Call, Failure, check_token, read_args
from tests.vendors.slack.errors import RefusedError
from tests.vendors.slack.people import Person
from tests.vendors.slack.socket_mode import Delivery, SocketMode
from tests.vendors.slack.web_api import method_named
from tests.vendors.slack.world import (
    BOT_USER,
    EVENTS,
    SCOPES,
    TEAM,
    Channel,
    Clock,
    Json,
    Message,
    User,
    World,
)

T = TypeVar("T")
BOT_TOKEN: Final = "xoxb-loopback-0123456789"
APP_TOKEN: Final = "xapp-1-loopback-0123456789"
SIGNING_SECRET: Final = "8f742231b10e8888abcd99yyyzzz85a5"
MAX_BYTES: Final = 64 * 1024 * 1024
EVENT_SCOPES: Final = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


@dataclass(frozen=True, slots=True)
class Times:
    """How long things take at Slack, in seconds of the emulator's clock."""

    ack_s: float = 3.0
    trigger_s: float = 3.0
    ready_s: float = 0.12
    """From the end of an upload until the file may be shown."""
    redeliver_s: tuple[float, ...] = (0.0, 60.0, 300.0)


class SlackEmulator:
    """One workspace with one app in it."""

    def __init__(self, times: Times | None = None) -> None:
        self.times = times or Times()
        self.clock = Clock()
        self.world = World(self.clock)
        self.socket = SocketMode(self)
        self.delivery = Delivery(self)
        self.bot_token, self.app_token = BOT_TOKEN, APP_TOKEN
        self.signing_secret = SIGNING_SECRET
        self.scopes = set(SCOPES)
        self.subscribed = set(EVENTS)
        self.escapes_commands = True
        """``should_escape`` of the slash command: mentions come as ``<@U1|ana>``."""
        self.token_error = ""
        """``token_revoked`` or ``account_inactive`` refuses the bot's token."""
        self.refuse_picture: Callable[[str], bool] = lambda _: False
        """Says whether a picture that is ready is refused all the same, by its file's id."""
        self.post_gap_s = 0.0
        """Seconds between two posts in a channel; 0 switches the limiter off."""
        self.calls: list[Call] = []
        self.fail: list[Failure] = []
        self.complaints: list[str] = []
        self.hostile: set[str] = set()
        """Strings that no mrkdwn may hold as they are."""
        self.url = ""
        self.revision = 0
        self.stopped = asyncio.Event()
        self._posted_at_s: dict[str, float] = {}
        self._listening: set[asyncio.Event] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- what a test says and asks ---

    @property
    def api_url(self) -> str:
        """The base URL for a client."""
        return f"{self.url}/api/"

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
        }

    def person(self, name: str, **more: Any) -> Person:
        """Let someone join the workspace; the fields of ``User`` say who they are."""
        user = User(more.pop("id", None) or self.world.name("U"), name, **more)
        self.world.users[user.id] = user
        return Person(self, user)

    def channel(
        self, name: str, *people: Person, bot: bool = True, private: bool = False
    ) -> Channel:
        """Make a channel with these people in it, and the bot."""
        members = {one.id for one in people} | ({BOT_USER} if bot else set())
        kind = "group" if private else "channel"
        made = Channel(self.world.name("C"), name, kind, members)
        self.world.channels[made.id] = made
        return made

    def group(self, handle: str, *people: Person) -> str:
        """Make a user group and return its id."""
        name = self.world.name("S")
        self.world.groups[name] = (handle, [one.id for one in people])
        return name

    def messages(self, channel: Channel, thread: Message | None = None) -> list[Message]:
        """Return what stands in a channel, or the replies of a thread, the oldest first."""
        root = (thread.thread_ts or thread.ts) if thread else None
        return [one for one in channel.messages.values() if one.thread_ts == root]

    def called(self, method: str) -> list[Json]:
        """Return the arguments of all calls of a method that went well."""
        return [one.args for one in self.calls if one.method == method and not one.error]

    async def until(self, fact: Callable[[], T | None], timeout_s: float = 10.0) -> T:
        """Wait until *fact* is true, looking again whenever something happens here.

        Raises:
            AssertionError: It did not become true in time.
        """
        news = asyncio.Event()
        self._listening.add(news)
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := fact()):
                    news.clear()
                    await news.wait()
                return found
        except TimeoutError:
            last = [f"{one.method} {one.error}" for one in self.calls[-12:]]
            raise AssertionError(f"not true in {timeout_s} s; last calls: {last}") from None
        finally:
            self._listening.discard(news)

    def check(self) -> None:
        """Fail if anything was complained of."""
        if self.complaints:
            raise AssertionError("\n".join(self.complaints))

    def forgive(self) -> list[str]:
        """Return the complaints so far, and forget them."""
        complaints, self.complaints = self.complaints, []
        return complaints

    def fails(self, on: str, **how: Any) -> None:
        """Let the next call of a method go wrong (the fields of ``Failure``)."""
        self.fail.append(Failure(on, **how))

    # --- what the parts tell one another ---

    def changed(self) -> None:
        """Say that something happened."""
        self.revision += 1
        for news in self._listening:
            news.set()

    def complain(self, fault: str) -> None:
        """Note what must not happen."""
        self.complaints.append(fault)
        self.changed()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let something happen beside."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.complain(f"{task.get_name()}: {error!r}")

    def watch(self, sent: Json) -> None:
        """Complain of markup that is alive in what the app sends."""
        for fault in markup.complaints(sent, self.hostile):
            self.complain(fault)

    def told(self, message: Message, *, metadata: bool = False) -> Json:
        """Return a message as the API and events tell it."""
        known = self.world.files
        told = message.told(lambda name: files.told(self, known[name]), metadata=metadata)
        replies = [one for one in self._in(message) if one.thread_ts == message.ts]
        if replies:
            told |= {"thread_ts": message.ts, "reply_count": len(replies)}
        return told

    def _in(self, message: Message) -> list[Message]:
        return list(self.world.channels[message.channel].messages.values())

    def limit_posts(self, channel: str) -> None:
        """Refuse a post that comes too soon after the last one in its channel."""
        now_s = self.clock.now_s()
        wait_s = self._posted_at_s.get(channel, 0.0) + self.post_gap_s - now_s
        if self.post_gap_s and wait_s > 0:
            after = {"Retry-After": str(max(1, math.ceil(wait_s)))}
            raise RefusedError("ratelimited", status=429, headers=after)
        self._posted_at_s[channel] = now_s

    # --- what happens, and whom it is told ---

    def keep(self, message: Message) -> None:
        """Put a message of the bot into its channel."""
        self.world.channels[message.channel].messages[message.ts] = message
        self.changed()
        self.start(self._tell(self.message_event(message)), "own message")

    def message_event(self, message: Message, **more: Any) -> Json:
        """Return the event that tells of a message."""
        channel = self.world.channels[message.channel]
        told = {**self.told(message), "channel": channel.id, "event_ts": message.ts}
        if message.files:
            told["subtype"] = "file_share"
        return told | {"channel_type": channel.kind} | more

    def changed_message(self, message: Message, before: Json) -> None:
        """Tell that a message was edited."""
        event = self._hidden(message, "message_changed")
        event |= {"message": self.told(message), "previous_message": before}
        self.changed()
        self.start(self._tell(event), "changed message")

    def remove(self, message: Message) -> None:
        """Take a message away; replies keep a tombstone."""
        before = self.told(message)
        messages = self.world.channels[message.channel].messages
        if any(one.thread_ts == message.ts for one in messages.values()):
            message.tombstone, message.blocks = True, []
            message.text = "This message was deleted."
        else:
            del messages[message.ts]
        event = self._hidden(message, "message_deleted")
        event |= {"deleted_ts": message.ts, "previous_message": before}
        self.changed()
        self.start(self._tell(event), "deleted message")

    def _hidden(self, message: Message, subtype: str) -> Json:
        kind = self.world.channels[message.channel].kind
        event = {"type": "message", "subtype": subtype, "hidden": True, "ts": self.world.ts()}
        return event | {"channel": message.channel, "channel_type": kind, "event_ts": event["ts"]}

    async def put_reaction(self, message: Message, user: str, name: str) -> None:
        """Put a reaction under a message, and tell of it."""
        message.reactions.setdefault(name, []).append(user)
        await self._tell_reaction("reaction_added", message, user, name)

    async def take_reaction(self, message: Message, user: str, name: str) -> None:
        """Take a reaction away, and tell of it."""
        message.reactions[name].remove(user)
        if not message.reactions[name]:
            del message.reactions[name]
        await self._tell_reaction("reaction_removed", message, user, name)

    async def _tell_reaction(self, kind: str, message: Message, user: str, name: str) -> None:
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event: Json = {"type": kind, "user": user, "reaction": name, "item": item}
        event |= {"item_user": message.user, "event_ts": self.world.ts()}
        self.changed()
        await self.tell(event)

    async def _tell(self, event: Json) -> None:
        await self.tell(event)

    async def tell(self, event: Json) -> bool:
        """Tell the app of an event if it may hear of it; return whether it acknowledged it."""
        if not self._heard(event):
            return True
        return (await self.delivery.event(event)).ok

    def _heard(self, event: Json) -> bool:
        kind = event["type"]
        name = event.get("channel") or event.get("item", {}).get("channel")
        channel = self.world.channels.get(str(name))
        if channel and kind != "app_home_opened" and BOT_USER not in channel.members:
            return False
        if kind == "message" and channel:
            plural = {"channel": "channels", "group": "groups", "im": "im"}[channel.kind]
            subscribed = f"message.{plural}" in self.subscribed
            return subscribed and EVENT_SCOPES[channel.kind] in self.scopes
        return kind in self.subscribed

    # --- the wire ---

    def app(self) -> web.Application:
        """Return the HTTP application."""
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_route("*", "/api/{method}", self._on_call)
        app.router.add_get("/socket/{ticket}", self._on_socket)
        app.router.add_post("/upload/v1/{file}", self._on_upload)
        app.router.add_get("/files-pri/{file}/{name}", self._on_download)
        app.router.add_get("/files-pri/download/{file}/{name}", self._on_download)
        app.router.add_post("/ways/{way}", self._on_way)
        admin.add_routes(app, self)
        return app

    async def _on_call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        return await self._spoiled(request, name, lambda: self._called(request, name))

    async def _called(self, request: web.Request, name: str) -> web.StreamResponse:
        args: Json = {}
        try:
            args |= await read_args(request)
            bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
            token = str(args.pop("token", None) or bearer)
            method = method_named(name)
            check_token(self, method, token)
            body = {"ok": True, **method.run(self, args)}
        except RefusedError as no:
            return self._refuse(no, name, args)
        self.calls.append(Call(name, args, ""))
        self.changed()
        return web.json_response(body, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _refuse(self, no: RefusedError, name: str, args: Json) -> web.Response:
        self.calls.append(Call(name, args, no.error))
        self.changed()
        return web.json_response(no.body(), status=no.status, headers=no.headers)

    async def _on_socket(self, request: web.Request) -> web.StreamResponse:
        answer = await self._spoiled(request, "socket", lambda: self.socket.on_socket(request))
        self.socket.spend(request)
        return answer

    async def _on_upload(self, request: web.Request) -> web.StreamResponse:
        return await self._spoiled(request, "upload", lambda: files.on_upload(self, request))

    async def _on_download(self, request: web.Request) -> web.StreamResponse:
        return await self._spoiled(request, "download", lambda: files.on_download(self, request))

    async def _on_way(self, request: web.Request) -> web.StreamResponse:
        return await self._spoiled(request, "response_url", lambda: self._way(request))

    async def _way(self, request: web.Request) -> web.StreamResponse:
        args = await read_args(request)
        try:
            chat.answer_way(self, request.match_info["way"], args)
        except RefusedError as no:
            return self._refuse(no, "response_url", args)
        self.calls.append(Call("response_url", args, ""))
        return web.json_response({"ok": True})

    async def _spoiled(
        self,
        request: web.Request,
        name: str,
        answer: Callable[[], Coroutine[Any, Any, web.StreamResponse]],
    ) -> web.StreamResponse:
        """Answer, unless this call is to go wrong."""
        failure = self._failure(name)
        if failure is None:
            return await answer()
        if failure.mode == "lost":
            await answer()
        if failure.mode == "hang":
            await self.stopped.wait()
        self.calls.append(Call(name, {}, failure.mode))
        self.changed()
        if failure.mode == "error":
            return web.json_response(RefusedError(failure.error).body(), headers=failure.headers)
        if failure.mode == "status":
            word = "ratelimited" if failure.status == 429 else "internal_error"
            told = RefusedError(word).body()
            return web.json_response(told, status=failure.status, headers=failure.headers)
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _failure(self, name: str) -> Failure | None:
        for failure in self.fail:
            if failure.on == name and failure.times > 0:
                failure.times -= 1
                return failure
        return None

    async def close(self) -> None:
        """End everything."""
        self.stopped.set()
        await self.socket.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.delivery.close()


@contextlib.asynccontextmanager
async def slack_emulator(
    times: Times | None = None, *, port: int = 0, checked: bool = True
) -> AsyncIterator[SlackEmulator]:
    """Serve a workspace until the block is left; then fail if there was a complaint."""
    emu = SlackEmulator(times)
    runner = web.AppRunner(emu.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        emu.url = f"http://{host}:{bound}"
        yield emu
    finally:
        await emu.close()
        await runner.cleanup()
    if checked:
        emu.check()


__all__ = ["TEAM", "SlackEmulator", "Times", "slack_emulator"]
