"""The embedder beside an event loop: one thread, what waits goes in one batch, nothing twice."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from domain.errors import LimitError
from scoring.clip.embedder import Embedder, Vectors
from scoring.clip.ort import MOST_AT_ONCE

T = TypeVar("T")
KEPT: Final = 4096
"""Vectors that are kept: 2 MB at 128 figures."""
MOST_WAITING: Final = 256
Square = npt.NDArray[np.uint8]


class Batched:
    """Embeds pictures of many runs together, on the one thread that the network has."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._make = embedder
        self._embedder: Embedder | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clip")
        self._kept: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._waiting: dict[str, tuple[Square, asyncio.Future[Vectors]]] = {}
        self._running: asyncio.Task[None] | None = None

    async def run(self, function: Callable[[Embedder], T]) -> T:
        """Call a function with the embedder on its thread, which loads it first."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(self._loaded()))

    async def vector(self, digest: str, square: Square) -> Vectors:
        """Return a picture's vector, (dim,); one that is known by its digest is not made again.

        Raises:
            LimitError: 256 pictures are waiting already.
            WeightsError: The weights cannot be used.
        """
        known = self._known(digest)
        if known is not None:
            return known
        if digest not in self._waiting:
            if len(self._waiting) >= MOST_WAITING:
                raise LimitError(f"{MOST_WAITING} pictures wait for their fit already")
            future: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
            self._waiting[digest] = (square, future)
        waited = self._waiting[digest][1]
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._work(), name="clip batches")
        return await asyncio.shield(waited)

    def close(self) -> None:
        """End the thread when it has done what it does."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _loaded(self) -> Embedder:
        if self._embedder is None:
            self._embedder = self._make()
        return self._embedder

    def _known(self, digest: str) -> Vectors | None:
        if self._embedder is None:
            return None
        key = (self._embedder.backbone_id, digest)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    async def _work(self) -> None:
        while self._waiting:
            batch = list(self._waiting.items())[:MOST_AT_ONCE]
            try:
                await self._embed([(digest, square) for digest, (square, _) in batch])
            except Exception as error:  # noqa: BLE001  whatever it is, those who wait must hear it
                for _, (_, future) in batch:
                    if not future.done():
                        future.set_exception(error)
                        future.exception()  # nobody may be listening any more
            finally:
                for digest, _ in batch:
                    self._waiting.pop(digest, None)

    async def _embed(self, batch: Sequence[tuple[str, Square]]) -> None:
        squares = np.stack([square for _, square in batch])
        vectors = await self.run(lambda embedder: embedder.images(squares))
        backbone = self._loaded().backbone_id
        for (digest, _), vector in zip(batch, vectors, strict=True):
            self._kept[backbone, digest] = vector
            future = self._waiting[digest][1]
            if not future.done():
                future.set_result(vector)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
