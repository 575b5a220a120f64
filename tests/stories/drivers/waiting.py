"""Waiting for a service without guessing how long it takes: its own news wakes who waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from bot.app import App

T = TypeVar("T")
Call = Callable[[], Awaitable[Any]]
LOOK_S: Final = 0.05
"""What no news tells of (a message that arrived) is looked for this often."""


class Keeper:
    """One task that opens and closes everything: context variables and groups want it so."""

    def __init__(self) -> None:
        self._orders: asyncio.Queue[tuple[Call, asyncio.Future[Any]]] = asyncio.Queue()
        self._task = asyncio.create_task(self._walk(), name="keeper")

    async def do(self, call: Callable[[], Awaitable[T]]) -> T:
        """Have something done in that task."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._orders.put((call, done))
        return await done

    async def end(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _walk(self) -> None:
        while True:
            call, done = await self._orders.get()
            try:
                done.set_result(await call())
            except Exception as error:  # noqa: BLE001  whoever asked for it hears of it
                done.set_exception(error)


async def until(app: App, holds: Callable[[], Awaitable[bool]], limit_s: float = 60.0) -> None:
    """Return when *holds* does; fail if it does not within *limit_s*."""
    async with asyncio.timeout(limit_s):
        with app.bus.listening() as news:
            while not await holds():
                try:
                    async with asyncio.timeout(LOOK_S):
                        await news.get()
                except TimeoutError:
                    continue


async def until_settled(app: App, surface: str) -> None:
    """Wait until every run has ended and all that was planned for a surface was sent."""

    async def quiet() -> bool:
        return not await app.search.under_way() and not await app.outbox.due(surface)

    await until(app, quiet)
