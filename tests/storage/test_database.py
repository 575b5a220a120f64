"""The one door to the file: writers in order, and no connection left open at the end."""

import asyncio
import gc
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import database as rooms
from storage.database import Database


async def _hold(database: Database, entered: asyncio.Event, leave: asyncio.Event) -> None:
    async with database.read() as connection:
        await connection.execute(text("SELECT 1"))
        entered.set()
        await leave.wait()


async def test_closing_waits_for_who_still_reads(tmp_path: Path) -> None:
    database = Database(tmp_path / "handler.db")
    entered, leave = asyncio.Event(), asyncio.Event()
    reader = asyncio.create_task(_hold(database, entered, leave))
    await entered.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    leave.set()
    await closing
    await reader
    gc.collect()


async def test_closing_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "CLOSE_S", 0.05)
    database = Database(tmp_path / "handler.db")
    async with database.read() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await database.close()
    assert raw is not None
    await raw.close()


async def test_writers_take_turns_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    database = Database(tmp_path / "handler.db")
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE line (who INTEGER)"))

    async def write(who: int) -> None:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO line VALUES (:who)"), {"who": who})

    await asyncio.gather(*(write(who) for who in range(40)))
    async with database.read() as connection:
        rows = await connection.execute(text("SELECT who FROM line ORDER BY rowid"))
        assert list(rows.scalars()) == list(range(40))
    await database.close()
