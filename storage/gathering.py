"""What comes at once is done at once: one transaction for who writes, one read for who asks."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.errors import StorageError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Waiting(Generic[T]):
    """Something that waits to be written."""

    item: T
    ended: bool = False
    error: StorageError | None = None


class Gathering(Generic[T]):
    """Gathers what waits while a transaction is open, so that two hundred take as long as a few."""

    def __init__(
        self, write: Callable[[Sequence[T]], Awaitable[None]], *, at_once: int = 1000
    ) -> None:
        """Write by *write*, which is one transaction; of at most so many items."""
        self._write = write
        self._at_once = at_once
        self._waiting: list[_Waiting[T]] = []
        self._gate = asyncio.Lock()

    async def put(self, item: T) -> None:
        """Return once *item* is written, by us or by whoever held the gate.

        Raises:
            StorageError: It is not written.
        """
        mine = _Waiting(item)
        self._waiting.append(mine)
        async with self._gate:
            while not mine.ended:
                await self._write_some()
        if mine.error is not None:
            raise mine.error

    async def _write_some(self) -> None:
        batch, self._waiting = self._waiting[: self._at_once], self._waiting[self._at_once :]
        try:
            await self._write([one.item for one in batch])
        except StorageError as error:
            for one in batch:
                one.error, one.ended = error, True
        except BaseException:
            self._waiting = batch + self._waiting  # the next one at the gate writes them
            raise
        else:
            for one in batch:
                one.ended = True


class Shared(Generic[T, R]):
    """Reads that are asked for while one is under way share the next; none began before its ask."""

    def __init__(self, read: Callable[[T], Coroutine[Any, Any, R]]) -> None:
        self._read = read
        self._planned: dict[T, asyncio.Task[R]] = {}
        self._under_way: dict[T, asyncio.Task[R]] = {}

    async def get(self, key: T) -> R:
        """Return what a read gives that began after this call; it raises what the read raises."""
        task = self._planned.get(key)
        if task is None:
            task = self._planned[key] = asyncio.create_task(self._in_turn(key), name="shared read")
            task.add_done_callback(_is_seen)
        return await asyncio.shield(task)

    async def _in_turn(self, key: T) -> R:
        if earlier := self._under_way.get(key):
            await asyncio.wait({earlier})
        mine = self._under_way[key] = self._planned.pop(key)
        try:
            return await self._read(key)
        finally:
            if self._under_way.get(key) is mine:
                del self._under_way[key]


def _is_seen(task: "asyncio.Task[Any]") -> None:
    """Who asked is told by the task; if all of them are gone, nobody needs to be."""
    if not task.cancelled():
        task.exception()
