"""The whole road, dying after every step, recorded or not: same ending, each image paid once."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from domain.errors import UnavailableError
from domain.run import Run
from pipeline.score import Scored
from tests.contracts.memory_steps import DiedError
from tests.durability.workbench import COST_USD, Bench, Blocking, Polled, keys

STEPS: Final = ("begin", "image-1", "image-2", "image-3", "image-4", "score", "grid", "end")
LINE: Final = "imagine a red fox --count 4"
VENDORS: Final = {"blocking": Blocking, "polled": Polled}


async def accepted(bench: Bench) -> Run:
    async with bench.life() as life:
        return await life.say(LINE, "event-1")


async def produced(bench: Bench, run: Run, *, die_after: str = "", recorded: bool = True) -> Run:
    async with bench.life() as life:
        return await life.produce(run, die_after=die_after, recorded=recorded)


def facts(run: Run) -> list[tuple[int, int | None, int | None]]:
    return [(made.index, made.seed, made.parameters.seed) for made in run.artworks]


@pytest.mark.parametrize("recorded", [True, False], ids=["recorded", "unrecorded"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("vendor", VENDORS)
def test_the_road_ends_alike_wherever_it_died(
    vendor: str,
    step: str,
    recorded: bool,  # noqa: FBT001 -- a parameter
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, VENDORS[vendor]())
    run = asyncio.run(accepted(bench))
    with pytest.raises(DiedError):
        asyncio.run(produced(bench, run, die_after=step, recorded=recorded))
    ended = asyncio.run(produced(bench, run))
    # Where the blocking vendor's answer was lost with the process, nobody knows: it is said so.
    billed = bench.provider.paid()
    assert len(billed) == len(set(billed)) <= 4
    lost = {number for number in range(1, 5) if ended.artwork(number) is None}
    if lost:
        assert vendor == "blocking"
        assert ended.state == "unknown"
        assert step.startswith("image")
    else:
        assert ended.state == "done"
        assert sorted(billed) == keys(run, [1, 2, 3, 4])
    assert [made.verdict for made in ended.artworks] == ["pass"] * len(ended.artworks)
    # What was answered is settled, even if its file was lost with the process.
    assert len(ended.artworks) <= round((ended.cost_usd or 0.0) / COST_USD) <= len(billed)


def test_a_run_that_is_undisturbed_has_numbers_and_seeds_in_order(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Polled())
    run = asyncio.run(accepted(bench))
    ended = asyncio.run(produced(bench, run))
    assert facts(ended) == [(n, run.seeds[n - 1], run.seeds[n - 1]) for n in range(1, 5)]
    assert set(bench.records[run.id]) == set(STEPS)
    again = asyncio.run(produced(bench, run))
    assert again == ended


def test_a_run_that_has_ended_is_not_ended_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Blocking())
    run = asyncio.run(accepted(bench))
    with pytest.raises(DiedError):
        asyncio.run(produced(bench, run, die_after="end", recorded=False))
    first = asyncio.run(_now(bench, run))
    second = asyncio.run(produced(bench, run))
    assert second == first
    assert second.finished_at is not None


@pytest.mark.parametrize(
    ("error", "state"),
    [(None, "failed"), (UnavailableError("cut off", maybe_billed=True), "unknown")],
)
def test_a_fault_of_ours_ends_the_run_keeps_its_images_and_forgets_no_doubt(
    error: Exception | None, state: str, tmp_path: Path
) -> None:
    bench = Bench(tmp_path, Blocking(errors=[error] if error else []))
    run = asyncio.run(accepted(bench))

    async def broken(_run: Run) -> Scored:
        raise ZeroDivisionError

    async def story() -> None:
        async with bench.life() as life:
            with pytest.raises(ZeroDivisionError):
                await life.produce(run, score=broken)

    asyncio.run(story())
    ended = asyncio.run(_now(bench, run))
    assert (ended.state, len(ended.artworks)) == (state, 3 if error else 4)
    assert ended.error is not None
    assert ended.error.message == f"Something broke on our side (run {run.id})"
    assert len(bench.provider.calls) == 4


async def _now(bench: Bench, run: Run) -> Run:
    async with bench.life() as life:
        return await life.log.run(run.id)
