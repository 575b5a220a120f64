"""The watchdog: a platform is answered when an event is stored, and after 1.5 s in any case."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

logger = logging.getLogger(__name__)
ANSWER_S: Final = 1.5
"""Slack and Discord both give 3 s; half of it is for the network."""


async def watched(
    work: Coroutine[Any, Any, None],
    stored: asyncio.Event,
    acknowledge: Callable[[], Awaitable[None]],
    *,
    limit_s: float = ANSWER_S,
) -> None:
    """Do *work*; acknowledge once *stored* is set, work has ended, or *limit_s* is over.

    Args:
        work: Handles the event; its own errors are its own to tell.
        stored: Set when the event is in the inbox.
        acknowledge: Answers the platform; called exactly once.
        limit_s: At most so long.
    """
    doing = asyncio.create_task(work, name="heard")
    waiting = asyncio.create_task(stored.wait(), name="stored")
    try:
        await asyncio.wait({doing, waiting}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        await acknowledge()
    except asyncio.CancelledError:
        doing.cancel()
        raise
    finally:
        waiting.cancel()
        await asyncio.wait({doing})
    if error := doing.exception():
        logger.error("an event was not handled", exc_info=error)


class Owned:
    """The tasks of a surface: each has an owner, and the end waits for them, but not for ever."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start *work*; what it raises is logged. After the end nothing is started."""
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def own(self) -> None:
        """Let the end wait for the task that calls this, too."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s failed", task.get_name(), exc_info=error)

    async def idle(self) -> None:
        """Wait until nothing that was started goes on."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def drain(self, limit_s: float) -> None:
        """Wait for what was started; cancel what takes longer than *limit_s*."""
        self._closed = True
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=limit_s)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
