"""The connection: what is wrong with it is said, what is away is waited for; over the true wire."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bot.chat.tools import Tools
from bot.discord.service import DiscordService, discord_service
from bot.world import SystemClock
from config.records import DiscordSettings
from domain.card import Panel
from domain.errors import SurfaceDownError
from domain.surface import Address
from pipeline.around import Around
from pipeline.present import present
from tests.bot.discord.conftest import Listener
from tests.pipeline.given import CARDS, finished, planned
from tests.vendors.discord_wire import CHANNEL, GUILD, TOKEN, DiscordWire, discord_wire

MESSAGE_CONTENT = 1 << 15
THINKING = 5


class Quick(SystemClock):
    """Nobody waits long for it."""

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(min(delay_s, 0.02))


@pytest.fixture(autouse=True)
def own_addresses() -> Iterator[None]:
    kept = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = kept


@pytest.fixture
async def wire() -> AsyncIterator[DiscordWire]:
    async with discord_wire() as opened:
        yield opened


@asynccontextmanager
async def connecting(
    wire: DiscordWire, listener: Listener, tools: Tools, **changes: Any
) -> AsyncIterator[DiscordService]:
    given = {
        "message_content": True,
        "sync_guild": "",
        "token": SecretStr(TOKEN),
        "api_url": wire.api_url,
        "gateway_url": wire.gateway_url,
    }
    settings = DiscordSettings.model_validate(given | changes)
    quick = replace(tools, clock=Quick())
    async with discord_service(settings, listener.hear, quick) as service:
        yield service


async def until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  the library tells nobody when it has given up
            await asyncio.sleep(0.01)


def address() -> Address:
    run = planned()
    place = run.place.model_copy(update={"workspace": GUILD, "channel": CHANNEL})
    return Address(place=place)


async def post(service: DiscordService) -> str:
    run = finished(planned())
    card = present(run, Around(card=CARDS[run.route.model]))
    return await service.surface.post(
        card.model_copy(update={"grid": None}), address(), key="card:1", again=False
    )


async def test_it_connects_and_registers_its_commands(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    async with connecting(wire, listener, tools) as service:
        await wire.until(lambda: wire.identified == 1)
        assert {one["name"] for one in wire.commands} >= {"imagine", "handler"}
        assert service.problem == ""


async def test_a_wrong_token_is_said_and_ends_nothing_else(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    wrong = SecretStr("MTIz.wrong.token")
    async with connecting(wire, listener, tools, token=wrong) as service:
        await until(lambda: service.problem)
        assert "DISCORD_TOKEN" in service.problem
        assert "wrong.token" not in service.problem
        with pytest.raises(SurfaceDownError):
            await post(service)


async def test_a_missing_intent_is_named(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    wire.forbidden_intents = MESSAGE_CONTENT
    async with connecting(wire, listener, tools) as service:
        await until(lambda: service.problem)
        assert "Message Content" in service.problem
        assert "discord.message_content = false" in service.problem


async def test_without_the_intent_nothing_is_missing(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    wire.forbidden_intents = MESSAGE_CONTENT
    async with connecting(wire, listener, tools, message_content=False) as service:
        await wire.until(lambda: wire.identified == 1)
        assert service.problem == ""


async def test_what_is_away_is_tried_again(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    wire.fail.extend([("GET /api/v10/gateway/bot", 403, {})] * 2)
    async with connecting(wire, listener, tools) as service:
        await wire.until(lambda: wire.identified == 1)
        await until(lambda: service.problem == "")
        assert not wire.fail


async def test_a_closed_connection_is_resumed(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    async with connecting(wire, listener, tools):
        await wire.until(lambda: wire.identified == 1)
        await until(lambda: wire._sockets)
        (before,) = wire._sockets
        await before.ws.close(code=1012)
        await until(lambda: wire._sockets and before not in wire._sockets)
        await wire.slash("Ana", "a fox")
        await until(lambda: listener.heard)
        assert listener.last.text == "a fox"


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "0.2"}), (502, {})])
async def test_a_busy_discord_gets_a_card_once(
    wire: DiscordWire,
    listener: Listener,
    tools: Tools,
    status: int,
    headers: dict[str, str],
) -> None:
    async with connecting(wire, listener, tools) as service:
        await wire.until(lambda: wire.identified == 1)
        await until(service.bot.is_ready)
        wire.fail.append((f"POST /api/v10/channels/{CHANNEL}/messages", status, headers))
        await post(service)
        assert len(wire.messages) == 1


async def test_a_slow_desk_is_waited_for_out_loud(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    listener.stores = False
    go = asyncio.Event()

    async def slow(heard: Any) -> None:
        await go.wait()
        await heard.reply.tell(Panel(text="done"))

    listener.answers = slow
    async with connecting(wire, listener, tools):
        await wire.until(lambda: wire.identified == 1)
        asked = await wire.slash("Ana", "a fox")
        await until(lambda: asked.answered_s is not None)
        assert asked.kind == THINKING
        go.set()
        await until(lambda: asked.told)
        assert asked.told[0]["content"] == "done"
    wire.check()


async def test_the_end_waits_for_what_was_heard_and_hears_no_more(
    wire: DiscordWire, listener: Listener, tools: Tools
) -> None:
    go = asyncio.Event()

    async def slow(heard: Any) -> None:
        await go.wait()
        await heard.reply.tell(Panel(text="done"))

    listener.answers = slow
    async with connecting(wire, listener, tools) as service:
        await wire.until(lambda: wire.identified == 1)
        first = await wire.slash("Ana", "a fox")
        await until(lambda: listener.heard)
        ending = asyncio.create_task(service.bot.close())
        await until(lambda: service.bot._closing)
        second = await wire.slash("Ben", "a cat")
        await until(lambda: second.answered_s is not None)
        go.set()
        await ending
    assert len(listener.heard) == 1
    assert "restarted" in str(second.data)
    assert first.told[0]["content"] == "done"
