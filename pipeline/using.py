"""One of the prompts that were written from a brief becomes the spec of a first run."""

from domain.command import Use
from domain.errors import NotFoundError
from domain.ports import Chance
from domain.run import Parent, Run
from pipeline.compose import (
    Composed,
    Pictures,
    Shapes,
    check,
    edited,
    flagged,
    row_of_seeds,
    shaped,
    with_negatives,
)


def use(
    parent: Run, command: Use, *, chance: Chance, pictures: Pictures, shapes: Shapes
) -> Composed:
    """Make a first run of one of the prompts that were written from a brief.

    Raises:
        NotFoundError: There is no such prompt.
    """
    if command.number > len(parent.drafts):
        what = f"{len(parent.drafts)} prompts" if parent.drafts else "no prompts"
        raise NotFoundError(f"{parent.ref} has {what}", hint="`use 1` takes the first.")
    draft = parent.drafts[command.number - 1]
    segments = draft.segments
    for edit in command.edits:
        segments = segments.with_segment(edit.segment, edited(segments[edit.segment], edit))
    segments, adjustments = with_negatives(segments, command.flags.no)
    asked = parent.spec
    written = {
        "segments": segments,
        "task": asked.task or draft.task,
        "aspect_ratio": asked.aspect_ratio or draft.aspect_ratio,
        "brief": None if asked.brief == parent.parameters.prompt else asked.brief,
    }
    spec = flagged(asked.model_copy(update=written), command.flags, pictures)
    spec = shaped(spec, shapes) if spec.init_image else spec
    check(spec)
    first = spec.seed.seed if spec.seed.kind == "fixed" else chance.seed()
    seeds = row_of_seeds(first or 0, spec.count)
    origin = Parent(run=parent.id, number=command.number)
    return Composed(spec, seeds, "imagine", adjustments, origin)
