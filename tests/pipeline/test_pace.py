"""How fast a vendor is asked: its calls a minute, its rests, in order, and a way out."""

import asyncio

from pipeline.pace import LOOK_S, WINDOW_S, Pace
from tests.durability.workbench import HurriedClock


def never() -> bool:
    return False


async def test_as_many_calls_as_a_minute_takes_go_at_once() -> None:
    clock = HurriedClock()
    pace = Pace(clock, {"replicate": 3})
    for _ in range(3):
        await pace.turn("replicate", never)
    assert clock.slept == []
    await pace.turn("replicate", never)
    assert WINDOW_S - 1 < sum(clock.slept) <= WINDOW_S + LOOK_S


async def test_a_vendor_without_a_rate_is_never_waited_for() -> None:
    clock = HurriedClock()
    pace = Pace(clock, {"replicate": 1})
    for _ in range(500):
        await pace.turn("openai", never)
    assert clock.slept == []


async def test_after_a_429_nobody_asks_that_vendor_until_its_time() -> None:
    clock = HurriedClock()
    pace = Pace(clock, {})
    pace.rest("stability", 60.0)
    pace.rest("stability", 5.0)
    await pace.turn("openai", never)
    assert clock.slept == []
    await pace.turn("stability", never)
    assert 59 < sum(clock.slept) <= 60 + LOOK_S


async def test_who_waits_goes_in_the_order_of_coming() -> None:
    clock = HurriedClock()
    pace = Pace(clock, {"replicate": 1})
    came: list[int] = []

    async def ask(number: int) -> None:
        await pace.turn("replicate", never)
        came.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(ask(number))
    assert came == [0, 1, 2, 3]
    assert sum(clock.slept) > 3 * (WINDOW_S - 1)


async def test_who_asked_to_stop_does_not_wait() -> None:
    clock = HurriedClock()
    pace = Pace(clock, {})
    pace.rest("replicate", 600.0)
    await pace.turn("replicate", lambda: len(clock.slept) > 2)
    assert len(clock.slept) == 3
