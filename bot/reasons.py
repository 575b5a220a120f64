"""Why an image was rejected: names of reasons and own words, as they are stored and as told."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.policy import RejectReason


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave as reasons."""

    known: tuple[RejectReason, ...] = ()
    words: str = ""
    """In their own words."""

    @property
    def rows(self) -> tuple[tuple[str, bool], ...]:
        """What is stored for the negative library: each reason, and whether it has a name."""
        own = ((self.words, False),) if self.words else ()
        return (*((one.name, True) for one in self.known), *own)

    @property
    def says(self) -> str:
        """What the one who made the image is told."""
        return "; ".join(filter(None, (*(one.says for one in self.known), self.words)))


def given(text: str, reasons: Sequence[RejectReason]) -> Given:
    """Read ``hands, face``, ``crop: more to the left`` or plain words."""
    by_name = {one.name: one for one in reasons}
    found: dict[str, RejectReason] = {}
    rest = text.strip()
    while rest:
        first, comma, others = rest.partition(",")
        name, colon, words = first.partition(":")
        if (one := by_name.get(name.strip().lower())) is None:
            break
        found[one.name] = one
        rest = f"{words}{comma}{others}".strip() if colon else others.strip()
        if colon:
            break
    return Given(tuple(found.values()), rest)
