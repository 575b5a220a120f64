"""One image of a run: the only place that pays and waits; it never pays twice."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeVar, cast

from domain.errors import (
    BadReplyError,
    HandlerError,
    NotFoundError,
    PictureError,
    ProviderError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.model import ModelCard
from domain.picture import digest_of
from domain.ports import (
    Attempt,
    BlockingProvider,
    Delivered,
    ImageRequest,
    Job,
    Output,
    PolledProvider,
    Previewing,
    Provider,
    Receipt,
    Warming,
)
from domain.record import Record
from domain.run import Artwork, Failure, Run
from pipeline.compile import for_image
from pipeline.patience import MAX_RETRY_AFTER_S, patiently, unless, while_unbilled
from pipeline.workshop import Workshop, request_for

logger = logging.getLogger(__name__)
POLL_S: Final = (0.25, 0.5, 0.5, 1.0, 1.0, 2.0)
"""How long to wait before asking again; the last one stays."""
WARM_S: Final = 600.0
"""How long a machine may take to start: a cold start with a large model."""
FIND_AFTER_S: Final = 5.0
"""By then a vendor lists every job whose create call it has taken."""
DOUBT: Final = "It may have been billed, so it is not made again unasked: retry makes it again."

Ended = Literal["made", "refused", "down", "unknown", "cancelled"]
T = TypeVar("T")


class ImageOutcome(Record):
    """How the making of one image ended; an expected failure is a value, not an exception."""

    number: int
    ended: Ended
    failure: Failure | None = None
    model_version: str | None = None


@dataclass(frozen=True, slots=True)
class _Order:
    """One image that is asked for."""

    run: Run
    number: int
    card: ModelCard
    request: ImageRequest


class _Stopped(Exception):  # noqa: N818  a way out, not an error
    """The image ends here, as *ended* says."""

    def __init__(self, ended: Ended, failure: Failure | None = None) -> None:
        super().__init__(ended)
        self.ended: Ended = ended
        self.failure = failure


async def make_image(run: Run, number: int, shop: Workshop) -> ImageOutcome:
    """Make image *number* of a run, or find out what became of it before a crash."""
    try:
        return await _made(run, number, shop)
    except Exception as error:
        # Our own fault, as a value too: the other images of the run are kept, and the run ends.
        logger.exception("broken run=%s number=%s", run.id, number)
        ended: Ended = "unknown" if run.quote.usd > 0 else "down"
        failure = our_fault(run.id, error).model_copy(update={"number": number})
        return ImageOutcome(number=number, ended=ended, failure=failure)


async def _made(run: Run, number: int, shop: Workshop) -> ImageOutcome:
    key = f"{run.id}:{number}:{run.attempt_round}"
    missing = run.artwork(number) is None
    if missing and shop.card_of(run.route.model).answers == "handed":
        return ImageOutcome(number=number, ended="down")  # nobody has handed it in (yet)
    try:
        if missing:
            receipt = await _receipt(run, number, key, shop)
            await shop.log.keep(run.id, _artwork(run, number, receipt))
    except _Stopped as stop:
        failure = stop.failure and stop.failure.model_copy(update={"number": number})
        await shop.attempts.closed(key, stop.ended, failure.message if failure else "")
        logger.info("not made run=%s number=%s ended=%s", run.id, number, stop.ended)
        return ImageOutcome(number=number, ended=stop.ended, failure=failure or None)
    return ImageOutcome(number=number, ended="made")


async def _receipt(run: Run, number: int, key: str, shop: Workshop) -> Receipt:
    card = shop.card_of(run.route.model)
    try:
        provider = shop.provider_of(card)
        request = await request_for(run, number, key, card, shop)
        request = replace(request, webhook_url=shop.webhook_url(provider))
        order = _Order(run, number, card, request)
        async with shop.gate_of(card):
            attempt = await _opened(order, provider, shop)
            if attempt.receipt is not None and await _lies(attempt.receipt, shop):
                return attempt.receipt
            await _warmed(order, provider, shop)
            if attempt.job is None:
                await shop.pace.turn(card.provider, lambda: _cancelled(order, shop))
            delivered = await _in_time(order, attempt, provider, shop)
        return await _stored(order, delivered, shop)
    except ProviderError as error:
        raise _ending_of(error) from error


async def _opened(order: _Order, provider: Provider, shop: Workshop) -> Attempt:
    """Write the intent; what had ended before a crash ends the same way again."""
    payload = provider.payload(order.request)
    attempt = await shop.attempts.open(order.request.key, order.run, order.number, payload)
    if attempt.state in {"refused", "down", "unknown", "cancelled"}:
        ended: Ended = attempt.state
        hint = DOUBT if ended == "unknown" else ""
        raise _Stopped(ended, Failure(kind=ended, message=attempt.message, hint=hint))
    return attempt


async def _lies(receipt: Receipt, shop: Workshop) -> bool:
    """Whether the receipt's file is there: a crash may have come between the two."""
    try:
        await shop.artifacts.get(receipt.digest)
    except NotFoundError:
        return False
    return True


