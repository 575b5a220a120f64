"""``ai-handler triage`` and ``calibrate``: why a verdict, and what the team's votes allow."""

from typing import Annotated, Any

import typer
from rich.console import Console

from bot.cli.asking import Ledger, RunArgument, asked
from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import print_json, printer

EXPLAIN = Annotated[bool, typer.Option("--explain", help="Show every check, not only failed ones.")]
TASK = Annotated[str, typer.Option("--task", help="Of one task type: product, brand, ui, …")]
COLOURS = {"pass": "green", "review": "yellow", "reject": "red"}


def triage(run: RunArgument = None, *, explain: EXPLAIN = False, as_json: JSON = False) -> None:
    """Show why triage judged each artwork of a run as it did."""
    from bot.judged import record
    from storage.verdicts import Verdicts

    async def question(ledger: Ledger) -> tuple[Any, Any]:
        found = await ledger.run(run)
        return found, await Verdicts(ledger.database).explained(found.id)

    with guarded(as_json=as_json):
        found, judged = asked(question)
        if as_json:
            print_json(record(found, judged))
            return
        _show(found, judged, explain=explain)


def _show(run: Any, judged: Any, *, explain: bool) -> None:
    from bot.judged import said

    out = printer()
    out.print(f"{run.ref} · {run.id} · {run.route.task}", style="bold")
    for made, line in zip(run.artworks, said(run, judged), strict=True):
        out.print(line, style=COLOURS.get(made.verdict or "", ""), soft_wrap=True)
        if explain and made.index in judged:
            _checks(out, judged[made.index].checks)
    if not run.artworks:
        out.print("No artworks were made.")


def _checks(out: Console, checks: Any) -> None:
    """Print every check on a line of its own, which stays one however narrow the terminal."""
    from bot.judged import rows

    table = rows(checks)
    wide = [max(len(row[at]) for row in table) for at in range(4)] if table else []
    for check, row in zip(checks, table, strict=True):
        mark = {"reject": "✗", "review": "!"}.get(check.then, "✓") if check.failed else "✓"
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=False))
        style = "bold" if check.failed else ""
        out.print(f"  {mark} {cells}  {row[4]}", style=style, soft_wrap=True)


def calibrate(*, task: TASK = "", as_json: JSON = False) -> None:
    """Show what the team's votes allow triage to reject, with what guarantee, and what lacks."""
    from bot.calibrating import Calibrating
    from bot.world import SystemClock
    from domain.errors import CommandError, Fault
    from domain.spec import TASKS

    with guarded(as_json=as_json):
        if task and task not in TASKS:
            fault = Fault("--task", task, f"one of {', '.join(TASKS)}")
            raise CommandError(str(fault), faults=(fault,))
        policy = settings_here().scoring.calibration

        async def question(ledger: Ledger) -> Any:
            return await Calibrating.on(ledger.database, SystemClock(), policy).all(task)

        found = asked(question)
        if as_json:
            print_json({
                "policy": policy.model_dump(),
                "calibrations": [_record(one) for one in found],
            })  # fmt: skip
            return
        _show_all(found, policy)


def _record(one: Any) -> dict[str, Any]:
    shown: dict[str, Any] = one.calibrated.model_dump(mode="json")
    return shown | {
        "guarantee": one.calibrated.guarantee,
        "holds": one.calibrated.holds and not one.void,
        "lacking": one.lacking,
        "void": one.void,
        "restored": one.restored,
        "explored": {
            "labelled": one.explored,
            "approved": one.explored_approved,
            "lost": one.explored_lost,
        },
    }


def _show_all(found: Any, policy: Any) -> None:
    if not found:
        typer.echo("Nothing was scored yet: fit is calibrated from votes on scored images.")
        return
    for one in found:
        calibrated = one.calibrated
        typer.echo(f"{calibrated.task}: {calibrated.guarantee}")
        version = f"   {calibrated.version}"
        typer.echo(f"{version} · no. {calibrated.number}" if calibrated.number else version)
        if one.void:
            typer.echo(f"   void: {one.void}")
            continue
        plain = "–" if calibrated.marginal is None else f"{calibrated.marginal:.2f}"
        typer.echo(f"   k {calibrated.k} of n {calibrated.n}; on the average alone: {plain}")
        passes = "–" if calibrated.passes is None else f"{calibrated.passes:.2f}"
        typer.echo(f"   {calibrated.rejected} rejected by people; doubts pass from: {passes}")
        if one.lacking:
            typer.echo(f"   {one.lacking}")
        if one.explored or one.restored:
            lost = f"{one.explored_lost} of {one.explored_approved} approved would have been lost"
            typer.echo(f"   explored {one.explored}: {lost}; restored {one.restored}")
    if not policy.rejects:
        typer.echo("Calibrated figures reject nothing: [scoring.calibration] rejects is off.")
