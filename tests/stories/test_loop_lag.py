"""The event loop answers while pictures are drawn: C code that keeps the GIL is in other processes.

This is the only test that judges by the clock; its bound is generous, for a busy machine.
"""

import asyncio
import math
from pathlib import Path
from typing import Final

import pytest
from blockbuster import BlockBuster

from bot.opening import open_app
from config.records import Settings
from config.settings import load
from tests.durability.points import said

TICK_S: Final = 0.01
P99_S: Final = 0.25
LINE: Final = "imagine a red fox :: in the snow --count 4 --seed 7 --model sketch:storyboard"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load("", {"AI_HANDLER_DATA_DIR": str(tmp_path)})


async def lags(stop: asyncio.Event) -> list[float]:
    """Return by how much each tick came late, until told to stop."""
    loop, late = asyncio.get_running_loop(), []
    while not stop.is_set():
        before = loop.time()
        await asyncio.sleep(TICK_S)
        late.append(loop.time() - before - TICK_S)
    return late


async def test_the_loop_answers_while_four_sketches_are_drawn(
    settings: Settings, watched_loop: BlockBuster
) -> None:
    watched_loop.deactivate()  # it looks at every call, which is itself a lag
    stop = asyncio.Event()
    async with open_app(settings) as app:
        answer = await app.handler.say(said(line=LINE, key="event-1"))
        assert answer.run is not None
        ticker = asyncio.ensure_future(lags(stop))
        run = await app.ended(answer.run.id)
        stop.set()
        late = sorted(await ticker)
    assert (run.state, len(run.artworks)) == ("done", 4)
    assert len(late) >= 20, "the drawing was too short to be watched"
    p99 = late[math.ceil(0.99 * len(late)) - 1]
    assert p99 < P99_S, f"p99 {p99 * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms"
