"""What all commands share: their options, the settings of this machine, and how errors end."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot.cli.output import stop
from config.records import Settings
from config.settings import read
from domain.errors import HandlerError

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
YES = Annotated[bool, typer.Option("--yes", help="Yes to the price, or to paying twice in doubt.")]
AS = Annotated[str, typer.Option("--as", help="Who says it; the login name, if empty.")]
IN = Annotated[str | None, typer.Option("--in", help="The run it is about; the newest, if none.")]


def settings_here() -> Settings:
    """Read the settings of this machine: the environment and the file that it names."""
    return read(os.environ)


@contextmanager
def guarded(*, as_json: bool) -> Iterator[None]:
    """End with words and an exit code, whatever of ours goes wrong inside."""
    configure_logging()
    try:
        yield
    except HandlerError as error:
        stop(error, as_json=as_json)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def configure_logging() -> None:
    """Log to standard error, at the level that AI_HANDLER_LOG names."""
    level = os.environ.get("AI_HANDLER_LOG", "WARNING").upper()
    known = logging.getLevelNamesMapping()
    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=known.get(level, logging.WARNING), format=form)
