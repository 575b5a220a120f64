"""The buttons of a card: each a line of the grammar that fits what the run is now."""

from collections.abc import Mapping
from typing import Final

from domain.card import MAX_LABEL_CHARS, MAX_LINE_CHARS, Button
from domain.model import ModelCard
from domain.run import Artwork, Run
from domain.spec import Operation
from pipeline.around import Around

REWORK: Final[tuple[tuple[Operation, str, str], ...]] = (
    ("upscale", "Upscale", ""),
    ("extend", "Extend", " --left 256 --right 256"),
    ("cutout", "Cut out", ""),
)
"""What can be done with a finished image: verb, label, and what a button adds to the verb."""


STRENGTHS: Final = ("0.4", "0.5", "0.6", "0.7")
"""The working band of denoising, and one step out of it."""
DOWN: Final = frozenset({"down", "rate_limited", "not_configured"})
"""Kinds of failures after which another vendor may be asked."""


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


def buttons_of(run: Run, around: Around) -> tuple[Button, ...]:
    """Return what can be done with a run as it is now."""
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
    if run.artworks and run.parameters.denoising_strength is not None:
        buttons += _strengths(around, here)
    if len(run.artworks) < run.spec.count:
        buttons.append(retry_button(run, here))
        buttons += _elsewhere(run, around.instead, here)
    buttons.append(Button(label="Details", line=f"details {here}"))
    return tuple(buttons)


def _strengths(around: Around, here: str) -> list[Button]:
    """Offer the same picture and seed at four strengths: which holds enough is seen, not known."""
    usd = around.card.price.usd_per_image * len(STRENGTHS) if around.card else 0.0
    line = f"again --count 1 --strength {{{', '.join(STRENGTHS)}}} {here}"
    label = f"{len(STRENGTHS)} strengths {usd_text(usd)}".strip()
    return [Button(label=label, line=line)]


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
