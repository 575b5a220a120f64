"""Lines about one of the team's libraries, and about no run."""

from domain.record import Record


class ShelfLine(Record):
    """A line about a library: templates, references, negatives, LoRA, houses, preferences."""

    @property
    def asks(self) -> bool:
        """Whether it changes nothing; such a line is answered and never stored."""
        return False
