"""Models on Replicate: a job is submitted, asked after, found again, cancelled and fetched."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import httpx

from domain.errors import ForbiddenError, ProviderError, UnavailableError
from domain.model import ModelCard
from domain.picture import MAX_VENDOR_BYTES
from domain.ports import (
    Delivered,
    ImageRequest,
    Job,
    JobState,
    Output,
    Pixels,
)
from providers.replicate.api import Api, Limits, api_url, by_proxy
from providers.replicate.checks import check
from providers.replicate.courier import Courier
from providers.replicate.download import Downloads
from providers.replicate.faults import failed, overdue
from providers.replicate.inputs import Piece, body, pieces
from providers.replicate.webhooks import heard_job
from providers.replicate.wire import Prediction, finished

logger = logging.getLogger(__name__)
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
        pixels: Pixels,
        *,
        base_url: str = "",
        limits: Limits | None = None,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        limits = limits or Limits()
        self._cards = {card.name: card for card in cards}
        self._secret: str | None = None
        self._secret_wanted = False
        trust = httpx.create_ssl_context()  # made once for both clients: it is slow to make
        self._api = Api(api_key, base_url, limits, trust)
        self._courier = Courier(self._api, pixels)
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
        """Create the job, which the vendor gives up at the card's time limit.

        What the card does not allow is refused before anything is sent.
        """
        check(request)
        addresses = await self._courier.addresses(request.card, pieces(request))
        webhook_url = request.webhook_url if await self._knows_secret(request) else ""
        made = await self._api.create(
            body(request, addresses.__getitem__),
            model=request.card.name,
            deadline_s=request.card.timeout_s,
            webhook_url=webhook_url,
        )
        return Job(ref=made.id)

    async def _knows_secret(self, request: ImageRequest) -> bool:
        """Whether what Replicate will tell us can be believed; if not, it is only asked."""
        if request.webhook_url and self._secret is None:
            await self._learn_secret()
        return bool(request.webhook_url and self._secret)

    async def _learn_secret(self) -> None:
        try:
            self._secret = await self._api.webhook_secret()
        except ProviderError as error:
            logger.warning("no webhooks from Replicate: %s", error.message)

    async def find(self, request: ImageRequest, since: datetime) -> Job | None:
        """Look through the account's jobs for one with exactly our inputs, the seed among them.

        Only None says that there is none; any error says that it is not known.

        Raises:
            UnavailableError: It cannot be told, since a job in question has lost its inputs.
            ProviderError: The vendor could not be asked.
        """
        shown, blurred, dead = pieces(request), "", ""
        wanted = _plain(body(request)["input"], shown)
        for each in await self._api.since(since - CLOCK_SLACK):
            if each.model != request.card.name:
                continue
            same = await self._same(each, wanted, shown)
            if same is None:
                blurred = each.id
            elif same and each.status not in DEAD:
                return Job(ref=each.id)
            elif same and each.after(since):
                dead = dead or each.id
        if dead or not blurred:
            return Job(ref=dead) if dead else None
        raise _cannot_tell(request.card.id, blurred)

    async def _same(
        self, each: Prediction, wanted: dict[str, Any], shown: Sequence[Piece]
    ) -> bool | None:
        """Whether a job has these inputs; None if that cannot be told."""
        if each.data_removed or not each.input:
            return None
        if not each.asks_for(wanted):
            return False
        return await self._courier.same(shown, each.input)

    async def poll(self, job: Job) -> JobState:
        """Ask how far the job is; what it failed of is raised."""
        if self._secret_wanted and self._secret is None:
            self._secret_wanted = False
            await self._learn_secret()
        try:
            now = await self._api.get(job.ref)
        except UnavailableError as error:
            error.maybe_billed = True  # out of sight, a job that was accepted goes on
            raise
        return self._state(now)

    def _state(self, now: Prediction) -> JobState:
        match now.status:
            case "succeeded":
                return finished(now, self._cards.get(now.model or ""))
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

    def heard(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Job:
        """Return the job that a webhook tells of; it is then asked after.

        Raises:
            ForbiddenError: It is not Replicate's, or that cannot be told yet: right after a
                start its key is learned with the next job that is asked after.
        """
        if self._secret is None:
            self._secret_wanted = True
            raise ForbiddenError(
                "a webhook of Replicate: its key is not known yet",
                hint="The job is asked after instead.",
            )
        return heard_job(headers, body, now, self._secret)

    async def close(self) -> None:
        """Give back connections."""
        await self._api.close()
        await self._downloads.close()


def _plain(inputs: dict[str, Any], shown: Sequence[Piece]) -> dict[str, Any]:
    """Return the inputs that are no pictures."""
    fields = {piece.field for piece in shown}
    return {name: value for name, value in inputs.items() if name not in fields}


def _cannot_tell(model: str, job: str) -> UnavailableError:
    return UnavailableError(
        f"job {job} may be ours, but Replicate has removed its inputs",
        maybe_billed=True,
        model=model,
        request_id=job,
        hint="It cannot be told any more whether Replicate made this picture.",
    )
