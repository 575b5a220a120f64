"""Commands that set runs against each other: compare, its gate, the ranking by votes."""

from typing import Annotated, Any

import typer
from rich.table import Table

from bot.cli.asking import Ledger, RunArgument, asked
from bot.cli.common import JSON, guarded
from bot.cli.output import NOT_GOT, print_json, printer
from bot.cli.shown import show_answer
from domain.errors import CommandError, ConflictError, Fault, NotFoundError

HIDDEN = frozenset({"intervals", "not_compared", "blind_wins"})
"""What is said in words instead."""
GATE = Annotated[
    bool,
    typer.Option(
        "--gate", help="Exit with 1 if OTHER is worse than RUN (alone: than its baseline)."
    ),
]


def compare(
    run: RunArgument = None,
    other: Annotated[str | None, typer.Argument(help="Its baseline, if none.")] = None,
    *,
    gate: GATE = False,
    as_json: JSON = False,
) -> None:
    """Show what differs between two runs, or between a run and its baseline.

    With --gate the second run is judged against the first, a single one against its baseline.
    """
    from bot.ranking import blind_line, blind_record
    from pipeline.replay import compare as compared
    from pipeline.replay import scores_in_words

    async def question(ledger: Ledger) -> tuple[Any, Any, tuple[int, int]]:
        one = await ledger.run(run)
        name = other or one.baseline
        if name is None:
            raise ConflictError(f"{one.id} is the baseline itself", hint="Name another run too.")
        two = await ledger.run(name)
        return one, two, await ledger.blinds.wins(one.id, two.id)

    with guarded(as_json=as_json):
        if gate:
            _judge(run, other, as_json=as_json)
            return
        one, two, wins = asked(question)
        found = compared(one, two) | {"blind_wins": blind_record(*wins)}
        if as_json:
            print_json(found)
            return
        shown = {name: found[name] for name in found if name not in HIDDEN}
        said = {"scores": "; ".join(scores_in_words(one, two)) or "none in both"}
        show_answer(blind_line(*wins, one.ref), shown | said)


def _judge(run: str | None, other: str | None, *, as_json: bool) -> None:
    from pipeline.gate import gate as gate_of
    from pipeline.gate import gate_text

    async def question(ledger: Ledger) -> tuple[dict[str, Any], tuple[str, str]]:
        candidate, reference = await _both(ledger, run, other)
        wins = await ledger.blinds.wins(candidate.id, reference.id)
        names = (f"{candidate.ref} ({candidate.id})", f"{reference.ref} ({reference.id})")
        return gate_of(candidate, reference, wins), names

    said, names = asked(question)
    print_json(said) if as_json else typer.echo(gate_text(said, names))
    if said["worse"]:
        raise SystemExit(NOT_GOT)


async def _both(ledger: Ledger, run: str | None, other: str | None) -> tuple[Any, Any]:
    """Return the run that is judged, and what it is held against.

    Raises:
        CommandError: One is not there, has no baseline, or has not ended: exit code 2, since 1
            means worse.
    """
    try:
        first = await ledger.run(run)
        if other is None and first.baseline is None:
            raise _wrong("RUN", first.id, "is the baseline itself; name another run too")
        second = await ledger.run(other or first.baseline)
    except NotFoundError as error:
        raise _wrong("RUN", other or run or "", error.message) from error
    candidate, reference = (second, first) if other else (first, second)
    if candidate.id == reference.id:
        raise _wrong("OTHER", candidate.id, "the same run twice")
    for one in (candidate, reference):
        if not one.ended:
            raise _wrong("RUN", one.id, "has not ended; wait for it with `ai-handler show`")
        if one.kind == "text":
            raise _wrong("RUN", one.id, "has written prompts, and made no images")
    return candidate, reference


def _wrong(flag: str, value: str, allowed: str) -> CommandError:
    fault = Fault(flag, value, allowed)
    return CommandError(str(fault), faults=(fault,))


def ranking(run: RunArgument = None, *, as_json: JSON = False) -> None:
    """Rank the images of a run's thread by votes, with how sure that is."""
    from bot.ranking import Group, ranking_record, signed
    from bot.ranking import ranking as ranked

    async def question(ledger: Ledger) -> tuple[Any, list[Group]]:
        known = await ledger.run(run)
        return known, await ranked(ledger.ballots, known)

    with guarded(as_json=as_json):
        known, groups = asked(question)
        if as_json:
            print_json(ranking_record(known, groups))
            return
        table = _table("", "image", "people", "approval", "95 %", "strength", "fit", "brief")
        for group in groups:
            for one in group.images:
                it = one.standing
                table.add_row(
                    "–" if it.place is None else f"{it.place}.",
                    f"{one.piece.ref} #{one.piece.number}",
                    str(it.voters),
                    "–" if it.rating is None else f"{it.rating:.0%}",
                    f"{it.approval.low:.0%}–{it.approval.high:.0%}" if it.voters else "–",
                    "–" if it.strength is None else f"{signed(it.strength)} ± {it.plus_minus:.1f}",
                    "–" if one.piece.fit is None else f"{one.piece.fit:.2f}",
                    group.brief,
                )
        printer().print(table)


def disagreements(
    *, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50, as_json: JSON = False
) -> None:
    """List images that people and fit rank differently within their run, the widest first."""
    from bot.ranking import disagreements as found_in

    with guarded(as_json=as_json):
        found = asked(lambda ledger: found_in(ledger.ballots, limit=limit))
        if as_json:
            print_json([one.record for one in found])
            return
        if not found:
            typer.echo("People and scorers agree, or too little was rated.")
            return
        table = _table("run", "image", "people", "rating", "fit", "", "brief")
        for one in found:
            piece = one.piece
            table.add_row(
                piece.run_id,
                f"{piece.ref} #{piece.number}",
                str(piece.voters),
                f"{piece.rating:.2f}",
                f"{piece.fit:.2f}",
                one.says,
                piece.brief,
            )
        printer().print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
