"""What comes at once shares a transaction or a read; nobody is skipped, no answer is too old."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.errors import StorageError
from storage.gathering import Gathering, Shared


class Book:
    """Writes down what it is given, when it is let."""

    def __init__(self) -> None:
        self.pages: list[list[int]] = []
        self.open = asyncio.Event()
        self.full = False

    async def write(self, items: Sequence[int]) -> None:
        await self.open.wait()
        if self.full:
            raise StorageError("full")
        self.pages.append(list(items))


async def test_what_waits_while_one_writes_goes_into_the_next_in_order() -> None:
    book = Book()
    gathering = Gathering(book.write)
    puts = [asyncio.create_task(gathering.put(number)) for number in range(10)]
    await asyncio.sleep(0)
    book.open.set()
    await asyncio.gather(*puts)
    assert [number for page in book.pages for number in page] == list(range(10))
    assert len(book.pages) <= 2


async def test_no_transaction_holds_more_than_it_may() -> None:
    book = Book()
    book.open.set()
    gathering = Gathering(book.write, at_once=3)
    await asyncio.gather(*(gathering.put(number) for number in range(8)))
    assert max(map(len, book.pages)) <= 3
    assert sorted(number for page in book.pages for number in page) == list(range(8))


async def test_each_is_told_that_it_was_not_written() -> None:
    book = Book()
    book.full = True
    book.open.set()
    gathering = Gathering(book.write)
    told = await asyncio.gather(
        *(gathering.put(number) for number in range(3)), return_exceptions=True
    )
    assert all(isinstance(one, StorageError) for one in told)


async def test_what_a_cancelled_writer_had_taken_is_written_by_the_next() -> None:
    book = Book()
    gathering = Gathering(book.write)
    first = asyncio.create_task(gathering.put(1))
    second = asyncio.create_task(gathering.put(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    book.open.set()
    await second
    assert sorted(number for page in book.pages for number in page) == [1, 2]


class Shelf:
    """Counts how often it is read, and gives the number of the read."""

    def __init__(self) -> None:
        self.reads = 0
        self.began = asyncio.Event()
        self.open = asyncio.Event()

    async def read(self, key: str) -> str:
        self.reads += 1
        self.began.set()
        mine = self.reads
        await self.open.wait()
        if key == "none":
            raise KeyError(key)
        return f"{key}{mine}"


async def test_who_asks_during_a_read_shares_the_next_and_never_gets_an_older_one() -> None:
    shelf = Shelf()
    shared = Shared(shelf.read)
    first = asyncio.create_task(shared.get("a"))
    await shelf.began.wait()
    later = [asyncio.create_task(shared.get("a")) for _ in range(20)]
    await asyncio.sleep(0)
    shelf.open.set()
    assert await first == "a1"
    assert set(await asyncio.gather(*later)) == {"a2"}
    assert await shared.get("a") == "a3"


async def test_a_read_that_fails_fails_for_all_who_share_it_and_for_nobody_after() -> None:
    shelf = Shelf()
    shelf.open.set()
    shared = Shared(shelf.read)
    told = await asyncio.gather(*(shared.get("none") for _ in range(3)), return_exceptions=True)
    assert all(isinstance(one, KeyError) for one in told)
    assert await shared.get("b")


async def test_one_who_gives_up_does_not_stop_the_read_of_the_others() -> None:
    shelf = Shelf()
    shared = Shared(shelf.read)
    one, two = (asyncio.create_task(shared.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    shelf.open.set()
    assert await two == "a1"
