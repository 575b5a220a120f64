"""Blocks and views as tests of the emulated Slack write them, and a bolt app on its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.vendors.slack import SlackEmulator

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + bytes(16)
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str = "Go", **more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain(label)} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(number: int = 1, **more: Any) -> Json:
    return {"text": plain(f"Choice {number}"), "value": f"c{number}"} | more


def menu(*options: Json) -> Json:
    return {"type": "static_select", "action_id": "menu", "options": list(options)}


def asked(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "words"}
    return {"type": "input", "block_id": "prompt", "label": plain("Prompt"), "element": element} | (
        more
    )


def modal(*blocks: Json, **more: Any) -> Json:
    shown = {"type": "modal", "callback_id": "new", "title": plain("New"), "blocks": list(blocks)}
    return shown | {"submit": plain("Make")} | more


def image(**more: Any) -> Json:
    return {"type": "image", "alt_text": "a fox", "image_url": "https://x.example/a.png"} | more


def confirm(**more: Any) -> Json:
    words = {"title": plain("Sure?"), "text": plain("It costs"), "confirm": plain("Yes")}
    return words | {"deny": plain("No")} | more


class Noted(list[Any]):
    """What listeners of an app noted, which may be after the emulator had its acknowledgement."""

    def __init__(self) -> None:
        super().__init__()
        self._news = asyncio.Event()

    def note(self, *what: Any) -> None:
        self.extend(what)
        self._news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def connected(app: AsyncApp, emu: SlackEmulator) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, emu.app_token, ping_interval=0.5)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def uploaded(client: AsyncWebClient, data: bytes = PNG) -> str:
    done = await client.files_upload_v2(filename="a.png", content=data)
    return str(done["file"]["id"])


async def shown_file(emu: SlackEmulator, client: AsyncWebClient, data: bytes = PNG) -> str:
    name = await uploaded(client, data)
    emu.clock.advance(1)
    return name
