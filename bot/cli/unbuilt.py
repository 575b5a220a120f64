"""Commands whose part is not built yet: refused by name with exit code 2, never ignored."""

from collections.abc import Callable

import typer

from bot.cli.output import stop
from domain.errors import CommandError

COMMANDS = {
    "negatives": "the negative library",
    "refs": "the reference library",
    "replay": "the replay check",
}


def refuse_all(application: typer.Typer) -> None:
    """Add every command that is promised and not built."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    for name, part in COMMANDS.items():
        command = application.command(name=name, hidden=True, context_settings=settings)
        command(_refusal(name, part))


def _refusal(name: str, part: str) -> Callable[[typer.Context], None]:
    def refused(context: typer.Context) -> None:
        error = CommandError(f"`ai-handler {name}` is not built yet", hint=f"It comes with {part}.")
        stop(error, as_json="--json" in context.args)

    return refused
