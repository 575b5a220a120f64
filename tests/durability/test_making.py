"""What a maker is handed, and when it is stopped: pictures, maps, cold starts, progress, cancel."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.bus import MOST_PREVIEW_BYTES
from domain.errors import UnavailableError
from domain.model import ControlCan, Range, ReferenceCan
from domain.picture import cleaned
from domain.ports import Delivered, ImageRequest
from domain.run import Run
from providers.canny import canny_map
from tests.durability.test_money import in_one_life, until
from tests.durability.workbench import Bench, Blocking, Life
from tests.providers.given import picture
from tests.providers.test_canny import drawn

PHOTO, MAP, FACE = drawn(), picture(colour="black"), picture(colour="red")
TAKES = {
    "controls": {"canny": ControlCan(preprocessed=True, weight=Range(minimum=0, maximum=2))},
    "max_controls": 2,
    "references": ReferenceCan(maximum=2),
}


@dataclass(slots=True)
class Maker(Blocking):
    """Keeps what it was asked, and tells how far it is."""

    asked: list[ImageRequest] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    async def make(self, request: ImageRequest) -> Delivered:
        self.asked.append(request)
        request.progressed(0.5)
        try:
            return await Blocking.make(self, request)
        except asyncio.CancelledError:
            self.stopped.append(request.key)
            raise


@dataclass(slots=True)
class Sleeper(Maker):
    """A machine that has to start first."""

    starts: int = 0
    down: Exception | None = None
    starting: Callable[[], Any] = lambda: None

    async def warm(self) -> None:
        self.starts += 1
        waited = self.starting()
        if waited is not None:
            await waited
        if self.down:
            raise self.down


def made(bench: Bench, line: str, files: dict[str, bytes] | None = None) -> Run:
    async def story(life: Life) -> Run:
        return await life.produce(await life.say(line, files=files))

    return in_one_life(bench, story)


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_a_photo_is_made_into_a_map_and_a_map_is_left_as_it_is(
    tmp_path: Path, maker: Maker
) -> None:
    bench = Bench(tmp_path, maker, card_changes=TAKES)
    line = "imagine a fox --count 1 --control canny:a.png@0.5 --control canny-map:b.png --ref c.png"
    run = made(bench, line, {"a.png": PHOTO, "b.png": MAP, "c.png": FACE})
    assert run.state == "done"
    (asked,) = maker.asked
    assert [used.prepare for used in asked.parameters.controls] == [True, False]
    assert asked.parameters.controls[0].weight == 0.5
    assert asked.controls == (canny_map(cleaned(PHOTO)), cleaned(MAP))
    assert asked.references == (cleaned(FACE),)


def test_how_far_a_call_is_stands_on_the_card(tmp_path: Path, maker: Maker) -> None:
    seen: list[dict[int, float]] = []

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")
        maker.meanwhile = lambda _key: seen.append(dict(life.bus.progress(run.id) or {}))
        return await life.produce(run)

    in_one_life(Bench(tmp_path, maker), story)
    assert seen == [{1: 0.5}]


def test_an_unfinished_picture_can_be_seen_until_the_run_has_ended(
    tmp_path: Path, maker: Maker
) -> None:
    seen: list[tuple[dict[int, int], bytes, int]] = []

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")

        async def look(_key: str) -> None:
            (asked,) = maker.asked
            for half_made in (MAP, MAP, FACE, bytes(MOST_PREVIEW_BYTES + 1)):
                asked.previewed(half_made)
            card = await life.cards.card(await life.log.run(run.id))
            told = life.bus.previews(run.id), life.bus.preview(run.id, 1), card.tiles[0].preview
            seen.append(told)

        maker.meanwhile = look
        ended = await life.produce(run)
        life.bus.forget(run.id)
        assert life.bus.preview(run.id, 1) == b""
        return ended

    in_one_life(Bench(tmp_path, maker), story)
    assert seen == [({1: 2}, FACE, 2)]


def test_a_call_that_can_be_stopped_is_stopped_when_its_run_is_cancelled(
    tmp_path: Path, maker: Maker
) -> None:
    bench = Bench(tmp_path, maker, card_changes={"cancels": True})

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")
        never = asyncio.Event()
        maker.meanwhile = lambda _key: never.wait()
        producing = asyncio.create_task(life.produce(run))
        await until(lambda: bool(maker.asked))
        await life.say("cancel", about=run.id)
        return await producing

    run = in_one_life(bench, story)
    assert run.state == "cancelled"
    assert len(maker.stopped) == 1
    assert not run.artworks


def test_a_machine_that_sleeps_is_started_before_the_time_of_the_image(tmp_path: Path) -> None:
    sleeper = Sleeper()
    bench = Bench(tmp_path, sleeper)
    order: list[str] = []
    sleeper.starting = lambda: order.append("start")
    sleeper.meanwhile = lambda _key: order.append("make")
    assert made(bench, "imagine a fox --count 1").state == "done"
    assert order == ["start", "make"]


def test_the_card_says_that_the_machine_starts_and_then_no_more(tmp_path: Path) -> None:
    sleeper = Sleeper()
    said: list[str] = []

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")

        async def look() -> None:
            said.append((await life.cards.card(await life.log.run(run.id))).status)

        sleeper.starting = look
        sleeper.meanwhile = lambda _key: look()
        return await life.produce(run)

    in_one_life(Bench(tmp_path, sleeper), story)
    starting, making = said
    assert starting == "Starting the machine of GPT Image 2.5 flare; that is not the run's time"
    assert making == "Making images, 0 of 1"


def test_a_machine_that_does_not_start_makes_and_bills_nothing(tmp_path: Path) -> None:
    sleeper = Sleeper(down=UnavailableError("no answer", maybe_billed=False))
    run = made(Bench(tmp_path, sleeper), "imagine a fox --count 1")
    assert run.state == "failed"
    assert not sleeper.asked
    assert run.cost_usd in (None, 0.0)


def test_a_run_that_is_cancelled_while_its_machine_starts_ends(tmp_path: Path) -> None:
    sleeper = Sleeper()
    bench = Bench(tmp_path, sleeper)

    async def story(life: Life) -> Run:
        run = await life.say("imagine a fox --count 1")
        never = asyncio.Event()
        sleeper.starting = never.wait
        producing = asyncio.create_task(life.produce(run))
        await until(lambda: bool(sleeper.starts))
        await life.say("cancel", about=run.id)
        return await producing

    assert in_one_life(bench, story).state == "cancelled"
    assert not sleeper.asked
