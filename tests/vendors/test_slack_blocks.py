"""Blocks and views that the emulated Slack takes, and those that it refuses."""

import contextlib
import copy
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.vendors.slack import SlackEmulator, slack_emulator
from tests.vendors.slack.given import (
    WEBP,
    Json,
    actions,
    asked,
    button,
    confirm,
    connected,
    image,
    menu,
    modal,
    option,
    plain,
    refusal,
    section,
    shown_file,
)


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


def at_and_over() -> list[tuple[str, Callable[[int], Json], int]]:
    return [
        ("header", lambda n: {"type": "header", "text": plain("x" * n)}, 150),
        ("section text", lambda n: section("x" * n), 3000),
        (
            "field",
            lambda n: {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * n}]},
            2000,
        ),
        ("fields", lambda n: {"type": "section", "fields": [plain("x")] * n}, 10),
        ("context", lambda n: {"type": "context", "elements": [plain("x")] * n}, 10),
        ("actions", lambda n: actions(*(button(action_id=f"a{i}") for i in range(n))), 25),
        ("label", lambda n: actions(button("x" * n)), 75),
        ("value", lambda n: actions(button(value="x" * n)), 2000),
        ("action id", lambda n: actions(button(action_id="x" * n)), 255),
        ("block id", lambda n: {"type": "divider", "block_id": "x" * n}, 255),
        ("options", lambda n: actions(menu(*map(option, range(n)))), 100),
        ("option text", lambda n: actions(menu(option(text=plain("x" * n)))), 75),
        ("option value", lambda n: actions(menu(option(value="x" * n))), 150),
        ("alt", lambda n: image(alt_text="x" * n), 2000),
        ("image url", lambda n: image(image_url="https://x.example/".ljust(n, "x")), 3000),
        ("confirm", lambda n: actions(button(confirm=confirm(text=plain("x" * n)))), 300),
        ("confirm title", lambda n: actions(button(confirm=confirm(title=plain("x" * n)))), 100),
        ("yes", lambda n: actions(button(confirm=confirm(confirm=plain("x" * n)))), 30),
    ]


@pytest.mark.parametrize(("name", "make", "most"), at_and_over(), ids=lambda one: str(one)[:16])
async def test_a_limit_of_a_block_holds_and_one_more_is_refused(
    emu: SlackEmulator, client: AsyncWebClient, name: str, make: Callable[[int], Json], most: int
) -> None:
    channel = emu.channel("art").id
    await client.chat_postMessage(channel=channel, text=name, blocks=[make(most)])
    more = client.chat_postMessage(channel=channel, text=name, blocks=[make(most + 1)])
    assert await refusal(more) == "invalid_blocks"


INVALID: list[list[Json]] = [
    [{"type": "carousel", "elements": []}],
    [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
    [actions(button() | {"text": {"type": "mrkdwn", "text": "x"}})],
    [actions(button(), button())],
    [actions(button(style="loud"))],
    [actions({"type": "plain_text_input", "action_id": "x"})],
    [actions()],
    [image(slack_file={"id": "F1"})],
    [{"type": "image", "alt_text": "x"}],
    [image(alt_text="")],
    [{"type": "image", "alt_text": "x", "slack_file": {"id": "F0000"}}],
    [section("")],
    [{"type": "section"}],
    [asked()],
    [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
    [{"type": "divider", "colour": "red"}],
    [section("x") | {"text": {"type": "mrkdwn", "text": "x", "emoji": True}}],
    [actions(menu(option()) | {"initial_option": option(2)})],
    [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
    [section("x")] * 51,
]


@pytest.mark.parametrize("number", range(len(INVALID)))
async def test_invalid_blocks_are_refused_with_a_pointer(
    emu: SlackEmulator, client: AsyncWebClient, number: int
) -> None:
    channel = emu.channel("art").id
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x", blocks=INVALID[number])
    told = caught.value.response
    assert told["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks" in told["errors"][0]
    assert told["response_metadata"]["messages"][0].startswith("[ERROR] ")


async def test_fifty_blocks_and_forty_thousand_characters_are_taken(
    emu: SlackEmulator, client: AsyncWebClient
) -> None:
    channel = emu.channel("art").id
    await client.chat_postMessage(channel=channel, text="x" * 40_000, blocks=[section("x")] * 50)
    assert await refusal(client.chat_postMessage(channel=channel, text="x" * 40_001)) == (
        "msg_too_long"
    )
    empty = client.api_call("chat.postMessage", json={"channel": channel, "text": ""})
    assert await refusal(empty) == "no_text"
    broken = client.chat_postMessage(channel=channel, text="x", blocks="words")
    assert await refusal(broken) == "invalid_blocks_format"


@pytest.mark.parametrize(
    ("view", "good"),
    [
        (modal(asked()), True),
        (modal(asked(), title=plain("x" * 24)), True),
        (modal(asked(), title=plain("x" * 25)), False),
        (modal(asked(), submit=plain("x" * 25)), False),
        (modal(asked(), submit=None), False),
        (modal(section("x"), submit=None), True),
        (modal(asked(), private_metadata="x" * 3000), True),
        (modal(asked(), private_metadata="x" * 3001), False),
        (modal(*[section("x")] * 100), True),
        (modal(*[section("x")] * 101), False),
        (modal(*[section("x" * 2990)] * 90), False),
        (modal(asked(element={"type": "button", "text": plain("x")})), False),
        (modal(asked(label={"type": "mrkdwn", "text": "x"})), False),
        (
            modal(asked(element={"type": "plain_text_input", "initial_value": "x" * 3001})),
            False,
        ),
        ({"type": "home", "blocks": []}, False),
        ({"type": "page", "blocks": []}, False),
    ],
)
async def test_a_modal_is_taken_or_refused_as_documented(
    emu: SlackEmulator, client: AsyncWebClient, app: AsyncApp, view: Json, *, good: bool
) -> None:

    async def open_it(ack: Any, body: Json) -> None:
        await ack()
        with contextlib.suppress(SlackApiError):
            await client.views_open(trigger_id=body["trigger_id"], view=copy.deepcopy(view))

    app.shortcut("new")(open_it)
    ana = emu.person("Ana")
    async with connected(app, emu):
        await ana.shortcut("new")
        [told] = await emu.until(lambda: [one for one in emu.calls if one.method == "views.open"])
    assert bool(ana.form) is good
    assert told.error == ("" if good else "invalid_arguments")


async def test_webp_is_no_picture_for_a_block(emu: SlackEmulator, client: AsyncWebClient) -> None:
    channel = emu.channel("art").id
    name = await shown_file(emu, client, WEBP)
    block = {"type": "image", "alt_text": "x", "slack_file": {"id": name}}
    refused = await refusal(client.chat_postMessage(channel=channel, text="x", blocks=[block]))
    assert refused == "invalid_blocks"
