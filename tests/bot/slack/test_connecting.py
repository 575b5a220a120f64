"""The connection to Slack: found, kept, lost and found again; and what is wrong with it, said."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from bot.chat.heard import Heard
from domain.errors import SurfaceDownError
from tests.bot.slack.conftest import Studio
from tests.vendors.slack.socket_mode import HttpTarget, written

# --- by socket ---


@pytest.mark.parametrize("how", ["refresh", "cut"])
async def test_a_connection_that_ends_is_made_anew(slack: Studio, how: str) -> None:
    await slack.emu.until(lambda: slack.emu.socket.connected)
    if how == "cut":
        slack.emu.socket.cut()
    else:
        await slack.emu.socket.refresh()
    await slack.emu.until(lambda: slack.emu.socket.opened == 2 and slack.emu.socket.connected == 1)
    assert (await slack.ana.slash(slack.art, "/imagine", "a fox")).ack.ok
    assert slack.desk.line.text == "a fox"


async def test_a_slack_that_is_away_at_the_start_is_tried_again(studio: Studio) -> None:
    studio.emu.fails("auth.test", mode="status", status=503, times=2)
    async with studio.connected() as slack:
        with pytest.raises(SurfaceDownError):
            await slack.slack.surface.post(
                await slack.card(), slack.address(), key="k", again=False
            )
        await slack.emu.until(lambda: slack.emu.socket.connected)
        assert slack.slack.problem == ""
        assert (await slack.ana.slash(slack.art, "/imagine", "a fox")).ack.ok


async def test_a_slack_that_hangs_at_the_start_does_not_hold_the_rest(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.service.FIRST_S", 0.05)
    studio.emu.fails("auth.test", mode="hang")
    async with studio.connected() as slack:
        assert slack.emu.socket.connected == 0


async def test_a_socket_that_does_not_open_gets_a_new_address(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.connecting.CONNECT_S", 0.1)
    studio.emu.fails("socket", mode="status", status=503, times=2)
    async with studio.connected() as slack:
        await slack.emu.until(lambda: slack.emu.socket.connected)
        assert len(slack.emu.called("apps.connections.open")) > 1


async def test_a_connection_that_the_sdk_does_not_get_back_is_made_from_the_start(
    slack: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.connecting.CONNECT_S", 0.1)
    await slack.emu.until(lambda: slack.emu.socket.connected)
    slack.emu.fails("socket", mode="status", status=503)
    slack.emu.socket.cut()
    await slack.emu.until(lambda: slack.emu.socket.opened == 2 and slack.emu.socket.connected)
    assert (await slack.ana.slash(slack.art, "/imagine", "a fox")).ack.ok


# --- what is wrong, said once ---


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bot_token": SecretStr("xoxb-wrong")}, "SLACK_BOT_TOKEN (invalid_auth)"),
        ({"app_token": SecretStr("xapp-wrong")}, "SLACK_APP_TOKEN (invalid_auth)"),
        ({"app_token": SecretStr("xoxb-loopback-0123456789")}, "(not_allowed_token_type)"),
    ],
)
async def test_a_wrong_token_is_said_once_and_nothing_ends(
    studio: Studio, caplog: pytest.LogCaptureFixture, settings: dict[str, Any], said: str
) -> None:
    async with studio.connected(**settings) as slack:
        assert said in slack.slack.problem
        asked = len(slack.emu.calls)
        await asyncio.sleep(0.05)
        assert len(slack.emu.calls) == asked, "a token that is refused is not tried again"
    assert caplog.text.count(said) == 1
    assert "xoxb-wrong" not in caplog.text
    assert "xapp-wrong" not in caplog.text


async def test_scopes_that_lack_are_named_and_the_rest_works(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    studio.emu.scopes -= {"reactions:write", "usergroups:read"}
    async with studio.connected() as slack:
        assert "reactions:write, usergroups:read" in slack.slack.problem
        assert (await slack.ana.slash(slack.art, "/imagine", "a fox")).ack.ok
    assert "reactions:write" in caplog.text


@pytest.mark.parametrize("event", ["tokens_revoked", "app_uninstalled"])
async def test_an_app_that_is_taken_away_says_so(slack: Studio, event: str) -> None:
    await slack.emu.tell({"type": event, "tokens": {"bot": ["U0BOT"]}})
    assert "uninstalled" in slack.slack.problem


# --- the end ---


async def test_at_the_end_what_was_heard_is_answered_and_done(studio: Studio) -> None:
    go_on, heard, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(event: Heard) -> None:
        heard.set()
        await go_on.wait()
        await event.reply.taken()
        done.set()

    studio.desk.answer = answer
    async with studio.connected() as slack:
        typed = asyncio.create_task(slack.ana.slash(slack.art, "/imagine", "a fox"))
        await heard.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    assert (await typed).ack.ok
    assert done.is_set()


async def test_what_comes_while_it_ends_is_told_or_left_to_be_delivered_again(
    studio: Studio,
) -> None:
    go_on, heard = asyncio.Event(), asyncio.Event()

    async def answer(event: Heard) -> None:
        heard.set()
        await go_on.wait()
        await event.reply.taken()

    studio.desk.answer = answer
    leaving = asyncio.Event()
    late: list[Any] = []

    async def another() -> None:
        await leaving.wait()
        late.append(await studio.ana.slash(studio.art, "/imagine", "a hen"))
        go_on.set()

    async with studio.connected() as slack:
        first = asyncio.create_task(slack.ana.slash(slack.art, "/imagine", "a fox"))
        await heard.wait()
        beside = asyncio.create_task(another())
        asyncio.get_running_loop().call_later(0.05, leaving.set)
    await asyncio.gather(first, beside)
    assert first.result().ack.ok
    assert "Say it once more" in late[0].whispers[-1].said
    assert len(studio.desk.heard) == 1


# --- over HTTP ---


class Announced(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def over_http(studio: Studio) -> AsyncIterator[str]:
    """Serve the adapter's events as the console does, and let Slack call them."""
    async with studio.connected(mode="http", app_token=None) as slack:
        events = slack.slack.events
        assert events is not None
        app = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none")
        server = Announced(config)
        serving = asyncio.create_task(server.serve())
        await server.up.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/slack/events"
        studio.emu.delivery.http = HttpTarget(url, studio.emu.signing_secret)
        try:
            yield url
        finally:
            server.should_exit = True
            await serving


