"""What is tried again and what never; what a cancel stops; what a retry makes; what is settled."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from domain.errors import (
    BadReplyError,
    ConfirmError,
    ConflictError,
    ForbiddenError,
    LimitError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
)
from domain.ports import (
    ImageRequest,
    Job,
)
from domain.run import Run
from tests.contracts.memory_steps import DiedError
from tests.durability.workbench import (
    COST_USD,
    Bench,
    Blocking,
    HurriedClock,
    Life,
    Polled,
    keys,
    rows,
)

T = TypeVar("T")
NEVER: Final = 10**9
BOTH: Final = {"blocking": Blocking, "polled": Polled}
Story = Callable[[Life], Coroutine[Any, Any, T]]


def busy(retry_after_s: float = 7.0) -> RateLimitedError:
    return RateLimitedError("too many", retry_after_s=retry_after_s)


def away(*, maybe_billed: bool = False) -> UnavailableError:
    return UnavailableError("cut off", maybe_billed=maybe_billed)


async def until(what: Callable[[], bool]) -> None:
    while not what():  # noqa: ASYNC110 -- what a vendor counts rings no bell
        await asyncio.sleep(0)


def in_one_life(bench: Bench, story: Story[T]) -> T:
    async def whole() -> T:
        async with bench.life() as life:
            return await story(life)

    return asyncio.run(whole())


def made(bench: Bench, line: str = "imagine a red fox --count 1") -> Run:
    async def story(life: Life) -> Run:
        return await life.produce(await life.say(line))

    return in_one_life(bench, story)


@pytest.fixture(params=BOTH)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, BOTH[request.param]())


# --- what is tried again ---


def test_a_rate_limit_is_waited_for_and_tried_again(bench: Bench) -> None:
    bench.provider.errors = [busy(7.0), busy(30.0)]
    run = made(bench)
    assert (run.state, len(bench.provider.calls), bench.provider.paid()) == (
        "done",
        3,
        keys(run, [1]),
    )
    assert bench.clock.slept[:2] == [7.0, 30.0]


def test_a_rate_limit_longer_than_a_minute_is_not_waited_for(bench: Bench) -> None:
    bench.provider.errors = [busy(61.0)]
    run = made(bench)
    assert (run.state, len(bench.provider.calls), bench.clock.slept) == ("failed", 1, [])
    assert run.error is not None
    assert run.error.kind == "rate_limited"


def test_what_surely_was_not_billed_is_tried_three_more_times(bench: Bench) -> None:
    bench.provider.errors = [away() for _ in range(3)]
    assert made(bench).state == "done"
    assert bench.clock.slept[:3] == [0.5, 1.0, 2.0]
    bench.provider.calls.clear()
    bench.provider.errors = [away() for _ in range(9)]
    run = made(bench)
    assert (run.state, len(bench.provider.calls)) == ("failed", 4)
    assert bench.provider.paid() == [bench.provider.paid()[0]]


def test_a_refusal_is_never_tried_again(bench: Bench) -> None:
    bench.provider.errors = [RejectedError("not that", hint="Say it otherwise.")]
    run = made(bench)
    assert (run.state, len(bench.provider.calls), bench.clock.slept) == ("failed", 1, [])
    assert run.error is not None
    assert (run.error.kind, run.error.message, run.error.hint, run.error.number) == (
        "refused",
        "not that",
        "Say it otherwise.",
        1,
    )


def test_an_answer_that_cannot_be_read_is_not_asked_for_again(bench: Bench) -> None:
    bench.provider.errors = [BadReplyError("broken JSON")]
    assert made(bench).state == "failed"
    assert len(bench.provider.calls) == 1


def test_one_image_that_fails_leaves_the_others(bench: Bench) -> None:
    bench.provider.errors = [RejectedError("not that")]
    run = made(bench, "imagine a red fox --count 4")
    assert (run.state, len(run.artworks), len(run.failures)) == ("done", 3, 1)
    assert run.artwork(run.failures[0].number or 0) is None


# --- what is in doubt ---


def test_a_blocking_call_that_may_have_been_billed_is_unknown(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Blocking(errors=[away(maybe_billed=True)]))
    run = made(bench)
    assert (run.state, len(bench.provider.calls)) == ("unknown", 1)
    assert run.error is not None
    assert "not made again unasked" in run.error.hint


def test_a_job_whose_answer_was_lost_is_asked_for_and_found(tmp_path: Path) -> None:
    vendor = Polled(lost=[away(maybe_billed=True)], lists_after=2)
    run = made(Bench(tmp_path, vendor))
    assert (run.state, len(vendor.calls), vendor.paid()) == ("done", 1, keys(run, [1]))
    assert vendor.finds == 3


def test_a_job_that_the_vendor_does_not_know_after_a_while_is_in_doubt(tmp_path: Path) -> None:
    vendor = Polled(errors=[away(maybe_billed=True)])
    bench = Bench(tmp_path, vendor)
    run = made(bench)
    assert (run.state, len(vendor.calls), vendor.paid()) == ("unknown", 1, [])
    assert sum(bench.clock.slept) >= 5.0


def test_a_vendor_that_cannot_be_asked_for_a_lost_job_is_in_doubt(tmp_path: Path) -> None:
    class Deaf(Polled):
        async def find(self, *_: Any) -> None:
            raise away()

    vendor = Deaf(lost=[away(maybe_billed=True)])
    run = made(Bench(tmp_path, vendor))
    assert (run.state, len(vendor.calls)) == ("unknown", 1)


class Deadly(Polled):
    """The process dies when its first job was taken."""

    async def submit(self, request: ImageRequest) -> Job:
        job = await Polled.submit(self, request)
        if len(self.billed) == 1:
            raise DiedError
        return job


def test_a_lost_job_is_looked_for_long_enough_after_a_restart(tmp_path: Path) -> None:
    """The intent is old when the crash comes: its age says nothing of when the call was made."""
    vendor = Deadly(errors=[busy(30.0)], lists_after=3)
    bench = Bench(tmp_path, vendor)
    with pytest.raises(DiedError):
        made(bench)
    assert bench.clock.slept == [30.0]
    run = in_one_life(bench, _again)
    assert (run.state, vendor.paid(), vendor.finds) == ("done", keys(run, [1]), 4)


async def _again(life: Life) -> Run:
    return await life.produce(await life.log.run(await life.search.newest()))


def test_a_picture_that_cannot_be_fetched_was_paid_for_all_the_same(tmp_path: Path) -> None:
    vendor = Polled(fetch_errors=[away() for _ in range(4)])
    run = made(Bench(tmp_path, vendor))
    assert (run.state, len(vendor.calls)) == ("unknown", 1)


def test_a_picture_that_is_late_is_fetched_again(tmp_path: Path) -> None:
    vendor = Polled(fetch_errors=[away(), busy()], poll_errors=[away(), busy()])
    run = made(Bench(tmp_path, vendor))
    assert (run.state, len(vendor.calls)) == ("done", 1)


@pytest.mark.parametrize("vendor", BOTH)
def test_an_image_that_takes_too_long_is_in_doubt(vendor: str, tmp_path: Path) -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    hangs = BOTH[vendor](meanwhile=lambda _key: for_ever())
    run = made(Bench(tmp_path, hangs, card_changes={"timeout_s": 0.2}))
    assert (run.state, len(hangs.calls)) == ("unknown", 1)
    assert run.error is not None
    assert "longer than 0.2 s" in run.error.message


def test_what_is_free_and_repeatable_is_never_in_doubt(tmp_path: Path) -> None:
    vendor = Blocking(name="sketch", meanwhile=lambda _key: _die())
    bench = Bench(tmp_path, vendor)
    with pytest.raises(DiedError):
        made(bench)
    vendor.meanwhile = lambda _key: None
    run = in_one_life(bench, _again)
    assert (run.state, len(vendor.calls)) == ("done", 2)


def _die() -> None:
    raise DiedError


def test_a_fault_of_ours_ends_its_image_and_not_the_others(bench: Bench) -> None:
    bench.provider.errors = [ZeroDivisionError("ours")]
    run = made(bench, "imagine a red fox --count 3")
    assert (run.state, len(run.artworks)) == ("unknown", 2)
    assert run.error is not None
    assert run.error.message == f"Something broke on our side (run {run.id})"
    assert len(bench.provider.calls) == 3


# --- cancel ---


def test_a_run_that_is_cancelled_before_it_begins_costs_nothing(bench: Bench) -> None:
    async def story(life: Life) -> Run:
        run = await life.say("imagine a red fox --count 2")
        await life.say("cancel", about=run.id)
        return await life.produce(run)

    run = in_one_life(bench, story)
    assert (run.state, run.artworks, bench.provider.calls) == ("cancelled", (), [])
    assert run.cancel_requested_by == "ann"


def test_a_cancelled_job_is_stopped_at_the_vendor(tmp_path: Path) -> None:
    vendor = Polled(done_after=NEVER)
    bench = Bench(tmp_path, vendor)

    async def story(life: Life) -> Run:
        run = await life.say("imagine a red fox --count 2")
        work = asyncio.ensure_future(life.produce(run))
        await until(lambda: vendor.polls >= 4)
        await life.say("cancel", about=run.id)
        return await work

    run = in_one_life(bench, story)
    assert (run.state, run.artworks) == ("cancelled", ())
    assert sorted(vendor.cancelled) == sorted(vendor.billed)


def test_a_paid_call_that_cannot_be_stopped_keeps_its_image(tmp_path: Path) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        begun.set()
        await go_on.wait()

    vendor = Blocking(meanwhile=lambda _key: held())

    async def story(life: Life) -> Run:
        run = await life.say("imagine a red fox --count 1")
        work = asyncio.ensure_future(life.produce(run))
        await begun.wait()
        await life.say("cancel", about=run.id)
        go_on.set()
        return await work

    run = in_one_life(Bench(tmp_path, vendor), story)
    assert len(run.artworks) == 1
    assert run.cost_usd == COST_USD


class HeldClock(HurriedClock):
    """Sleeps until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def sleep(self, delay_s: float) -> None:
        await super().sleep(delay_s)
        await self.go_on.wait()


