"""LoRA, house styles and characters on the command line: the same lines as in chat."""

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from bot.cli.common import AS, IN, JSON, guarded, settings_here
from bot.cli.desk import Order, Reply, login_name, open_desk
from bot.cli.lines import files_of, joined
from bot.cli.output import print_json
from config.records import Settings

Words = Annotated[
    list[str] | None, typer.Argument(metavar="[LINE]", help="What stands behind the verb.")
]
_PAIR: Final = re.compile(r"([a-z]+)=(.*\s.*)", re.DOTALL)
"""``trigger=mara woman``, as a shell hands over what stood in quotes."""


def loras(line: Words = None, *, name: AS = "", as_json: JSON = False) -> None:
    """List LoRA, or: add NAME family=sdxl replicate=URL … · show NAME · retire NAME."""
    _said("loras", line, name, None, as_json=as_json)


def houses(line: Words = None, *, about: IN = None, name: AS = "", as_json: JSON = False) -> None:
    """List house styles, or: save NAME [WORDS] [flags] · show NAME · retire NAME."""
    _said("houses", line, name, about, as_json=as_json)


def characters(
    line: Words = None, *, about: IN = None, name: AS = "", as_json: JSON = False
) -> None:
    """List characters, or: save NAME [WORDS] [flags] · show NAME · retire NAME."""
    _said("characters", line, name, about, as_json=as_json)


def _said(
    verb: str, line: Sequence[str] | None, name: str, about: str | None, *, as_json: bool
) -> None:
    words = [verb, *map(_paired, line or ())]
    with guarded(as_json=as_json):
        text = joined(words)
        order = Order(
            text, name or login_name(), about, "thread", files=files_of(text, at="thread")
        )
        reply = asyncio.run(_asked(settings_here(), order))
        print_json(reply.data) if as_json else typer.echo(reply.text)


def _paired(word: str) -> str:
    found = _PAIR.fullmatch(word)
    if found is None or found[2].startswith('"'):
        return word
    inner = found[2].replace("\\", "\\\\").replace('"', '\\"')
    return f'{found[1]}="{inner}"'


async def _asked(settings: Settings, order: Order) -> Reply:
    async with open_desk(settings) as desk:
        return await desk.say(order)
