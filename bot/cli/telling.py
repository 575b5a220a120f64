"""How a run's prompt came to be, on the command line; it only reads."""

from typing import Any

from bot.cli.asking import Ledger, RunArgument, asked
from bot.cli.common import JSON, guarded
from bot.cli.output import print_json
from bot.cli.shown import show_answer


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
