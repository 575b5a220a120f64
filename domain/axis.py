"""What differs between the runs of a family: a name, and values in words."""

from collections.abc import Sequence

from domain.record import Record


class Axis(Record):
    """One thing that differs; of several axes the last one turns fastest over the runs."""

    name: str
    """The field's word: ``model``, ``cfg_scale``, ``style``, ``style 2``."""
    values: tuple[str, ...]
    """In the order in which they were asked for."""

    @classmethod
    def of_models(cls, models: Sequence[str]) -> "Axis":
        """Return the axis of runs that differ in their model."""
        return cls(name="model", values=tuple(models))
