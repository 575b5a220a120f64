"""Answers and refusals as private messages: what was wrong, what would be right, what to press."""

from typing import Final

from bot.answers import Answer
from domain.card import Button, Panel
from domain.errors import CommandError, HandlerError, WhichError

MAX_PANEL_CHARS: Final = 1800
"""Discord's messages hold 2000, markup included."""
_ASKED: Final = {
    "approve": "Which one do you approve?",
    "reject": "Which one do you reject?",
    "branch": "Which one shall be branched from?",
}


def panels_of(answer: Answer) -> list[Panel]:
    """Return what is told to the one who asked; long texts in several messages."""
    panels = answer.panels or ((Panel(text=answer.text),) if answer.text else ())
    return [part for panel in panels for part in _parts(panel)]


def refusal_text(error: HandlerError) -> str:
    """Say what is wrong, all of it at once, and what to do."""
    if isinstance(error, CommandError) and len(error.faults) > 1:
        listed = "\n".join(f"• {fault}" for fault in error.faults)
        said = f"{len(error.faults)} things are wrong:\n{listed}"
    else:
        said = _sentence(error.message)
    return f"{said}\n{error.hint}" if error.hint else said


def which_panel(error: WhichError) -> Panel:
    """Ask which image is meant, with a button for each."""
    form = "reject" if error.verb == "reject" else ""
    buttons = tuple(
        Button(
            label=f"{error.verb.capitalize()} {number}",
            line=f"{error.verb} {number} --in {error.run_id}",
            number=number,
            form=form,
        )
        for number in error.numbers
    )
    return Panel(text=_ASKED.get(error.verb, "Which one?"), buttons=buttons)


def yes_button(key: str) -> tuple[Button, ...]:
    """Return the button that says a refused line again, with a yes to its price or doubt."""
    line = f"yes {key}"
    if len(line) > 90 or not line.isascii():  # noqa: PLR2004  what a button holds
        return ()
    return (Button(label="Yes, do it", line=line),)


def _sentence(text: str) -> str:
    said = f"{text[:1].upper()}{text[1:]}" if text[:1].islower() else text
    return said if said.endswith((".", "?", "!", "…")) else f"{said}."


def _parts(panel: Panel) -> list[Panel]:
    if len(panel.text) <= MAX_PANEL_CHARS:
        return [panel]
    pieces = [""]
    for line in panel.text.splitlines():
        short = line[:MAX_PANEL_CHARS]
        if len(pieces[-1]) + len(short) + 1 > MAX_PANEL_CHARS:
            pieces.append(short)
        else:
            pieces[-1] = f"{pieces[-1]}\n{short}" if pieces[-1] else short
    first = [Panel(text=piece) for piece in pieces[:-1]]
    return [*first, panel.model_copy(update={"text": pieces[-1]})]
