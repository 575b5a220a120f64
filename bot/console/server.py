"""The console on a port of loopback: put together, served, and stopped in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from bot.app import App
from bot.chat.connecting import connected
from bot.console.api import api_routes
from bot.console.artworks import artwork_routes
from bot.console.assets import asset_routes, read_assets
from bot.console.blinding import blind_routes
from bot.console.calibration import calibration_routes
from bot.console.comparing import compare_routes
from bot.console.completing import completion_routes
from bot.console.desk import Desk
from bot.console.digest import digest_routes
from bot.console.drawing import Drawing
from bot.console.events import event_routes
from bot.console.exporting import export_routes
from bot.console.gallery import gallery_routes
from bot.console.guard import Guard
from bot.console.houses import house_routes
from bot.console.manual import manual_routes
from bot.console.models import model_routes
from bot.console.pages import page_routes
from bot.console.previews import preview_routes
from bot.console.public import public_routes
from bot.console.refusals import add_refusals
from bot.console.reviewing import review_routes
from bot.console.surface import ConsoleSurface
from bot.console.templating import template_routes
from bot.console.veil import Veil
from bot.opening import delivering
from domain.errors import ServiceError

GRACE_S: Final = 5
"""How long answers under way may go on after the service was asked to stop."""
LOOPBACK: Final = {"localhost": "127.0.0.1"}


def create_console(app: App, surface: ConsoleSurface, *, token: str) -> FastAPI:
    """Put the console together on a started service."""
    console = FastAPI(
        title="AI Handler",
        description="Lines in, runs out: the same words as on the command line and in chat.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    desk = Desk(app, surface)
    drawing = Drawing(desk)
    for routes in (
        api_routes(desk),
        artwork_routes(desk),
        preview_routes(desk),
        completion_routes(desk),
        export_routes(desk),
        event_routes(desk, drawing),
    ):
        console.include_router(routes)
    for pages in (page_routes, gallery_routes, review_routes, model_routes, compare_routes):
        console.include_router(pages(desk, drawing))
    console.include_router(digest_routes(desk, drawing))
    console.include_router(blind_routes(desk, drawing))
    console.include_router(template_routes(desk, drawing))
    console.include_router(calibration_routes(desk, drawing))
    console.include_router(house_routes(desk, drawing))
    console.include_router(manual_routes(console, drawing))
    console.include_router(asset_routes(read_assets()))
    add_refusals(console, drawing)
    console.include_router(public_routes(app))
    console.add_middleware(Veil, judging=app.judging)
    console.add_middleware(Guard, token=token, public_url=app.settings.public_url)
    return console


async def serve(
    app: App, *, host: str, port: int, token: str, ready: Callable[[str], None]
) -> None:
    """Serve the console, and send what the outbox plans for it, until cancelled.

    Args:
        app: The started service.
        host: A name of loopback.
        port: 0 takes any free one.
        token: What the lock file tells callers; a caller that shows another is refused.
        ready: Called with the console's address when it takes requests.

    Raises:
        ServiceError: The port cannot be had.
    """
    listening = _bound(host, port)
    surface = ConsoleSurface()
    try:
        console = await asyncio.to_thread(create_console, app, surface, token=token)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(connected(app, _url(listening)))
            surfaces = {surface.name: surface, **app.chats.surfaces}
            await stack.enter_async_context(delivering(app, surfaces))
            running = await stack.enter_async_context(_serving(console, listening, surface))
            ready(_url(listening))
            await asyncio.shield(running)
    finally:
        listening.close()


class _Server(uvicorn.Server):
    """A server whose signals belong to the command line, and that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


@asynccontextmanager
async def _serving(
    console: FastAPI, listening: socket.socket, surface: ConsoleSurface
) -> AsyncIterator[asyncio.Task[None]]:
    """Answer requests while the block runs; at its end let what is under way end."""
    server = _Server(_configured(console))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(server.serve(sockets=[listening]), name="console")
        try:
            await server.up.wait()
            yield running
        finally:
            surface.close()  # streams end, else they would hold the shutdown
            server.should_exit = True
            await running


def _configured(console: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        console,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )


def _bound(host: str, port: int) -> socket.socket:
    address = LOOPBACK.get(host, host)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise ServiceError(
            f"cannot serve the console on {address}, port {port}: {error.strerror}",
            hint="Stop what uses the port, or set AI_HANDLER_CONSOLE_PORT to another.",
        ) from error
    listening.settimeout(0.0)
    return listening


def _url(listening: socket.socket) -> str:
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
