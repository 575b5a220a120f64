"""Prompts from a brief: a run of its own, planned, paid once, and kept with its alternatives."""

import asyncio
import json
import logging
from typing import Final, Literal

from domain.command import Imagine
from domain.draft import Drafted, Drafts, Writing
from domain.errors import HandlerError, ProviderError, RejectedError, UnavailableError
from domain.event import Event
from domain.model import Parameters, Quote, Route
from domain.picture import digest_of
from domain.ports import Attempt, Chance, Ending, Receipt, Steps, Writer
from domain.record import Record
from domain.run import Failure, Notice, Run
from domain.spec import PromptSpec, Segments
from pipeline.compose import Pictures, flagged
from pipeline.generate import our_fault
from pipeline.patience import while_unbilled
from pipeline.timing import timings_of
from pipeline.workshop import Workshop

logger = logging.getLogger(__name__)
DOUBT: Final = "It may have been billed, so it is not written again unasked: retry writes it again."
BY_RULES: Final = "No language model is on, so the brief was split by rules: set OPENAI_API_KEY."

Ended = Literal["done", "failed", "unknown", "cancelled"]


class Written(Record):
    """How the writing ended."""

    ended: Ended
    drafts: Drafts = ()
    failure: Failure | None = None
    model_version: str | None = None


def plan_draft(
    event: Event, command: Imagine, writing: Writing, chance: Chance, pictures: Pictures
) -> Run:
    """Plan a run that writes prompts; its flags wait for the images that are made from one."""
    brief = command.flags.from_brief or ""
    asked = flagged(PromptSpec(segments=Segments()), command.flags, pictures)
    spec = asked.model_copy(update={"brief": asked.brief or brief})
    usd = writing.most_usd(brief)
    price = f"up to ${usd:.3f}" if usd else "free"
    run_id = chance.ulid()
    return Run(
        id=run_id,
        root=run_id,
        ref="r1",
        kind="text",
        state="queued",
        stage="queued",
        person=event.person,
        place=event.place,
        created_at=event.at,
        spec=spec,
        route=Route(
            model=writing.model,
            task=spec.task or "environment",
            task_guessed=spec.task is None,
            reason="writes prompts from briefs",
        ),
        quote=Quote(images=0, usd=usd, text=f"prompts from a brief · {price}"),
        parameters=_parameters(writing, brief),
        warnings=(Notice(code="by-rules", text=BY_RULES),) if writing.by_rules else (),
        seeds=(),
    )


def _parameters(writing: Writing, brief: str) -> Parameters:
    return Parameters(
        model=writing.model,
        prompt=brief,
        negative_prompt=None,
        seed=None,
        cfg_scale=None,
        steps=None,
        width=None,
        height=None,
        aspect_ratio=None,
        denoising_strength=None,
        init_image=None,
        mask=None,
        left_to_vendor=(),
        count=writing.alternatives,
        settings={
            "instructions": writing.version,
            "max_output_tokens": writing.max_output_tokens,
            "reasoning_effort": writing.reasoning_effort,
        },
    )


async def write_prompts(run_id: str, steps: Steps, shop: Workshop, writer: Writer | None) -> None:
    """Write the prompts of a run that has begun; run again from the top after a crash."""
    written = await steps.once("write", lambda: _written(run_id, shop, writer), Written)
    await steps.once("end", lambda: _end(run_id, written, shop), Written)


async def _written(run_id: str, shop: Workshop, writer: Writer | None) -> Written:
    run = await shop.log.run(run_id)
    try:
        return await write(run, shop, writer)
    except Exception as error:
        logger.exception("broken run=%s", run_id)
        return Written(ended="failed", failure=our_fault(run_id, error))


async def _end(run_id: str, written: Written, shop: Workshop) -> Written:
    run = await shop.log.run(run_id)
    ending = Ending(
        state=written.ended,
        drafts=written.drafts,
        error=written.failure,
        timings_s=timings_of(run, shop.clock.now()),
        model_version=written.model_version,
    )
    if not run.ended:  # a crash may have come between the ending and this step's record
        await shop.log.end(run_id, ending)
    return written


