"""Who wants to know about runs in this process: progress, and the news that something changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

PROGRESS_STEP = 0.01


class Bus:
    """News of runs, for pages and waiting commands; nothing here is the truth, the log is."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self._progress: dict[str, dict[int, float]] = {}
        self._cancelled: set[str] = set()

    def published(self, run_id: str) -> None:
        """Tell that the log of a run has changed."""
        for listener in self._listeners:
            if listener.full():
                listener.get_nowait()  # the oldest news goes: a listener reads the log anyway
            listener.put_nowait(run_id)

    def progressed(self, run_id: str, number: int, fraction: float) -> None:
        """Tell how far one image is; tiny steps are not told."""
        known = self._progress.setdefault(run_id, {})
        if fraction - known.get(number, -1.0) >= PROGRESS_STEP:
            known[number] = fraction
            self.published(run_id)

    def progress(self, run_id: str) -> dict[int, float]:
        """Return how far each image of a run is, as far as was told."""
        return self._progress.get(run_id, {})

    def cancel(self, run_id: str) -> None:
        """Note that a run shall stop."""
        self._cancelled.add(run_id)

    def cancelled(self, run_id: str) -> bool:
        """Return whether a run shall stop."""
        return run_id in self._cancelled

    def forget(self, run_id: str) -> None:
        """Drop what was known of a run that has ended."""
        self._progress.pop(run_id, None)
        self._cancelled.discard(run_id)

    @contextmanager
    def listening(self, size: int = 256) -> Iterator[asyncio.Queue[str]]:
        """Hear the ids of runs that change; a listener that does not read loses the oldest."""
        listener: asyncio.Queue[str] = asyncio.Queue(size)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
