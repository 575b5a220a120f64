"""A vendor on 127.0.0.1: counts what it is asked, fails as told, waits where held.

In a test: ``async with running(ReplicateVendor()) as vendor:`` (a thread and loop of its own, so
that a test that blocks its loop cannot stop the vendor). As a program:
``python -m tests.vendors.replicate --port 0``, which prints its addresses as one line of JSON.
"""

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

START_S = 20.0
PART_BYTES = 20
MUCH_BYTES = 256 * 1024


@dataclass(slots=True)
class Failure:
    """How the next calls of one kind go wrong."""

    on: str
    mode: str
    times: int = 1
    status: int = 0
    """Instead of the mode's own status; 0 leaves it."""
    delay_s: float = 3.0
    """How long ``timeout`` and ``slow_drip`` take."""
    registered: bool | None = None
    """Whether a create call that fails is carried out (and billed) all the same."""
    retry_after: str = ""
    """The ``Retry-After`` header of a 429; empty sends none."""


class Script:
    """The failures that are still to come."""

    def __init__(self) -> None:
        self._failures: list[Failure] = []

    def add(self, failure: Failure) -> None:
        """Let it go wrong that way, so many times."""
        self._failures.append(failure)

    def next(self, on: str) -> Failure | None:
        """Return how this call goes wrong; None if it goes well."""
        for failure in self._failures:
            if failure.on == on and failure.times > 0:
                failure.times -= 1
                return failure
        return None

    @property
    def left(self) -> int:
        """How many calls will still go wrong."""
        return sum(failure.times for failure in self._failures)


class Gates:
    """Points where calls wait until they are let go."""

    def __init__(self) -> None:
        self._shut: dict[str, asyncio.Event] = {}
        self.waiting: Counter[str] = Counter()

    def shut(self, point: str) -> None:
        """Let every call that comes to *point* wait there."""
        self._shut.setdefault(point, asyncio.Event())

    def open(self, point: str | None = None) -> None:
        """Let go of those that wait at *point*, or everywhere."""
        for name in [point] if point else list(self._shut):
            event = self._shut.pop(name, None)
            if event:
                event.set()

    def is_shut(self, point: str) -> bool:
        """Whether calls wait there."""
        return point in self._shut

    async def passed(self, point: str) -> None:
        """Wait until *point* is open."""
        event = self._shut.get(point)
        if event:
            self.waiting[point] += 1
            await event.wait()
            self.waiting[point] -= 1


class Broken(Response):
    """An answer whose transport fails: ``cut``, ``slow_drip`` or ``endless``."""

    def __init__(self, mode: str, whole: Response, delay_s: float, stop: asyncio.Event) -> None:
        super().__init__(whole.body, whole.status_code, media_type=whole.media_type)
        self._mode = mode
        self._delay_s = delay_s
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        if self._mode != "endless":
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        body = bytes(self.body)
        if self._mode == "cut":
            await self._part(send, body[:PART_BYTES])
        else:
            await self._drip(scope, send, body)
        scope["transport"].close()
        await asyncio.sleep(0.02)  # uvicorn hears of it, and does not complain

    async def _part(self, send: Send, data: bytes) -> None:
        await send({"type": "http.response.body", "body": data, "more_body": True})

    async def _drip(self, scope: Scope, send: Send, body: bytes) -> None:
        until = time.monotonic() + self._delay_s
        endless = self._mode == "endless"
        for at in itertools.count() if endless else range(len(body) - 1):
            if time.monotonic() > until or self._stop.is_set() or scope["transport"].is_closing():
                return
            await self._part(send, body[:1] * MUCH_BYTES if endless else body[at : at + 1])
            await asyncio.sleep(0.0 if endless else 0.05)


Handler = Callable[[Request], Awaitable[Response]]


