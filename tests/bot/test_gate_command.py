"""`compare --gate`, `ranking` and `disagreements`: exit codes and documents, on a real log."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from domain.ports import Ending, Judged
from domain.run import Run
from storage.database import Database
from storage.migrate import migrate
from tests.bot.test_cli import cli, data, refused, said, watched_loop
from tests.pipeline.given import artwork, event, planned
from tests.storage.conftest import Memory

__all__ = ["data", "watched_loop"]
FITS = {"r1": (0.5, 0.6, 0.7, 0.8), "r2": (0.3, 0.4, 0.51, 0.6), "r3": (0.52, 0.58, 0.71, 0.79)}


async def _accepted(memory: Memory, root: Run | None) -> Run:
    if root is None:
        return await memory.accepted()
    run = planned("style: dark", parent=root, chance=memory.chance, baseline=root.id)
    await memory.inbox.remember(event("style: dark", key=run.id))
    return await memory.log.accept(run, run.id)


async def _logged(path: Path) -> dict[str, str]:
    """Write a thread of three runs and one that waits; return their ids."""
    database = Database(path)
    memory = Memory(database)
    ids: dict[str, str] = {}
    root = None
    for ref, fits in FITS.items():
        run = await _accepted(memory, root)
        await memory.log.begin(run.id)
        for number in (1, 2, 3, 4):
            await memory.log.keep(run.id, artwork(run, number))
        judged = tuple(
            Judged(number=n, verdict="pass", reasons=(), scores={"fit": fit}, version="p-1 fit-1")
            for n, fit in enumerate(fits, start=1)
        )
        await memory.log.end(run.id, Ending(state="done", judged=judged))
        ids[ref] = run.id
        root = root or await memory.log.run(run.id)
    ids["r4"] = (await _accepted(memory, root)).id
    await database.close()
    return ids


@pytest.fixture
def runs(data: Path) -> dict[str, str]:
    data.mkdir()
    template = data / "template.db"
    migrate(template)
    path = data / "handler.db"
    shutil.move(template, path)
    return asyncio.run(_logged(path))


def measures(document: dict[str, Any], name: str) -> list[str]:
    return [one["measure"] for one in document[name]]


def test_the_second_run_is_judged_against_the_first(runs: dict[str, str]) -> None:
    worse = said("compare", "r1", "r2", "--gate", code=1)
    assert (worse["reference"], worse["candidate"]) == (runs["r1"], runs["r2"])
    assert worse["worse"] is True
    assert worse["reasons"] == [{"measure": "fit", "says": "−0.20 ± 0.01"}]
    better = said("compare", "r2", "r1", "--gate")
    assert (better["worse"], better["reasons"]) == (False, [])


def test_noise_is_not_worse_and_one_run_is_judged_against_its_baseline(
    runs: dict[str, str],
) -> None:
    even = said("compare", "r3", "--gate")
    assert (even["reference"], even["candidate"]) == (runs["r1"], runs["r3"])
    assert measures(even, "passed") == ["images made", "verdicts", "fit"]
    assert measures(even, "not_judged") == ["blind votes"]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (("r1", "r9"), "no run r9"),
        (("r1", "r4"), "has not ended"),
        (("r1", "r1"), "the same run twice"),
        (("r1",), "is the baseline itself"),
    ],
)
@pytest.mark.usefixtures("runs")
def test_bad_input_is_2_and_never_worse(named: tuple[str, ...], why: str) -> None:
    assert why in refused("compare", *named, "--gate", code=2)["message"]


@pytest.mark.usefixtures("runs")
def test_words_say_the_same_as_the_document() -> None:
    result = cli("compare", "r1", "r2", "--gate")
    assert result.exit_code == 1
    assert "is worse than r1" in result.stdout
    assert "✗ fit: −0.20 ± 0.01" in result.stdout
    plain = cli("compare", "r2", "r1")
    assert plain.exit_code == 0
    assert "fit −0.20 ± 0.01" in plain.stdout


def test_rankings_and_disagreements_of_a_log_without_votes(runs: dict[str, str]) -> None:
    ranked = said("ranking", "r2")
    assert ranked["thread"] == runs["r1"]
    assert {one["place"] for group in ranked["groups"] for one in group["images"]} == {None}
    assert said("disagreements") == []
