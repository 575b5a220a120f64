"""What a card says while its run waits for a person: what to do elsewhere, and then here."""

from dataclasses import dataclass
from typing import Final

from domain.run import Run
from providers.midjourney.command import command_of, pictures_of

PRESS: Final = {
    "upscale": "Upscale (Subtle) or Upscale (Creative)",
    "extend": "Zoom Out or an arrow, which pans",
}
FILL: Final = "Put the address of your picture in place of each <PICTURE>. "


@dataclass(frozen=True, slots=True)
class Handed:
    """What the card of a run says while it waits for its pictures."""

    paste: str
    next: str


def handed(run: Run) -> Handed:
    """Return what is to be done elsewhere, and then here."""
    press = PRESS.get(run.parameters.operation)
    if press is not None:
        number = run.parent.number if run.parent else None
        first = f"U{number} under the grid, then " if number else ""
        return Handed("", f"In Midjourney press {first}{press}. {_back(run, 'the picture')}")
    fill = FILL if pictures_of(run.parameters) else ""
    back = _back(run, "the grid, or up to four images")
    return Handed(command_of(run.parameters), f"{fill}{back}")


def _back(run: Run, what: str) -> str:
    """Say how the pictures come here."""
    match run.place.surface:
        case "discord":
            return f"What it posts in this channel is recognised. Else answer here with {what}."
        case "slack":
            return f"Then answer in this thread with {what}."
        case _:
            return f"Then drop {what} onto this card, or say: attach FILE"
