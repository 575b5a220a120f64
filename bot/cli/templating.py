"""Prompt templates on the command line: the same lines as in chat, and files in TOML."""

import asyncio
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from bot.cli.common import AS, IN, JSON, guarded, settings_here
from bot.cli.desk import Order, Reply, login_name, open_desk
from bot.cli.lines import joined
from bot.cli.output import print_json
from config.records import Settings
from domain.errors import CommandError
from domain.spec import SEGMENTS
from domain.template import KEPT, Template, Templates

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LINE]", help="find, show, add, save, diff, retire; import FILE, export."
    ),
]
ALL: Final = 1_000_000


def templates(
    line: Words = None, *, about: IN = None, name: AS = "", as_json: JSON = False
) -> None:
    """List prompt templates, the most used first; find WORDS, show NAME, import FILE, export."""
    words = list(line or ())
    with guarded(as_json=as_json):
        if words[:1] == ["export"]:
            typer.echo(_exported(), nl=False)
            return
        if words[:1] == ["import"]:
            kept = asyncio.run(_imported(settings_here(), _read(words[1:]), name or login_name()))
            print_json(kept) if as_json else typer.echo("\n".join(one["said"] for one in kept))
            return
        text = joined(["templates", *words])
        reply = asyncio.run(
            _asked(settings_here(), Order(text, name or login_name(), about, "thread"))
        )
        print_json(reply.data or {"text": reply.text}) if as_json else typer.echo(reply.text)


async def _asked(settings: Settings, order: Order) -> Reply:
    async with open_desk(settings) as desk:
        return await desk.say(order)


def _read(words: list[str]) -> dict[str, Template]:
    """Read a file of templates, whole or not at all.

    Raises:
        CommandError: It is not there, no TOML, or a table in it is no template.
    """
    from config.settings import template_of

    if len(words) != 1:
        raise CommandError("templates import wants one file", hint="templates import FILE.toml")
    try:
        tables = tomllib.loads(Path(words[0]).read_text(encoding="utf-8"))
        return {name: template_of(name, table) for name, table in tables.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{words[0]} cannot be read: {error}") from error
    except (ValidationError, AttributeError, TypeError) as error:
        said = error.errors()[0] if isinstance(error, ValidationError) else {"msg": str(error)}
        where = ".".join(map(str, said.get("loc", ())))
        raise CommandError(
            f"{words[0]}: {where}: {said['msg']}".replace(": :", ":"),
            hint="A table per template, a text per segment: `templates export` writes such a file.",
        ) from error


async def _imported(
    settings: Settings, found: Mapping[str, Template], name: str
) -> list[dict[str, Any]]:
    from bot.grammar import render

    kept = []
    async with open_desk(settings) as desk:
        for one in found.values():
            line = render(Templates(
                action="add", name=one.name, segments=one.segments, flags=one.flags,
            ))  # fmt: skip
            reply = await desk.say(Order(line, name, None, "thread"))
            kept.append({"name": one.name, "said": reply.text} | dict(reply.data or {}))
    return kept


def _exported() -> str:
    from bot.cli.asking import Ledger, asked
    from bot.world import SystemClock
    from storage.templates import TemplateStore

    async def question(ledger: Ledger) -> str:
        page = await TemplateStore(ledger.database, SystemClock(), {}).page(most=ALL)
        return toml_of(one.template for one in page)

    return asked(question)


def toml_of(found: Iterable[Template]) -> str:
    """Write templates as TOML, which ``templates import`` reads back as the same."""
    import json

    tables = []
    for one in found:
        texts = {name: one.segments[name].text for name in SEGMENTS if one.segments[name]}
        flags = one.flags.model_dump(mode="json", include=set(KEPT), exclude_defaults=True)
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in (texts | flags).items()
        ]
        tables.append("\n".join([f"# version {one.version}, by {one.by}", f"[{one.name}]", *lines]))
    return "\n\n".join(tables) + "\n" if tables else "# no templates yet\n"