async def write(run: Run, shop: Workshop, writer: Writer | None) -> Written:
    """Have the prompts of a run written, or find out what became of it before a crash."""
    if writer is None or writer.writing.model != run.route.model:
        said = f"{run.route.model} does not write here any more"
        failure = Failure(kind="not_configured", message=said, hint="Ask anew.")
        return Written(ended="failed", failure=failure)
    key = f"{run.id}:0:{run.attempt_round}"
    attempt = await shop.attempts.open(key, run, 0, writer.payload(run.parameters.prompt))
    if attempt.receipt is not None:
        return _read(attempt.receipt)
    if not attempt.fresh:
        return _not_again(attempt, writer.writing)
    try:
        drafted = await _paid(run, shop, writer)
    except ProviderError as error:
        ended = _ended(error)
        await shop.attempts.closed(key, _state(ended), error.message)
        return Written(ended=ended, failure=_failure(error, ended))
    if drafted is None:
        await shop.attempts.closed(key, "cancelled", "")
        return Written(ended="cancelled")
    receipt = _receipt(drafted)
    await shop.attempts.stored(key, receipt)
    return _read(receipt)


async def _paid(run: Run, shop: Workshop, writer: Writer) -> Drafted | None:
    """Make the call that is billed, once; None if the run was cancelled before."""
    if run.cancel_requested_by or shop.cancelled(run.id):
        return None
    writing = writer.writing
    try:
        async with asyncio.timeout(writing.timeout_s):
            return await while_unbilled(lambda: writer.write(run.parameters.prompt), shop.clock)
    except TimeoutError as error:
        said = f"{writing.title} took longer than {writing.timeout_s:g} s"
        raise UnavailableError(said, maybe_billed=True, model=writing.model) from error


def _receipt(drafted: Drafted) -> Receipt:
    """Keep the words themselves with the cost: after a crash nothing is asked for again."""
    words = drafted.model_dump_json(include={"drafts", "refused", "hint", "model_version"})
    return Receipt(
        digest=f"sha256:{digest_of(words.encode())}",
        media_type="application/json",
        size_bytes=len(words.encode()),
        width=0,
        height=0,
        cost_usd=drafted.cost_usd,
        model_version=drafted.model_version,
        request_id=drafted.request_id,
        notes=(words,),
    )


def _read(receipt: Receipt) -> Written:
    kept = Drafted.model_validate(json.loads(receipt.notes[0]))
    if kept.refused:
        failure = Failure(kind="refused", message=kept.refused, hint=kept.hint)
        return Written(ended="failed", failure=failure, model_version=kept.model_version)
    return Written(ended="done", drafts=kept.drafts, model_version=kept.model_version)


def _not_again(attempt: Attempt, writing: Writing) -> Written:
    """What had begun before a crash: it ended, or may have been billed."""
    known: dict[str, Ended] = {"refused": "failed", "down": "failed", "cancelled": "cancelled"}
    ended = known.get(attempt.state, "unknown")
    if ended == "cancelled":
        return Written(ended=ended)
    said = attempt.message or f"the answer of {writing.title} was lost"
    hint = DOUBT if ended == "unknown" else ""
    return Written(ended=ended, failure=Failure(kind=ended, message=said, hint=hint))


def _ended(error: ProviderError) -> Ended:
    lost = isinstance(error, UnavailableError) and error.maybe_billed
    return "unknown" if lost else "failed"


def _state(ended: Ended) -> str:
    return "unknown" if ended == "unknown" else "refused"


def _failure(error: HandlerError, ended: Ended) -> Failure:
    hint = DOUBT if ended == "unknown" else error.hint
    kind = "refused" if isinstance(error, RejectedError) else error.kind
    return Failure(kind=kind, message=error.message, hint=hint)
