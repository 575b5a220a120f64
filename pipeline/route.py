"""Which model makes it: by task type and needs, not by habit; always with the reason."""

import re
from collections.abc import Mapping, Sequence

from domain.errors import RouteError
from domain.model import ModelCard, ModelId, Route
from domain.record import Record
from domain.spec import TASKS, PromptSpec, TaskType

SKETCH = "sketch:storyboard"


class Routes(Record):
    """The team's routing table, as data."""

    tasks: dict[TaskType, tuple[ModelId, ...]]
    """The models of a task type, the preferred one first."""
    words: dict[TaskType, tuple[str, ...]]
    """Words of a brief by which a task type is guessed; the first type that matches is it."""
    default: TaskType


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
    listed = [by_id[model] for model in routes.tasks.get(task, ()) if model in by_id]
    others = [card for card in on if card not in listed and card.id != SKETCH]
    fit = [card for card in (*listed, *others) if unfit(card, spec) == ""]
    if fit:
        first = fit[0] in listed
        reason = f"first of the {task} route that is on" if first else f"takes what {task} needs"
        return Route(model=fit[0].id, task=task, task_guessed=guessed, reason=reason)
    if listed or others or SKETCH not in by_id or unfit(by_id[SKETCH], spec):
        raise _none_fits(spec, on)
    return Route(model=SKETCH, task=task, task_guessed=guessed, reason="no other model is on")


def unfit(card: ModelCard, spec: PromptSpec) -> str:
    """Return the input that rules the model out, in words; empty if it takes all of them."""
    if spec.init_image and not card.takes_pictures:
        return "takes no init image"
    if spec.mask and not card.mask:
        return "takes no mask"
    return ""


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
    reason = unfit(card, spec)
    if reason:
        able = ", ".join(other.id for other in on if not unfit(other, spec)) or "none that is on"
        raise RouteError(f"{card.id} {reason}", hint=f"Models that can: {able}.")


def _none_fits(spec: PromptSpec, on: Sequence[ModelCard]) -> RouteError:
    reasons = "; ".join(f"{card.id} {unfit(card, spec)}" for card in on if unfit(card, spec))
    able = ", ".join(card.id for card in on if not unfit(card, spec))
    hint = f"Ask for one that can: --model {able}." if able else "Leave the picture out."
    return RouteError(f"no routed model takes this: {reasons}", hint=hint)
