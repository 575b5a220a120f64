"""The checklist of a run: told in chat with the fix one tap away, shown on its page, logged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.answers import Answer
from domain.card import MAX_LABEL_CHARS, MAX_LINE_CHARS, Button, Panel
from domain.model import ModelCard
from domain.run import Run
from pipeline.checklist import Item, Known, checklist, summary
from storage.export import Exports

MARKS: Final = {"done": "✓", "missing": "○", "not_needed": "–"}
MOST_BUTTONS: Final = 5


@dataclass(frozen=True, slots=True)
class Checking:
    """Answers the checklist from the log."""

    exports: Exports
    card_of: Callable[[str], ModelCard | None]

    async def items(self, run: Run) -> tuple[Item, ...]:
        """Return every item of a run."""
        exported = run.state != "planned" and await self.exports.has(run.id)
        return checklist(Known(run, self.card_of(run.route.model), exported=exported))

    async def answer(self, run: Run) -> Answer:
        """Tell the checklist of a run, with buttons for what one tap can do."""
        items = await self.items(run)
        text = told(run, items)
        data: dict[str, Any] = {"run": run.id, "checklist": summary(items)}
        data["items"] = [one.model_dump(mode="json") for one in items]
        panel = Panel(text=text, buttons=tuple(_buttons(run, items))[:MOST_BUTTONS])
        return Answer(run=run, text=text, data=data, panels=(panel,))


def told(run: Run, items: Sequence[Item]) -> str:
    """Write the checklist as lines."""
    missing = sum(one.state == "missing" for one in items)
    head = (
        f"{run.ref}: {missing} of {len(items)} are missing" if missing else f"{run.ref}: complete"
    )
    lines = [f"{MARKS[one.state]} {one.name} · {one.why}{_fix(one)}" for one in items]
    return "\n".join([head, *lines])


def _fix(item: Item) -> str:
    return f" · `{item.fix}`" if item.fix else ""


def _buttons(run: Run, items: Sequence[Item]) -> list[Button]:
    """Offer the fixes that are whole lines; those with a gap are for people to fill."""
    lines = [
        (one.fix, f"{one.fix} --in {run.id}")
        for one in items
        if one.fix and "…" not in one.fix and not any(word.isupper() for word in one.fix.split())
    ]
    return [
        Button(label=label, line=line)
        for label, line in lines
        if len(line) <= MAX_LINE_CHARS and len(label) <= MAX_LABEL_CHARS and line.isascii()
    ]