@pytest.mark.parametrize("vendor", BOTH)
def test_a_cancelled_image_that_waits_its_turn_is_not_paid_for(vendor: str, tmp_path: Path) -> None:
    clock = HeldClock()
    bench = Bench(tmp_path, BOTH[vendor](errors=[busy()]), clock=clock)

    async def story(life: Life) -> Run:
        run = await life.say("imagine a red fox --count 1")
        work = asyncio.ensure_future(life.produce(run))
        await until(lambda: bool(clock.slept))
        await life.say("cancel", about=run.id)
        clock.go_on.set()
        return await work

    run = in_one_life(bench, story)
    assert (run.state, len(bench.provider.calls), bench.provider.paid()) == ("cancelled", 1, [])


def test_a_cancel_outlives_the_process(tmp_path: Path) -> None:
    vendor = Polled(done_after=NEVER)
    bench = Bench(tmp_path, vendor)

    async def dies(life: Life) -> None:
        run = await life.say("imagine a red fox --count 1")
        work = asyncio.ensure_future(life.produce(run))
        await until(lambda: vendor.polls >= 2)
        work.cancel()  # the process is gone; the request to cancel was stored just before
        await life.log.request_cancel(run.id, "ann")

    in_one_life(bench, dies)
    run = in_one_life(bench, _again)
    assert (run.state, len(vendor.calls), vendor.cancelled) == ("cancelled", 1, ["job-0"])


