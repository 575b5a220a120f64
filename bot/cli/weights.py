"""Weights of the scorers on this machine: which there are, how our own small CLIP is trained."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import fetching
from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import NOT_GOT, print_json
from domain.errors import CommandError

application = typer.Typer(help="Weights of the scorers.", no_args_is_help=True)
application.command(name="import")(fetching.imported)
application.command(name="pull")(fetching.pulled)
application.command(name="export-onnx")(fetching.exported)


@application.command(name="list")
def listed(*, as_json: JSON = False) -> None:
    """List the weights that are here, what they are valid for, and what is wrong with them."""
    from scoring.clip.weights import shipped

    with guarded(as_json=as_json):
        settings = settings_here()
        own = sorted((settings.data_dir / "weights").glob("[a-z0-9]*/"))
        found = [_said(folder) for folder in (shipped(), *own)]
        for one in found:
            one["in_use"] = one["name"] == settings.scoring.weights
        if as_json:
            print_json({"weights": found})
            return
        for one in found:
            used = ", in use" if one["in_use"] else ""
            typer.echo(f"{one['name']:<16} {one['state']}{used}")
            for name in ("valid_for", "licence", "bytes", "heads", "figures"):
                if one.get(name):
                    typer.echo(f"{'':<16} {name.replace('_', ' ')}: {one[name]}")


@application.command()
def train(
    *,
    out: Annotated[Path | None, typer.Option(help="The folder to write the weights to.")] = None,
    minutes: Annotated[float, typer.Option(min=0.05, max=600, help="How long to train.")] = 60,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of torch.")] = 2,
    go_on: Annotated[Path | None, typer.Option(help="A folder …-trained to go on from.")] = None,
    evaluate: Annotated[
        Path | None, typer.Option(help="Evaluate this folder; no training.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """Train the small CLIP on sketches (needs the extra [clip]), or evaluate a weights folder."""
    from bot.teaching import examined, taught

    with guarded(as_json=as_json):
        if (out is None) == (evaluate is None):
            raise CommandError("train wants a folder", hint="Name --out or --evaluate, not both.")
        logging.getLogger("scoring.clip.training").setLevel(logging.INFO)
        if evaluate is not None:
            figures = examined(evaluate)
        elif out is not None:
            figures = _taught(taught, out, minutes=minutes, threads=threads, going_on_from=go_on)
        record = figures.record() | {"good_enough": figures.good_enough}
        if as_json:
            print_json(record)
        else:
            typer.echo(_in_words(record))
        if not figures.good_enough:
            raise SystemExit(NOT_GOT)


def _taught(teach: Any, out: Path, **how: Any) -> Any:
    try:
        return teach(out, **how)
    except ImportError as error:
        hint = "`pip install 'ai-handler[clip]'` adds torch and open_clip."
        raise CommandError(f"training needs {error.name}", hint=hint) from error


def _said(folder: Path) -> dict[str, Any]:
    from scoring.aesthetic import heads_of
    from scoring.clip.weights import WeightsError, opened

    try:
        found = opened(folder)
    except WeightsError as error:
        return {"name": folder.name, "folder": str(folder), "state": error.message}
    said = found.manifest
    return {
        "name": said.name,
        "folder": str(folder),
        "state": "whole",
        "backbone_id": found.backbone_id,
        "valid_for": list(said.valid_for),
        "licence": said.licence,
        "bytes": sum(one.bytes for one in said.files.values()),
        "heads": [head.origin.name for head in heads_of(found)[0]],
        "figures": said.trained,
    }


def _in_words(record: dict[str, Any]) -> str:
    return (
        f"right brief first among 100: {record['first']:.0%} (60 % wanted); "
        f"among the first five: {record['among_five']:.0%} (85 %); "
        f"fuller drawing higher: {record['fuller']:.0%} (80 %)"
    )
