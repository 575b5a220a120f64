"""``ai-handler selftest --triage``: sketches with planted faults, and what triage makes of them."""

import sys
from typing import Any

import typer
from rich.progress import Progress
from rich.table import Table

from bot.cli.output import printer
from config.records import Settings


def triage_examined(settings: Settings, *, count: int, seed: int | None, quiet: bool) -> Any:
    """Draw sketches with planted faults and return the report of what triage makes of them.

    Raises:
        WeightsError: The weights that ship cannot be used.
    """
    from bot.fitting import Choice
    from bot.planted import SEED, examined
    from domain.judging import Policy
    from scoring.clip.fit import Fit, bank_of
    from scoring.clip.ort import OrtEmbedder
    from scoring.clip.weights import opened

    weights = opened(Choice().folder)
    embedder = OrtEmbedder(weights)
    hidden = quiet or not sys.stderr.isatty()
    with Progress(console=printer(stderr=True), transient=True, disable=hidden) as bar:
        task = bar.add_task("drawing", total=None)
        return examined(
            Fit(embedder, bank_of(weights)),
            embedder,
            Policy(pixels=settings.scoring.pixels),
            count=count,
            seed=SEED if seed is None else seed,
            told=lambda done, of: bar.update(task, completed=done, total=of),
        )


def triage_record(report: Any) -> dict[str, Any]:
    """Return a report as ``--json`` shows it."""
    shown: dict[str, Any] = report.model_dump(mode="json")
    shown["kinds"] = [one.model_dump() | {"count": one.count} for one in report.kinds]
    shown["sound"] = report.sound.model_dump() | {"count": report.sound.count}
    return shown | {"good_enough": report.good_enough}


def show_triage(report: Any) -> None:
    """Print a report as a table."""
    from bot.planted import LEAST_CAUGHT, MOST_DISTURBED

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("planted")
    for column in ("drawings", "pass", "review", "reject", "stopped"):
        table.add_column(column, justify="right")
    for one in (*report.kinds, report.sound):
        share = f"{one.stopped / one.count:.0%}" if one.count else "–"
        cells = (one.name, str(one.count), str(one.passed), str(one.review), str(one.rejected))
        table.add_row(*cells, share, end_section=one is report.kinds[-1])
    printer().print(table)
    typer.echo(
        f"of the faulty {report.caught:.0%} were stopped; wanted: {LEAST_CAUGHT:.0%} or more"
    )
    said = (
        f"of the sound {report.disturbed:.0%} were disturbed; wanted: {MOST_DISTURBED:.0%} or less"
    )
    typer.echo(said)
    typer.echo("good enough" if report.good_enough else "NOT good enough")
