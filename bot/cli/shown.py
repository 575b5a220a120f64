"""How runs look in a terminal: progress, words, tables, and pictures where it can show them."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.cli.output import printer
from bot.cli.pictures import show_picture

Report = dict[str, Any]
COLOURS = {
    "subject": "red",
    "environment": "green",
    "technical": "blue",
    "style": "magenta",
    "negative": "bright_black",
}


class Watch:
    """A progress bar on standard error while a run is under way; silent where nobody looks."""

    def __init__(self, *, quiet: bool) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        hidden = quiet or not sys.stderr.isatty()
        console = printer(stderr=True)
        self._bar = Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True, disable=hidden
        )
        self._task = self._bar.add_task("waiting", total=None)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Take it away."""
        self._bar.stop()

    def seen(self, report: Report) -> None:
        """Move the bar to where the run is."""
        count, made = report["parameters"]["count"], len(report["artworks"])
        said = f"{report['model']}: {report['stage']}, {made} of {count}"
        self._bar.update(self._task, description=said, total=count, completed=made)


def show_run(report: Report, console: Console | None = None, *, picture: bool = True) -> None:
    """Print a run: its segments, facts, artworks and what was adjusted."""
    out = console or printer()
    out.print(f"{report['ref']} {report['state']} · {report['id']}", style="bold")
    for name, segment in report["spec"]["segments"].items():
        if segment["text"]:
            out.print(f"  {name:<12}{segment['text']}", style=COLOURS[name])
    out.print(f"  {report['model']} · {report['task']} · {report['route_reason']}")
    for one in report["adjustments"]:
        used = "not sent" if one["used"] is None else one["used"]
        said = f"  {one['parameter']}: {one['asked']} → {used} ({one['reason']})"
        out.print(said, style="yellow")
    if told := report.get("handoff"):
        out.print(told["paste"], soft_wrap=True)
        out.print(told["next"], style="bold")
    if report["artworks"]:
        out.print(_artworks(report))
    if picture:
        _show_grid(report)
    if report["error"]:
        out.print(f"{report['error']['message']}", style="bold red")
        out.print(report["error"]["hint"])


def show_family(family: Report) -> None:
    """Print the runs of several models, each with its artworks, and the sheet of all of them."""
    out = printer()
    for report in family["runs"]:
        show_run(report, out, picture=False)
    if family.get("sheet_path"):
        show_picture(Path(family["sheet_path"]))
    refs = " or ".join(report["ref"] for report in family["runs"])
    if any(report["artworks"] for report in family["runs"]):
        out.print(f"Choose one: ai-handler say promote --in {refs}")


def _artworks(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("#", "seed", "verdict", "rating", "approved", "file"):
        table.add_column(column, overflow="fold")
    for made in report["artworks"]:
        rating = "–" if made["rating"] is None else f"{made['rating']:.2f}"
        approved = ", ".join(one["by"] for one in made["approvals"]) or "–"
        verdict = ": ".join([made["verdict"] or "–", *made["reasons"][:1]])
        seed = "–" if made["seed"] is None else str(made["seed"])
        row = (str(made["index"]), seed, verdict, rating, approved, _near(made["path"]))
        table.add_row(*row)
    return table


def _near(path: str) -> str:
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def _show_grid(report: Report) -> None:
    paths = [made["path"] for made in report["artworks"]]
    shown = report.get("grid_path") or (paths[0] if len(paths) == 1 else "")
    if shown:
        show_picture(Path(shown))


def show_runs(reports: list[Report]) -> None:
    """Print runs as a table, the newest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("run", "by", "state", "model", "images", "approved", "brief"):
        table.add_column(column, overflow="ellipsis", no_wrap=column == "run")
    for one in reports:
        approved = sum(made["approved"] for made in one["artworks"])
        cells = (one["id"], one["by"], one["state"], one["model"], str(len(one["artworks"])))
        table.add_row(*cells, str(approved), one["brief"])
    printer().print(table)


def show_answer(text: str, data: dict[str, Any]) -> None:
    """Print a comparison, or where an export lies; records in records stand in the text already."""
    out = printer()
    if text:
        out.print(text)
    for name, value in data.items():
        inner = value.values() if isinstance(value, dict) else value
        if isinstance(inner, Iterable) and any(isinstance(one, dict | list) for one in inner):
            continue
        out.print(f"  {name:<12}{value}")
