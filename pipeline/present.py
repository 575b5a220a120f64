"""A run becomes a card: what it shows, in words, and the buttons that fit its state."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.card import MAX_LABEL_CHARS, MAX_LINE_CHARS, Button, Card, Tile, Words
from domain.fit import explained
from domain.model import ModelCard
from domain.run import Artwork, Run
from domain.spec import SEGMENTS, Operation
from pipeline.byhand import LAPSED
from pipeline.replay import baseline_line

REWORK: Final[tuple[tuple[Operation, str, str], ...]] = (
    ("upscale", "Upscale", ""),
    ("extend", "Extend", " --left 256 --right 256"),
    ("cutout", "Cut out", ""),
)
"""What can be done with a finished image: verb, label, and what a button adds to the verb."""


SAID: Final = {
    "planned": "Planned: nothing was made",
    "unknown": "Unknown: an answer was lost",
}
DOWN: Final = frozenset({"down", "rate_limited", "not_configured"})
"""Kinds of failures after which another vendor may be asked."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a card shows beside its run."""

    card: ModelCard | None
    """The model's card; None if the model is not known any more."""
    baseline: Run | None = None
    parent_ref: str = ""
    ahead: int = 0
    """How many runs wait before this one."""
    progress: Mapping[int, float] | None = None
    quorum: int = 1
    """How many people must approve an image."""
    instead: ModelCard | None = None
    """The model of another vendor that could make it, should this one be down."""
    paste: str = ""
    """While it waits for pictures from elsewhere: the line to paste there."""
    next: str = ""
    """What to do then."""
    advice: str = ""
    """Said under the decisions, once per workspace."""


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
        columns=columns(run.spec.count, landscape=_landscape(run)),
        buttons=() if run.taken_down_by else _buttons(run, around),
        decided=tuple(_decided(run, around)),
        baseline=baseline_line(run, around.baseline) if around.baseline else "",
        error=error_of(run),
        hint=run.error.hint if run.error else around.next,
        grid=run.grid,
        alt=alt_text(run),
        taken_down=run.taken_down_by or "",
    )


def note_buttons(
    run: Run, number: int | None, able: Mapping[Operation, float]
) -> tuple[Button, ...]:
    """Return what can be done with one image that stands alone in the thread.

    Args:
        run: Whose image it is.
        number: Which image.
        able: What some model that is on can do with a finished image, and its price in USD.
    """
    made = run.artwork(number) if number else None
    if made is None:
        return ()
    here = f"--in {run.id}"
    said = (("approve", "Approve", ""), ("reject", "Reject…", "reject"), ("branch", "Branch", ""))
    decide = tuple(
        Button(label=label, line=f"{verb} {number} {here}", number=number, form=form)
        for verb, label, form in said
    )
    rework = tuple(
        Button(
            label=f"{label} {usd_text(able[verb])}".strip(),
            line=f"{verb} {number}{sides} {here}",
            number=number,
        )
        for verb, label, sides in REWORK
        if verb in able
    )
    return (*decide, *rework)


def usd_text(usd: float) -> str:
    """Return a price for a button; empty for what is free."""
    return f"${usd:.2f}" if usd else ""


def columns(count: int, *, landscape: bool) -> int:
    """Return the columns of a grid: about as many as rows, wide pictures stacked higher."""
    side = math.ceil(math.sqrt(count))
    return math.ceil(count / side) if landscape else side


def alt_text(run: Run) -> str:
    """Describe the pictures of a run by its brief, for those who do not see them."""
    brief = run.spec.scored_brief or run.spec.segments.style.text or "a picture"
    many = "One picture" if run.spec.count == 1 else f"{run.spec.count} pictures"
    return f"{many}: {brief}"[:1000]


def words_of(run: Run) -> tuple[Words, ...]:
    """Return the segments of a run, those that say something."""
    segments = run.spec.segments
    return tuple(
        Words(segment=name, text=segments[name].text, weight=segments[name].weight)
        for name in SEGMENTS
        if segments[name]
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
        "upscale": "Upscaled from",
        "extend": "Extended from",
        "cutout": "Cut out of",
        "select": "Taken alone from",
        "vary": "Varied from",
    }
    return f"{done[run.kind]} {origin}"


def _facts(run: Run, around: Around) -> tuple[str, ...]:
    model = around.card.title if around.card else run.route.model
    task = f"{run.route.task} (guessed)" if run.route.task_guessed else run.route.task
    facts = [model, task, *seed_fact(run), *size_fact(run)]
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
            said = f"Stopping, asked by {by}" if by else _under_way(run)
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


def _under_way(run: Run) -> str:
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


