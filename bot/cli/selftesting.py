"""``ai-handler selftest``: whether the scorers of this machine say what they should."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import NOT_GOT, print_json
from bot.cli.selftesting_triage import show_triage, triage_examined, triage_record

PICTURES = Annotated[
    Path | None,
    typer.Option(help="A folder with CLIP.png, 000000039769.jpg and LAION's sample vectors."),
]
TRIAGE = Annotated[
    bool, typer.Option("--triage", help="Hold triage against sketches with planted faults.")
]
COUNT = Annotated[int, typer.Option(min=200, max=4000, help="With --triage: so many sketches.")]
SEED = Annotated[int | None, typer.Option(help="With --triage: of briefs, drawings and faults.")]
MARKS = {"passed": "ok", "failed": "WRONG", "skipped": "–"}


def selftest(
    *,
    pictures: PICTURES = None,
    triage: TRIAGE = False,
    count: COUNT = 400,
    seed: SEED = None,
    as_json: JSON = False,
) -> None:
    """Ask the weights, or triage, of this machine what is known; exit 1 if an answer is wrong."""
    with guarded(as_json=as_json):
        if triage:
            report = triage_examined(settings_here(), count=count, seed=seed, quiet=as_json)
            print_json(triage_record(report)) if as_json else show_triage(report)
            raise SystemExit(0 if report.good_enough else NOT_GOT)
        found = golden_numbers(pictures)
        if as_json:
            print_json({"checks": found, "passed": not failed(found)})
        else:
            shown(found)
        if failed(found):
            raise SystemExit(NOT_GOT)


def golden_numbers(pictures: Path | None) -> list[dict[str, str]]:
    """Return every check of the weights in use."""
    from bot.fitting import Choice
    from scoring.clip.selftest import checks

    choice = Choice.of(settings_here())
    return [one.record() for one in checks(choice.folder, choice.engine, pictures)]


def failed(found: list[dict[str, str]]) -> bool:
    """Say whether an answer was wrong; what could not be asked is none."""
    return any(one["state"] == "failed" for one in found)


def shown(found: list[dict[str, Any]]) -> None:
    """Print the checks, one a line."""
    for one in found:
        typer.echo(f"{MARKS[one['state']]:<6} {one['name']}: {one['said']}")
