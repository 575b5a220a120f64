"""Trying again, and for how long: only what surely was not billed, and only a few times."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from domain.errors import RateLimitedError, UnavailableError
from domain.ports import Clock

T = TypeVar("T")
MAX_TRIES: Final = 4
MAX_RETRY_AFTER_S: Final = 60.0
FIRST_DELAY_S: Final = 0.5
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
