"""How a run's prompt came to be, on the command line; it only reads."""

from typing import Any

from bot.cli.asking import Ledger, RunArgument, asked
from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import print_json
from bot.cli.shown import show_answer
from bot.world import SystemClock


def history(run: RunArgument = None, *, as_json: JSON = False) -> None:
    """Show who changed what in a run's prompt and when, word by word, the oldest first."""
    from pipeline.history import history as steps_of
    from pipeline.history import told
    from storage.descent import Descent

    async def question(ledger: Ledger) -> tuple[str, dict[str, Any]]:
        found = await ledger.run(run)
        ids = await Descent(ledger.database).line(found.id)
        steps = steps_of(await ledger.search.runs(ids))
        record = {"run": found.id, "changes": [one.model_dump(mode="json") for one in steps]}
        return "\n".join(map(told, steps)), record

    with guarded(as_json=as_json):
        text, record = asked(question)
        print_json(record) if as_json else show_answer(text, {})


def checklist(run: RunArgument = None, *, as_json: JSON = False) -> None:
    """Show what a run has of what a production team does, what it lacks, and the line for it."""
    from bot.checking import Checking
    from config.settings import model_cards
    from storage.export import Exports

    async def question(ledger: Ledger) -> tuple[str, dict[str, Any]]:
        found = await ledger.run(run)
        known = {card.id: card for card in model_cards(settings_here().own_models)}
        checking = Checking(Exports(ledger.database, SystemClock()), known.get)
        answer = await checking.answer(found)
        return answer.text, dict(answer.data or {})

    with guarded(as_json=as_json):
        text, record = asked(question)
        print_json(record) if as_json else show_answer(text, {})
