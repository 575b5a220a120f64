"""Trying again, and for how long: only what surely was not billed, and only a few times."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from domain.errors import RateLimitedError, UnavailableError
from domain.ports import Clock

T = TypeVar("T")
MAX_TRIES: Final = 4
MAX_RETRY_AFTER_S: Final = 60.0
FIRST_DELAY_S: Final = 0.5
LOOK_S: Final = 0.25
"""How often it is looked whether somebody asked to stop."""
CALL_S: Final = 60.0
"""The time limit of one call that asks or fetches."""


async def while_unbilled(call: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """Make a call that may be billed; again only after an error that surely was not.

    Raises:
        ProviderError: What the last try ended with.
    """
    for turn in range(MAX_TRIES):
        try:
            return await call()
        except RateLimitedError as error:
            if turn == MAX_TRIES - 1 or error.retry_after_s > MAX_RETRY_AFTER_S:
                raise
            await clock.sleep(error.retry_after_s)
        except UnavailableError as error:
            if error.maybe_billed or turn == MAX_TRIES - 1:
                raise
            await clock.sleep(FIRST_DELAY_S * 2**turn)
    raise AssertionError("the last turn returns or raises")  # pragma: no cover


async def patiently(call: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """Make a call that costs nothing, and again while the vendor is busy or away.

    Raises:
        ProviderError: What the last try ended with.
    """
    for turn in range(MAX_TRIES):
        try:
            async with asyncio.timeout(CALL_S):
                return await call()
        except RateLimitedError as error:
            if turn == MAX_TRIES - 1:
                raise
            await clock.sleep(min(error.retry_after_s, MAX_RETRY_AFTER_S))
        except (UnavailableError, TimeoutError):
            if turn == MAX_TRIES - 1:
                raise
            await clock.sleep(FIRST_DELAY_S * 2**turn)
    raise AssertionError("the last turn returns or raises")  # pragma: no cover


async def unless(
    stopped: Callable[[], bool], call: Coroutine[Any, Any, T], clock: Clock
) -> T | None:
    """Wait for *call*; if somebody asks to stop, cancel it and return None once it has ended."""
    task = asyncio.ensure_future(call)
    try:
        while not task.done():
            if stopped():
                return None
            look = asyncio.ensure_future(clock.sleep(LOOK_S))
            await asyncio.wait({task, look}, return_when=asyncio.FIRST_COMPLETED)
            look.cancel()
        return task.result()
    finally:
        await _ended(task)


async def _ended(task: "asyncio.Future[T]") -> None:
    """Cancel a task that still runs, and wait until it has let go of what it held."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
