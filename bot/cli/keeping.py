"""``backup`` and ``restore``: the log and its files in a folder elsewhere, and back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import DONE, NOT_GOT, print_json
from bot.world import SystemClock
from storage.backup import backup as make_backup
from storage.lock import DataLock
from storage.manifest import Manifest
from storage.migrate import head
from storage.restore import Restored, check, place

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the backup.")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Take files that lie there already by size, unread.")
]
GoOn = Annotated[
    bool, typer.Option("--go-on", help="Let runs go on that were under way; else they are stopped.")
]


def backup(folder: Folder, *, quick: Quick = False, as_json: JSON = False) -> None:
    """Copy log and pictures into a folder, beside a running service; again copies what is new."""
    with guarded(as_json=as_json):
        made = make_backup(settings_here().data_dir, folder, SystemClock(), quick=quick)
        manifest = made.manifest
        if as_json:
            print_json(_record(manifest, folder) | {"copied": made.copied})
        else:
            new = f"{_many(made.copied, 'file')} of it new"
            typer.echo(f"{_size(manifest)}, {new}, in {folder}.")
            _say_missing(manifest)
    raise SystemExit(_code(manifest))


def restore(folder: Folder, *, go_on: GoOn = False, as_json: JSON = False) -> None:
    """Put a backup back, checked whole; what was there is kept aside. The service must not run."""
    with guarded(as_json=as_json):
        data_dir = settings_here().data_dir
        lock = DataLock(data_dir)
        if lock.holder() is not None:
            lock.take("").release()  # refused, naming the process; before a long look at the backup
        checked = check(folder)
        lock.take("")
        try:
            done = place(checked, data_dir, SystemClock(), go_on=go_on)
        finally:
            lock.release()
        if as_json:
            print_json(_restored_record(checked.manifest, folder, done))
        else:
            _say_restored(checked.manifest, data_dir, done)
            _say_missing(checked.manifest)
    raise SystemExit(_code(checked.manifest))


def _code(manifest: Manifest) -> int:
    return NOT_GOT if manifest.missing else DONE


def _record(manifest: Manifest, folder: Path) -> dict[str, Any]:
    return {"folder": str(folder.absolute())} | manifest.model_dump(mode="json")


def _restored_record(manifest: Manifest, folder: Path, done: Restored) -> dict[str, Any]:
    kept = str(done.kept) if done.kept else None
    more = {"added": done.added, "stopped": done.stopped, "kept": kept}
    return _record(manifest, folder) | more


def _size(manifest: Manifest) -> str:
    megabytes = (manifest.database.size_bytes + manifest.files_bytes) / 2**20
    return f"{_many(manifest.runs, 'run')}, {_many(manifest.files, 'file')}, {megabytes:.1f} MB"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _say_restored(manifest: Manifest, data_dir: Path, done: Restored) -> None:
    typer.echo(f"{_size(manifest)}, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC, in {data_dir}.")
    if done.kept is not None:
        typer.echo(f"The log as it was lies in {done.kept}; its pictures stay where they are.")
    if done.stopped:
        typer.echo(
            f"Under way when the copy was made: {_many(done.stopped, 'run')}. As it may have been "
            "paid for since, it is not gone on with: it ends as cancelled, and `retry` makes it."
        )
    if manifest.revision != head():
        typer.echo(f"Its schema is {manifest.revision}: the next start brings it to {head()}.")


def _say_missing(manifest: Manifest) -> None:
    if manifest.missing:
        typer.echo(
            "Named by the log, but gone or changed on disk when the copy was made: "
            f"{', '.join(manifest.missing)}",
            err=True,
        )
