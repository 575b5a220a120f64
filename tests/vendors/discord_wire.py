"""Discord on 127.0.0.1 for the real discord.py: a gateway and the part of REST that a bot uses.

It speaks API version 10 with `zlib-stream`, and refuses what Discord refuses: a wrong token (401),
unknown messages and channels (10008, 10003), contents over 2000 characters and ids over 100
(50035), files over 10 MiB (40005). Every interaction must be answered within three seconds;
`check()` says which was not. Sources: docs.discord.com, Gateway, Message and Interaction pages.
"""

import asyncio
import itertools
import json
import time
import zlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

TOKEN: Final = "MTIz.loopback.of-this-test"
APP, BOT, GUILD, CHANNEL = "100", "100", "900", "901"
PEOPLE: Final = {"Ana": "201", "Ben": "202", "Olga": "203"}
ANSWER_S: Final = 3.0
MAX_FILE_BYTES: Final = 10 * 1024 * 1024
HEARTBEAT_MS: Final = 41_250
Json = dict[str, Any]


@dataclass(slots=True)
class Asked:
    """An interaction, and how it was answered."""

    token: str
    at_s: float
    answered_s: float | None = None
    kind: int = 0
    """The type of the first answer: 4 a message, 5 thinking, 6 a silent update, 9 a form."""
    data: Json = field(default_factory=dict)
    told: list[Json] = field(default_factory=list)
    """What came after it."""


