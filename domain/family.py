"""Runs asked for in one line: several models, words or values, compared under one card."""

from domain.axis import Axis
from domain.event import Place
from domain.record import Record
from domain.run import Run
from domain.spec import Digest


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
    def only_models(self) -> bool:
        """Whether nothing but the model differs."""
        return [axis.name for axis in self.axes] == ["model"]

    def values_of(self, place: int) -> tuple[str, ...]:
        """Return the value on each axis of the run that was asked for at a place, from 0."""
        found: list[str] = []
        for axis in reversed(self.axes):
            place, at = divmod(place, len(axis.values))
            found.append(axis.values[at])
        return tuple(reversed(found))

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
