"""The emulated Slack holds what the real one is documented to hold, to the real slack_bolt."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.vendors.slack import SlackEmulator, Times, slack_emulator
from tests.vendors.slack.given import (
    PNG,
    Json,
    Noted,
    actions,
    asked,
    button,
    confirm,
    connected,
    menu,
    modal,
    option,
    plain,
    refusal,
    section,
    uploaded,
)
from tests.vendors.slack.socket_mode import HttpTarget, written
from tests.vendors.slack.world import EVENTS


@pytest.fixture
async def emu() -> AsyncIterator[SlackEmulator]:
    async with slack_emulator() as served:
        yield served


@pytest.fixture
def client(emu: SlackEmulator) -> AsyncWebClient:
    return AsyncWebClient(token=emu.bot_token, base_url=emu.api_url, retry_handlers=[])


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client)


# --- files ---


async def test_a_file_is_not_shown_before_slack_has_looked_at_it(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art").id
    name = await uploaded(client)
    block = {"type": "image", "alt_text": "x", "slack_file": {"id": name}}
    assert (await client.files_info(file=name))["file"]["mimetype"] == ""
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x", blocks=[block])
    assert caught.value.response["errors"] == [
        "invalid slack file [json-pointer:/blocks/0/slack_file]"
    ]
    emu.clock.advance(1)
    assert (await client.files_info(file=name))["file"]["mimetype"] == "image/png"
    await client.chat_postMessage(channel=channel, text="x", blocks=[block])


async def test_a_file_is_shared_into_a_thread_after_it_was_looked_at(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art")
    first = await client.chat_postMessage(channel=channel.id, text="x")
    await client.files_upload_v2(
        filename="a.zip", content=b"PK\x03\x04", channel=channel.id, thread_ts=first["ts"]
    )
    root = channel.messages[first["ts"]]
    [shared] = await emu.until(lambda: emu.messages(channel, root))
    assert emu.world.files[shared.files[0]].data == b"PK\x03\x04"


async def test_the_same_file_cannot_be_completed_twice(
    client: AsyncWebClient,
) -> None:
    name = await uploaded(client)
    assert await refusal(client.files_completeUploadExternal(files=[{"id": name}])) == (
        "file_not_found"
    )
    twice = client.files_completeUploadExternal(files=[{"id": name}, {"id": name}])
    assert await refusal(twice) == "invalid_arguments"
    await client.files_delete(file=name)
    assert await refusal(client.files_info(file=name)) == "file_deleted"


async def test_a_download_without_the_right_is_a_page_with_status_200(emu: SlackEmulator) -> None:
    ana = emu.person("Ana")
    said = await ana.say(emu.channel("art", ana), "look", files=[("r.png", PNG)])
    told = emu.told(said)["files"][0]
    assert told["mimetype"] == "image/png"
    async with aiohttp.ClientSession() as session:
        bearer = {"Authorization": f"Bearer {emu.bot_token}"}
        async with session.get(told["url_private"], headers=bearer) as good:
            assert await good.read() == PNG
        async with session.get(told["url_private"]) as bad:
            assert (bad.status, bad.content_type) == (200, "text/html")
        emu.scopes.discard("files:read")
        async with session.get(told["url_private"], headers=bearer) as bad:
            assert (bad.status, bad.content_type) == (200, "text/html")


# --- who may what ---


async def test_tokens_and_scopes_are_checked(emu: SlackEmulator, client: AsyncWebClient) -> None:
    channel = emu.channel("art").id
    wrong = AsyncWebClient(token="xoxb-wrong", base_url=emu.api_url)
    assert await refusal(wrong.auth_test()) == "invalid_auth"
    none = AsyncWebClient(base_url=emu.api_url)
    assert await refusal(none.auth_test()) == "not_authed"
    opened = client.apps_connections_open(app_token=emu.bot_token)
    assert await refusal(opened) == "not_allowed_token_type"
    emu.scopes.discard("chat:write")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x")
    assert caught.value.response["needed"] == "chat:write"
    emu.token_error = "token_revoked"
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_channels_that_are_closed_to_the_bot_refuse_it(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    open_, private = emu.channel("a", bot=False), emu.channel("b", bot=False, private=True)
    archived = emu.channel("c")
    archived.archived = True
    ana = emu.person("Ana")
    said = await ana.say(emu.channel("d", ana), "mine")

    def post(name: str, **more: Any) -> Any:
        return client.chat_postMessage(channel=name, text="x", **more)

    assert await refusal(post(open_.id)) == "not_in_channel"
    assert await refusal(post(private.id)) == "channel_not_found"
    assert await refusal(post("C1")) == "channel_not_found"
    assert await refusal(post(archived.id)) == "is_archived"
    assert await refusal(post(said.channel, thread_ts="1.2")) == "thread_not_found"
    update = client.chat_update(channel=said.channel, ts=said.ts, text="y")
    assert await refusal(update) == "cant_update_message"
    gone = client.chat_update(channel=said.channel, ts="1.2", text="y")
    assert await refusal(gone) == "message_not_found"
    bo = emu.person("Bo")
    aside = client.chat_postEphemeral(channel=said.channel, user=bo.id, text="psst")
    assert await refusal(aside) == "user_not_in_channel"


async def test_a_person_is_told_as_the_account_says(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    guest = emu.person("Gus", guest="single")
    told = (await client.users_info(user=guest.id))["user"]
    assert (told["is_restricted"], told["is_ultra_restricted"], told["is_admin"]) == (
        True,
        True,
        False,
    )
    group = emu.group("leads", guest)
    users = await client.usergroups_users_list(usergroup=group)
    assert users["users"] == [guest.id]
    assert (await client.usergroups_list())["usergroups"][0]["handle"] == "leads"


# --- messages ---


async def test_an_update_without_blocks_removes_them(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art")
    sent = await client.chat_postMessage(channel=channel.id, text="x", blocks=[section("x")])
    await client.chat_update(channel=channel.id, ts=sent["ts"], text="y")
    assert channel.messages[sent["ts"]].blocks == []


async def test_metadata_comes_back_with_earlier_messages_if_asked_for(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art").id
    metadata = {"event_type": "ai_handler", "event_payload": {"key": "k1"}}
    sent = await client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    await client.chat_postMessage(channel=channel, text="y", thread_ts=sent["ts"])
    bare = await client.conversations_history(channel=channel)
    assert "metadata" not in bare["messages"][0]
    full = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert [one["metadata"] for one in full["messages"]] == [metadata]
    thread = await client.conversations_replies(channel=channel, ts=sent["ts"], limit=1)
    assert thread["has_more"]
    rest = await client.conversations_replies(
        channel=channel, ts=sent["ts"], cursor=thread["response_metadata"]["next_cursor"]
    )
    assert [one["text"] for one in rest["messages"]] == ["y"]


async def test_a_deleted_message_with_replies_leaves_a_tombstone(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art")
    sent = await client.chat_postMessage(channel=channel.id, text="x")
    await client.chat_postMessage(channel=channel.id, text="y", thread_ts=sent["ts"])
    await client.chat_delete(channel=channel.id, ts=sent["ts"])
    assert channel.messages[sent["ts"]].tombstone
    more = client.chat_postMessage(channel=channel.id, text="z", thread_ts=sent["ts"])
    assert await refusal(more) == "thread_not_found"


async def test_posts_that_come_too_fast_wait_as_told(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    emu.post_gap_s = 1.0
    channel, other = emu.channel("art").id, emu.channel("ads").id
    await client.chat_postMessage(channel=channel, text="x")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="y")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=other, text="x")
    emu.clock.advance(1)
    await client.chat_postMessage(channel=channel, text="y")


async def test_calls_go_wrong_as_a_test_says(emu: SlackEmulator, client: AsyncWebClient) -> None:
    channel = emu.channel("art")
    emu.fails("chat.postMessage", mode="status", status=500)
    emu.fails("chat.postMessage", mode="close")
    emu.fails("chat.postMessage", mode="lost")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=channel.id, text="a")
    for text in "bc":
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=channel.id, text=text)
    assert [one.text for one in emu.messages(channel)] == ["c"]
    emu.fails("auth.test", mode="hang")
    hasty = AsyncWebClient(token=emu.bot_token, base_url=emu.api_url, timeout=1, retry_handlers=[])
    with pytest.raises(TimeoutError):
        await hasty.auth_test()


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("a &amp; b &lt;c&gt; <https://x.example|x> <@U0BOT>", False),
        ("a & b", True),
        ("<!channel>", True),
        ("see <@U9>", True),
        ("<b>", True),
    ],
)
async def test_markup_that_people_wrote_must_not_leave_alive(
    emu: SlackEmulator, client: AsyncWebClient, text: str, *, alive: bool
) -> None:
    emu.hostile = {"<@U9>"}
    channel = emu.channel("art").id
    await client.chat_postMessage(channel=channel, text="x", blocks=[section(text)])
    assert bool(emu.forgive()) is alive
    await client.chat_postMessage(channel=channel, text=text)
    assert bool(emu.forgive()) is alive
    harmless = {"type": "section", "text": plain(text)}
    await client.chat_postMessage(channel=channel, text="x", blocks=[harmless])


# --- the road from a person to the app and back ---


async def test_a_command_is_acknowledged_and_answered_five_times(
    emu: SlackEmulator, app: AsyncApp
) -> None:
    heard = Noted()

    async def on_command(ack: Any, body: Json, respond: Any) -> None:
        heard.note(body["text"])
        await ack("on it")
        answers = [await respond(f"answer {number}") for number in range(6)]
        heard.note(*(str(one.status_code) for one in answers))

    app.command("/imagine")(on_command)
    app.event(re.compile(".*"))(_nothing)
    ana = emu.person("Ana")
    art = emu.channel("art", ana)
    async with connected(app, emu):
        answer = await ana.slash(art, "/imagine", "a fox & a hen for @ana")
        await heard.until(7)
        inside = await ana.slash(art, "/imagine", "x", thread=await ana.say(art, "hm"))
    assert answer.ack.body == {"text": "on it"}
    assert heard == [f"a fox &amp; a hen for <@{ana.id}|ana>", *["200"] * 5, "404"]
    said = {one.text for one in answer.whispers}
    assert said >= {"on it", *(f"answer {number}" for number in range(5))}
    assert "answer 5" not in said
    assert "not supported in threads" in inside.whispers[0].text


async def test_a_response_url_ends_after_half_an_hour(emu: SlackEmulator) -> None:
    ana = emu.person("Ana")
    url = ana._way(emu.channel("art", ana).id)
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"text": "x"}) as good:
            assert good.status == 200
        emu.clock.advance(30 * 60 + 1)
        async with session.post(url, json={"text": "x"}) as late:
            assert (late.status, (await late.json())["error"]) == (404, "expired_url")


async def test_what_is_not_acknowledged_in_time_fails_the_test(
    emu: SlackEmulator, app: AsyncApp
) -> None:
    stuck = asyncio.Event()
    heard = asyncio.Event()

    async def on_command(ack: Any) -> None:
        heard.set()
        await stuck.wait()
        await ack()

    app.command("/imagine")(on_command)
    ana = emu.person("Ana")
    async with connected(app, emu):
        typed = asyncio.create_task(ana.slash(emu.channel("art", ana), "/imagine", "x"))
        await heard.wait()
        emu.clock.advance(3.01)
        answer = await typed
        stuck.set()
    assert answer.ack.error == "operation_timeout"
    assert "operation_timeout" in answer.whispers[0].text
    with pytest.raises(AssertionError, match="not acknowledged within 3 s"):
        emu.check()
    emu.forgive()


async def test_an_event_that_is_not_acknowledged_comes_again_as_itself(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    app = AsyncApp(client=client, process_before_response=True)
    heard = Noted()
    news: asyncio.Queue[int] = asyncio.Queue()

    async def on_message(body: Json, request: Any) -> None:
        heard.note((body["event_id"], request.headers.get("x-slack-retry-num")))
        news.put_nowait(len(heard))
        if len(heard) < 3:
            raise ValueError("before the acknowledgement")

    app.event("message")(on_message)
    ana = emu.person("Ana")
    async with connected(app, emu), asyncio.timeout(10):
        said = asyncio.create_task(ana.say(emu.channel("art", ana), "hello"))
        for _ in range(2):
            await news.get()
            emu.clock.advance(3.01)
        await emu.until(lambda: len(emu.complaints) == 2 and said.done())
        emu.clock.advance(60)
        await news.get()
        await emu.until(lambda: emu.socket.acked)
    assert len({name for name, _ in heard}) == 1
    assert [retry for _, retry in heard] == [["0"], ["1"], ["2"]]
    assert len(emu.forgive()) == 2


@pytest.mark.parametrize("how", ["refresh", "cut"])
async def test_the_app_connects_anew(emu: SlackEmulator, app: AsyncApp, how: str) -> None:
    heard = Noted()

    async def on_message(body: Json) -> None:
        heard.note(body["event"]["text"])

    app.event("message")(on_message)
    ana = emu.person("Ana")
    art = emu.channel("art", ana)
    async with connected(app, emu):
        await emu.until(lambda: emu.socket.connected)
        if how == "cut":
            emu.socket.cut()
        else:
            await emu.socket.refresh()
        await emu.until(lambda: emu.socket.opened == 2 and emu.socket.connected == 1)
        await ana.say(art, "again")
        await heard.until(1)
    assert heard == ["again"]


async def test_several_connections_share_the_work(
    emu: SlackEmulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    heard = Noted()
    apps = [app, AsyncApp(client=client)]

    def listener(number: int) -> Callable[[], Awaitable[None]]:
        async def on_message() -> None:
            heard.note(number)

        return on_message

    for number, one in enumerate(apps):
        one.event("message")(listener(number))
    ana = emu.person("Ana")
    art = emu.channel("art", ana)
    async with connected(apps[0], emu), connected(apps[1], emu):
        for text in ("a", "b"):
            await ana.say(art, text)
        await heard.until(2)
    assert sorted(heard) == [0, 1]


async def test_nobody_connected_is_said_to_the_person(emu: SlackEmulator) -> None:
    ana = emu.person("Ana")
    answer = await ana.slash(emu.channel("art", ana), "/imagine", "x")
    assert answer.ack.error == "dispatch_failed"
    assert "dispatch_failed" in answer.whispers[0].text


async def test_buttons_menus_reactions_and_mentions_arrive(
    emu: SlackEmulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    heard = Noted()

    async def on_action(ack: Any, body: Json) -> None:
        await ack()
        action = body["actions"][0]
        heard.note(action.get("value") or action["selected_option"]["value"])

    async def on_reaction(body: Json) -> None:
        if body["event"]["user"] != "U0BOT":
            heard.note((body["event"]["type"], body["event"]["reaction"]))

    async def on_mention(body: Json) -> None:
        heard.note(body["event"]["text"])

    app.action(re.compile(""))(on_action)
    app.event(re.compile("reaction_"))(on_reaction)
    app.event("app_mention")(on_mention)
    app.event(re.compile(".*"))(_nothing)
    ana = emu.person("Ana")
    art = emu.channel("art", ana)
    blocks = [actions(button(value="pick 1", confirm=confirm()), menu(option(1), option(2)))]
    async with connected(app, emu):
        sent = await client.chat_postMessage(channel=art.id, text="x", blocks=blocks)
        card = art.messages[sent["ts"]]
        await ana.click(card, "Go", yes=False)
        await ana.click(card, "Go")
        await ana.choose(card, "Choice 2")
        with pytest.raises(AssertionError, match="there are"):
            await ana.click(card, "Stop")
        await ana.react(card, "+1")
        await ana.unreact(card, "+1")
        await ana.mention(art, "hello", thread=card)
        await heard.until(5)
    assert heard[:2] == ["pick 1", "c2"]
    assert set(heard[2:]) == {
        ("reaction_added", "+1"),
        ("reaction_removed", "+1"),
        "<@U0BOT> hello",
    }
    assert [one.text for one in emu.messages(art, card)] == ["<@U0BOT> hello"]


async def _nothing() -> None:
    return


async def test_a_trigger_opens_one_view_within_three_seconds(
    emu: SlackEmulator, app: AsyncApp, client: AsyncWebClient
) -> None:
    triggers: list[str] = []

    async def on_shortcut(ack: Any, body: Json) -> None:
        await ack()
        triggers.append(body["trigger_id"])

    app.shortcut(re.compile(""))(on_shortcut)
    ana = emu.person("Ana")
    said = await ana.say(emu.channel("art", ana), "x")
    async with connected(app, emu):
        await ana.shortcut("new")
        await ana.message_shortcut("branch", said)
    await client.views_open(trigger_id=triggers[0], view=modal(asked()))
    again = client.views_open(trigger_id=triggers[0], view=modal(asked()))
    assert await refusal(again) == "exchanged_trigger_id"
    emu.clock.advance(3.1)
    late = client.views_open(trigger_id=triggers[1], view=modal(asked()))
    assert await refusal(late) == "expired_trigger_id"
    unknown = client.views_open(trigger_id="1.2.3", view=modal(asked()))
    assert await refusal(unknown) == "invalid_trigger_id"
    for depth in range(3):
        pushed = client.views_push(trigger_id=emu.world.trigger(ana.id), view=modal(asked()))
        assert (await refusal(pushed) if depth == 2 else (await pushed)["ok"]) in (
            True,
            "push_limit_reached",
        )


async def test_a_form_is_sent_corrected_and_closed(emu: SlackEmulator, app: AsyncApp) -> None:
    heard = Noted()

    async def on_submission(ack: Any, body: Json) -> None:
        words = body["view"]["state"]["values"]["prompt"]["words"]["value"]
        heard.note(words)
        if words == "fox":
            await ack(response_action="errors", errors={"prompt": "too short"})
        else:
            await ack()

    async def on_shortcut(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(asked()))

    app.view("new")(on_submission)
    app.shortcut("new")(on_shortcut)
    ana = emu.person("Ana")
    async with connected(app, emu):
        await ana.shortcut("new")
        form = await emu.until(lambda: ana.form)
        assert (await ana.submit(form, {})).errors == {
            "prompt": "Please complete this required field."
        }
        assert (await ana.submit(form, {"Prompt": "fox"})).errors == {"prompt": "too short"}
        assert (await ana.submit(form, {"prompt": "a red fox"})).closed
    assert (heard, ana.form) == (["fox", "a red fox"], None)


async def test_a_home_tab_is_shown_to_the_one_who_opens_it(
    emu: SlackEmulator, app: AsyncApp
) -> None:
    async def on_home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": [section("hello")]}
        )

    app.event("app_home_opened")(on_home)
    ana, bo = emu.person("Ana"), emu.person("Bo")
    async with connected(app, emu):
        await ana.open_home()
        await emu.until(lambda: ana.home)
    assert bo.home is None


async def test_over_http_only_a_fresh_and_right_signature_is_taken(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    app = AsyncApp(client=client, signing_secret=emu.signing_secret)
    heard = Noted()

    async def on_command(ack: Any, body: Json) -> None:
        heard.note(body["text"])
        await ack({"response_type": "ephemeral", "text": "yes"})

    app.command("/imagine")(on_command)
    app.event(re.compile(".*"))(_nothing)

    async def on_request(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", on_request)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    emu.delivery.http = HttpTarget(f"http://{host}:{port}/slack/events", emu.signing_secret)
    ana = emu.person("Ana")
    try:
        answer = await ana.slash(emu.channel("art", ana), "/imagine", "a fox")
        assert (heard, answer.whispers[0].text) == (["a fox"], "yes")
        body, kind = written("events_api", {"type": "event_callback", "event": {"type": "x"}})
        now_s = emu.clock.now_s()
        for secret, at_s, status in (
            (None, None, 200),
            ("wrong", None, 401),
            (None, now_s - 400, 401),
        ):
            told = await emu.delivery.post(body, kind, secret=secret, at_s=at_s)
            assert told.status == status
            told.release()
    finally:
        await runner.cleanup()


async def test_only_events_that_are_subscribed_and_allowed_arrive(
    emu: SlackEmulator, app: AsyncApp
) -> None:
    heard = Noted()

    async def on_message(event: Json) -> None:
        heard.note(event["text"])

    app.event("message")(on_message)
    ana = emu.person("Ana")
    art, out = emu.channel("art", ana), emu.channel("out", ana, bot=False)
    async with connected(app, emu):
        await ana.say(art, "one")
        await ana.say(out, "two")
        emu.scopes.discard("channels:history")
        await ana.say(art, "three")
        await ana.direct("four")
        await heard.until(2)
    assert heard == ["one", "four"]
    assert "message.im" in EVENTS


def test_as_a_program_it_is_driven_by_its_admin_paths() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.vendors.slack", "--port", "0"]
    with subprocess.Popen(  # noqa: S603  our own words
        command, cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        try:
            asyncio.run(_drive(told["environment"]["SLACK_API_URL"], told["url"]))
        finally:
            process.terminate()


async def _drive(api_url: str, url: str) -> None:
    async with aiohttp.ClientSession() as session:

        async def do(**args: Any) -> Json:
            async with session.post(f"{url}/__admin/do", json=args) as answer:
                told: Json = await answer.json()
                return told

        ana = (await do(do="person", name="Ana"))["id"]
        art = (await do(do="channel", name="art", people=[ana]))["id"]
        said = await do(do="say", person=ana, channel="art", text="hello")
        unheard = await do(do="slash", person=ana, channel="art", command="/imagine")
        assert unheard["error"] == "dispatch_failed"
        token = {"Authorization": "Bearer xoxb-loopback-0123456789"}
        post = {"channel": art, "text": "hi", "thread_ts": said["ts"]}
        async with session.post(f"{api_url}chat.postMessage", json=post, headers=token) as answer:
            assert (await answer.json())["ok"]
        async with session.get(f"{url}/__admin/state", params={"after": 1}) as answer:
            state = await answer.json()
        assert [one["said"] for one in state["channels"][art]["messages"]] == ["hello", "hi"]


def test_times_are_those_of_slack() -> None:
    assert (Times().ack_s, Times().trigger_s, Times().redeliver_s) == (3.0, 3.0, (0.0, 60.0, 300.0))