async def _warmed(order: _Order, provider: Provider, shop: Workshop) -> None:
    """Let a machine that sleeps start first; that is not the time of the image."""
    if not isinstance(provider, Warming):
        return
    try:
        with shop.warming(order.run.id):
            async with asyncio.timeout(WARM_S):
                await _unless_cancelled(order, provider.warm(), shop)
    except TimeoutError as error:
        message = f"{order.card.title} did not start within {WARM_S:g} s"
        raise _Stopped("down", Failure(kind="down", message=message)) from error


async def _unless_cancelled(order: _Order, call: Coroutine[Any, Any, T], shop: Workshop) -> T:
    found = await unless(lambda: _cancelled(order, shop), call, shop.clock)
    if found is None and _cancelled(order, shop):
        raise _Stopped("cancelled")
    return cast("T", found)


def _cancelled(order: _Order, shop: Workshop) -> bool:
    return order.run.cancel_requested_by is not None or shop.cancelled(order.run.id)


async def _paid(
    order: _Order, call: Callable[[ImageRequest], Coroutine[Any, Any, T]], shop: Workshop
) -> T:
    """Make a call that is billed, and again while it surely was not; never when cancelled."""

    async def unless_cancelled() -> T:
        if _cancelled(order, shop):
            raise _Stopped("cancelled")
        try:
            return await shop.circuit.through(order.card, lambda: call(order.request))
        except RateLimitedError as error:  # the others need not find out for themselves
            shop.pace.rest(order.card.provider, min(error.retry_after_s, MAX_RETRY_AFTER_S))
            raise

    return await while_unbilled(unless_cancelled, shop.clock)


async def _in_time(
    order: _Order, attempt: Attempt, provider: Provider, shop: Workshop
) -> Delivered:
    try:
        async with asyncio.timeout(order.card.timeout_s):
            if provider.answers == "polled":
                return await _by_job(order, attempt, provider, shop)
            if not attempt.fresh and not order.card.repeatable:
                raise _in_doubt(order.card)
            return await _made_at_once(order, provider, shop)
    except TimeoutError as error:
        message = f"{order.card.title} took longer than {order.card.timeout_s:g} s"
        if not order.card.repeatable:
            raise _in_doubt(order.card, message) from error
        raise _Stopped("down", Failure(kind="down", message=message)) from error


async def _made_at_once(order: _Order, provider: BlockingProvider, shop: Workshop) -> Delivered:
    """Wait for a call that blocks; where the maker can stop, a cancelled run does not wait."""
    made = _paid(order, provider.make, shop)
    if not order.card.cancels:
        return await made
    return await _unless_cancelled(order, made, shop)


async def _by_job(
    order: _Order, attempt: Attempt, provider: PolledProvider, shop: Workshop
) -> Delivered:
    job = attempt.job or await _submitted(order, attempt, provider, shop)
    output = await _awaited(order, job, provider, shop)
    try:
        return await patiently(lambda: provider.fetch(output), shop.clock)
    except (RateLimitedError, UnavailableError) as error:
        # It is made and billed: only its picture did not come.
        raise _in_doubt(order.card, error.message) from error


async def _submitted(
    order: _Order, attempt: Attempt, provider: PolledProvider, shop: Workshop
) -> Job:
    job = None if attempt.fresh else await _found(order, attempt, provider, shop)
    try:
        if job is None:
            job = await _paid(order, provider.submit, shop)
    except UnavailableError as error:
        job = await _found(order, attempt, provider, shop) if error.maybe_billed else None
        if job is None:
            raise
    await shop.attempts.submitted(order.request.key, job)
    return job


