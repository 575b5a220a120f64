"""The platform is answered once, when it is stored or when time is up; the end waits for work."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from bot.chat.watch import Owned, watched


class Platform:
    """Notes when it was answered."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.answered = asyncio.Event()
        self.stored = asyncio.Event()
        self.done: list[str] = []

    async def acknowledge(self) -> None:
        self.answers.append("stored" if self.stored.is_set() else "not yet")
        self.answered.set()

    async def watch(self, work: Coroutine[Any, Any, None], limit_s: float = 5.0) -> None:
        await watched(work, self.stored, self.acknowledge, limit_s=limit_s)


async def test_it_is_answered_when_the_event_is_stored_and_the_work_goes_on() -> None:
    platform, go_on = Platform(), asyncio.Event()

    async def work() -> None:
        platform.stored.set()
        await go_on.wait()
        platform.done.append("work")

    watching = asyncio.create_task(platform.watch(work()))
    await platform.answered.wait()
    assert platform.done == []
    go_on.set()
    await watching
    assert (platform.answers, platform.done) == (["stored"], ["work"])


async def test_it_is_answered_when_time_is_up_though_nothing_is_stored() -> None:
    platform, go_on = Platform(), asyncio.Event()
    watching = asyncio.create_task(platform.watch(_until(go_on), limit_s=0.01))
    await platform.answered.wait()
    go_on.set()
    await watching
    assert platform.answers == ["not yet"]


async def test_work_that_breaks_is_answered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    platform = Platform()

    async def work() -> None:
        raise ValueError("ours")

    await platform.watch(work())
    assert platform.answers == ["not yet"]
    assert "an event was not handled" in caplog.text


async def test_the_end_waits_for_what_goes_on_but_not_for_ever() -> None:
    owned, go_on, done = Owned(), asyncio.Event(), []

    async def quick() -> None:
        await go_on.wait()
        done.append("quick")

    owned.start(quick(), "quick")
    owned.start(_until(asyncio.Event()), "endless")
    await asyncio.sleep(0)
    go_on.set()
    await owned.drain(0.05)
    assert done == ["quick"]
    owned.start(quick(), "too late")
    await asyncio.sleep(0)
    assert done == ["quick"]


async def _until(event: asyncio.Event) -> None:
    await event.wait()
