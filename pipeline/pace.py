"""How fast a vendor is asked: no more calls a minute than it takes, and none while it said wait."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Final

from domain.ports import Clock

WINDOW_S: Final = 60.0
LOOK_S: Final = 0.5
"""How often who waits looks whether somebody asked to stop."""


class Pace:
    """Lets calls through one after the other, in the order in which they came, by vendor."""

    def __init__(self, clock: Clock, per_minute: Mapping[str, int]) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._rests_until_s: dict[str, float] = {}
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def turn(self, provider: str, stopped: Callable[[], bool]) -> None:
        """Wait until a call may be made; return at once where somebody asks to stop."""
        async with self._lines[provider]:
            while not stopped() and (wait_s := self._wait_s(provider)) > 0:
                await self._clock.sleep(min(wait_s, LOOK_S))
            self._calls[provider].append(self._clock.monotonic_s())

    def rest(self, provider: str, seconds: float) -> None:
        """Let nobody ask a vendor for so long: it has told one of us to wait."""
        until_s = self._clock.monotonic_s() + seconds
        self._rests_until_s[provider] = max(self._rests_until_s.get(provider, 0.0), until_s)

    def _wait_s(self, provider: str) -> float:
        now_s = self._clock.monotonic_s()
        calls, most = self._calls[provider], self._per_minute.get(provider, 0)
        while calls and calls[0] <= now_s - WINDOW_S:
            calls.popleft()
        full = calls[-most] + WINDOW_S - now_s if 0 < most <= len(calls) else 0.0
        return max(full, self._rests_until_s.get(provider, 0.0) - now_s)
