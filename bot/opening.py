"""A service is started and stopped in order; the late doors open here."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from bot.app import App
from bot.assembly import assemble
from bot.postman import Postman
from bot.world import SystemChance, SystemClock
from config.records import Settings
from domain.ports import Chance, Clock
from domain.surface import Surface
from storage.migrate import migrate

GRACE_S = 10
"""How long what runs may go on after the service was asked to stop."""


@asynccontextmanager
async def open_app(
    settings: Settings, *, clock: Clock | None = None, chance: Chance | None = None
) -> AsyncIterator[App]:
    """Start the service on a data folder whose lock is held; stop it in order.

    Raises:
        StorageError: The database is newer, damaged or cannot be written.
    """
    path = settings.data_dir / "handler.db"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrated = await asyncio.to_thread(migrate, path)
    async with AsyncExitStack() as stack:
        app = assemble(settings, clock or SystemClock(), chance or SystemChance(), migrated)
        stack.callback(app.app.pixels.close)
        stack.callback(app.fitting.close)
        stack.callback(app.seeing.close)
        stack.push_async_callback(app.database.close)
        stack.push_async_callback(app.app.catalogue.close)
        await asyncio.to_thread(app.app.catalogue.open_all)
        stack.push_async_callback(app.writer.close)
        await asyncio.to_thread(app.writer.open)
        stack.push_async_callback(app.jobs.stop, GRACE_S)
        await app.jobs.start(app.body)
        await app.app.packing.open()
        await app.app.queue.open()
        stack.push_async_callback(app.app.packing.close)
        await app.app.handler.resume()
        app.app.lapsing.start()
        stack.push_async_callback(app.app.lapsing.stop)
        await app.app.telling.start()
        stack.push_async_callback(app.app.telling.stop)
        yield app.app


@asynccontextmanager
async def delivering(app: App, surfaces: Mapping[str, Surface]) -> AsyncIterator[None]:
    """Send what the outbox plans while the block runs."""
    async with asyncio.TaskGroup() as group:
        walks = [
            group.create_task(
                Postman(app.outbox, app.log, app.cards, app.bus, surface).walk(),
                name=f"postman of {name}",
            )
            for name, surface in surfaces.items()
        ]
        try:
            yield
        finally:
            for walk in walks:
                walk.cancel()
