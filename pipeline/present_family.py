"""A family becomes one card: a row of images for each run, and what sets the runs apart."""

from collections.abc import Mapping, Sequence
from typing import Final

from domain.card import Button, Card, Section
from domain.family import Family
from domain.run import Run, RunState
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
        title=f"{len(family.runs)} models",
        facts=_facts(family),
        status=_status(family),
        warnings=tuple(dict.fromkeys(one.text for run in family.runs for one in run.warnings)),
        buttons=() if down else _buttons(family),
        decided=_chosen(family.runs),
        grid=family.sheet,
        alt=alt_text(first),
        taken_down=down or "",
        sections=tuple(_section(run, around[run.id]) for run in family.runs),
    )


def label_of(run: Run, around: Around) -> str:
    """Return what sets a run of a family apart."""
    return around.card.title if around.card else run.route.model


def _section(run: Run, around: Around) -> Section:
    numbers = range(1, run.spec.count + 1)
    return Section(
        run_id=run.id,
        ref=run.ref,
        label=label_of(run, around),
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
    return f"Making images: {ended} of {len(family.runs)} models are ready"


def _chosen(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(f"{run.ref} chosen by {run.promoted_by}" for run in runs if run.promoted_by)


def _buttons(family: Family) -> tuple[Button, ...]:
    if not family.ended:
        return (Button(label="Cancel all", line=f"cancel --in {family.id}"),)
    choose = [
        Button(label=f"Choose {run.ref}", line=f"promote --in {run.id}", group="pick")
        for run in family.runs
        if run.artworks and run.alone is False
    ]
    again = [
        retry_button(run, f"--in {run.id}").model_copy(update={"label": f"Retry {run.ref}"})
        for run in family.runs
        if len(run.artworks) < run.spec.count
    ]
    return (*choose, *again)
