"""Where a spec came from, told; and the last change taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.answers import Answer
from domain.card import Button, Panel
from domain.command import Again, Undo
from domain.errors import ConflictError
from domain.run import Notice, Parent, Run
from pipeline.history import change, history, standing, told
from storage.descent import Descent
from storage.search import Search

MOST_TOLD: Final = 12
"""Steps in one message, the newest ones; the page and the command line show all."""
MOST_CHARS: Final = 2500
MOST_OPENED: Final = 4


@dataclass(frozen=True, slots=True)
class Descending:
    """Tells the history of a run's spec, and finds what an undo goes back to."""

    descent: Descent
    search: Search

    async def line(self, run: Run) -> list[Run]:
        """Return the runs from the oldest forebear to *run*."""
        return await self.search.runs(await self.descent.line(run.id))

    async def answer(self, run: Run) -> Answer:
        """Tell every change of a run's spec, with buttons that go back."""
        line = await self.line(run)
        changes = history(line)
        data = {"run": run.id, "changes": [one.model_dump(mode="json") for one in changes]}
        text = _text([told(one) for one in changes])
        panel = Panel(text=text, buttons=tuple(_buttons(line)))
        return Answer(run=run, text=text, data=data, panels=(panel,))

    async def before(self, run: Run) -> Run:
        """Return the run that an undo of *run* goes back to.

        Raises:
            ConflictError: Nothing was changed before it.
        """
        held = standing(await self.line(run))
        if len(held) < 2:  # noqa: PLR2004  itself and the one before
            raise ConflictError(
                f"{run.ref} is where it began: there is no change to take back",
                hint="`history` lists what was changed.",
            )
        return held[-2]


def as_again(command: Undo) -> Again:
    """Return the line that makes the earlier run once more, with its seeds."""
    return Again(flags=command.flags)


def as_undone(made: Run, *, undone: Run, back_to: Run) -> Run:
    """Return a run as the child of the one that it takes back, and say what that was."""
    what = change(undone, back_to).what or "nothing that differs"
    text = f"takes back {undone.ref} ({what}): as {back_to.ref} again, with its seeds"
    notice = Notice(code="undone", text=text)
    origin = Parent(run=undone.id)
    values = {"kind": "undo", "parent": origin, "warnings": (*made.warnings, notice)}
    return made.model_copy(update=values)


def _text(steps: Sequence[str]) -> str:
    kept: list[str] = []
    for step in reversed(steps[-MOST_TOLD:]):
        if kept and sum(map(len, kept)) + len(step) > MOST_CHARS:
            break
        kept.insert(0, step[:MOST_CHARS])
    left = len(steps) - len(kept)
    return "\n".join([f"… {left} earlier"] * bool(left) + kept)


def _buttons(line: Sequence[Run]) -> list[Button]:
    newest = line[-1]
    if len(standing(line)) < 2:  # noqa: PLR2004  itself and the one before
        return []
    undo = Button(label=f"Undo {newest.ref}", line=f"undo --in {newest.id}")
    earlier = line[-1 - MOST_OPENED : -1]
    return [undo, *(Button(label=f"Open {one.ref}", line=f"show {one.id}") for one in earlier)]
