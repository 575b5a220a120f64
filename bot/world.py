"""The real time, chance and pixel pool, for ``bot/app.py`` to hand in."""

import asyncio
import multiprocessing
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from typing import Final, ParamSpec, TypeVar

from ulid import ULID

P = ParamSpec("P")
T = TypeVar("T")


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds on a clock that only goes forward."""
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        """Wait that long."""
        await asyncio.sleep(delay_s)


class SystemChance:
    """Ids and seeds from the machine's randomness; ids of one process only grow."""

    def __init__(self) -> None:
        self._last = ""

    def ulid(self) -> str:
        """Return a new ULID, later than the last."""
        new = str(ULID())
        while new <= self._last:
            new = str(ULID())
        self._last = new
        return new

    def seed(self) -> int:
        """Return a random seed in [0, 2**32 - 1]."""
        return secrets.randbits(32)


class PixelPool:
    """The processes in which pixels are worked on: spawned, at most as many as cores."""

    def __init__(self, workers: int) -> None:
        self.workers = min(workers, os.cpu_count() or 1)
        self._pool: ProcessPoolExecutor | None = None
        self._opening = threading.Lock()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a top-level function in the pool; a pool that was killed is made anew, once."""
        pool, future = await asyncio.to_thread(self._submitted, None, _call, function, args, kwargs)
        try:
            return await asyncio.wrap_future(future)
        except BrokenProcessPool:
            _, again = await asyncio.to_thread(self._submitted, pool, _call, function, args, kwargs)
            return await asyncio.wrap_future(again)

    async def warm(self) -> None:
        """Start every process now, so that the first run does not wait for them."""

        async def one() -> None:
            _, future = await asyncio.to_thread(self._submitted, None, _import_all)
            await asyncio.wrap_future(future)

        await asyncio.gather(*(one() for _ in range(self.workers)))

    def close(self) -> None:
        """End the processes; what they still do is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    # Opening a pool and its first submissions start processes, which takes its time: never on the
    # event loop.

    def _submitted(
        self, broken: ProcessPoolExecutor | None, function: Callable[..., T], *args: object
    ) -> tuple[ProcessPoolExecutor, Future[T]]:
        pool = self._opened(broken)
        try:
            return pool, pool.submit(function, *args)
        except BrokenProcessPool:
            pool = self._opened(pool)
            return pool, pool.submit(function, *args)

    def _opened(self, broken: ProcessPoolExecutor | None) -> ProcessPoolExecutor:
        with self._opening:
            if self._pool is None or self._pool is broken:
                # Spawned, not forked: a fork of a process with threads deadlocks.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(
                    self.workers, mp_context=context, initializer=_end_with_parent
                )
            return self._pool


BEHIND: Final = 10
"""Niceness of a worker: it draws while nobody else needs the core."""


def _end_with_parent() -> None:
    """End this worker when the service is gone: after a kill -9 nobody else would end it.

    It also steps back behind the service: who draws may wait, who listens may not.
    """
    os.nice(BEHIND)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _import_all() -> None:
    import providers.sketch.draw
    import scoring.pixels

    time.sleep(0.1)  # long enough that no process takes the next one's turn


def _call(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return function(*args, **kwargs)
