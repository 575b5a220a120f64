"""Models on Replicate: a job is submitted, asked after, found again, cancelled and fetched."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import httpx

from domain.errors import UnavailableError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import (
    Delivered,
    ImageRequest,
    Job,
    JobState,
    Output,
)
from providers.replicate.api import Api, Limits, api_url, by_proxy
from providers.replicate.download import Downloads
from providers.replicate.faults import failed, overdue
from providers.replicate.wire import Prediction, body, finished

CLOCK_SLACK: Final = timedelta(minutes=10)
"""How far the vendor's clock may be behind ours when we look for a job.

A job too many is harmless, since equal inputs are the same picture; a job missed is paid twice.
"""
DEAD: Final = ("failed", "canceled", "aborted")


class ReplicateProvider:
    """The port over Replicate's SDK; it never tries anything twice."""

    name: str = "replicate"
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
        limits = limits or Limits()
        self._prices = {card.name: card.price.usd_per_image for card in cards}
        trust = httpx.create_ssl_context()  # made once for both clients: it is slow to make
        self._api = Api(api_key, base_url, limits, trust)
        self._downloads = Downloads(
            api_url(base_url),
            limit_s=limits.fetch_s,
            connect_s=limits.connect_s,
            max_bytes=max_bytes,
            trust=trust,
            trust_env=by_proxy(base_url),
        )

    def payload(self, request: ImageRequest) -> dict[str, Any]:
        """Return the body of the create call."""
        return body(request)

    async def submit(self, request: ImageRequest) -> Job:
        """Create the job, which the vendor gives up at the card's time limit."""
        made = await self._api.create(body(request), deadline_s=request.card.timeout_s)
        return Job(ref=made.id)

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        """Look through the account's jobs for one with exactly our inputs, the seed among them.

        Only None says that there is none; any error says that it is not known.

        Raises:
            UnavailableError: It cannot be told, since a job in question has lost its inputs.
            ProviderError: The vendor could not be asked.
        """
        wanted, blurred, dead = body(request)["input"], "", ""
        for each in await self._api.since(since - CLOCK_SLACK):
            if each.model != request.card.name:
                continue
            if each.data_removed or not each.input:
                blurred = each.id
            elif each.asks_for(wanted) and each.status not in DEAD:
                return Job(ref=each.id)
            elif each.asks_for(wanted) and each.after(since):
                dead = dead or each.id
        if dead or not blurred:
            return Job(ref=dead) if dead else None
        raise _cannot_tell(request.card.id, blurred)

    async def poll(self, job: Job) -> JobState:
        """Ask how far the job is; what it failed of is raised."""
        try:
            now = await self._api.get(job.ref)
        except UnavailableError as error:
            error.maybe_billed = True  # out of sight, a job that was accepted goes on
            raise
        return self._state(now)

    def _state(self, now: Prediction) -> JobState:
        match now.status:
            case "succeeded":
                return finished(now, self._prices.get(now.model or ""))
            case "failed":
                raise failed(now)
            case "canceled" | "aborted" if now.was_late:
                raise overdue(now)
            case "canceled" | "aborted":
                return JobState(phase="cancelled")
            case "starting":
                return JobState(phase="queued")
            case _:  # "processing", or a word that Replicate has not told us yet
                return JobState(phase="running", progress=now.progress)

    async def cancel(self, job: Job) -> None:
        """Stop the job; harmless if it has ended."""
        await self._api.cancel(job.ref)

    async def fetch(self, output: Output) -> Delivered:
        """Fetch the picture from the vendor's own hosts, without the key."""
        return Delivered(
            data=await self._downloads.get(output.url),
            cost_usd=output.cost_usd,
            seed=output.seed,
            model_version=output.model_version,
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._api.close()
        await self._downloads.close()


def _cannot_tell(model: str, job: str) -> UnavailableError:
    return UnavailableError(
        f"job {job} may be ours, but Replicate has removed its inputs",
        maybe_billed=True,
        model=model,
        request_id=job,
        hint="It cannot be told any more whether Replicate made this picture.",
    )
