"""Which model makes it: by task type and needs, not by habit; always with the reason."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.errors import RouteError
from domain.model import ModelCard, ModelId, Route
from domain.record import Record
from domain.run import Run
from domain.spec import TASKS, Operation, PromptSpec, TaskType
from pipeline.inputs import unfit_inputs

SKETCH: Final = "sketch:storyboard"
SHOWN: Final = 5
_LETTERING: Final = re.compile(r'"[^"]*\w[^"]*"')
"""Words in double quotes are to be read in the picture."""


class Routes(Record):
    """The team's routing table, as data."""

    tasks: dict[TaskType, tuple[ModelId, ...]]
    """The models of a task type, the preferred one first."""
    words: dict[TaskType, tuple[str, ...]]
    """Words of a brief by which a task type is guessed; the first type that matches is it."""
    default: TaskType
    own: tuple[TaskType, ...] = ()
    """Task types for which the channel itself has named its first choice."""


def guess_task(spec: PromptSpec, routes: Routes) -> TaskType:
    """Guess the task type from whole words of the brief."""
    text = f"{spec.scored_brief} {spec.segments.style.text}".casefold()
    for task in TASKS:
        if any(_says(text, word) for word in routes.words.get(task, ())):
            return task
    return routes.default


def _says(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word)}(?:s|es)?\b", text) is not None


def route(
    spec: PromptSpec, *, on: Sequence[ModelCard], known: Mapping[str, ModelCard], routes: Routes
) -> Route:
    """Choose the model.

    Args:
        spec: What was asked for.
        on: Cards of the models that can be used now.
        known: Every card by id, those that are off too: for errors that help.
        routes: The routing table.

    Raises:
        RouteError: The model asked for is unknown, off, retired or cannot take an input; or no
            model can. The hint names what would do.
    """
    task = spec.task or guess_task(spec, routes)
    guessed = spec.task is None
    if spec.model:
        card = _asked_for(spec.model, on, known)
        _refuse_unfit(card, spec, on)
        return Route(model=card.id, task=task, task_guessed=guessed, reason="asked for")
    by_id = {card.id: card for card in on}
    listed = _writers_first(
        [by_id[model] for model in routes.tasks.get(task, ()) if model in by_id], spec
    )
    others = [card for card in on if card not in listed and serves(card)]
    fit = [card for card in (*listed, *others) if unfit_inputs(card, spec) == ""]
    if fit:
        reason = _reason(fit[0], task, listed, routes)
        return Route(model=fit[0].id, task=task, task_guessed=guessed, reason=reason)
    if listed or others or SKETCH not in by_id or unfit_inputs(by_id[SKETCH], spec):
        raise _none_fits(spec, on, known)
    return Route(model=SKETCH, task=task, task_guessed=guessed, reason="no other model is on")


def _reason(card: ModelCard, task: TaskType, listed: Sequence[ModelCard], routes: Routes) -> str:
    if card not in listed:
        return f"takes what {task} needs"
    if task in routes.own and card.id == routes.tasks[task][0]:
        return f"this channel's first choice for {task}"
    return f"first of the {task} route that is on"


def serves(card: ModelCard) -> bool:
    """Whether a model is used though no route names it: no sketch, and nothing by hand."""
    return card.id != SKETCH and card.answers != "handed" and card.makes_map is None


def able(on: Sequence[ModelCard]) -> dict[Operation, float]:
    """Return what can be done with a finished image, and its price in USD."""
    found: dict[Operation, float] = {}
    for card in filter(serves, on):
        for operation in card.operations:
            if operation != "make":
                found.setdefault(operation, card.price.usd_per_image)
    return found


def fallback(run: Run, on: Sequence[ModelCard], routes: Routes) -> ModelCard | None:
    """Return the model of another vendor that would have been next, for a run whose vendor is down.

    It is offered and never taken unasked: another model makes other pictures, for other money. The
    sketch stands in for nobody.
    """
    spec = run.spec.model_copy(update={"model": None})
    down = run.route.model.partition(":")[0]
    by_id = {card.id: card for card in on if card.provider != down and serves(card)}
    order = [by_id[model] for model in routes.tasks.get(run.route.task, ()) if model in by_id]
    fit = (card for card in (*order, *by_id.values()) if not unfit_inputs(card, spec))
    return next(fit, None)


def _asked_for(model: str, on: Sequence[ModelCard], known: Mapping[str, ModelCard]) -> ModelCard:
    for card in on:
        if card.id == model:
            return card
    names = ", ".join(card.id for card in on)
    card_off = known.get(model)
    if card_off is None:
        raise RouteError(f"no model {model!r}", hint=f"On now: {names}.")
    if card_off.status == "retired":
        raise RouteError(
            f"{model} was retired on {card_off.retired_on}",
            hint=f"Its replacement: --model {card_off.replacement}.",
        )
    raise RouteError(f"{model} is off", hint=f"`ai-handler models` says why. On now: {names}.")


def _refuse_unfit(card: ModelCard, spec: PromptSpec, on: Sequence[ModelCard]) -> None:
    reason = unfit_inputs(card, spec)
    if reason:
        able = ", ".join(
            other.id for other in on if other.answers != "handed" and not unfit_inputs(other, spec)
        )
        able = able or "none that is on"
        raise RouteError(f"{card.id} {reason}", hint=f"Models that can: {able}.")


def _writers_first(listed: list[ModelCard], spec: PromptSpec) -> list[ModelCard]:
    """Where words are to be read in the picture, models that write come first."""
    if _LETTERING.search(spec.scored_brief) is None:
        return listed
    return sorted(listed, key=lambda card: not card.lettering)


def _none_fits(
    spec: PromptSpec, on: Sequence[ModelCard], known: Mapping[str, ModelCard]
) -> RouteError:
    reasons = "; ".join(f"{card.id} {why}" for card in on if (why := unfit_inputs(card, spec)))
    able = ", ".join(
        card.id for card in on if card.answers != "handed" and not unfit_inputs(card, spec)
    )
    if able:
        hint = f"Ask for one that can: --model {able}."
    elif asleep := [card.id for card in known.values() if _would_do(card, spec)]:
        hint = f"These could, once they are on: {', '.join(asleep[:SHOWN])}."
    else:
        hint = "Leave the picture out."
    return RouteError(f"no routed model takes this: {reasons}", hint=hint)


def _would_do(card: ModelCard, spec: PromptSpec) -> bool:
    return card.status != "retired" and card.answers != "handed" and not unfit_inputs(card, spec)