def tile_of(run: Run, number: int, around: Around) -> Tile:
    """Return one image of a run as its card shows it, made or not."""
    made = run.artwork(number)
    width, height = _shape(run)
    alt = f"#{number}: {alt_text(run).partition(': ')[2]}"[:1000]
    if made is None:
        progress = (around.progress or {}).get(number)
        return Tile(
            number=number, digest=None, alt=alt, width=width, height=height, progress=progress
        )
    return Tile(
        number=number,
        digest=made.digest,
        alt=alt,
        width=made.width,
        height=made.height,
        verdict=made.verdict,
        reasons=(*made.reasons, *made.notes, *_fit_in_words(run, made)),
        caption=caption(made),
        picks=len(made.picked_by),
        approved=made.approved,
        rejected=bool(made.rejected_by),
        favourite=bool(made.favourite_of),
    )


def caption(artwork: Artwork) -> str:
    """Return the scores that stand on a tile: only what was measured."""
    fit, sharpness = artwork.scores.get("fit"), artwork.scores.get("sharpness_p90")
    said = "fit –" if fit is None else f"fit {fit:.2f}"
    return said if sharpness is None else f"{said} · sharp {sharpness:.0f}"


def _fit_in_words(run: Run, made: Artwork) -> tuple[str, ...]:
    """Explain a fit, once it was measured."""
    said = explained(made.scores, [other.scores for other in run.artworks])
    return (said,) if said else ()


def _shape(run: Run) -> tuple[int, int]:
    width, height = run.parameters.width, run.parameters.height
    if width and height:
        return width, height
    left, _, right = (run.parameters.aspect_ratio or "1:1").partition(":")
    return int(left) * 64, int(right) * 64


def _landscape(run: Run) -> bool:
    width, height = _shape(run)
    return width > height


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


def _buttons(run: Run, around: Around) -> tuple[Button, ...]:
    here = f"--in {run.id}"
    if not run.ended:
        return (Button(label="Cancel", line=f"cancel {here}"),)
    buttons = [button for made in run.artworks for button in _tile_buttons(made, here)]
    if run.artworks:
        buttons.append(Button(label="Reroll", line=f"reroll {here}"))
        buttons.append(Button(label="Edit", line=f"edit {here}", form="edit"))
        buttons.append(Button(label="Baseline", line=f"baseline {here}"))
    if run.promoted_by:
        buttons += _as_route(run, around)
    if len(run.artworks) < run.spec.count:
        buttons.append(retry_button(run, here))
        buttons += _elsewhere(run, around.instead, here)
    buttons.append(Button(label="Details", line=f"details {here}"))
    return tuple(buttons)


def retry_button(run: Run, here: str) -> Button:
    """Return the button that makes what is missing; in doubt it asks first."""
    doubt = "An answer was lost, and may have been billed. Make it again, and perhaps pay twice?"
    asked = doubt if run.state == "unknown" else ""
    return Button(label="Retry", line=f"retry {here}", confirm=asked)


def _as_route(run: Run, around: Around) -> list[Button]:
    """Offer the model that was chosen among others as the first choice for its task."""
    line = f"route {run.route.task} {run.route.model}"
    if around.card is None or len(line) > MAX_LINE_CHARS:
        return []
    label = f"Use {around.card.title} for {run.route.task} here"
    short = label if len(label) <= MAX_LABEL_CHARS else f"Use it for {run.route.task} here"
    return [Button(label=short, line=line)]


def _elsewhere(run: Run, instead: ModelCard | None, here: str) -> list[Button]:
    """Offer another vendor's model where this one is down; never after a refusal."""
    kinds = {failure.kind for failure in (*run.failures, run.error) if failure}
    line = f"again --model {instead.id} {here}" if instead else ""
    if instead is None or run.state != "failed" or not kinds & DOWN or len(line) > MAX_LINE_CHARS:
        return []
    price = usd_text(instead.price.usd_per_image * run.spec.count)
    return [Button(label=f"Try {instead.title} {price}".strip(), line=line)]


def _tile_buttons(made: Artwork, here: str) -> list[Button]:
    number = made.index
    if made.verdict == "reject":
        line = f"restore {number} {here}"
        return [Button(label=f"Restore {number}", line=line, number=number)]
    groups = (("pick", "Pick"), ("branch", "Branch"), ("approve", "Approve"))
    pressed = {"pick": bool(made.picked_by), "branch": False, "approve": made.approved}
    return [
        Button(
            label=f"{label} {number}",
            line=f"{verb} {number} {here}",
            group=verb,
            number=number,
            pressed=pressed[verb],
        )
        for verb, label in groups
    ]
