"""``run``, ``doctor`` and ``migrate``: the service and its housekeeping."""

import asyncio
import os
import secrets
import signal
from typing import Annotated, Literal

import typer
from rich.table import Table

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.doctoring import diagnosis
from bot.cli.output import print_json, printer
from config.records import Settings
from domain.errors import CommandError
from storage.lock import DataLock, Holder
from storage.migrate import Migrated
from storage.migrate import migrate as migrate_file

Role = Annotated[Literal["all", "front", "worker"], typer.Option(help="What this process does.")]


def run(*, role: Role = "all") -> None:
    """Start the service: everything that has credentials, the console always."""
    with guarded(as_json=False):
        if role != "all":
            raise CommandError(
                f"--role {role} is not built yet", hint="One process does it all: --role all."
            )
        asyncio.run(_serve(settings_here()))


async def _serve(settings: Settings) -> None:
    token = secrets.token_urlsafe(24)
    lock = DataLock(settings.data_dir).take(token)
    try:
        from bot.console.server import serve
        from bot.opening import open_app

        def ready(url: str) -> None:
            lock.announce(Holder(pid=os.getpid(), url=url, token=token))
            typer.echo(f"AI Handler is ready: {url}")

        async with open_app(settings) as app:
            _say_migrated(app.migrated)
            where = settings.console
            serving = serve(app, host=where.host, port=where.port, token=token, ready=ready)
            warming = asyncio.create_task(app.pixels.warm(), name="warm the pixel pool")
            try:
                await _until_stopped(serving)
            finally:
                await asyncio.wait({warming})
    finally:
        lock.release()


async def _until_stopped(serving: object) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(serving)  # type: ignore[call-overload]  # a coroutine
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        typer.echo("Stopping: what runs is finished or parked.")


def _say_migrated(done: Migrated) -> None:
    if done.copy is not None:
        typer.echo(f"The database was migrated from {done.before} to {done.after}.")
        typer.echo(f"As it was, it lies in {done.copy}.")


def doctor(*, as_json: JSON = False) -> None:
    """Check what the service needs, and say what to do where something is missing."""
    with guarded(as_json=as_json):
        checks = diagnosis(settings_here())
        if as_json:
            print_json(checks)
        else:
            table = Table(box=None, pad_edge=False, padding=(0, 2), show_header=False)
            for check in checks:
                table.add_row("✓" if check["ok"] else "–", check["name"], check["said"])
            printer().print(table)
    needed = {"data folder", "database"}
    broken = [check for check in checks if check["name"] in needed and not check["ok"]]
    raise SystemExit(5 if broken else 0)


def migrate(*, as_json: JSON = False) -> None:
    """Bring the database to this version's schema; what was there is copied beside first."""
    with guarded(as_json=as_json):
        settings = settings_here()
        lock = DataLock(settings.data_dir).take("")
        try:
            done = migrate_file(settings.data_dir / "handler.db")
        finally:
            lock.release()
        record = {"before": done.before, "after": done.after}
        record |= {"copy": str(done.copy) if done.copy else None}
        if as_json:
            print_json(record)
        else:
            typer.echo(f"The schema is {done.after}; it was {done.before or 'not there'}.")
