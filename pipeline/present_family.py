"""A family becomes one card: a row of images for each run, and what sets the runs apart."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from domain.axis import Axis
from domain.card import Button, Card, Section
from domain.family import Family
from domain.model import ModelCard
from domain.run import Run, RunState
from domain.spec import MAX_FAMILY
from pipeline.around import Around
from pipeline.buttons import retry_button
from pipeline.present import adjusted, error_of, price_of, seed_fact, status_of, timed
from pipeline.tiles import alt_text, tile_of, words_of

SHARED: Final = "; the same seeds for all"


def present_family(family: Family, around: Mapping[str, Around]) -> Card:
    """Make the card of a family; *around* has what each run's section shows, by its id."""
    first = family.first
    down = next((run.taken_down_by for run in family.runs if run.taken_down_by), None)
    return Card(
        run_id=family.id,
        root_id=first.root,
        ref=f"{first.ref}–{family.runs[-1].ref}",
        revision=family.revision,
        state=_state(family),
        by=first.person.name,
        at=first.created_at,
        words=words_of(first),
        title=_title(family),
        facts=_facts(family),
        status=_status(family),
        warnings=tuple(dict.fromkeys(one.text for run in family.runs for one in run.warnings)),
        buttons=() if down else _buttons(family),
        decided=_chosen(family.runs),
        grid=family.sheet,
        alt=alt_text(first),
        taken_down=down or "",
        sections=tuple(
            _section(run, around[run.id], _label(family, at, around[run.id]))
            for at, run in enumerate(family.runs)
        ),
        axes=() if family.only_models else titled(family.axes, _cards(around)),
        hint=_hint(family),
    )


def titled(axes: Sequence[Axis], card_of: Callable[[str], ModelCard | None]) -> tuple[Axis, ...]:
    """Return the axes with models under their titles."""

    def title(model: str) -> str:
        card = card_of(model)
        return card.title if card else model

    return tuple(
        Axis(name=axis.name, values=tuple(map(title, axis.values)))
        if axis.name == "model"
        else axis
        for axis in axes
    )


def label_of(run: Run, around: Around) -> str:
    """Return what a run of several models is called."""
    return around.card.title if around.card else run.route.model


def _cards(around: Mapping[str, Around]) -> Callable[[str], ModelCard | None]:
    cards = {one.card.id: one.card for one in around.values() if one.card}
    return cards.get


def _label(family: Family, at: int, around: Around) -> str:
    """Return what sets a run apart: its value on each axis."""
    if family.only_models:
        return label_of(family.runs[at], around)
    card_of = _cards({"": around})
    values = family.values_of(at)
    shown = titled(
        [
            Axis(name=axis.name, values=(value,))
            for axis, value in zip(family.axes, values, strict=True)
        ],
        card_of,
    )
    return " · ".join(
        axis.values[0]
        if axis.name == "model"
        else f"{axis.name.replace('_', ' ')} {axis.values[0]}"
        for axis in shown
    )


def _title(family: Family) -> str:
    """Say what the card compares: ``6 cells: subject × cfg scale``."""
    if family.only_models:
        return f"{len(family.runs)} models"
    names = " × ".join(axis.name.replace("_", " ") for axis in family.axes)
    return f"{len(family.runs)} cells: {names}"


def _hint(family: Family) -> str:
    """Say how to go on with a cell, once there are more of them than buttons in a row."""
    if family.only_models or not family.ended or not any(run.artworks for run in family.runs):
        return ""
    return f"A cell of its own: promote --in {family.first.ref}"


def _section(run: Run, around: Around, label: str) -> Section:
    numbers = range(1, run.spec.count + 1)
    return Section(
        run_id=run.id,
        ref=run.ref,
        label=label,
        facts=(price_of(run, around.card), *timed(run)),
        status=status_of(run, around),
        error=error_of(run),
        adjustments=tuple(adjusted(run)),
        tiles=tuple(tile_of(run, number, around) for number in numbers),
        chosen=run.promoted_by or "",
    )


def _facts(family: Family) -> tuple[str, ...]:
    first = family.first
    task = f"{first.route.task} (guessed)" if first.route.task_guessed else first.route.task
    usd = sum(run.quote.usd if run.cost_usd is None else run.cost_usd for run in family.runs)
    seeds = next((fact for run in family.runs for fact in seed_fact(run)), "")
    price = f"${usd:.3f} in all" if usd else "free"
    return tuple(filter(None, (task, seeds and f"{seeds}{SHARED}", price)))


def _state(family: Family) -> RunState:
    """One that is open leaves the family open; else the best that was reached."""
    states: list[RunState] = [run.state for run in family.runs]
    if "running" in states or ("queued" in states and set(states) != {"queued"}):
        return "running"
    order: Sequence[RunState] = ("queued", "planned", "done", "unknown", "cancelled", "failed")
    return next(state for state in order if state in states)


def _status(family: Family) -> str:
    open_ones = [run for run in family.runs if not run.ended and run.state != "planned"]
    if not open_ones:
        return ""
    ended = len(family.runs) - len(open_ones)
    what = "models" if family.only_models else "cells"
    return f"Making images: {ended} of {len(family.runs)} {what} are ready"


def _chosen_from(family: Family) -> Sequence[tuple[int | None, Run]]:
    """Number the cells: a menu takes the place of buttons where there are too many for a row."""
    several = len(family.runs) > MAX_FAMILY
    return [(at if several else None, run) for at, run in enumerate(family.runs, start=1)]


def _chosen(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(f"{run.ref} chosen by {run.promoted_by}" for run in runs if run.promoted_by)


def _buttons(family: Family) -> tuple[Button, ...]:
    if not family.ended:
        whole = Button(label="Cancel all", line=f"cancel --in {family.id}")
        rest = Button(label="Cancel the rest", line=f"cancel --rest --in {family.id}")
        begun = [run for run in family.runs if run.state != "queued"]
        waits = len(begun) < len(family.runs) and not family.only_models
        return (rest, whole) if waits and begun else (whole,)
    choose = [
        Button(
            label=f"Choose {run.ref}", line=f"promote --in {run.id}", group="pick", number=number
        )
        for number, run in _chosen_from(family)
        if run.artworks and run.alone is False
    ]
    again = [
        retry_button(run, f"--in {run.id}").model_copy(update={"label": f"Retry {run.ref}"})
        for run in family.runs
        if len(run.artworks) < run.spec.count
    ]
    return (*choose, *again)
