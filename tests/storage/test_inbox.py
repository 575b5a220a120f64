"""What arrives at once is stored at once, each event once per key, and addresses are forgotten."""

import asyncio

import pytest
from sqlalchemy import event as listens
from sqlalchemy import text

from domain.errors import StorageError
from domain.event import Attachment
from storage.inbox import Inbox
from tests.pipeline.given import event
from tests.storage.conftest import Memory

MANY = 200


async def test_many_at_once_are_a_few_transactions_and_none_is_lost(memory: Memory) -> None:
    inbox = Inbox(memory.database, memory.clock)
    begun: list[int] = []
    engine = memory.database.engine.sync_engine
    listens.listen(engine, "commit", lambda _: begun.append(1))
    events = [event("imagine a fox", key=f"slack:{number}") for number in range(MANY)]
    known = await asyncio.gather(*(inbox.remember(one) for one in events))
    assert all(one.outcome is None for one in known)
    assert len(begun) <= 5
    assert {one.key for one in await inbox.open_events()} == {one.key for one in events}


async def test_the_same_key_is_one_event_however_often_it_comes(memory: Memory) -> None:
    inbox = Inbox(memory.database, memory.clock)
    same = event("imagine a fox", key="slack:1")
    await asyncio.gather(*(inbox.remember(same) for _ in range(5)))
    assert len(await inbox.open_events()) == 1
    await inbox.close("slack:1", "done")
    assert (await inbox.remember(same)).outcome == "done"
    assert await inbox.open_events() == []


async def test_one_who_gives_up_waiting_takes_nobody_along(memory: Memory) -> None:
    inbox = Inbox(memory.database, memory.clock)
    first = asyncio.ensure_future(inbox.remember(event("imagine a fox", key="a")))
    second = asyncio.ensure_future(inbox.remember(event("imagine a fox", key="b")))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).outcome is None
    assert "b" in {one.key for one in await inbox.open_events()}


async def test_addresses_of_files_are_forgotten_when_the_line_is_done(memory: Memory) -> None:
    inbox = Inbox(memory.database, memory.clock)
    signed = Attachment(name="picture1", url="https://x.example/a?sig=SECRET", size_bytes=1)
    for key, outcome in (("a", "run"), ("b", "confirm")):
        one = event("imagine a fox --init picture1", key=key)
        await inbox.remember(one.model_copy(update={"attachments": (signed,)}))
        await inbox.close(key, outcome)
    asked = await inbox.event("b")
    assert asked is not None
    assert asked.attachments == (signed,), "it may be said again with a yes"
    async with memory.database.read() as connection:
        query = text("SELECT event_json FROM inbox WHERE key = 'a'")
        assert "SECRET" not in (await connection.execute(query)).scalar_one()


async def test_what_is_not_stored_is_told_to_everyone_who_waits(memory: Memory) -> None:
    inbox = Inbox(memory.database, memory.clock)
    async with memory.database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO gone"))
    told = await asyncio.gather(
        *(inbox.remember(event("imagine a fox", key=key)) for key in "abc"),
        return_exceptions=True,
    )
    assert [type(one) for one in told] == [StorageError] * 3
    with pytest.raises(StorageError):
        await inbox.remember(event("imagine a fox", key="d"))
