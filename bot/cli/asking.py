"""Commands that only read: they need no lock, and work beside a running service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table

from bot.cli.common import JSON, guarded, settings_here
from bot.cli.output import print_json, printer
from bot.cli.shown import show_answer, show_run, show_runs
from config.records import Settings
from config.settings import model_cards
from config.settings import routes as routing_table
from domain.errors import CommandError, Fault, PictureError
from domain.judging import Check
from domain.picture import MAX_VENDOR_BYTES
from domain.policy import Measured
from domain.seen import Seen

T = TypeVar("T")
RunArgument = Annotated[str | None, typer.Argument(metavar="RUN", help="The newest, if none.")]


class Ledger:
    """The log, opened read-only."""

    def __init__(self, settings: Settings) -> None:
        from storage.artifacts import LocalArtifacts
        from storage.ballots import Ballots
        from storage.blinds import Blinds
        from storage.channel_routes import ChannelRoutes
        from storage.database import Database
        from storage.migrate import check_readable
        from storage.search import Search

        path = settings.data_dir / "handler.db"
        check_readable(path)
        self.database = Database(path, read_only=True)
        self.search = Search(self.database)
        self.ballots, self.blinds = Ballots(self.database), Blinds(self.database)
        self.routes = ChannelRoutes(self.database)
        self.artifacts = LocalArtifacts(settings.data_dir)

    async def run(self, name: str | None) -> Any:
        """Return a run by name, or the newest."""
        found = await self.search.named(name, None) if name else await self.search.newest()
        return (await self.search.runs([found]))[0]

    async def report(self, run: Any) -> dict[str, Any]:
        """Return a run as ``--json`` shows it."""
        from bot.report import report

        baseline = (await self.search.runs([run.baseline]))[0] if run.baseline else None

        def path_of(made: Any) -> str:
            return str(self.artifacts.path(made.digest, made.media_type))

        shown = report(run, baseline=baseline, path_of=path_of)
        grid = await asyncio.to_thread(self.artifacts.find, run.grid) if run.grid else None
        return shown | {"grid_path": str(grid) if grid else None, "revision": run.revision}


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Ledger]:
    ledger = Ledger(settings)
    try:
        yield ledger
    finally:
        await ledger.database.close()


def asked(question: Callable[[Ledger], Awaitable[T]]) -> T:
    """Ask the log one question."""

    async def ask() -> T:
        async with _opened(settings_here()) as ledger:
            return await question(ledger)

    return asyncio.run(ask())


def runs(
    query: Annotated[str, typer.Argument(help="Words of the brief, model, person, state.")] = "",
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: JSON = False,
) -> None:
    """List runs, the newest first."""

    async def question(ledger: Ledger) -> list[dict[str, Any]]:
        found = await ledger.search.recent(query=query, limit=limit)
        return [await ledger.report(run) for run in found]

    with guarded(as_json=as_json):
        found = asked(question)
        print_json(found) if as_json else show_runs(found)


def show(run: RunArgument = None, *, as_json: JSON = False) -> None:
    """Show a run with all its parameters, and its grid where the terminal can."""

    async def question(ledger: Ledger) -> dict[str, Any]:
        return await ledger.report(await ledger.run(run))

    with guarded(as_json=as_json):
        found = asked(question)
        print_json(found) if as_json else show_run(found)


def models(*, as_json: JSON = False) -> None:
    """List the models: which are on, which are off and why, what they can and cost."""
    from bot.cli.doctoring import model_entries

    with guarded(as_json=as_json):
        entries = model_entries(settings_here())
        if as_json:
            print_json([entry.record() for entry in entries])
            return
        table = Table(box=None, pad_edge=False, padding=(0, 2))
        for column in ("model", "", "takes, and does", "price"):
            table.add_column(column, overflow="fold")  # an id that is cut cannot be typed
        for entry in entries:
            table.add_row(entry.card.id, entry.status(), entry.takes(), entry.price())
        printer().print(table)


def routes(*, as_json: JSON = False) -> None:
    """Show which models make which kind of image."""
    with guarded(as_json=as_json):
        settings = settings_here()
        table = routing_table(settings.routes)["tasks"]
        own = asyncio.run(_own_routes(settings))
        if as_json:
            names = ("where", "task", "model", "by")
            channels = [dict(zip(names, one, strict=True)) for one in own]
            print_json(table | ({"channels": channels} if channels else {}))
            return
        known = {card.id for card in model_cards(settings.own_models)}
        for task, chosen in table.items():
            said = ", then ".join(model if model in known else f"{model} (?)" for model in chosen)
            typer.echo(f"{task:<12} {said}")
        for where, task, model, by in own:
            typer.echo(f"{task:<12} {model}, in {where} (chosen by {by})")


async def _own_routes(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Return what channels chose for themselves; nothing where there is no log yet."""
    if not (settings.data_dir / "handler.db").exists():
        return []
    async with _opened(settings) as ledger:
        return await ledger.routes.all()


