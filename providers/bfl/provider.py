"""Models of Black Forest Labs, asked directly: a task is submitted, asked after and fetched.

A task can be asked after only at the address that its create call answered, and never be found
again otherwise: so a lost answer stays unknown.
"""

import asyncio
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import httpx

from domain.errors import BadReplyError, RejectedError, UnavailableError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import (
    Delivered,
    ImageRequest,
    Job,
    JobState,
    Output,
)
from providers.bfl.faults import AnsweredError, failed, lost, moderated, told
from providers.bfl.wire import Accepted, Body, Ref, Task, number, payload, pictures
from providers.downloads import Downloads, Source, by_proxy

API_URL: Final = "https://api.bfl.ai"
HOSTS: Final = ("bfl.ai",)
"""Regions answer under names of their own (api.eu2.bfl.ai, delivery.….bfl.ai): the whole domain."""
USD_PER_CREDIT: Final = 0.01
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
MAX_SEED: Final = 2**32 - 1
MODERATED: Final = ("Request Moderated", "Content Moderated")
FAILED: Final = ("Error", "Failed")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the calls may take, from the first byte sent to the last received."""

    connect_s: float = 5.0
    create_s: float = 90.0
    """Pictures go up with it."""
    ask_s: float = 20.0
    fetch_s: float = 55.0


class _Key(httpx.Auth):
    """Puts the key on a call, and on that one alone; what is shown of it says nothing."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-key"] = self._api_key
        yield request


class BFLProvider:
    """The port over BFL's HTTP interface; it never tries anything twice."""

    name: str = "bfl"
    answers: Literal["polled"] = "polled"

    def __init__(
        self,
        api_key: str,
        cards: Sequence[ModelCard],
        *,
        base_url: str = "",
        limits: Limits | None = None,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self._limits = limits or Limits()
        self._prices = {card.name: card.price.usd_per_image for card in cards}
        self._base = (base_url or API_URL).rstrip("/").removesuffix("/v1")
        self._source = Source("BFL", self._base, HOSTS, kept="for ten minutes")
        trust = httpx.create_ssl_context()  # made once for both clients: it is slow to make
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            verify=trust,
            trust_env=by_proxy(self._base),
            timeout=httpx.Timeout(self._limits.create_s, connect=self._limits.connect_s),
            headers={"accept": "application/json"},
        )
        self._key = _Key(api_key)
        self._downloads = Downloads(
            self._source,
            limit_s=self._limits.fetch_s,
            connect_s=self._limits.connect_s,
            max_bytes=max_bytes,
            trust=trust,
        )

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the body of the create call, pictures as digests."""
        return payload(request)

    async def submit(self, request: ImageRequest) -> Job:
        """Create the task; too many pictures are refused before anything is sent."""
        _refuse_too_many(request)
        model = request.card.name
        with told(model=model, creates=True):
            body = Body(request)
            answer = await self._asked(
                "POST",
                httpx.URL(f"{self._base}/v1/{model}"),
                self._limits.create_s,
                headers=body.headers,
                content=body,
            )
            accepted = Accepted.model_validate(answer)
            where = httpx.URL(accepted.polling_url)
            if not self._source.allows(where):
                raise ValueError(f"it is to be asked after at {where.host!r}")
            return Job(ref=str(Ref(where, model, number(accepted.cost))))

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        """Say that it cannot be told: BFL lists no tasks.

        Raises:
            UnavailableError: Always, so that nothing is paid for twice.
        """
        raise UnavailableError(
            f"BFL lists no tasks: whether it made one after {since.isoformat()} is not known",
            maybe_billed=True,
            model=request.card.id,
            hint="It cannot be told whether BFL made this picture: look at dashboard.bfl.ai.",
        )

    async def poll(self, job: Job) -> JobState:
        """Ask how far the task is; what it failed of is raised."""
        with told(job=job.ref):
            ref = Ref.read(job.ref)
            if not self._source.allows(ref.url):
                raise ValueError(f"{ref.url.host!r} is not BFL's: the key is not sent there")
        try:
            with told(model=ref.model, job=job.ref):
                answer = await self._asked("GET", ref.url, self._limits.ask_s)
                task = Task.model_validate(answer)
        except UnavailableError as error:
            error.maybe_billed = True  # out of sight, a task that was accepted goes on
            raise
        return self._state(task, ref)

    def _state(self, task: Task, ref: Ref) -> JobState:
        if task.status in MODERATED:
            raise moderated(task, ref)
        if task.status in FAILED:
            raise failed(task, ref)
        if task.status == "Task not found":
            raise lost(ref)
        if task.status == "Ready":
            return self._ready(task, ref)
        phase: Literal["queued", "running"] = "queued" if task.status == "Pending" else "running"
        return JobState(phase="running" if task.share else phase, progress=task.share)

    def _ready(self, task: Task, ref: Ref) -> JobState:
        if not task.sample:
            raise BadReplyError(
                f"ready with result {str(task.result)[:200]!r}",
                model=ref.model,
                request_id=str(ref),
                hint="BFL says it is done and gives no picture: make it again.",
            )
        spent = number(task.cost) if ref.spent is None else ref.spent
        known = self._prices.get(ref.model)
        cost = known if spent is None or spent < 0 else spent * USD_PER_CREDIT
        seed = task.result.get("seed") if isinstance(task.result, dict) else None
        reported = seed if type(seed) is int and 0 <= seed <= MAX_SEED else None
        output = Output(url=task.sample, cost_usd=cost, seed=reported)
        return JobState(phase="done", progress=1.0, output=output)

    async def cancel(self, job: Job) -> None:
        """Do nothing: BFL has no way to stop a task."""

    async def fetch(self, output: Output) -> Delivered:
        """Fetch the picture from BFL's own hosts, without the key; it lies there ten minutes."""
        data = await self._downloads.get(output.url)
        return Delivered(data=data, cost_usd=output.cost_usd, seed=output.seed)

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()
        await self._downloads.close()

    async def _asked(self, method: str, url: httpx.URL, limit_s: float, **more: Any) -> Any:
        text = bytearray()
        async with (
            asyncio.timeout(limit_s),
            self._client.stream(method, url, auth=self._key, **more) as reply,
        ):
            async for chunk in reply.aiter_bytes():
                text += chunk
                if len(text) > MAX_ANSWER_BYTES:
                    raise ValueError(f"more than {MAX_ANSWER_BYTES} bytes")
        if reply.status_code != httpx.codes.OK:
            raise AnsweredError(reply, bytes(text))
        return json.loads(text)


def _refuse_too_many(request: ImageRequest) -> None:
    allowed = request.card.references.maximum if request.card.references else 1
    count = len(pictures(request))
    if count > allowed:
        raise RejectedError(
            f"{count} pictures, and {request.card.title} takes at most {allowed}",
            model=request.card.name,
            hint=f"Leave out {count - allowed}: an init image and references count together.",
        )
