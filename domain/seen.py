"""What is only looked for where it matters: lettering that is to be read, pictures not for all."""

from domain.record import Fraction, Record


class LetteringWanted(Record):
    """What is to be read in a picture."""

    texts: tuple[str, ...] = ()
    """Each of these, as the brief has it in quotes or its target requires it."""
    forbidden: bool = False
    """There shall be no lettering at all."""


class Lettering(Record):
    """What was read in a picture, beside what is to be read."""

    likeness: dict[str, Fraction] = {}  # noqa: RUF012  pydantic copies a field's default
    """Each text that was wanted → how much of it stands there: 1 letter by letter, 0 nothing."""
    lines: tuple[str, ...] = ()
    """What was read for sure, from top to bottom."""
    missing: str = ""
    """Why nothing was read; empty if it was looked for."""
    failed: bool = False
    """It is missing because something went wrong: people shall look at it."""
    version: str = ""
    """Of what read it."""


class Safety(Record):
    """How likely a picture is not for everybody's eyes."""

    unsafe: Fraction | None = None
    """Probability of nudity or pornography; None: not measured."""
    missing: str = ""
    failed: bool = False
    version: str = ""


class Seen(Record):
    """What was looked for in one picture; None where it does not matter."""

    lettering: Lettering | None = None
    safety: Safety | None = None

    @property
    def scores(self) -> dict[str, float]:
        """The figures by name: of the lettering that of the text that is seen least."""
        found: dict[str, float] = {}
        if self.lettering and self.lettering.likeness:
            found["lettering"] = min(self.lettering.likeness.values())
        if self.safety and self.safety.unsafe is not None:
            found["unsafe"] = self.safety.unsafe
        return found
