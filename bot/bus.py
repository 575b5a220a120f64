"""Who wants to know about runs in this process: progress, and the news that something changed."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

PROGRESS_STEP = 0.01
MOST_PREVIEW_BYTES = 8_000_000


class Bus:
    """News of runs, for pages and waiting commands; nothing here is the truth, the log is."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self._progress: dict[str, dict[int, float]] = {}
        self._previews: dict[str, dict[int, tuple[int, bytes]]] = {}
        self._warming: Counter[str] = Counter()
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

    def previewed(self, run_id: str, number: int, picture: bytes) -> None:
        """Tell how an unfinished image looks; one that is too large is left out."""
        version, known = self._previews.get(run_id, {}).get(number, (0, b""))
        if picture != known and len(picture) <= MOST_PREVIEW_BYTES:
            self._previews.setdefault(run_id, {})[number] = version + 1, picture
            self.published(run_id)

    def previews(self, run_id: str) -> dict[int, int]:
        """Return which images of a run have a preview: their number, and how many came so far."""
        return {number: version for number, (version, _) in self._previews.get(run_id, {}).items()}

    def preview(self, run_id: str, number: int) -> bytes:
        """Return the newest preview of an image, a picture file; empty if there is none."""
        return self._previews.get(run_id, {}).get(number, (0, b""))[1]

    @contextmanager
    def warming(self, run_id: str) -> Iterator[None]:
        """Hold this while the machine that makes a run's images starts."""
        self._warming[run_id] += 1
        self.published(run_id)
        try:
            yield
        finally:
            self._warming[run_id] -= 1
            self.published(run_id)

    def warms(self, run_id: str) -> bool:
        """Return whether the machine of a run still starts."""
        return self._warming[run_id] > 0

    def moves(self, run_id: str) -> bool:
        """Return whether there is something to show of a run that is not in the log."""
        return run_id in self._progress or run_id in self._warming

    def cancel(self, run_id: str) -> None:
        """Note that a run shall stop."""
        self._cancelled.add(run_id)

    def cancelled(self, run_id: str) -> bool:
        """Return whether a run shall stop."""
        return run_id in self._cancelled

    def forget(self, run_id: str) -> None:
        """Drop what was known of a run that has ended."""
        self._progress.pop(run_id, None)
        self._previews.pop(run_id, None)
        self._warming.pop(run_id, None)
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