class DiscordWire:
    """One server with one channel, as the wire shows it."""

    def __init__(self) -> None:
        self.api_url = self.gateway_url = ""
        self.ids = itertools.count(1000)
        self.messages: dict[str, Json] = {}
        self.threads: dict[str, str] = {}
        self.commands: list[Json] = []
        self.asked: dict[str, Asked] = {}
        self.reactions: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        self.fail: deque[tuple[str, int, dict[str, str]]] = deque()
        """What goes wrong next: (part of the path, status, headers)."""
        self.posts_of_nonce: Counter[str] = Counter()
        self.news = asyncio.Condition()
        self._sockets: list[_Socket] = []
        self.identified = 0
        self.forbidden_intents = 0
        """Those that are off in the portal."""

    # --- what people do ---

    async def slash(self, who: str, prompt: str) -> Asked:
        """Use /imagine."""
        options = [{"name": "prompt", "type": 3, "value": prompt}]
        command = next(one for one in self.commands if one["name"] == "imagine")
        data = {"id": command["id"], "name": "imagine", "type": 1, "options": options}
        return await self._interaction(who, 2, data)

    async def click(self, who: str, message: Json, label: str) -> Asked:
        """Press a button that the message has."""
        found = [one for row in message["components"] for one in row["components"]]
        button = next(one for one in found if one.get("label", "").startswith(label))
        data = {"custom_id": button["custom_id"], "component_type": 2}
        return await self._interaction(who, 3, data, message=message)

    async def react(self, who: str, message: Json, emoji: str) -> None:
        """Put a reaction under a message."""
        await self.dispatch(
            "MESSAGE_REACTION_ADD",
            {
                "user_id": PEOPLE[who],
                "channel_id": message["channel_id"],
                "message_id": message["id"],
                "guild_id": GUILD,
                "emoji": {"id": None, "name": emoji},
                "member": member(who),
                "type": 0,
                "burst": False,
            },
        )

    async def write(self, who: str, content: str, *, channel: str = CHANNEL) -> None:
        """Write a message."""
        message = self._message(channel, {"content": content}, user(who))
        self.messages[message["id"]] = message
        await self.dispatch(
            "MESSAGE_CREATE", message | {"guild_id": GUILD, "member": member(who) | {"user": None}}
        )

    async def dispatch(self, name: str, data: Json) -> None:
        """Tell the bot of something."""
        for socket in self._sockets:
            await socket.dispatch(name, data)

    async def until(self, holds: Callable[[], bool], limit_s: float = 30.0) -> None:
        """Wait until what was sent makes *holds* true."""
        async with asyncio.timeout(limit_s), self.news:
            await self.news.wait_for(holds)

    def check(self) -> None:
        """Fail if an interaction was not answered in time."""
        late = [
            one
            for one in self.asked.values()
            if one.answered_s is None or one.answered_s > ANSWER_S
        ]
        assert not late, f"{len(late)} interactions were not answered within {ANSWER_S:g} s"

    async def _interaction(
        self, who: str, kind: int, data: Json, message: Json | None = None
    ) -> Asked:
        name = str(next(self.ids))
        asked = Asked(f"token-{name}", time.monotonic())
        self.asked[name] = asked
        channel = message["channel_id"] if message else CHANNEL
        payload: Json = {
            "id": name,
            "application_id": APP,
            "type": kind,
            "data": data,
            "guild_id": GUILD,
            "channel_id": channel,
            "channel": channel_of(channel),
            "member": member(who) | {"permissions": "2147483647"},
            "token": asked.token,
            "version": 1,
            "attachment_size_limit": MAX_FILE_BYTES,
            "entitlements": [],
            "locale": "en-GB",
            "context": 0,
            "authorizing_integration_owners": {},
        }
        await self.dispatch(
            "INTERACTION_CREATE", payload | ({"message": message} if message else {})
        )
        return asked

    # --- REST ---

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of API version 10 that a bot uses."""
        return [
            web.get("/api/v10/users/@me", self._me),
            web.get("/api/v10/oauth2/applications/@me", self._application),
            web.get("/api/v10/applications/@me", self._application),
            web.get("/api/v10/gateway/bot", self._gateway),
            web.put("/api/v10/applications/{app}/commands", self._put_commands),
            web.get("/api/v10/guilds/{guild}/members/{user}", self._member),
            web.post("/api/v10/channels/{channel}/messages", self._post_message),
            web.get("/api/v10/channels/{channel}/messages/{id}", self._get_message),
            web.patch("/api/v10/channels/{channel}/messages/{id}", self._patch_message),
            web.delete("/api/v10/channels/{channel}/messages/{id}", self._delete_message),
            web.post("/api/v10/channels/{channel}/messages/{id}/threads", self._post_thread),
            web.put("/api/v10/channels/{channel}/messages/{id}/reactions/{emoji}/@me", self._react),
            web.post("/api/v10/interactions/{id}/{token}/callback", self._callback),
            web.post("/api/v10/webhooks/{app}/{token}", self._followup),
            web.patch("/api/v10/webhooks/{app}/{token}/messages/@original", self._original),
            web.delete("/api/v10/webhooks/{app}/{token}/messages/@original", self._no_original),
            web.get("/gateway/", self._socket),
        ]

    async def _me(self, _request: web.Request) -> web.Response:
        return answer(bot_user())

    async def _application(self, _request: web.Request) -> web.Response:
        return answer(
            {"id": APP, "name": "AI Handler", "description": "", "bot_public": True, "icon": None}
            | {"bot_require_code_grant": False, "flags": 1 << 18, "verify_key": "0" * 64}
            | {"owner": user("Olga"), "team": None, "rpc_origins": [], "summary": ""}
        )

    async def _gateway(self, _request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return answer({"url": self.gateway_url, "shards": 1, "session_start_limit": limit})

    async def _put_commands(self, request: web.Request) -> web.Response:
        told: list[Json] = await request.json()
        self.commands = [
            {"description": ""} | one | {"id": str(next(self.ids)), "application_id": APP}
            for one in told
        ]
        await self._changed()
        return answer(self.commands)

    async def _member(self, request: web.Request) -> web.Response:
        name = next((n for n, i in PEOPLE.items() if i == request.match_info["user"]), None)
        return answer(member(name)) if name else refused(404, 10007, "Unknown Member")

    async def _post_message(self, request: web.Request) -> web.Response:
        payload, files = await body_of(request)
        channel = request.match_info["channel"]
        if channel != CHANNEL and channel not in self.threads:
            return refused(404, 10003, "Unknown Channel")
        if wrong := faults_of(payload, files):
            return wrong
        nonce = str(payload.get("nonce") or "")
        if nonce:
            self.posts_of_nonce[nonce] += 1
            known = [m for m in self.messages.values() if m.get("nonce") == nonce]
            if known and payload.get("enforce_nonce"):
                return answer(known[0])
        message = self._message(channel, payload, bot_user(), files)
        self.messages[message["id"]] = message
        await self._changed()
        return answer(message)

    async def _get_message(self, request: web.Request) -> web.Response:
        message = self.messages.get(request.match_info["id"])
        return answer(message) if message else refused(404, 10008, "Unknown Message")

    async def _patch_message(self, request: web.Request) -> web.Response:
        message = self.messages.get(request.match_info["id"])
        payload, files = await body_of(request)
        if message is None:
            return refused(404, 10008, "Unknown Message")
        if wrong := faults_of(payload, files):
            return wrong
        self._apply(message, payload, files)
        await self._changed()
        return answer(message)

    async def _delete_message(self, request: web.Request) -> web.Response:
        if self.messages.pop(request.match_info["id"], None) is None:
            return refused(404, 10008, "Unknown Message")
        await self._changed()
        return web.Response(status=204)

    async def _post_thread(self, request: web.Request) -> web.Response:
        message = request.match_info["id"]
        if message in self.threads:
            return refused(400, 160004, "A thread has already been created for this message")
        payload = await request.json()
        self.threads[message] = payload["name"]
        made = channel_of(message) | {"type": 11, "parent_id": CHANNEL, "name": payload["name"]}
        await self._changed()
        return answer(made)

    async def _react(self, request: web.Request) -> web.Response:
        self.reactions[request.match_info["id"], request.match_info["emoji"]] += 1
        await self._changed()
        return web.Response(status=204)

    async def _callback(self, request: web.Request) -> web.Response:
        asked = self.asked[request.match_info["id"]]
        payload, _ = await body_of(request)
        if asked.answered_s is not None:
            return refused(400, 40060, "Interaction has already been acknowledged.")
        asked.answered_s = time.monotonic() - asked.at_s
        asked.kind, asked.data = payload["type"], payload.get("data") or {}
        if asked.kind == 4:
            asked.told.append(asked.data)
        await self._changed()
        if request.query.get("with_response") not in ("1", "true", "True"):
            return web.Response(status=204)
        return answer({"interaction": {"id": request.match_info["id"], "type": asked.kind}})

    async def _followup(self, request: web.Request) -> web.Response:
        asked = self._of_token(request)
        payload, files = await body_of(request)
        asked.told.append(payload)
        await self._changed()
        return answer(self._message(CHANNEL, payload, bot_user(), files))

    async def _original(self, request: web.Request) -> web.Response:
        return await self._followup(request)

    async def _no_original(self, request: web.Request) -> web.Response:
        self._of_token(request)
        return web.Response(status=204)

    def _of_token(self, request: web.Request) -> Asked:
        token = request.match_info["token"]
        return next(one for one in self.asked.values() if one.token == token)

    def _message(
        self, channel: str, payload: Json, author: Json, files: dict[str, bytes] | None = None
    ) -> Json:
        message: Json = {
            "id": str(next(self.ids)),
            "channel_id": channel,
            "author": author,
            "content": "",
            "timestamp": "2026-11-23T12:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "pinned": False,
            "type": 0,
            "attachments": [],
            "embeds": [],
            "components": [],
        }
        self._apply(message, payload, files or {})
        if payload.get("nonce"):
            message["nonce"] = payload["nonce"]
        return message

    def _apply(self, message: Json, payload: Json, files: dict[str, bytes]) -> None:
        for name in ("content", "embeds", "components"):
            if payload.get(name) is not None:
                message[name] = payload[name]
        if payload.get("embeds") is None and "embeds" in payload:
            message["embeds"] = []
        if "attachments" in payload or files:
            message["attachments"] = [
                {
                    "id": str(next(self.ids)),
                    "filename": name,
                    "size": len(data),
                    "url": f"{self.api_url}/cdn/{name}",
                    "proxy_url": f"{self.api_url}/cdn/{name}",
                    "content_type": "image/png",
                }
                for name, data in files.items()
            ]

    async def _changed(self) -> None:
        async with self.news:
            self.news.notify_all()

    # --- gateway ---

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        socket = _Socket(ws)
        await socket.send({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS}})
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                await self._on(socket, json.loads(message.data))
        if socket in self._sockets:
            self._sockets.remove(socket)
        return ws

    async def _on(self, socket: "_Socket", said: Json) -> None:
        match said["op"]:
            case 1:
                await socket.send({"op": 11, "d": None})
            case 2 if said["d"]["token"] != TOKEN:
                await socket.ws.close(code=4004)
            case 2 if said["d"]["intents"] & self.forbidden_intents:
                await socket.ws.close(code=4014)
            case 2:
                self.identified += 1
                await self._ready(socket)
            case 6:
                self._sockets.append(socket)
                await socket.dispatch("RESUMED", {})
            case _:
                return

    async def _ready(self, socket: "_Socket") -> None:
        self._sockets.append(socket)
        ready = {"v": 10, "user": bot_user(), "session_id": "s1", "shard": [0, 1]}
        ready |= {"guilds": [{"id": GUILD, "unavailable": True}]}
        ready |= {"resume_gateway_url": self.gateway_url}
        await socket.dispatch("READY", ready | {"application": {"id": APP, "flags": 1 << 18}})
        await socket.dispatch("GUILD_CREATE", guild())
        await self._changed()


class _Socket:
    """One connection of the gateway: compressed as one stream."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self.ws = ws
        self._zip = zlib.compressobj()
        self._count = 0

    async def dispatch(self, name: str, data: Json) -> None:
        self._count += 1
        await self.send({"op": 0, "t": name, "s": self._count, "d": data})

    async def send(self, said: Json) -> None:
        packed = self._zip.compress(json.dumps(said).encode())
        await self.ws.send_bytes(packed + self._zip.flush(zlib.Z_SYNC_FLUSH))


