"""What is made by a person elsewhere and handed in: how many images, and what to do there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from domain.command import Rework
from domain.model import Adjustment, ModelCard
from domain.run import Run
from pipeline.compose import SEEDS, Composed

LAPSED: Final = "lapsed"
"""The kind of failure of a run for which nobody handed anything in."""


def is_by_hand(parent: Run, command: Rework, known: Mapping[str, ModelCard]) -> bool:
    """Whether what is to be done with an image is done where it was made, by a person."""
    card = known.get(parent.route.model)
    return card is not None and card.answers == "handed" and command.kind in card.operations


def counted(composed: Composed, card: ModelCard) -> Composed:
    """Ask for as many images as one call of the model makes; any other number is an adjustment."""
    spec, count = composed.spec, card.same_seed
    if count is None or spec.operation != "make" or spec.count == count:
        return composed
    reason = f"{card.title} always makes {count}"
    told = Adjustment(parameter="count", asked=str(spec.count), used=str(count), reason=reason)
    first = composed.seeds[0]
    return replace(
        composed,
        spec=spec.model_copy(update={"count": count}),
        seeds=tuple((first + offset) % SEEDS for offset in range(count)),
        adjustments=(*composed.adjustments, told),
    )