class Vendor:
    """What all loopback vendors share: script, gates, counters and the admin paths."""

    name: ClassVar[str]
    modes: ClassVar[dict[str, frozenset[str]]]
    """By kind of call, the ways in which it can go wrong."""
    points: ClassVar[frozenset[str]]
    """Where calls can be held."""
    sockets: ClassVar[type[asyncio.Protocol] | None] = None
    """What speaks with those who ask for a websocket."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.home = ""
        """Where it listens."""
        self.stop = asyncio.Event()
        self.gates = Gates()
        self.fresh()

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        self.url = self.home
        """Where it says that it is; a test may let it lie."""
        self.gates.open()
        self.gates = Gates()
        self.script = Script()
        self.calls: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """Return the vendor's own paths."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        raise NotImplementedError

    @property
    def admin(self) -> "Admin":
        """The admin paths, over the wire."""
        return Admin(self.home)

    async def pause(self, delay_s: float) -> None:
        """Wait, but not beyond the server's end."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), delay_s)

    def app(self) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """Return the ASGI application, admin paths included."""
        admin = [
            Route("/__admin/state", self._on_state),
            Route("/__admin/fail", self._on_fail, methods=["POST"]),
            Route("/__admin/hold", self._on_hold, methods=["POST"]),
            Route("/__admin/release", self._on_release, methods=["POST"]),
            Route("/__admin/set", self._on_set, methods=["POST"]),
            Route("/__admin/reset", self._on_reset, methods=["POST"]),
        ]
        inner = Starlette(routes=[*admin, *self.routes()])

        async def outer(scope: Scope, receive: Receive, send: Send) -> None:
            cycle = getattr(send, "__self__", None)  # uvicorn's, which knows the transport
            scope["transport"] = getattr(cycle, "transport", None)
            await inner(scope, receive, send)

        return outer

    async def _on_state(self, _request: Request) -> Response:
        common = {
            "calls": dict(self.calls),
            "held": +self.gates.waiting,
            "failures_left": self.script.left,
        }
        return JSONResponse(self.state() | common)

    async def _on_fail(self, request: Request) -> Response:
        failure = Failure(**await request.json())
        if failure.mode not in self.modes.get(failure.on, frozenset()):
            return JSONResponse({"error": f"no such failure: {asdict(failure)}"}, 400)
        self.script.add(failure)
        return JSONResponse({})

    async def _on_hold(self, request: Request) -> Response:
        point = (await request.json())["point"]
        if point not in self.points:
            return JSONResponse({"error": f"no such point: {point}"}, 400)
        self.gates.shut(point)
        return JSONResponse({})

    async def _on_release(self, request: Request) -> Response:
        self.gates.open((await request.json()).get("point"))
        return JSONResponse({})

    async def _on_reset(self, _request: Request) -> Response:
        self.fresh()
        return JSONResponse({})

    async def _on_set(self, request: Request) -> Response:
        for name, value in (await request.json()).items():
            if name not in vars(self) or name.startswith("_"):
                return JSONResponse({"error": f"nothing to set: {name}"}, 400)
            setattr(self, name, value)
        return JSONResponse({})


class Admin:
    """The admin paths of a vendor, from wherever it runs."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://").partition("/")[0]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self._host, timeout=10)
        try:
            connection.request(method, f"/__admin/{path}", json.dumps(body or {}))
            answer = connection.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise ValueError(told)
        return told

    def state(self) -> dict[str, Any]:
        """Return what the vendor was asked so far."""
        return self._ask("GET", "state")

    def fail(self, on: str, mode: str, **more: Any) -> None:
        """Let the next calls of kind *on* go wrong (the fields of ``Failure``)."""
        self._ask("POST", "fail", {"on": on, "mode": mode, **more})

    def hold(self, point: str) -> None:
        """Let calls wait at *point*."""
        self._ask("POST", "hold", {"point": point})

    def release(self, point: str | None = None) -> None:
        """Let those go on that wait at *point*, or everywhere."""
        self._ask("POST", "release", {"point": point})

    def set(self, **values: Any) -> None:
        """Change one of the vendor's own settings."""
        self._ask("POST", "set", values)

    def reset(self) -> None:
        """Let the vendor forget everything."""
        self._ask("POST", "reset")

    async def until_held(self, point: str, count: int = 1) -> None:
        """Wait until so many calls wait at *point*."""
        async with asyncio.timeout(START_S):
            while self.state()["held"].get(point, 0) < count:  # noqa: ASYNC110 -- over the wire
                await asyncio.sleep(0.02)


class _Server(uvicorn.Server):
    """A server that wakes whoever waits in it before it ends."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        config = uvicorn.Config(
            vendor.app(),
            http="h11",
            ws=vendor.sockets or "none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._vendor.stop.set()
        self._vendor.gates.open()
        await super().shutdown(sockets)


V = TypeVar("V", bound=Vendor)


def _listener(vendor: Vendor, port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port))
    vendor.home = vendor.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return listener


@contextlib.contextmanager
def running_thread(vendor: V, port: int = 0) -> Iterator[V]:
    """Serve *vendor* from a thread with a loop of its own, until the block is left."""
    listener = _listener(vendor, port)
    server = _Server(vendor)
    thread = threading.Thread(target=server.run, args=([listener],), name=vendor.name)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        yield vendor
    finally:
        server.should_exit = True
        thread.join(START_S)
        listener.close()


@contextlib.asynccontextmanager
async def running(vendor: V, port: int = 0) -> AsyncIterator[V]:
    """Serve *vendor* until the block is left; for tests that have a loop."""
    with running_thread(vendor, port) as served:
        yield served


def serve(make: Callable[[str], Vendor], key: str) -> None:
    """Serve as a program: print the addresses as one line of JSON, then stay until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=key)
    options = parser.parse_args()
    vendor = make(options.key)
    listener = _listener(vendor, options.port)
    told = {"url": vendor.url, "key": vendor.key, "environment": vendor.environment()}
    sys.stdout.write(json.dumps(told) + "\n")  # connections wait from here on, none is refused
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        _Server(vendor).run([listener])
