"""Stability's one job: the creative upscaler is submitted, asked after and fetched.

A result is asked after by the id that the create call answered, and never found again otherwise:
so a lost answer stays unknown. Results are kept for a day.
"""

import json
import re
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

from domain.errors import UnavailableError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import Delivered, ImageRequest, Job, JobState, Output
from providers.stability.api import Api, Limits, refuse_unfinished, seed_of
from providers.stability.faults import told
from providers.stability.wire import form, path, payload

RESULTS: Final = "/v2beta/results/"
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
IN_PROGRESS: Final = 202
RUNNING: Final = JobState(phase="running")


class StabilityJobs:
    """The port over those calls that answer with a job; it never tries anything twice."""

    name: str = "stability"
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
        self._cards = {card.name: card for card in cards}
        self._api = Api(api_key, base_url, limits or Limits(), max_bytes)
        self._asked_at_s: dict[str, float] = {}
        """When each job under way was last asked after, on a clock that only goes forward."""

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the form of the create call, pictures as digests."""
        return payload(request)

    async def submit(self, request: ImageRequest) -> Job:
        """Create the job; what fails or is filtered is not charged."""
        model = request.card.name
        with told(model=model):
            _, data = await self._api.post(path(request), form(request), self._api.limits.make_s)
            job = Job(ref=f"{_id_in(data)}#{model}")
        self._asked_at_s[job.ref] = time.monotonic()
        return job

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        """Say that it cannot be told: Stability lists no jobs.

        Raises:
            UnavailableError: Always, so that nothing is paid for twice.
        """
        raise UnavailableError(
            f"Stability lists no jobs: whether it took one after {since.isoformat()} is not known",
            maybe_billed=True,
            model=request.card.id,
            hint="It cannot be told whether Stability made this picture: look at your credits.",
        )

    async def poll(self, job: Job) -> JobState:
        """Ask whether it is done; asked too soon after the last time, it still runs."""
        now_s, before_s = time.monotonic(), self._asked_at_s.get(job.ref)
        if before_s is not None and now_s - before_s < self._api.limits.between_s:
            return RUNNING
        self._asked_at_s[job.ref] = now_s
        where, model = _where(job.ref)
        with told(model=model, job=job.ref):
            async with self._api.asked("GET", where, self._api.limits.ask_s) as reply:
                if reply.status_code == IN_PROGRESS:
                    return RUNNING
                refuse_unfinished(reply, model, job.ref)  # the picture itself is fetched later
        self._asked_at_s.pop(job.ref, None)
        card = self._cards.get(model)
        output = Output(
            url=job.ref,
            cost_usd=card and card.price.usd_per_image,
            seed=seed_of(reply, card),
        )
        return JobState(phase="done", progress=1.0, output=output)

    async def cancel(self, job: Job) -> None:
        """Stop asking: Stability has no way to stop a job."""
        self._asked_at_s.pop(job.ref, None)

    async def fetch(self, output: Output) -> Delivered:
        """Fetch the picture from where the job was asked after: Stability itself."""
        where, model = _where(output.url)
        with told(model=model, job=output.url):
            async with self._api.asked("GET", where, self._api.limits.fetch_s) as reply:
                refuse_unfinished(reply, model, output.url)
                data = await self._api.read(reply)
        return Delivered(
            data=data,
            cost_usd=output.cost_usd,
            seed=output.seed,
            request_id=output.url.partition("#")[0],
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._api.close()


def _id_in(data: bytes) -> str:
    """Return the job's id in the answer to a create call; ``ValueError`` if there is none."""
    answer: Any = json.loads(data)
    found = answer.get("id") if isinstance(answer, dict) else None
    if not isinstance(found, str) or not ID.fullmatch(found):
        raise ValueError("no id of a job in it")
    return found


def _where(ref: str) -> tuple[str, str]:
    """Return the path of a job's result, below the base address, and its model."""
    name, _, model = ref.partition("#")
    with told(model=model, job=ref):
        if not ID.fullmatch(name):
            raise ValueError("this names no job of Stability's")
    return RESULTS + name, model
