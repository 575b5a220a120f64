"""Commands that make and change: ``imagine``, ``say`` and ``export``."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.cli.common import AS, IN, JSON, YES, guarded, settings_here
from bot.cli.desk import Desk, Order, Reply, login_name, open_desk
from bot.cli.lines import files_of, joined
from bot.cli.output import print_json, run_code
from bot.cli.shown import Watch, show_answer, show_family, show_run
from config.records import Settings
from domain.errors import NotFoundError

Words = Annotated[
    list[str], typer.Argument(metavar="LINE", help="A line of the grammar, flags and all.")
]
MAKES = frozenset({"queued", "running"})


def imagine(line: Words, *, name: AS = "", yes: YES = False, as_json: JSON = False) -> None:
    """Make images from a prompt: "subject :: environment :: technical :: style :: negative"."""
    text = joined(line)
    prefixed = text if text.startswith("/imagine ") else f"imagine {text}"
    order = _order(prefixed, name, None, "channel", yes=yes)
    with guarded(as_json=as_json):
        raise SystemExit(asyncio.run(_said(settings_here(), order, as_json=as_json)))


def say(
    line: Words, *, about: IN = None, name: AS = "", yes: YES = False, as_json: JSON = False
) -> None:
    """Say any line of the grammar about a run: "pick 2", "style: more cinematic", "branch 2"."""
    order = _order(joined(line), name, about, "thread", yes=yes)
    with guarded(as_json=as_json):
        raise SystemExit(asyncio.run(_said(settings_here(), order, as_json=as_json)))


def export(
    about: Annotated[str | None, typer.Argument(metavar="RUN", help="The newest, if none.")] = None,
    *,
    to: Annotated[Path, typer.Option(help="The folder to write.")] = Path("export"),
    everything: Annotated[bool, typer.Option("--all", help="Also what is not approved.")] = False,
    name: AS = "",
    as_json: JSON = False,
) -> None:
    """Hand out approved originals with sidecars, checksums and the lines that make them again."""
    line = "export --all" if everything else "export"
    order = _order(line, name, about, "thread", yes=False)
    with guarded(as_json=as_json):
        reply = asyncio.run(_exported(settings_here(), order, to))
        if as_json:
            print_json(reply)
        else:
            typer.echo(f"{len(reply['files'])} files in {reply['folder']}")


def _order(
    line: str, name: str, about: str | None, at: Literal["channel", "thread"], *, yes: bool
) -> Order:
    return Order(line=line, name=name or login_name(), about=about, at=at, confirmed=yes)


async def _said(settings: Settings, order: Order, *, as_json: bool) -> int:
    files = files_of(order.line, at=order.at)
    async with open_desk(settings) as desk:
        reply = await desk.say(
            Order(order.line, order.name, order.about, order.at, order.confirmed, files)
        )
        report = await _awaited(desk, reply, as_json=as_json)
    return _shown(reply, report, as_json=as_json)


def _is_family(report: dict[str, Any]) -> bool:
    """Tell whether a line has just asked several models."""
    return report["family"] == report["id"] and report["state"] in MAKES


async def _awaited(desk: Desk, reply: Reply, *, as_json: bool) -> dict[str, Any] | None:
    report = reply.planned or reply.run
    if reply.run and _is_family(reply.run):
        with Watch(quiet=as_json) as watch:
            return await desk.wait_family(reply.run["id"], watch.seen)
    if report is None or "runs" in report or report["state"] not in MAKES:
        return report
    with Watch(quiet=as_json) as watch:
        return await desk.wait(report["id"], watch.seen)


def _shown(reply: Reply, report: dict[str, Any] | None, *, as_json: bool) -> int:
    if reply.data is not None:
        _show_data(reply, as_json=as_json)
        return 0
    if report is None:
        print_json({"text": reply.text}) if as_json else typer.echo(reply.text)
        return 0
    if as_json:
        print_json(report)
    else:
        show_family(report) if "runs" in report else show_run(report)
    return max(map(run_code, report.get("runs", [report])))


def _show_data(reply: Reply, *, as_json: bool) -> None:
    if as_json:
        print_json(reply.data)
    else:
        show_answer(reply.text, dict(reply.data or {}))


async def _exported(settings: Settings, order: Order, to: Path) -> dict[str, Any]:
    async with open_desk(settings) as desk:
        reply = await desk.say(order)
        if reply.data is None or reply.run is None:
            raise NotFoundError("there was nothing to export")
        folder = await asyncio.to_thread(_moved, Path(reply.data["folder"]), to)
    return {"run": reply.run["id"], "folder": folder, "files": reply.data["files"]}


def _moved(made: Path, to: Path) -> str:
    from storage.export import ExportFile, write_folder

    names = sorted(path for path in made.rglob("*") if path.is_file())
    files = [ExportFile(str(path.relative_to(made)), path.read_bytes()) for path in names]
    write_folder(to, files)
    shutil.rmtree(made)
    return str(to.absolute())
