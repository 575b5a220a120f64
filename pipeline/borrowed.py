"""A composed run gets its trigger words, and a model that takes what its bundles lend it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.errors import RouteError
from domain.model import Adjustment, ModelCard, Route
from domain.spec import PromptSpec
from pipeline.bundled import triggered, without_borrowed
from pipeline.compose import Composed, check
from pipeline.route import Routes, route


def worded(composed: Composed, spec: PromptSpec) -> Composed:
    """Return a composed run of *spec*, with the trigger words of its LoRA in the prompt.

    Raises:
        CommandError: With them it is too long.
    """
    spec, said = triggered(spec)
    if said:
        check(spec)
    return replace(composed, spec=spec, adjustments=(*composed.adjustments, *said))


def routed(
    composed: Composed,
    wanted: PromptSpec,
    *,
    on: Sequence[ModelCard],
    known: Mapping[str, ModelCard],
    routes: Routes,
) -> tuple[Route, Composed]:
    """Choose the model; where none takes the references of a bundle, go without, and say so.

    What a line names itself is never left out: then the model is refused.

    Raises:
        RouteError: As ``route`` says.
    """
    try:
        return route(wanted, on=on, known=known, routes=routes), composed
    except RouteError as error:
        bare = without_borrowed(wanted)
        if bare.references == wanted.references:
            raise
        try:
            chosen = route(bare, on=on, known=known, routes=routes)
        except RouteError:
            raise error from None
    lent = len(wanted.references) - len(bare.references)
    names = " and ".join(one.name for one in (wanted.house, wanted.character) if one)
    said = Adjustment(
        parameter="references",
        asked=f"{lent} of {names}",
        used=None,
        reason=f"{known[chosen.model].title} does not take them",
    )
    spec = without_borrowed(composed.spec)
    return chosen, replace(composed, spec=spec, adjustments=(*composed.adjustments, said))