async def test_over_http_everything_is_heard_and_answered(studio: Studio) -> None:
    async with over_http(studio):
        assert (await studio.ana.slash(studio.art, "/imagine", "a fox")).ack.ok
        assert studio.desk.line.text == "a fox"
        message = await studio.slack.surface.post(
            await studio.card(grid=None), studio.address(), key="k", again=False
        )
        card = studio.art.messages[message.partition("/")[2]]
        assert (await studio.ana.click(card, "Reroll")).ack.ok
        await studio.ana.react(card, "one")
        await studio.slack.working.idle()
        assert studio.desk.reacted.emoji == "1\u20e3"


async def test_over_http_a_wrong_or_stale_signature_is_refused(studio: Studio) -> None:
    async with over_http(studio) as url:
        event = {"type": "app_mention", "user": studio.ana.id, "text": "a fox", "ts": "1.1"}
        payload = studio.emu.delivery._event_payload(event | {"channel": studio.art.id})
        body, kind = written("events_api", payload)
        now_s = studio.emu.clock.now_s()
        for secret, at_s, status in (
            ("wrong", None, 401),
            (None, now_s - 400, 401),
            (None, now_s + 400, 401),
            (None, None, 200),
        ):
            answer = await studio.emu.delivery.post(body, kind, secret=secret, at_s=at_s)
            assert answer.status == status
            answer.release()
        async with aiohttp.ClientSession() as session, session.post(url, data=body) as bare:
            assert bare.status == 401
        await studio.slack.working.idle()
        assert len(studio.desk.heard) == 1


async def test_over_http_slack_may_ask_whether_we_are_there(studio: Studio) -> None:
    async with over_http(studio):
        body, kind = written("events_api", {"type": "url_verification", "challenge": "abc"})
        answer = await studio.emu.delivery.post(body, kind)
        assert (answer.status, "abc" in await answer.text()) == (200, True)


async def test_over_http_nothing_is_taken_before_slack_was_reached(studio: Studio) -> None:
    studio.emu.fails("auth.test", mode="status", status=503, times=10**6)
    async with over_http(studio):
        body, kind = written("events_api", {"type": "event_callback", "event": {"type": "x"}})
        answer = await studio.emu.delivery.post(body, kind)
        assert answer.status == 503
        answer.release()


async def test_by_socket_there_is_nothing_to_be_called(slack: Studio) -> None:
    assert slack.slack.events is None
