"""What vendors tell of their jobs, where this service has a public address: a reason to ask now.

A call that is not believed, lost or sent twice changes nothing: each job is asked after anyway,
only less often. What a call says is never taken as the answer; the vendor is asked.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from domain.errors import NotFoundError
from domain.ports import Clock, Hearing, ImageRequest, Job, Provider

REMEMBERED: Final = 1000
"""Calls for whose jobs nobody waits yet, or ever: another program may use the same account."""
ASKED_ALL_THE_SAME_S: Final = 10.0
"""How often a job is asked after whose vendor would tell."""


class Webhooks:
    """Knows which jobs are waited for, and wakes who waits."""

    def __init__(
        self, public_url: str, clock: Clock, opened: Callable[[], Iterable[Provider]]
    ) -> None:
        self._public_url = public_url
        self._clock = clock
        self._opened = opened
        self._told: dict[str, asyncio.Event] = {}

    def url_for(self, provider: Provider) -> str:
        """Return where *provider* may tell of a job; empty if it is asked."""
        hears = bool(self._public_url) and isinstance(provider, Hearing)
        return f"{self._public_url}/webhooks/{provider.name}" if hears else ""

    async def wait(self, request: ImageRequest, job: Job, delay_s: float) -> None:
        """Return after *delay_s*; where the vendor would tell, once it has, or after 10 s."""
        if not request.webhook_url:
            await self._clock.sleep(delay_s)
            return
        told = self._event(job)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ASKED_ALL_THE_SAME_S):
                    await told.wait()
        finally:
            self._told.pop(job.ref, None)

    def heard(self, name: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Take a vendor's call: who waits for its job, or will, asks at once.

        Raises:
            NotFoundError: No vendor of that name tells us anything.
            ForbiddenError: It is not the vendor's, or too old.
        """
        provider = next((one for one in self._opened() if one.name == name), None)
        if provider is None or not isinstance(provider, Hearing):
            raise NotFoundError(f"nobody called {name!r} tells of jobs here")
        self._event(provider.heard(headers, body, now)).set()

    def _event(self, job: Job) -> asyncio.Event:
        """Return what wakes who waits for a job; a call may come before anybody waits."""
        event = self._told.setdefault(job.ref, asyncio.Event())
        while len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return event
