"""Weights onto this machine: from a file, from a hub by name, and out to ONNX."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import print_json
from domain.errors import CommandError

NAME = Annotated[str, typer.Option(help="What they are called here; else as the source is.")]
LICENCE = Annotated[str, typer.Option(help="Their licence, if they come without a manifest.")]
VALID = Annotated[
    list[str] | None, typer.Option(help="A provider whose pictures they know; * for all.")
]
GELU = Annotated[
    bool | None,
    typer.Option("--quick-gelu/--gelu", help="How they were trained; checked against their form."),
]
FOR = Annotated[str, typer.Option("--for", help="For a head: the weights that it sits on.")]


def imported(
    source: Annotated[Path, typer.Argument(help="A folder, a zip or tar of one, or a head .pth.")],
    *,
    name: NAME = "",
    licence: LICENCE = "unknown",
    said: Annotated[str, typer.Option("--source", help="Where they come from, in words.")] = "",
    valid_for: VALID = None,
    quick_gelu: GELU = None,
    backbone: FOR = "",
    as_json: JSON = False,
) -> None:
    """Take weights (open_clip's own form) or an aesthetic head from a file; no network needed."""
    from scoring.clip.arrival import arrived

    with guarded(as_json=as_json):
        if source.suffix == ".pth":
            _head(source, backbone, as_json=as_json)
            return
        told = {"source": said or f"imported from {source.name}", "licence": licence}
        into = settings_here().data_dir / "weights"
        weights = arrived(
            source,
            into,
            name or _named_after(source),
            _progress(quiet=as_json),
            valid_for=tuple(valid_for or ("*",)),
            quick_gelu=quick_gelu,
            **told,
        )
        _told(weights, as_json=as_json)


def pulled(
    model: Annotated[str, typer.Argument(help="OWNER/NAME on the hub that [scoring] names.")],
    *,
    name: NAME = "",
    revision: Annotated[str, typer.Option(help="A branch, tag or commit.")] = "main",
    valid_for: VALID = None,
    as_json: JSON = False,
) -> None:
    """Fetch weights from a model hub, going on where it was cut; nothing else goes there."""
    from scoring.clip.hub import pulled as fetched

    with guarded(as_json=as_json):
        settings = settings_here()
        weights = fetched(
            settings.scoring.hub_url,
            model,
            settings.data_dir / "weights",
            name or model.rpartition("/")[2].lower(),
            _progress(quiet=as_json),
            revision=revision,
            valid_for=tuple(valid_for or ("*",)),
        )
        _told(weights, as_json=as_json)


def exported(
    name: Annotated[str, typer.Argument(help="Weights of this machine, by name.")],
    *,
    int8: Annotated[bool, typer.Option("--int8", help="Store as int8, if that drifts little.")] = (
        False
    ),
    as_json: JSON = False,
) -> None:
    """Make the files that ONNX Runtime reads (needs the extra [clip]); then torch can go."""
    from bot.fitting import folder_of
    from bot.teaching import pictures
    from scoring.clip.conversion import converted

    with guarded(as_json=as_json):
        folder = folder_of(settings_here(), name)
        weights, drift = _with_torch(lambda: converted(folder, pictures, int8=int8))
        if as_json:
            print_json(_record(weights) | {"drift": drift})
        else:
            _told(weights, as_json=False)
            typer.echo(f"drift beside torch, 95th percentile of the cosines: {drift:.5f}")


def _head(source: Path, backbone: str, *, as_json: bool) -> None:
    from bot.fitting import folder_of
    from scoring.clip.heads import imported as folded
    from scoring.clip.weights import opened

    settings = settings_here()
    weights = opened(folder_of(settings, backbone or settings.scoring.weights))
    head = _with_torch(lambda: folded(source, weights))
    record = head.origin.model_dump() | {"dim": head.dim, "length": round(head.length, 3)}
    if as_json:
        print_json(record)
    else:
        typer.echo(
            f"{head.origin.name} is folded for {head.origin.backbone_id}: {head.dim} figures"
        )


def _with_torch(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except ImportError as error:
        hint = "`pip install 'ai-handler[clip]'` adds torch and open_clip."
        raise CommandError(f"this needs {error.name}", hint=hint) from error


def _named_after(source: Path) -> str:
    return source.resolve().name.split(".tar")[0].removesuffix(".zip").removesuffix(".tgz").lower()


def _progress(*, quiet: bool) -> Callable[[str, int, int], None]:
    """Return what tells of bytes on standard error, once per twentieth of a file."""
    shown: dict[str, int] = {}

    def told(name: str, done: int, of: int) -> None:
        steps = 20 if sys.stderr.isatty() else 1
        twentieth = steps * done // max(of, 1)
        if not quiet and shown.get(name, 0) != twentieth:
            shown[name] = twentieth
            end = "\n" if done >= of else ""
            typer.echo(
                f"\r{name:<32} {done / 1e6:9.1f} of {of / 1e6:.1f} MB{end}", nl=False, err=True
            )

    return told


def _told(weights: Any, *, as_json: bool) -> None:
    record = _record(weights)
    if as_json:
        print_json(record)
        return
    typer.echo(f"{record['name']} is whole: {record['bytes'] / 1e6:.1f} MB in {record['folder']}")
    typer.echo(f'[scoring] weights = "{record["name"]}" in the settings file puts them to use.')


def _record(weights: Any) -> dict[str, Any]:
    said = weights.manifest
    return {
        "name": said.name,
        "folder": str(weights.folder),
        "backbone_id": weights.backbone_id,
        "valid_for": list(said.valid_for),
        "licence": said.licence,
        "quick_gelu": said.quick_gelu,
        "bytes": sum(one.bytes for one in said.files.values()),
        "files": sorted(said.files),
    }
