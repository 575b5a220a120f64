"""Waiting for a service without guessing how long it takes: its own news wakes who waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.app import App

LOOK_S: Final = 0.05
"""What no news tells of (a message that arrived) is looked for this often."""


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
