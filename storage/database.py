"""One SQLite file in WAL mode, every transaction BEGIN IMMEDIATE, every failure in our words."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from domain.errors import StorageError
from storage.one_hop import connect

logger = logging.getLogger(__name__)
# FULL: the last commits of paid work survive a power cut, not only a kill.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
CLOSE_S = 5.0
CONNECTIONS = 16
"""As many are kept open; more come and go. Each has a thread."""
HINTS = {
    "database is locked": "Another program holds the database; close it and try again.",
    "readonly": "Make the data folder and handler.db writable for this user.",
    "disk is full": "Free some space on the disk of the data folder; nothing was lost.",
    "malformed": "The database file is damaged; put back a backup, or the copy beside it.",
    "not a database": "handler.db is not a database of ours; put back a backup.",
    "unable to open": "The data folder cannot be opened; check that it exists and is writable.",
}


def storage_error(error: BaseException) -> StorageError:
    """Say what a database's or a disk's refusal means, and what to do."""
    text = str(getattr(error, "orig", None) or error)
    hint = next((hint for words, hint in HINTS.items() if words in text), "")
    return StorageError(f"the database refused: {text}", hint=hint)


class Database:
    """Our engine on ``handler.db``; opens lazily, reads and writes in explicit transactions."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self.engine: AsyncEngine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(path)),
            async_creator=lambda: connect(path),
            pool_size=CONNECTIONS,
        )
        self._turn = asyncio.Lock()
        _configure(self.engine, read_only=read_only)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that holds the single writer; no call to the world inside it.

        Writers of this process queue here, in order and without a connection: SQLite's own wait
        for the writer is a sleep of up to 100 ms, and its order is chance.

        Raises:
            StorageError: The database is locked, full, read-only or damaged; nothing was written.
        """
        try:
            async with self._turn, self.engine.begin() as connection:
                yield connection
        except (DBAPIError, sqlite3.Error) as error:
            raise storage_error(error) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a consistent view that never waits for the writer.

        Raises:
            StorageError: The database cannot be read.
        """
        try:
            async with self.engine.connect() as connection:
                await connection.execution_options(readonly=True)
                yield connection
        except (DBAPIError, sqlite3.Error) as error:
            raise storage_error(error) from error

    async def close(self) -> None:
        """Give back all connections, once nobody holds one; for that, `CLOSE_S` at most.

        A connection that comes back after the pool is gone would never be closed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                while self._held():  # noqa: ASYNC110 - a pool has no event for it
                    await asyncio.sleep(0.01)
        await self.engine.dispose()

    def _held(self) -> int:
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0


def _configure(engine: AsyncEngine, *, read_only: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*PRAGMAS[2:], "query_only=ON") if read_only else PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        readonly = read_only or connection.get_execution_options().get("readonly")
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