async def _found(
    order: _Order, attempt: Attempt, provider: PolledProvider, shop: Workshop
) -> Job | None:
    """Ask the vendor for the job of a create call whose answer was lost.

    None: the vendor does not know of such a job, asked long enough after the call. When that was
    is not known (the intent may be much older, and the crash just now), so it is long from here.
    """
    began_s = shop.clock.monotonic_s()
    while True:
        age_s = shop.clock.monotonic_s() - began_s
        try:
            job = await provider.find(order.request, attempt.opened_at)
        except ProviderError as error:
            raise _in_doubt(order.card) from error
        if job is not None or age_s >= FIND_AFTER_S:
            return job
        await shop.clock.sleep(1.0)


async def _awaited(order: _Order, job: Job, provider: PolledProvider, shop: Workshop) -> Output:
    turn = 0
    while True:
        if _cancelled(order, shop):
            await patiently(lambda: provider.cancel(job), shop.clock)
            raise _Stopped("cancelled")
        state = await patiently(lambda: provider.poll(job), shop.clock)
        if state.phase == "cancelled":
            raise _Stopped("cancelled")
        if state.output is not None:
            return state.output
        if state.progress is not None:
            shop.progressed(order.run.id, order.number, state.progress)
        if isinstance(provider, Previewing) and (preview := provider.preview(job)):
            shop.previewed(order.run.id, order.number, preview)
        await shop.wait(order.request, job, POLL_S[min(turn, len(POLL_S) - 1)])
        turn += 1


async def _stored(order: _Order, delivered: Delivered, shop: Workshop) -> Receipt:
    try:
        facts = await shop.look(delivered.data)
    except PictureError as error:
        raise BadReplyError(
            f"{order.card.title} sent no picture: {error.message}", model=order.card.id
        ) from error
    receipt = Receipt(
        digest=f"sha256:{digest_of(delivered.data)}",
        media_type=facts.media_type,
        size_bytes=len(delivered.data),
        width=facts.width_px,
        height=facts.height_px,
        cost_usd=_cost_usd(order, delivered),
        seed=delivered.seed,
        model_version=delivered.model_version,
        request_id=delivered.request_id,
        notes=delivered.notes,
    )
    # The receipt first: whatever becomes of the file, what it cost is known, and so is its name.
    await shop.attempts.stored(order.request.key, receipt)
    await shop.artifacts.put(delivered.data, facts.media_type)
    return receipt


def _cost_usd(order: _Order, delivered: Delivered) -> float | None:
    """Return what the vendor reported; 0 for what is free; None when nobody knows."""
    if delivered.cost_usd is None and order.card.price.usd_per_image == 0:
        return 0.0
    return delivered.cost_usd


def _artwork(run: Run, number: int, receipt: Receipt) -> Artwork:
    parameters = for_image(run.parameters, run.seeds[number - 1])
    seed = parameters.seed if receipt.seed is None else receipt.seed
    return Artwork(
        index=number,
        seed=seed,
        digest=receipt.digest,
        media_type=receipt.media_type,
        size_bytes=receipt.size_bytes,
        width=receipt.width,
        height=receipt.height,
        parameters=parameters,
        notes=receipt.notes,
        cost_usd=receipt.cost_usd,
        model_version=receipt.model_version,
    )


def _in_doubt(card: ModelCard, message: str = "") -> _Stopped:
    said = message or f"the answer of {card.title} was lost"
    return _Stopped("unknown", Failure(kind="unknown", message=said, hint=DOUBT))


def our_fault(run_id: str, error: Exception) -> Failure:
    """Say what broke here: in its own words if they are ours, else as a run to quote."""
    if isinstance(error, HandlerError):
        return Failure(kind=error.kind, message=error.message, hint=error.hint)
    said = f"Something broke on our side (run {run_id})"
    return Failure(kind="error", message=said, hint="The log of the service says what.")


def _ending_of(error: ProviderError) -> _Stopped:
    if isinstance(error, UnavailableError) and error.maybe_billed:
        return _Stopped("unknown", Failure(kind="unknown", message=error.message, hint=DOUBT))
    ended: Ended = "refused" if isinstance(error, RejectedError) else "down"
    return _Stopped(ended, Failure(kind=error.kind, message=error.message, hint=error.hint))