def score(
    file: Annotated[Path, typer.Argument(help="A PNG, JPEG or WebP picture.")],
    *,
    brief: Annotated[str, typer.Option(help="What it must show: measures its fit.")] = "",
    target: Annotated[str, typer.Option(help="Where it goes: web-hero, app-icon, …")] = "",
    as_json: JSON = False,
) -> None:
    """Measure one picture: the technical checks, and what they say."""
    from domain.spec import TASKS
    from pipeline.triage import triage
    from scoring.pixels import VERSION, measure_artwork

    with guarded(as_json=as_json):
        settings = settings_here()
        lacks = _lacks(settings, target)
        data = _bytes_of(file)
        measured = measure_artwork(data, 1)
        seen, checks = _seen(data, brief, settings, target)
        said = triage(
            [measured],
            policy=settings.scoring.pixels,
            task=TASKS[-1],
            asked_size=None,
            asked_ratio=None,
            lacks=lacks,
            extra={1: checks},
        )
        scores = measured.scores | seen.scores
        record = said[0].model_dump() | {"scores": scores, "version": VERSION, "fit": None}
        record |= {"brief": brief, "notes": []} | (_fit(data, brief, settings) if brief else {})
        record["notes"] += [
            f"{one.rule}: {one.source.removeprefix('neutral: ')}"
            for one in checks
            if one.source.startswith("neutral")
        ]
        print_json(record) if as_json else show_answer(f"{file.name}: {said[0].verdict}", record)


def _lacks(settings: Settings, target: str) -> Callable[[Measured], Iterable[str]]:
    from functools import partial

    from pipeline.assets import asset_faults, no_faults
    from scoring.colour import delta_e

    if not target:
        return no_faults
    if target not in settings.targets:
        fault = Fault("--target", target, f"one of {', '.join(settings.targets)}")
        raise CommandError(str(fault), faults=(fault,))
    return partial(asset_faults, target=settings.targets[target], difference=delta_e)


def _seen(
    data: bytes, brief: str, settings: Settings, target: str
) -> tuple[Seen, tuple[Check, ...]]:
    from bot.seeing import seen_in
    from pipeline.seen import extras, wanted_in

    aim, policy = settings.targets.get(target), settings.scoring.extras
    wanted = wanted_in((brief,), "", aim)
    safety = bool(aim and aim.safety)
    seen = seen_in(data, wanted, sure=policy.lettering_sure, safety=safety)
    return seen, tuple(extras(seen, wanted, policy))


def _fit(data: bytes, brief: str, settings: Settings) -> dict[str, Any]:
    from bot.fitting import Choice, fit_of
    from domain.fit import explained

    found = fit_of(data, brief, Choice.of(settings))
    notes = [f"fit: {found.missing}"] if found.missing else [explained(found.scores)]
    notes += [f"not known to the weights: {', '.join(found.unread)}"] if found.unread else []
    return {"fit": found.scores.get("fit"), "fit_scores": found.scores, "notes": notes}


def _bytes_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_VENDOR_BYTES:
            raise PictureError(f"{file} is too large", hint=f"At most {MAX_VENDOR_BYTES} bytes.")
        return file.read_bytes()
    except OSError as error:
        said = f"cannot read {file}: {error.strerror}"
        raise PictureError(said, hint="Check the path.") from error
