"""What a card shows beside its run."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.model import ModelCard
from domain.run import Run


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
    previews: Mapping[int, int] | None = None
    """By number: how many pictures of the unfinished image have come."""
    warming: bool = False
    """The machine that makes the images still starts."""
    quorum: int = 1
    """How many people must approve an image."""
    instead: ModelCard | None = None
    """The model of another vendor that could make it, should this one be down."""
    paste: str = ""
    """While it waits for pictures from elsewhere: the line to paste there."""
    next: str = ""
    """What to do then."""
    assigned: Mapping[int, str] | None = None
    """By number: who is asked to look at an image on which nobody has decided."""
    advice: str = ""
    """Said under the decisions, once per workspace."""