def test_nobody_cancels_someone_else_s_run_nor_one_that_has_ended(bench: Bench) -> None:
    async def story(life: Life) -> None:
        run = await life.say("imagine a red fox --count 1")
        said = {"line": "cancel", "about": run.id}
        with pytest.raises(ForbiddenError):
            await life.say(**said, who="bob")
        await life.produce(run)
        with pytest.raises(ConflictError):
            await life.say(**said)

    in_one_life(bench, story)


# --- retry ---


def test_a_retry_makes_only_what_is_missing(bench: Bench) -> None:
    async def story(life: Life) -> Run:
        bench.provider.errors = [RejectedError("not that"), RejectedError("nor that")]
        run = await life.produce(await life.say("imagine a red fox --count 4"))
        assert len(run.artworks) == 2
        again = await life.say("retry", about=run.id)
        assert (again.state, again.attempt_round) == ("queued", 2)
        ended = await life.produce(again)
        assert {made.digest for made in run.artworks} <= {made.digest for made in ended.artworks}
        return ended

    run = in_one_life(bench, story)
    assert (run.state, [made.index for made in run.artworks]) == ("done", [1, 2, 3, 4])
    assert (run.failures, run.error) == ((), None)
    assert len(bench.provider.paid()) == 4


def test_a_run_with_all_its_images_or_under_way_is_not_tried_again(bench: Bench) -> None:
    async def story(life: Life) -> None:
        run = await life.say("imagine a red fox --count 1")
        with pytest.raises(ConflictError, match="under way"):
            await life.say("retry", about=run.id)
        await life.produce(run)
        with pytest.raises(ConflictError, match="all its images"):
            await life.say("retry", about=run.id)

    in_one_life(bench, story)


