"""A run becomes a card: what it shows, in words, and the buttons that fit its state."""

from typing import Final

from domain.card import Card
from domain.model import ModelCard
from domain.run import Artwork, Run
from pipeline.around import Around
from pipeline.buttons import buttons_of
from pipeline.byhand import LAPSED
from pipeline.present_applied import applied
from pipeline.replay import baseline_line
from pipeline.tiles import alt_text, columns, landscape_of, tile_of, words_of

SAID: Final = {
    "planned": "Planned: nothing was made",
    "unknown": "Unknown: an answer was lost",
}


def present(run: Run, around: Around) -> Card:
    """Make the card of a run, from nothing but what the log holds."""
    tiles = tuple(tile_of(run, number, around) for number in range(1, run.spec.count + 1))
    return Card(
        run_id=run.id,
        root_id=run.root,
        ref=run.ref,
        revision=run.revision,
        state=run.state,
        by=run.person.name,
        at=run.created_at,
        words=words_of(run),
        title=_title(run, around),
        facts=_facts(run, around),
        status=status_of(run, around),
        paste=around.paste,
        adjustments=tuple(adjusted(run)),
        warnings=tuple(notice.text for notice in run.warnings),
        tiles=tiles,
        columns=columns(run.spec.count, landscape=landscape_of(run)),
        buttons=() if run.taken_down_by else buttons_of(run, around),
        decided=tuple(_decided(run, around)),
        asked=tuple(
            f"{name} is asked to look at #{number}"
            for number, name in (around.assigned or {}).items()
        ),
        baseline=baseline_line(run, around.baseline) if around.baseline else "",
        error=error_of(run),
        hint=run.error.hint if run.error else around.next,
        grid=run.grid,
        alt=alt_text(run),
        taken_down=run.taken_down_by or "",
    )


def _title(run: Run, around: Around) -> str:
    if run.parent is None:
        return ""
    origin = around.parent_ref + (f" #{run.parent.number}" if run.parent.number else "")
    done = {
        "edit": "Edited from",
        "branch": "Branched from",
        "reroll": "Rerolled from",
        "again": "Again, as",
        "imagine": "From",
        "text": "From",
        "upscale": "Upscaled from",
        "extend": "Extended from",
        "cutout": "Cut out of",
        "select": "Taken alone from",
        "vary": "Varied from",
        "undo": "Took back",
    }
    return f"{done[run.kind]} {origin}"


def _facts(run: Run, around: Around) -> tuple[str, ...]:
    model = around.card.title if around.card else run.route.model
    task = f"{run.route.task} (guessed)" if run.route.task_guessed else run.route.task
    facts = [model, task, *seed_fact(run), *size_fact(run)]
    facts += applied(run)
    if run.parameters.denoising_strength is not None:
        facts.append(f"strength {run.parameters.denoising_strength:g}")
    facts.append(price_of(run, around.card))
    return (*facts, *timed(run))


def timed(run: Run) -> tuple[str, ...]:
    """Return how long a run took as one fact; none while it is under way."""
    return (f"{run.timings_s['total']:.1f} s",) if run.timings_s.get("total") else ()


def seed_fact(run: Run) -> list[str]:
    """Return the seeds of a run as one fact; none where its model takes none."""
    if run.parameters.seed is None:
        return []
    first, last = run.seeds[0], run.seeds[-1]
    if len(run.seeds) == 1:
        return [f"seed {first}"]
    if last - first == len(run.seeds) - 1:
        return [f"seeds {first}–{last}"]
    return ["seeds " + ", ".join(map(str, run.seeds))]


def size_fact(run: Run) -> list[str]:
    """Return the size of a run as one fact."""
    if run.parameters.width and run.parameters.height:
        return [f"{run.parameters.width}×{run.parameters.height}"]
    return [run.parameters.aspect_ratio] if run.parameters.aspect_ratio else []


def price_of(run: Run, card: ModelCard | None) -> str:
    """Return what a run costs, or will."""
    usd = run.quote.usd if run.cost_usd is None else run.cost_usd
    return f"${usd:.3f}" if usd else (card.unpriced if card else "free")


def status_of(run: Run, around: Around) -> str:
    """Say how far a run is; empty once all is made."""
    made, count = len(run.artworks), run.spec.count
    by = run.cancel_requested_by
    match run.state:
        case "queued":
            said = f"Waiting, {around.ahead} before it" if around.ahead else "Waiting to start"
        case "handed":
            said = _handed(around)
        case "running":
            said = f"Stopping, asked by {by}" if by else _under_way(run, around)
        case "cancelled":
            said = f"Cancelled by {by}" + (f"; {made} of {count} were made" if made else "")
        case "failed":
            said = "Lapsed" if run.error and run.error.kind == LAPSED else "Failed"
        case "done":
            said = "" if made == count else f"{made} of {count} made"
        case _:
            said = SAID[run.state]
    return said


def _handed(around: Around) -> str:
    maker = around.card.title if around.card else "its maker"
    shares = list((around.progress or {}).values())
    if shares:
        return f"Being made in {maker}, {max(shares):.0%}"
    return f"Handed over: paste this into {maker}" if around.paste else "Handed over"


def _under_way(run: Run, around: Around) -> str:
    if around.warming and not run.artworks:
        maker = around.card.title if around.card else run.route.model
        return f"Starting the machine of {maker}; that is not the run's time"
    stages = {"score": "Measuring", "present": "Drawing the grid"}
    making = f"Making images, {len(run.artworks)} of {run.spec.count}"
    return stages.get(run.stage, making)


def adjusted(run: Run) -> list[str]:
    """Return what a model could not take as asked, a line each."""
    return [
        f"{one.parameter.removeprefix('segments.')} {_brief(one.asked)} → "
        f"{'not sent' if one.used is None else _brief(one.used)}: {one.reason}"
        for one in run.adjustments
    ]


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004  a line of a card


def error_of(run: Run) -> str:
    """Return why a run made nothing, or what it lacks; empty if all is well."""
    if run.error is not None:
        return run.error.message
    missing = [failure for failure in run.failures if failure.message]
    return "; ".join(f"#{one.number}: {one.message}" for one in missing)


def _decided(run: Run, around: Around) -> list[str]:
    said: list[str] = []
    for artwork in run.artworks:
        said.extend(
            f"#{artwork.index} approved by {approval.by}, {approval.at.astimezone():%H:%M}"
            for approval in artwork.approvals
        )
        if artwork.approvals and not artwork.approved:
            said.append(_lacking(artwork, around.quorum))
        said.extend(f"#{artwork.index} rejected by {name}" for name in artwork.rejected_by)
        if artwork.restored_by:
            said.append(f"#{artwork.index} restored by {artwork.restored_by}")
    return [*said, around.advice] if around.advice else said


def _lacking(artwork: Artwork, quorum: int) -> str:
    """Say how far an approval is; typed names are one person together."""
    typed = any(one.assurance == "local" for one in artwork.approvals)
    people = sum(one.assurance != "local" for one in artwork.approvals) + typed
    if people >= quorum:
        return f"#{artwork.index} needs more people to approve it"
    return f"#{artwork.index} is approved by {people} of {quorum} that are needed"