# --- payloads ---


def answer(data: Any) -> web.Response:
    # Exactly this: with a charset behind it, discord.py does not read it as JSON.
    return web.Response(
        body=json.dumps(data).encode(), headers={"Content-Type": "application/json"}
    )


def refused(status: int, code: int, message: str) -> web.Response:
    body = json.dumps({"code": code, "message": message}).encode()
    return web.Response(status=status, body=body, headers={"Content-Type": "application/json"})


def faults_of(payload: Json, files: dict[str, bytes]) -> web.Response | None:
    """Refuse what Discord refuses."""
    if any(len(data) > MAX_FILE_BYTES for data in files.values()):
        return refused(413, 40005, "Request entity too large")
    items = [one for row in payload.get("components") or [] for one in row["components"]]
    long = [one for one in items if len(one.get("custom_id", "")) > 100]
    crowded = len(payload.get("components") or []) > 5
    described = [
        one for one in payload.get("embeds") or [] if len(one.get("description") or "") > 4096
    ]
    if len(payload.get("content") or "") > 2000 or long or crowded or described:
        return refused(400, 50035, "Invalid Form Body")
    return None


async def body_of(request: web.Request) -> tuple[Json, dict[str, bytes]]:
    """Return a request's payload and files, as JSON or as form parts."""
    if not request.content_type.startswith("multipart/"):
        return (await request.json()) if request.can_read_body else {}, {}
    files: dict[str, bytes] = {}
    payload: Json = {}
    async for part in await request.multipart():
        data = bytes(await part.read(decode=False))  # type: ignore[union-attr]  # parts of a form
        if part.name == "payload_json":  # type: ignore[union-attr]
            payload = json.loads(data)
        else:
            files[part.filename or "file"] = data  # type: ignore[union-attr]
    return payload, files