def test_a_retry_in_doubt_asks_first(tmp_path: Path) -> None:
    vendor = Blocking(errors=[away(maybe_billed=True)])

    async def story(life: Life) -> Run:
        run = await life.produce(await life.say("imagine a red fox --count 2"))
        with pytest.raises(ConfirmError, match="pay"):
            await life.say("retry", about=run.id)
        assert len(vendor.calls) == 2
        return await life.produce(await life.say("retry", about=run.id, confirmed=True))

    run = in_one_life(Bench(tmp_path, vendor), story)
    assert (run.state, len(run.artworks), len(vendor.calls)) == ("done", 2, 3)


def test_the_same_retry_twice_is_one_retry(bench: Bench) -> None:
    async def story(life: Life) -> Run:
        bench.provider.errors = [RejectedError("not that")]
        run = await life.produce(await life.say("imagine a red fox --count 1"))
        first = await life.say("retry", "press-1", about=run.id)
        ended = await life.produce(first)
        again = await life.say("retry", "press-1", about=run.id)
        assert again == ended
        return ended

    assert (in_one_life(bench, story).attempt_round, len(bench.provider.paid())) == (2, 1)


# --- the ledger ---


async def _ledger(life: Life) -> dict[str, float]:
    sums = await rows(life, "SELECT kind, SUM(usd) FROM ledger GROUP BY kind")
    return {kind: round(usd, 6) for kind, usd in sums}


def test_what_was_reserved_is_released_and_what_was_paid_is_settled(bench: Bench) -> None:
    async def story(life: Life) -> None:
        bench.provider.errors = [RejectedError("not that")]
        run = await life.say("imagine a red fox --count 4")
        price = bench.card.price.usd_per_image
        assert await _ledger(life) == {"reserve": round(4 * price, 6)}
        run = await life.produce(run)
        assert run.cost_usd == pytest.approx(3 * COST_USD)
        run = await life.produce(await life.say("retry", about=run.id))
        assert run.cost_usd == pytest.approx(4 * COST_USD)
        sums = await _ledger(life)
        assert sums["reserve"] == -sums["release"] == pytest.approx(8 * price)
        assert sums["settle"] == pytest.approx(4 * COST_USD)
        count = await rows(life, "SELECT COUNT(*), COUNT(DISTINCT key) FROM ledger")
        assert tuple(count[0]) == (8, 8)

    in_one_life(bench, story)


def test_what_a_day_s_budget_does_not_hold_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    vendor = Blocking()
    bench = Bench(tmp_path, vendor, max_usd_per_day=0.11)

    async def story(life: Life) -> None:
        await life.produce(await life.say("imagine a red fox --count 1"))  # quoted 0.013, cost 0.05
        await life.produce(await life.say("imagine a red fox --count 1"))
        with pytest.raises(LimitError) as caught:
            await life.say("imagine a red fox --count 1", "event-3")
        assert "$0.10 of $0.11" in caught.value.message
        assert "max_usd_per_day" in caught.value.hint
        assert [tuple(row) for row in await rows(life, "SELECT COUNT(*) FROM runs")] == [(2,)]
        outcome = await rows(life, "SELECT outcome, run_id FROM inbox WHERE key = 'event-3'")
        assert [tuple(row) for row in outcome] == [("limit", None)]

    in_one_life(bench, story)
    assert len(vendor.calls) == 2


def test_a_vendor_that_takes_so_many_calls_a_minute_gets_no_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Polled(), per_minute={"replicate": 2})

    async def story(life: Life) -> Run:
        return await life.produce(await life.say("imagine a fox --count 4"))

    assert in_one_life(bench, story).state == "done"
    assert sum(bench.clock.slept) > 59, "the third call waited for the next minute"
