"""The contract of ``Steps``: the one in memory and DBOS on a real file keep it alike."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest

from domain.ports import Steps
from domain.record import Record
from storage.database import Database
from storage.jobs import DurableSteps, Jobs
from tests.contracts.memory_steps import DiedError, MemorySteps

Crash = Callable[[], Awaitable[None]]
Body = Callable[[Steps, Crash], Awaitable[None]]
End = Literal["ended", "died", "broken", "idle"]
LIMIT_S = 20.0
IDLE_S = 1.5
"""A workflow that is to be resumed has begun by then: it is asked for every 0.2 s."""


class Word(Record):
    text: str


class Figure(Record):
    value: int


class Host(Protocol):
    """Runs one workflow through several lives of a process."""

    def life(self, body: Body, limit_s: float = LIMIT_S) -> End:
        """Start, and go on with what was left; ``idle`` if nothing was."""

    def stored(self) -> dict[str, str]:
        """Return what is stored of each step."""


async def lived(start: Callable[[Crash], Awaitable[asyncio.Future[None]]], limit_s: float) -> End:
    crashed = asyncio.Event()

    async def crash() -> None:
        crashed.set()
        await asyncio.Event().wait()

    work = await start(crash)
    death = asyncio.ensure_future(crashed.wait())
    waited: set[asyncio.Future[Any]] = {work, death}
    done, left = await asyncio.wait(waited, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    if not done:
        return "idle"
    if death in done:
        return "died"
    return "broken" if work.exception() else "ended"


class MemoryHost:
    def __init__(self, _folder: Path) -> None:
        self.records: dict[str, str] = {}
        self._over = False

    def life(self, body: Body, limit_s: float = LIMIT_S) -> End:
        if self._over:
            return "idle"
        end = asyncio.run(lived(lambda crash: self._begun(body, crash), limit_s))
        self._over = end != "died"
        return end

    async def _begun(self, body: Body, crash: Crash) -> asyncio.Future[None]:
        return asyncio.ensure_future(body(MemorySteps(self.records), crash))

    def stored(self) -> dict[str, str]:
        return self.records


class DurableHost:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "handler.db"
        self._asked = False

    def life(self, body: Body, limit_s: float = LIMIT_S) -> End:
        return asyncio.run(self._life(body, limit_s))

    async def _life(self, body: Body, limit_s: float) -> End:
        jobs = Jobs(self._path)
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def start(crash: Crash) -> asyncio.Future[None]:
            async def work(_job: str, _run: str) -> None:
                try:
                    await body(DurableSteps(), crash)
                except Exception as error:
                    ended.set_exception(error)
                    raise
                ended.set_result(None)

            await jobs.start(work)
            await self._ask_once(jobs)
            return ended

        end = await lived(start, limit_s)
        await jobs.stop(2 if end in {"ended", "broken"} else 0)
        return end

    async def _ask_once(self, jobs: Jobs) -> None:
        if self._asked:
            return
        self._asked = True
        database = Database(self._path)
        async with database.write() as connection:
            await jobs.enqueue(connection, "job-1", "run-1", "console:local:ann")
        await database.close()

    def stored(self) -> dict[str, str]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            query = "SELECT function_name, output FROM operation_outputs"
            return dict(connection.execute(query).fetchall())


@pytest.fixture(params=[MemoryHost, DurableHost], ids=["memory", "dbos"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    made: Host = request.param(tmp_path)
    return made


def word(text: str, calls: list[str]) -> Callable[[], Any]:
    async def call() -> Word:
        calls.append(text)
        return Word(text=text)

    return call


def test_what_a_step_returned_once_it_returns_again_after_a_death(host: Host) -> None:
    calls: list[str] = []
    seen: list[str] = []

    async def body(steps: Steps, crash: Crash) -> None:
        first = await steps.once("first", word(f"life {len(seen)}", calls), Word)
        seen.append(first.text)
        if len(seen) == 1:
            await crash()
        await steps.once("second", word("second", calls), Word)

    assert [host.life(body), host.life(body)] == ["died", "ended"]
    assert host.life(body, IDLE_S) == "idle"
    assert seen == ["life 0", "life 0"]
    assert calls == ["life 0", "second"]


def test_a_step_that_died_before_its_record_runs_again_from_the_top(host: Host) -> None:
    calls: list[str] = []

    async def body(steps: Steps, crash: Crash) -> None:
        async def call() -> Word:
            calls.append("second")
            if len(calls) == 2:
                await crash()
            return Word(text="second")

        await steps.once("first", word("first", calls), Word)
        await steps.once("second", call, Word)

    assert [host.life(body), host.life(body)] == ["died", "ended"]
    assert calls == ["first", "second", "second"]


def test_a_record_of_another_kind_is_not_taken(host: Host) -> None:
    calls: list[str] = []

    async def as_word(steps: Steps, crash: Crash) -> None:
        await steps.once("only", word("five", calls), Word)
        await crash()

    async def as_figure(steps: Steps, _crash: Crash) -> None:
        async def never() -> Figure:
            raise AssertionError("it was made before")

        await steps.once("only", never, Figure)

    assert [host.life(as_word), host.life(as_figure)] == ["died", "broken"]


def test_an_exception_across_a_step_ends_the_run(host: Host) -> None:
    calls: list[str] = []

    async def body(steps: Steps, _crash: Crash) -> None:
        async def broken() -> Word:
            calls.append("broken")
            raise ZeroDivisionError

        await steps.once("broken", broken, Word)
        calls.append("after")

    assert [host.life(body), host.life(body, IDLE_S)] == ["broken", "idle"]
    assert calls == ["broken"]


def test_steps_side_by_side_are_given_back_each_to_its_own_name(host: Host) -> None:
    calls: list[str] = []
    seen: list[list[str]] = []

    async def body(steps: Steps, crash: Crash) -> None:
        fourth_waits = not seen

        async def slow(number: int) -> Word:
            calls.append(f"{number}")
            if number == 4 and fourth_waits:
                seen.append([])
                await asyncio.sleep(0.3)
                await crash()
            await asyncio.sleep(0.2 / number)  # the last one asked for is the first one ready
            return Word(text=f"made {number}")

        def once(number: int) -> Any:
            return steps.once(f"image-{number}", lambda: slow(number), Word)

        made = await asyncio.gather(*(once(number) for number in range(1, 5)))
        seen.append([one.text for one in made])

    assert [host.life(body), host.life(body)] == ["died", "ended"]
    assert seen[-1] == ["made 1", "made 2", "made 3", "made 4"]
    assert sorted(calls) == ["1", "2", "3", "4", "4"]


def test_what_is_stored_is_json_text_and_no_pickle(host: Host) -> None:
    async def body(steps: Steps, _crash: Crash) -> None:
        await steps.once("said", word("a “red” fox", []), Word)

    assert host.life(body) == "ended"
    stored = json.loads(host.stored()["said"])
    # DBOS keeps the text that we hand it as JSON once more, with or without an envelope.
    while not isinstance(stored, dict) or "text" not in stored:
        stored = json.loads(stored) if isinstance(stored, str) else next(iter(stored.values()))
    assert stored == {"text": "a “red” fox"}


def test_the_steps_in_memory_die_when_told_recorded_or_not() -> None:
    calls: list[str] = []
    records: dict[str, str] = {}

    async def life(**how: Any) -> Word:
        return await MemorySteps(records, **how).once("only", word("x", calls), Word)

    for how in ({"die_after": "only", "recorded": False}, {"die_after": "only"}):
        with pytest.raises(DiedError):
            asyncio.run(life(**how))
    assert asyncio.run(life()) == Word(text="x")
    assert calls == ["x", "x"]
