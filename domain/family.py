"""Runs asked for in one line: one spec over several models, compared under one card."""

from collections.abc import Sequence

from domain.command import Place
from domain.record import Record
from domain.run import Run
from domain.spec import Digest


class Axis(Record):
    """What differs between the runs of a family, and the value that each run has."""

    name: str
    """As the flag is called: ``model``."""
    values: tuple[str, ...]
    """In the order of the runs."""

    @classmethod
    def of_models(cls, runs: Sequence[Run]) -> "Axis":
        """Return the axis of runs that differ in their model."""
        return cls(name="model", values=tuple(run.route.model for run in runs))


class Family(Record):
    """The runs of one line; known by the id of the first of them."""

    id: str
    axes: tuple[Axis, ...]
    runs: tuple[Run, ...]
    """In the order in which they were asked for."""
    sheet: Digest | None = None
    """The contact sheet: a row of images for each run."""
    revision: int = 0

    @property
    def first(self) -> Run:
        """The run that gave the family its id, and its thread if it began one."""
        return self.runs[0]

    @property
    def place(self) -> Place:
        """Where the family's card stands."""
        return self.first.place

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to any of them without being asked for."""
        return all(run.ended for run in self.runs)
