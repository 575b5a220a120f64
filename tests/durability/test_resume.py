"""What was stored but not done, and what was planned but not told, after a start."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.postman import Postman
from domain.card import Card
from domain.errors import StorageError
from domain.event import Event, Person, Place
from domain.surface import Address
from storage.outbox import Outbox
from tests.durability.points import Wall
from tests.durability.workbench import Bench, Blocking, Life, rows


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Blocking())


def event(life: Life, key: str, line: str) -> Event:
    return Event(
        key=key,
        at=life.bench.clock.now(),
        person=Person(surface="console", workspace="local", id="ann", name="ann"),
        place=Place(surface="console", workspace="local", channel="main"),
        line=line,
    )


def test_stored_lines_are_done_and_one_that_cannot_be_does_not_stop_the_start(bench: Bench) -> None:
    async def story() -> list[tuple[Any, ...]]:
        async with bench.life() as life:
            for key, line in (
                ("1-gone", "frobnicate --all"),
                ("2-refused", "imagine a red fox --model nobody:knows"),
                ("3-good", "imagine a red fox --count 1"),
            ):
                await life.inbox.remember(event(life, key, line))
            assert await life.handler.resume() == 3
            assert await life.handler.resume() == 0
            query = "SELECT key, outcome, run_id IS NULL FROM inbox ORDER BY key"
            return [tuple(row) for row in await rows(life, query)]

    gone, refused, good = asyncio.run(story())
    assert gone == ("1-gone", "command", 1)
    assert refused[0] == "2-refused"
    assert refused[1] in {"command", "route", "not_found"}
    assert good == ("3-good", "run", 0)


class Moody(Wall):
    """A surface that is away for its first call of each kind."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.away = {"post", "edit"}

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:
        self._answer("post")
        return await super().post(card, address, key=key, again=again)

    async def edit(self, ref: str, card: Card) -> None:
        self._answer("edit")
        await super().edit(ref, card)

    def _answer(self, does: str) -> None:
        if does in self.away:
            self.away.discard(does)
            raise StorageError(f"no {does} now")


def test_a_surface_that_is_away_is_told_later_and_by_its_own_name_of_the_message(
    bench: Bench, tmp_path: Path
) -> None:
    wall = Moody(tmp_path / "wall.jsonl")

    async def story() -> None:
        async with bench.life() as life:
            outbox = Outbox(life.database, bench.clock)
            cards = life.handler._asking.cards
            postman = Postman(outbox, life.log, cards, life.bus, wall)
            run = await life.say("imagine a red fox --count 1")
            await postman.round(set())
            await postman.settled()
            (kept,) = await rows(life, "SELECT sent, last_error FROM outbox")
            assert tuple(kept) == (0, "no post now")
            await life.log.begin(run.id)
            await postman.round(set())
            await postman.settled()
            life.bus.progressed(run.id, 1, 0.5)
            await postman.round({run.id})  # refused, and nothing stops for it
            await postman.settled()
            await postman.round({run.id})
            await postman.settled()
            (kept,) = await rows(life, "SELECT wanted - sent, last_error, message_ref FROM outbox")
            assert tuple(kept) == (0, None, f"message-of-card:{run.id}")

    asyncio.run(story())
    told = [(line["does"], line["key"].partition(":")[0]) for line in wall.lines()]
    assert told == [("post", "card"), ("edit", "message-of-card")]