def user(name: str) -> Json:
    return {
        "id": PEOPLE[name],
        "username": name.lower(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": False,
    }


def bot_user() -> Json:
    named = {"id": BOT, "username": "aihandler", "global_name": None, "discriminator": "0"}
    return named | {"avatar": None, "bot": True, "verified": True, "mfa_enabled": False}


def member(name: str) -> Json:
    roles = ["910"] if name == "Olga" else []
    joined = {"joined_at": "2026-01-01T00:00:00+00:00", "premium_since": None, "nick": None}
    return joined | {"user": user(name), "roles": roles, "deaf": False, "mute": False, "flags": 0}


def channel_of(name: str) -> Json:
    shown = {"id": name, "type": 0, "guild_id": GUILD, "name": "studio", "position": 0}
    return shown | {"permission_overwrites": [], "nsfw": False, "permissions": "2147483647"}


def guild() -> Json:
    role = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    everyone = role | {"id": GUILD, "name": "@everyone", "permissions": "2147483647", "position": 0}
    admins = role | {"id": "910", "name": "Admins", "permissions": "40", "position": 1}
    bot = {"user": bot_user(), "roles": [], "deaf": False, "mute": False, "flags": 0}
    bot |= {"joined_at": "2026-01-01T00:00:00+00:00"}
    return {
        "id": GUILD,
        "name": "Studio",
        "owner_id": PEOPLE["Olga"],
        "roles": [everyone, admins],
        "channels": [channel_of(CHANNEL)],
        "members": [bot],
        "threads": [],
        "emojis": [],
        "stickers": [],
        "features": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "member_count": 4,
        "large": False,
        "unavailable": False,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "preferred_locale": "en-GB",
        "afk_timeout": 300,
        "system_channel_flags": 0,
        "premium_progress_bar_enabled": False,
    }


def guarded(wire: DiscordWire) -> Any:
    """Count calls, check the token, and let go wrong what was told to."""

    @web.middleware
    async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path
        wire.calls[f"{request.method} {path.split('/')[3] if path.count('/') > 2 else path}"] += 1
        open_to_all = path.startswith(("/gateway", "/api/v10/interactions", "/api/v10/webhooks"))
        if not open_to_all and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return refused(401, 0, "401: Unauthorized")
        if wire.fail and wire.fail[0][0] in f"{request.method} {path}":
            _, status, headers = wire.fail.popleft()
            body = {"message": "as told", "retry_after": 0.2, "global": False, "code": 0}
            # Without Via, discord.py takes a 429 for a ban by Cloudflare.
            told = {"Content-Type": "application/json", "Via": "1.1 google", **headers}
            return web.Response(status=status, body=json.dumps(body).encode(), headers=told)
        found: web.StreamResponse = await handler(request)
        return found

    return middleware


@asynccontextmanager
async def discord_wire() -> AsyncIterator[DiscordWire]:
    """Serve Discord on a port of loopback while the block runs."""
    wire = DiscordWire()
    app = web.Application(middlewares=[guarded(wire)], client_max_size=64 * 1024 * 1024)
    app.add_routes(wire.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    wire.api_url = f"http://127.0.0.1:{port}/api/v10"
    wire.gateway_url = f"ws://127.0.0.1:{port}/gateway/"
    try:
        yield wire
    finally:
        await runner.cleanup()
