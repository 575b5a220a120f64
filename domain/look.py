"""Pictures that look like others, by their perceptual hashes."""

from domain.record import Record


class Lookalike(Record):
    """The approved artwork that is nearest to one that was just made."""

    run_id: str
    number: int
    bits: int
    """How many of the 64 bits of their hashes differ."""
