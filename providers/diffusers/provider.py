"""Models of diffusers on this machine, in a worker process: torch is never imported here."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, TypeVar

from domain.errors import RejectedError
from domain.ports import Delivered, ImageRequest
from providers.diffusers.failing import MishapError
from providers.diffusers.faults import fault
from providers.diffusers.frames import Frame
from providers.diffusers.process import Setup, Worker
from providers.diffusers.wire import adapter_of, blobs, payload

T = TypeVar("T")
STOP_S: Final = 60.0
"""How long a step may take after somebody asked to stop; then the process is ended."""
IDLE_S: Final = 300.0


class DiffusersProvider:
    """Makes one picture at a time; the others wait their turn.

    A machine has one accelerator, and two jobs on it at once take longer than one after the other,
    if they fit at all: so there is one worker, with one model in memory.
    """

    name = "diffusers"
    answers: Literal["blocking"] = "blocking"

    def __init__(
        self, setup: Setup | None = None, *, idle_s: float = IDLE_S, stop_s: float = STOP_S
    ) -> None:
        self._setup = setup or Setup()
        self._idle_s = idle_s
        self._stop_s = stop_s
        self._turn = asyncio.Lock()
        self._worker: Worker | None = None
        self._number = 0
        self._at_work = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._rest: asyncio.TimerHandle | None = None

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the order as the worker gets it; pictures by their digests."""
        return payload(request)

    async def make(self, request: ImageRequest) -> Delivered:
        """Make one picture; who stops waiting stops the job between two steps.

        Raises:
            ProviderError: Any failure, mapped.
        """
        order = payload(request)
        _check(request, order)
        self._number += 1
        number = self._number
        task = self._begun(self._made(number, order, request))
        try:
            said, pictures = await asyncio.shield(task)
        except asyncio.CancelledError:
            self._begun(self._let_go(number, task))
            raise
        except MishapError as error:
            raise fault(error.kind, str(error), request.card) from error
        seed = order.get("seed")
        notes = tuple(said["notes"])
        return Delivered(data=pictures["picture"], cost_usd=0.0, seed=seed, notes=notes)

    async def close(self) -> None:
        """End the worker, whatever it does."""
        if self._rest:
            self._rest.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._ended()

    @property
    def worker_pid(self) -> int | None:
        """The number of the worker's process; None while there is none."""
        return self._worker.pid if self._worker else None

    async def _made(self, number: int, order: dict[str, Any], request: ImageRequest) -> Frame:
        async with self._turn:
            if self._rest:
                self._rest.cancel()
            self._at_work = number
            try:
                return await self._by_worker(number, order, request, request.progressed)
            finally:
                loop = asyncio.get_running_loop()
                self._rest = loop.call_later(self._idle_s, self._begun_rest)

    async def _by_worker(
        self,
        number: int,
        order: dict[str, Any],
        request: ImageRequest,
        told: Callable[[float], None],
    ) -> Frame:
        if self._worker is None:
            self._worker = await Worker.start(self._setup)
        try:
            return await self._worker.make(number, order, blobs(request), told)
        except MishapError as error:
            if error.kind == "died":
                await self._ended()
            raise

    async def _let_go(self, number: int, task: "asyncio.Task[Frame]") -> None:
        """Stop a job that nobody waits for; what still waits its turn never begins."""
        if number != self._at_work:
            task.cancel()
            return
        if self._worker:
            self._worker.stop(number)
        await asyncio.wait({task}, timeout=self._stop_s)
        if not task.done() and self._worker and not self._worker.is_loading:
            await self._ended()

    def _begun(self, call: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(call)
        self._tasks.add(task)
        task.add_done_callback(self._forgotten)
        return task

    def _forgotten(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever still waits has it, too

    def _begun_rest(self) -> None:
        self._begun(self._rested())

    async def _rested(self) -> None:
        async with self._turn:
            await self._ended()

    async def _ended(self) -> None:
        worker, self._worker = self._worker, None
        if worker:
            await worker.end()


def _check(request: ImageRequest, order: dict[str, Any]) -> None:
    """Refuse what no worker could make anything of."""
    card = request.card
    if not order["model"]:
        raise fault("nowhere", "its card names no source", card)
    if order["references"] and not adapter_of(card):
        raise fault("nowhere", "its card names no IP-Adapter under wire.references", card)
    if not all(one["model"] for one in order["controls"]):
        raise fault("nowhere", "its card names no ControlNet for this kind", card)
    try:
        request.parameters.model_dump_json().encode()
        str(order["arguments"]).encode()
    except (UnicodeEncodeError, ValueError) as error:
        message = f"{card.title}: the prompt holds characters that are none"
        hint = "Type the words again."
        raise RejectedError(message, model=card.id, hint=hint) from error
