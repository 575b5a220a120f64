"""The surface keeps the newest of each message, and tells who missed what."""

import asyncio
from datetime import UTC, datetime

from bot.console.surface import KEPT, ConsoleSurface, Told
from domain.event import Place
from domain.surface import (
    Address,
    NoteLine,
)


def line(key: str, text: str = "") -> NoteLine:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return NoteLine(key=key, run_id="R", root_id="R", text=text, by="Ana", at=at)


async def told(surface: ConsoleSurface, what: NoteLine) -> str:
    place = Place(surface="console", workspace="local", channel="main")
    return await surface.note(what, Address(place=place), again=False)


async def heard(surface: ConsoleSurface, cursor: str) -> list[Told]:
    number = surface.since(cursor)
    assert number is not None
    async for fresh in surface.listen(number, beat_s=0.5):
        return fresh
    return []


async def test_the_message_is_named_by_its_key() -> None:
    assert await told(ConsoleSurface(), line("note:1")) == "note:1"


async def test_a_page_hears_only_what_came_after_it_and_of_each_message_the_newest() -> None:
    surface = ConsoleSurface()
    await told(surface, line("a"))
    cursor = surface.cursor
    await told(surface, line("b", "old"))
    await told(surface, line("c"))
    await told(surface, line("b", "new"))
    texts = [(one.what.key, one.what.text) for one in await heard(surface, cursor)]  # type: ignore[union-attr]
    assert texts == [("c", ""), ("b", "new")]


async def test_news_wakes_who_waits() -> None:
    surface = ConsoleSurface()
    waiting = asyncio.ensure_future(heard(surface, surface.cursor))
    await asyncio.sleep(0)
    await told(surface, line("a"))
    assert len(await asyncio.wait_for(waiting, 1)) == 1


async def test_silence_yields_nothing_after_a_while() -> None:
    surface = ConsoleSurface()
    async for fresh in surface.listen(0, beat_s=0.01):
        assert fresh == []
        break


async def test_who_missed_too_much_or_knew_another_process_is_told_so() -> None:
    surface = ConsoleSurface()
    cursor = surface.cursor
    for number in range(KEPT + 1):
        await told(surface, line(f"n{number}"))
    assert surface.since(cursor) is None
    assert surface.since(ConsoleSurface().cursor) is None
    for nonsense in ("", ":", "x:y", f"{surface.cursor}9" * 9, "²:²"):
        assert surface.since(nonsense) is None


async def test_streams_end_when_the_surface_closes() -> None:
    surface = ConsoleSurface()
    surface.close()
    assert [fresh async for fresh in surface.listen(0, beat_s=9)] == []
