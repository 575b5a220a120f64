"""The whole road, once: a line becomes a planned run, and a planned run becomes a finished card."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.command import Imagine, Permuted, Rework, Use
from domain.draft import Writing
from domain.errors import CommandError, RouteError
from domain.event import Event
from domain.model import ModelCard, Quote, Route
from domain.ports import (
    Chance,
    Ending,
    Kind,
    Steps,
    Writer,
)
from domain.record import Record
from domain.run import Failure, Run, RunState
from domain.spec import Digest, PromptSpec
from domain.target import Target
from pipeline.aim import for_target
from pipeline.borrowed import routed, worded
from pipeline.byhand import counted, is_by_hand
from pipeline.checklist import ItemName, check_mandatory
from pipeline.compile import Compiled, compile_spec
from pipeline.compose import Child, Composed, Pictures, Shapes, compose, compose_child
from pipeline.drafting import plan_draft, write_prompts
from pipeline.generate import ImageOutcome, make_image, our_fault
from pipeline.quote import check_quote, quote
from pipeline.route import Routes, route
from pipeline.score import Scored
from pipeline.spread import SameChance, cells_of
from pipeline.sunset import ending
from pipeline.timing import timings_of
from pipeline.using import use
from pipeline.workshop import Workshop

logger = logging.getLogger(__name__)

# --- before acceptance: pure ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Office:
    """What planning a run needs to know."""

    chance: Chance
    on: Sequence[ModelCard]
    """Cards of the models that can be used now."""
    known: Mapping[str, ModelCard]
    routes: Routes
    confirm_above_usd: float
    targets: Mapping[str, Target] = field(default_factory=dict)
    writing: Writing | None = None
    """Who writes prompts from a brief."""
    mandatory: Sequence[ItemName] = ()
    """Items of the checklist without which nothing new is made."""


def plan(
    event: Event,
    command: Imagine | Child | Use | Permuted,
    office: Office,
    *,
    parent: Run | None = None,
    baseline: str | None = None,
    pictures: Pictures,
    shapes: Shapes | None = None,
) -> tuple[Run, ...]:
    """Compose, route, compile and quote a run; nothing is stored and nothing waits.

    Where several models are asked for, or words and values in braces, each gets a run of its own
    with the same seeds: a family.

    Args:
        event: Who asked, where and when.
        command: What for; a child needs its *parent*.
        office: What there is to choose from.
        parent: The run that a child is made from.
        baseline: What the child will be compared with.
        pictures: The digests of the pictures that the line names.
        shapes: The shapes of those that a run may begin with.

    Raises:
        CommandError: Values that cannot be had, all faults at once.
        RouteError: No model that is on takes it.
        ConfirmError: It costs more than is spent unasked.
    """
    office = _as_of(office, event.at.date())
    if isinstance(command, Imagine) and command.flags.from_brief and office.writing:
        return (plan_draft(event, command, office.writing, office.chance, pictures),)
    same_chance = SameChance(office.chance)
    runs: list[Run] = []
    for cell in cells_of(command):
        office = replace(office, chance=same_chance.again())
        composed = _composed(cell, parent, office, pictures, shapes)
        composed = worded(composed, for_target(composed.spec, cell.flags, office.targets))
        routed_as = None if isinstance(cell, Use) else parent
        runs += [
            _planned(event, _of_model(composed, model), cell, office, routed_as)
            for model in cell.flags.models or (composed.spec.model,)
        ]
    if isinstance(cells_of(command)[0], Imagine | Use):
        check_mandatory(runs, office.known, office.mandatory)
    if len(runs) > 1 and any(run.state == "handed" for run in runs):
        raise RouteError(
            "what is made by hand is asked for alone", hint="Name it in a line of its own."
        )
    check_quote(
        [run.quote for run in runs],
        runs[0].spec,
        confirmed=event.confirmed,
        confirm_above_usd=office.confirm_above_usd,
    )
    ids = [office.chance.ulid() for _ in runs]
    if parent is not None and parent.kind == "text":
        baseline = None
    same: dict[str, object] = {"root": parent.root if parent else ids[0], "baseline": baseline}
    if len(runs) > 1:
        same |= {"family": ids[0]} | ({} if parent else {"baseline": ids[0]})
    pairs = zip(runs, ids, strict=True)
    return tuple(run.model_copy(update=same | {"id": run_id}) for run, run_id in pairs)


def _of_model(composed: Composed, model: str | None) -> Composed:
    return replace(composed, spec=composed.spec.model_copy(update={"model": model}))


def _planned(
    event: Event,
    composed: Composed,
    command: Imagine | Child | Use,
    office: Office,
    parent: Run | None,
) -> Run:
    """Plan the run of one model."""
    wanted = _routed_as(composed.spec, command, parent, office)
    chosen, composed = routed(
        composed, wanted, on=office.on, known=office.known, routes=office.routes
    )
    card = office.known[chosen.model]
    composed = counted(_with_edit_input(composed, card, office), card)
    compiled = compile_spec(composed.spec, card, composed.seeds)
    chosen = _as_its_parent(chosen, parent, command)
    planned = _written(event, composed, compiled, chosen, quote(composed.spec, card))
    if card.answers == "handed":
        planned = planned.model_copy(update={"state": "handed", "stage": "handed"})
    if warned := ending(card, event.at.date()):
        planned = planned.model_copy(update={"warnings": (*planned.warnings, warned)})
    return planned


def _as_of(office: Office, today: date) -> Office:
    """Take off what its vendor has ended since the service was started."""
    ended = [card for card in office.on if card.is_retired(today)]
    if not ended:
        return office
    gone = {card.id: card.model_copy(update={"status": "retired"}) for card in ended}
    left = [card for card in office.on if card.id not in gone]
    return replace(office, on=left, known={**office.known, **gone})


def _composed(
    command: Imagine | Child | Use,
    parent: Run | None,
    office: Office,
    pictures: Pictures,
    shapes: Shapes | None,
) -> Composed:
    if isinstance(command, Imagine):
        return compose(command, chance=office.chance, pictures=pictures, shapes=shapes)
    if parent is None:
        raise ValueError("a child run needs its parent")
    if isinstance(command, Use):
        return use(parent, command, chance=office.chance, pictures=pictures, shapes=shapes or {})
    if parent.kind == "text":
        hint = "Choose one of its prompts: use 1 style: more cinematic"
        raise CommandError(f"{parent.ref} has prompts, and no images yet", hint=hint)
    return compose_child(parent, command, chance=office.chance, pictures=pictures, shapes=shapes)


def _routed_as(
    spec: PromptSpec, command: Imagine | Child | Use, parent: Run | None, office: Office
) -> PromptSpec:
    """A child goes to its parent's model, unless it asks for another model or task.

    What a model cannot do goes to one that can: few of those that draw also enlarge. What was made
    by hand is enlarged by hand.
    """
    if parent is None or command.flags.models or command.flags.task:
        return spec
    if isinstance(command, Rework) and not is_by_hand(parent, command, office.known):
        return spec.model_copy(update={"model": None, "task": parent.route.task})
    return spec.model_copy(update={"model": parent.route.model, "task": parent.route.task})


def _as_its_parent(chosen: Route, parent: Run | None, command: Imagine | Child | Use) -> Route:
    if parent is None or command.flags.models or command.flags.task:
        return chosen
    if isinstance(command, Rework) and chosen.model != parent.route.model:
        return chosen.model_copy(update={"reason": f"the first that can {command.kind}"})
    guessed = parent.route.task_guessed
    return chosen.model_copy(update={"reason": "as its parent", "task_guessed": guessed})


def _with_edit_input(composed: Composed, card: ModelCard, office: Office) -> Composed:
    """Hand the branched picture to a model that has no seed to branch from."""
    if composed.branch_digest is None or card.seed is not None or composed.spec.init_image:
        return composed
    spec = composed.spec.model_copy(update={"init_image": composed.branch_digest})
    same = spec.model_copy(update={"model": card.id})
    # Raises where the model takes no picture either, and names models that do.
    route(same, on=office.on, known=office.known, routes=office.routes)
    return Composed(spec, composed.seeds, composed.kind, composed.adjustments, composed.parent)


def _written(
    event: Event, composed: Composed, compiled: Compiled, chosen: Route, price: Quote
) -> Run:
    return Run(
        id="",
        root="",
        ref="r1",
        kind=composed.kind,
        state="queued",
        stage="queued",
        person=event.person,
        place=event.place,
        created_at=event.at,
        spec=composed.spec,
        route=chosen,
        quote=price,
        parameters=compiled.parameters,
        adjustments=(*composed.adjustments, *compiled.adjustments),
        warnings=compiled.warnings,
        seeds=compiled.seeds,
        parent=composed.parent,
    )


# --- after acceptance: durable -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Floor:
    """What producing a run needs."""

    steps: Steps
    shop: Workshop
    score: Callable[[Run], Coroutine[Any, Any, Scored]]
    draw_grid: Callable[[Run, Scored], Coroutine[Any, Any, Digest | None]]
    draw_sheet: Callable[[str], Coroutine[Any, Any, Digest | None]]
    """Draws the contact sheet of a family, as its runs stand, and stores it."""
    writer: Writer | None = None
    """Writes prompts from briefs."""


class _Begun(Record):
    ended: bool
    count: int
    writes: bool = False
    family: str | None = None


class _Drawn(Record):
    grid: Digest | None


class _Written(Record):
    state: RunState


async def produce(run_id: str, floor: Floor) -> None:
    """Make, measure, judge and present a run that was accepted.

    Run again from the top after a crash: what a step returned once it returns again, and between
    two steps there is no clock, no chance and no I/O.
    """
    once = floor.steps.once
    begun = await once("begin", lambda: _begin(run_id, floor), _Begun)
    if begun.ended:
        return
    if begun.writes:
        await write_prompts(run_id, floor.steps, floor.shop, floor.writer)
        return
    outcomes = await asyncio.gather(
        *(_image_step(run_id, number, floor) for number in range(1, begun.count + 1))
    )
    broken = _Broken(run_id, outcomes, floor)
    scored = await once("score", lambda: broken.ends(_score(run_id, floor)), Scored)
    drawn = await once("grid", lambda: broken.ends(_draw(run_id, outcomes, scored, floor)), _Drawn)
    await once("end", lambda: _end(run_id, outcomes, scored, drawn, floor), _Written)
    if begun.family is not None:
        family = begun.family
        await once("sheet", lambda: _sheet(family, floor), _Drawn)


@dataclass(frozen=True, slots=True)
class _Broken:
    """Lets a fault of ours end the run in the log too, where people see it; its images stay."""

    run_id: str
    outcomes: Sequence[ImageOutcome]
    floor: Floor

    async def ends(self, call: Coroutine[Any, Any, Kind]) -> Kind:
        """Return what *call* returns; what was in doubt stays in doubt if it fails."""
        try:
            return await call
        except Exception as error:
            logger.exception("broken run=%s", self.run_id)
            await self.floor.shop.log.end(self.run_id, self._ending(error))
            raise

    def _ending(self, error: Exception) -> Ending:
        unknown = _final_state(self.outcomes) == "unknown"
        return Ending(
            state="unknown" if unknown else "failed",
            failures=_failures(self.outcomes),
            error=our_fault(self.run_id, error),
        )


def _image_step(run_id: str, number: int, floor: Floor) -> Coroutine[Any, Any, ImageOutcome]:
    return floor.steps.once(f"image-{number}", lambda: _image(run_id, number, floor), ImageOutcome)


async def _begin(run_id: str, floor: Floor) -> _Begun:
    run = await floor.shop.log.begin(run_id)
    writes = run.kind == "text"
    return _Begun(ended=run.ended, count=run.spec.count, writes=writes, family=run.family)


async def _sheet(family: str, floor: Floor) -> _Drawn:
    return _Drawn(grid=await floor.draw_sheet(family))


async def _image(run_id: str, number: int, floor: Floor) -> ImageOutcome:
    return await make_image(await floor.shop.log.run(run_id), number, floor.shop)


async def _score(run_id: str, floor: Floor) -> Scored:
    await floor.shop.log.reach(run_id, "score")
    return await floor.score(await floor.shop.log.run(run_id))


async def _draw(
    run_id: str, outcomes: Sequence[ImageOutcome], scored: Scored, floor: Floor
) -> _Drawn:
    await floor.shop.log.reach(run_id, "present")
    run = await floor.shop.log.run(run_id)
    # They enter the log with the ending; a tile without a picture says now why there is none.
    shown = run.model_copy(update={"failures": _failures(outcomes)})
    return _Drawn(grid=await floor.draw_grid(shown, scored))


async def _end(
    run_id: str, outcomes: Sequence[ImageOutcome], scored: Scored, drawn: _Drawn, floor: Floor
) -> _Written:
    run = await floor.shop.log.run(run_id)
    if run.ended:
        return _Written(state=run.state)  # the crash came between the ending and this step's record
    failures = _failures(outcomes)
    state = _final_state(outcomes)
    versions = [one.model_version for one in run.artworks if one.model_version]
    ending = Ending(
        state=state,
        judged=scored.judged,
        failures=failures,
        error=_error(state, failures),
        grid=drawn.grid,
        timings_s=timings_of(run, floor.shop.clock.now()),
        model_version=versions[0] if versions else None,
    )
    await floor.shop.log.end(run_id, ending)
    return _Written(state=state)


def _failures(outcomes: Sequence[ImageOutcome]) -> tuple[Failure, ...]:
    return tuple(one.failure for one in outcomes if one.failure)


def _final_state(outcomes: Sequence[ImageOutcome]) -> RunState:
    ended = {one.ended for one in outcomes}
    if "unknown" in ended:
        return "unknown"
    if "cancelled" in ended:
        return "cancelled"
    return "done" if "made" in ended else "failed"


def _error(state: RunState, failures: Sequence[Failure]) -> Failure | None:
    return failures[0] if failures and state in {"failed", "unknown"} else None
