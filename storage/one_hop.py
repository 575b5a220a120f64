"""A connection of aiosqlite on which a statement is one visit to its thread, not four.

aiosqlite makes the cursor, executes, fetches and closes in a call each; between two of them the
event loop takes its turn, and under load that is most of the time of a statement. What we ask for
is always fetched whole, so all four go together.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite


class OneHopCursor:
    """What SQLAlchemy asks of an asynchronous cursor: execute, then what came of it."""

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        """Execute one statement and fetch all that it gives."""
        await self._connection.visit(self._done, "execute", sql, parameters or ())
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        """Execute one statement for each set of parameters."""
        await self._connection.visit(self._done, "executemany", sql, parameters)
        return self

    def _done(self, connection: sqlite3.Connection, how: str, sql: str, given: Any) -> None:
        cursor = connection.cursor()
        try:
            getattr(cursor, how)(sql, given)
            self.description = cursor.description
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Forget the rows; the cursor itself was closed when they were fetched."""
        self._rows = []

    async def __aenter__(self) -> Self:
        """Return itself: there is nothing to open."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget the rows."""
        await self.close()


class OneHopConnection(aiosqlite.Connection):
    """aiosqlite's connection with cursors of our own."""

    async def visit(self, work: Any, *given: Any) -> None:
        """Do *work* on the connection, in its thread."""
        await self._execute(work, self._conn, *given)  # type: ignore[no-untyped-call]

    def cursor(self) -> OneHopCursor:  # type: ignore[override]  # SQLAlchemy asks for no more
        """Return a cursor; nothing is opened yet."""
        return OneHopCursor(self)


async def connect(path: Path) -> OneHopConnection:
    """Open a connection to a database file."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(path, check_same_thread=False)

    connection = OneHopConnection(opened, iter_chunk_size=64)
    # As SQLAlchemy does with a connection that it opens itself: its thread is no reason to stay.
    connection._thread.daemon = True  # noqa: SLF001
    await connection
    return connection
