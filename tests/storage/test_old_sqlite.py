"""What DBOS asks of SQLite is answered by every version of it, on every engine of ours."""

import time
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import storage.jobs  # noqa: F401  it teaches

ASKED = text("SELECT unixepoch('subsec') * 1000")


def is_now(value: object) -> bool:
    return isinstance(value, int | float) and abs(value / 1000 - time.time()) < 60


def test_a_plain_engine_knows_milliseconds(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=NullPool)
    with engine.connect() as connection:
        assert is_now(connection.execute(ASKED).scalar())
    engine.dispose()


async def test_an_asynchronous_engine_knows_them_too(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", poolclass=NullPool)
    async with engine.connect() as connection:
        assert is_now((await connection.execute(ASKED)).scalar())
    await engine.dispose()


def test_a_column_may_default_to_them(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=NullPool)
    with engine.begin() as connection:
        default = "at INTEGER NOT NULL DEFAULT (unixepoch('subsec') * 1000)"
        connection.execute(text(f"CREATE TABLE t (id INTEGER, {default})"))
        connection.execute(text("INSERT INTO t (id) VALUES (1)"))
        assert is_now(connection.execute(text("SELECT at FROM t")).scalar())
    engine.dispose()
