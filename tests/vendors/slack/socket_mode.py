"""How payloads reach the app: Socket Mode with acknowledgements, or signed HTTP requests."""

import asyncio
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.vendors.slack.world import APP, BOT_USER, TEAM, Json

if TYPE_CHECKING:
    from tests.vendors.slack.server import SlackEmulator

Kind = Literal["slash_commands", "interactive", "events_api"]
MOST_SOCKETS: Final = 10


@dataclass(frozen=True, slots=True)
class Ack:
    """How the app answered one envelope."""

    ok: bool
    body: Json | None = None
    error: str = ""
    """``dispatch_failed``: nobody took it. ``operation_timeout``: not acknowledged in time."""


@dataclass(slots=True)
class _Waiting:
    socket: web.WebSocketResponse
    answer: asyncio.Future[Json | None]


class SocketMode:
    """The websockets of an app."""

    def __init__(self, emu: "SlackEmulator") -> None:
        self._emu = emu
        self._tickets: set[str] = set()
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._turn = 0
        self.opened = 0
        """How many connections there ever were."""
        self.acked: list[str] = []
        """The ids of all envelopes that were acknowledged."""

    @property
    def connected(self) -> int:
        """How many connections there are."""
        return len(self._requests)

    def ticket(self) -> str:
        """Return an address that is good for one connection."""
        name = secrets.token_hex(8)
        self._tickets.add(name)
        return f"{self._emu.url.replace('http:', 'ws:')}/socket/{name}"

    def spend(self, request: web.Request) -> None:
        """An address is good once, also where the connection is not made."""
        self._tickets.discard(request.match_info["ticket"])

    async def on_socket(self, request: web.Request) -> web.StreamResponse:
        """Hold a connection: hello, then envelopes go out and acknowledgements come in."""
        name = request.match_info["ticket"]
        if name not in self._tickets:
            return web.Response(status=408)
        self._tickets.discard(name)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._requests[socket] = request
        self.opened += 1
        await socket.send_json(self._hello())
        self._emu.changed()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            self._gone(socket)
        return socket

    def _hello(self) -> Json:
        told = {"type": "hello", "num_connections": self.connected}
        return told | {
            "debug_info": {"host": "applink-loopback", "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }

    def _gone(self, socket: web.WebSocketResponse) -> None:
        self._requests.pop(socket, None)
        for waiting in self._waiting.values():
            if waiting.socket is socket and not waiting.answer.done():
                waiting.answer.set_exception(ConnectionResetError())
        self._emu.changed()

    def _acknowledged(self, told: Json) -> None:
        name = told.get("envelope_id", "")
        waiting = self._waiting.get(name)
        if name in self.acked:
            self._emu.complain(f"envelope {name} was acknowledged twice")
        self.acked.append(name)
        if waiting and not waiting.answer.done():
            waiting.answer.set_result(told.get("payload"))
        self._emu.changed()

    async def send(self, kind: Kind, payload: Json, retry: int, reason: str) -> Json | None:
        """Send an envelope to one of the connections and return the payload of its answer.

        Raises:
            ConnectionError: There is no connection, or it ended before the answer.
        """
        sockets = list(self._requests)
        if not sockets:
            raise ConnectionResetError
        self._turn += 1
        socket = sockets[self._turn % len(sockets)]
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        waiting = _Waiting(socket, asyncio.get_running_loop().create_future())
        self._waiting[envelope["envelope_id"]] = waiting
        await socket.send_json(envelope)
        return await waiting.answer

    async def refresh(self) -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        told = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": ""}}
        for socket in list(self._requests):
            await socket.send_json(told)

    def cut(self) -> None:
        """Let every connection break off."""
        for request in self._requests.values():
            if request.transport:
                request.transport.abort()

    async def close(self) -> None:
        """End."""
        for socket in list(self._requests):
            await socket.close()


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """Where payloads are posted to in HTTP mode."""

    url: str
    signing_secret: str


def signed(
    body: str, secret: str, at_s: float, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the headers of a request that Slack signed at that time."""
    stamp = str(int(at_s))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
    return headers | dict(more or {})


def written(kind: Kind, payload: Json) -> tuple[str, str]:
    """Return body and content type of a payload in HTTP mode."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


class Delivery:
    """Offers payloads to the app, and events again if they were not acknowledged."""

    def __init__(self, emu: "SlackEmulator") -> None:
        self._emu = emu
        self.http: HttpTarget | None = None
        self._session: aiohttp.ClientSession | None = None
        self._late: set[asyncio.Future[Json | None]] = set()

    async def offer(self, kind: Kind, payload: Json, retry: int = 0, reason: str = "") -> Ack:
        """Hand a payload to the app; what is not acknowledged in time is complained of."""
        sending = asyncio.ensure_future(self._send(kind, payload, retry, reason))
        late = asyncio.ensure_future(self._emu.clock.sleep(self._emu.times.ack_s))
        await asyncio.wait({sending, late}, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        if sending.done():
            return _ack(sending)
        self._late.add(sending)
        sending.add_done_callback(_forget)
        what = payload.get("type") or payload.get("command")
        inner = payload.get("event", {}).get("type", "")
        self._emu.complain(f"{kind} {what} {inner} was not acknowledged within 3 s")
        return Ack(ok=False, error="operation_timeout")

    async def _send(self, kind: Kind, payload: Json, retry: int, reason: str) -> Json | None:
        if self.http is None:
            return await self._emu.socket.send(kind, payload, retry, reason)
        more = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason} if retry else {}
        body, content_type = written(kind, payload)
        answer = await self.post(body, content_type, more=more)
        async with answer:
            if answer.status != 200:
                raise ConnectionResetError(answer.status)
            text = await answer.text()
        if answer.content_type == "application/json" and text:
            told: Json = json.loads(text)
            return told
        return {"text": text} if text else None

    async def post(
        self,
        body: str,
        content_type: str,
        *,
        more: Mapping[str, str] | None = None,
        secret: str | None = None,
        at_s: float | None = None,
    ) -> aiohttp.ClientResponse:
        """Post a signed body to the app; another secret or time makes the signature wrong."""
        if self.http is None:
            raise ValueError("no address: set emu.delivery.http")
        self._session = self._session or aiohttp.ClientSession()
        time_s = self._emu.clock.now_s() if at_s is None else at_s
        headers = signed(body, secret or self.http.signing_secret, time_s, more)
        headers["Content-Type"] = content_type
        return await self._session.post(self.http.url, data=body, headers=headers)

    async def event(self, event: Json) -> Ack:
        """Tell the app of an event, wait for the answer; again later if there is none."""
        payload = self._event_payload(event)
        ack = await self.offer("events_api", payload)
        if not ack.ok:
            self._emu.start(self._again(payload), "redelivery")
        return ack

    async def _again(self, payload: Json) -> None:
        for retry, delay_s in enumerate(self._emu.times.redeliver_s, 1):
            await self._emu.clock.sleep(delay_s)
            if (await self.offer("events_api", payload, retry, "timeout")).ok:
                return

    def _event_payload(self, event: Json) -> Json:
        told = {"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        return {
            "token": "unused",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "api_app_id": APP,
            "type": "event_callback",
            "event_id": self._emu.world.name("Ev"),
            "event_time": int(self._emu.clock.now_s()),
            "authorizations": [told | {"enterprise_id": None, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event": event,
        }

    async def close(self) -> None:
        """End."""
        for sending in self._late:
            sending.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)
        if self._session:
            await self._session.close()


def _ack(sending: "asyncio.Future[Json | None]") -> Ack:
    error = sending.exception()
    if error is None:
        return Ack(ok=True, body=sending.result())
    if isinstance(error, ConnectionError | aiohttp.ClientError):
        return Ack(ok=False, error="dispatch_failed")
    raise error


def _forget(sending: "asyncio.Future[Json | None]") -> None:
    if not sending.cancelled():
        sending.exception()
