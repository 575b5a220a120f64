"""Workflows on a ComfyUI server: a job is put into its queue under an id of ours, and followed."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, Protocol

import aiohttp
import httpx

from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import Delivered, ImageRequest, Job, JobState, Output
from providers.comfyui.api import API, Headers, Limits
from providers.comfyui.faults import AnsweredError, empty, failed, lost, told
from providers.comfyui.live import Live
from providers.comfyui.wire import Filling, Ref, ids, images, prompt_id, seed_of
from providers.comfyui.workflow import Workflow, WorkflowError, read

LOOK_AGAIN_S: Final = 2.0
"""Between two looks at a server that starts."""
STARTING: Final = frozenset({303, 408, 502, 503, 504})
"""What stands before a server answers so while it starts: Modal redirects after 150 s."""


class Time(Protocol):
    """The part of a clock that a cold start is measured by."""

    def monotonic_s(self) -> float:
        """Return seconds on a clock that only goes forward."""

    async def sleep(self, delay_s: float) -> None:
        """Wait that long."""


class _SystemTime:
    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class ComfyUIProvider:
    """The port over a ComfyUI server; it never tries anything twice.

    Workflows are read when it is made: never on the event loop.
    """

    name: str = "comfyui"
    answers: Literal["polled"] = "polled"

    def __init__(
        self,
        base_url: str,
        cards: Sequence[ModelCard],
        *,
        headers: str = "",
        folder: str = "",
        limits: Limits | None = None,
        max_bytes: int = MAX_VENDOR_BYTES,
        clock: Time | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock or _SystemTime()
        self._headers = Headers(headers)
        self._api = API(base_url, self._headers, limits=self._limits, max_bytes=max_bytes)
        self._workflows: dict[str, Workflow | WorkflowError] = {
            card.name: _workflow(card, folder) for card in cards
        }
        self._wires = {card.name: card.wire for card in cards}
        self._lives: dict[str, Live] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the body of the create call, pictures as digests."""
        with told(model=request.card.name):
            filling = Filling(self._workflow(request.card.name), request)
            return filling.body(request, filling.digests)

    async def warm(self) -> None:
        """Return once the server answers; one that nobody starts is not waited for."""
        until_s = self._clock.monotonic_s() + self._limits.warm_s
        with told():
            while not await self._answers(until_s):
                await self._clock.sleep(LOOK_AGAIN_S)

    async def _answers(self, until_s: float) -> bool:
        """Look once; a look that takes too long, or that ends at a gateway, is not the end."""
        limit_s = self._limits.warm_ask_s
        asking = asyncio.ensure_future(self._api.stats(limit_s + self._limits.connect_s))
        waiting = asyncio.ensure_future(self._clock.sleep(limit_s))
        try:
            await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            late = self._clock.monotonic_s() >= until_s
            if not asking.done():
                if late:
                    raise TimeoutError(f"no answer within {self._limits.warm_s:g} s")
                return False
            return await _looked(asking, late=late)
        finally:
            for one in (asking, waiting):
                one.cancel()
            await asyncio.gather(asking, waiting, return_exceptions=True)

    async def submit(self, request: ImageRequest) -> Job:
        """Put the job into the queue, unless it is known there already.

        The server would run an id that it knows once more, so it is asked first.
        """
        model, job = request.card.name, prompt_id(request.key)
        with told(model=model, job=job):
            workflow = self._workflow(model)
            filling = Filling(workflow, request)
            _encoded(filling.body(request, filling.digests))  # what cannot be sent is said at once
            if not await self._knows(job):
                by_content = dict.fromkeys(filling.pictures.values(), "")
                for data in by_content:
                    by_content[data] = await self._api.upload(data)
                names = {place: by_content[data] for place, data in filling.pictures.items()}
                with told(model=model, job=job, workflow=workflow):
                    await self._api.create(_encoded(filling.body(request, names)))
        return Job(ref=str(Ref(job, model)))

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:  # noqa: ARG002
        """Look for the job by its id: among what runs, waits and has ended."""
        model, job = request.card.name, prompt_id(request.key)
        with told(model=model, job=job):
            known = await self._knows(job)
        return Job(ref=str(Ref(job, model))) if known else None

    async def poll(self, job: Job) -> JobState:
        """Tell how far the job is: by its websocket while that speaks, else by asking."""
        with told(job=job.ref):
            ref = Ref.read(job.ref)
        live = self._listening(ref.id)
        if live.fresh:
            return JobState(phase="running", progress=live.progress)
        with told(model=ref.model, job=ref.id):
            entry = await self._api.history(ref.id)
            if entry is None:
                queue = await self._api.queue()
                if ref.id in ids(queue.get("queue_running")):
                    return JobState(phase="running", progress=live.progress)
                if ref.id in ids(queue.get("queue_pending")):
                    return JobState(phase="queued")
                entry = await self._api.history(ref.id)  # it may have ended in between
            self._left(ref.id)
            if entry is None:
                raise lost(ref.model, ref.id)
            return self._ended(entry, ref)

    def _ended(self, entry: dict[str, Any], ref: Ref) -> JobState:
        workflow = self._workflows.get(ref.model)
        known = workflow if isinstance(workflow, Workflow) else None
        status = entry.get("status")
        messages = status.get("messages") if isinstance(status, dict) else None
        said = dict(one for one in messages or () if isinstance(one, list) and len(one) == 2)  # noqa: PLR2004
        if "execution_interrupted" in said:
            return JobState(phase="cancelled")
        if "execution_error" in said:
            raise failed(said["execution_error"], known, ref.model, ref.id)
        saved = images(entry, known.outputs if known else [])
        if not saved:
            raise empty(ref.model, ref.id)
        places = known.places("seed", self._wires[ref.model]) if known else []
        output = Output(url=self._api.view(saved[0]), seed=seed_of(entry, places))
        return JobState(phase="done", progress=1.0, output=output)

    async def cancel(self, job: Job) -> None:
        """Stop this job and no other: out of the queue, or interrupted while it is what runs."""
        with told(job=job.ref):
            ref = Ref.read(job.ref)
        with told(model=ref.model, job=ref.id):
            queue = await self._api.queue()
            if ref.id in ids(queue.get("queue_pending")):
                await self._api.forget(ref.id)
                queue = await self._api.queue()  # its turn may have come meanwhile
            if ref.id in ids(queue.get("queue_running")):
                await self._api.interrupt(ref.id)
        self._left(ref.id)

    async def fetch(self, output: Output) -> Delivered:
        """Fetch the picture from the server itself, with the headers."""
        with told():
            data = await self._api.fetch(output.url)
        return Delivered(data=data, seed=output.seed)

    def preview(self, job: Job) -> bytes:
        """Return the newest preview of a job that runs; empty if the server sent none."""
        live = self._lives.get(job.ref.partition("/")[0])
        return live.preview if live else b""

    async def close(self) -> None:
        """Give back connections."""
        for job in [*self._lives]:
            self._left(job)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        await self._api.close()

    # --- inside ---

    def _workflow(self, model: str) -> Workflow:
        workflow = self._workflows.get(model)
        if isinstance(workflow, Workflow):
            return workflow
        raise workflow or WorkflowError(f"{model!r} has no workflow")

    async def _knows(self, job: str) -> bool:
        queue = await self._api.queue()
        listed = [*ids(queue.get("queue_running")), *ids(queue.get("queue_pending"))]
        return job in listed or await self._api.history(job) is not None

    def _listening(self, job: str) -> Live:
        """Return what listens to the job; it is begun when it is first asked after."""
        live = self._lives.get(job)
        if live is None:
            live = self._lives[job] = Live(job)
            live.task = asyncio.create_task(self._listen(live))
            self._tasks.add(live.task)
            live.task.add_done_callback(self._tasks.discard)
        live.asked_s = time.monotonic()
        return live

    async def _listen(self, live: Live) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        base = httpx.URL(self._api.base)
        scheme = "wss" if base.scheme == "https" else "ws"
        url = f"{base.copy_with(scheme=scheme)}".rstrip("/") + "/ws"
        await live.listen(self._session, url, self._headers.all(), self._api.trust)

    def _left(self, job: str) -> None:
        live = self._lives.pop(job, None)
        if live:
            live.leave()


def _workflow(card: ModelCard, folder: str) -> Workflow | WorkflowError:
    try:
        return read(card.source or f"{card.name}.json", folder)
    except WorkflowError as error:
        return error


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


async def _looked(asking: "asyncio.Future[None]", *, late: bool) -> bool:
    """Return whether it answers; raise what no waiting will mend."""
    try:
        await asking
    except AnsweredError as error:
        if late or error.status not in STARTING:
            raise
        return False
    except (httpx.TimeoutException, httpx.RemoteProtocolError, TimeoutError):
        if late:
            raise
        return False
    return True
