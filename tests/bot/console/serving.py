"""The console as tests meet it: served on a port of loopback, asked by a client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bot.app import App
from bot.console.server import serve

TOKEN = "a token of this test"


@dataclass(frozen=True, slots=True)
class Console:
    """A served console, and a client that is no browser."""

    app: App
    url: str
    http: httpx.AsyncClient

    async def imagine(self, text: str, name: str = "Ana", **more: Any) -> dict[str, Any]:
        body = {"text": text, "as": name} | more
        response = await self.http.post("/api/imagine", json=body)
        assert response.status_code == 202, response.text
        taken: dict[str, Any] = response.json()
        return taken

    async def made(self, text: str, name: str = "Ana", **more: Any) -> dict[str, Any]:
        taken = await self.imagine(text, name, **more)
        response = await self.http.get(f"/api/runs/{taken['id']}", params={"wait": "ended"})
        report: dict[str, Any] = response.json()
        assert report["state"] == "done", report
        return report

    async def say(self, run: str, text: str, name: str = "Ana", **more: Any) -> httpx.Response:
        body = {"text": text, "as": name} | more
        return await self.http.post(f"/api/runs/{run}/say", json=body)


@asynccontextmanager
async def served(app: App, port: int = 0) -> AsyncIterator[str]:
    """Serve the console of *app* while the block runs."""
    up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.ensure_future(
        serve(app, host="127.0.0.1", port=port, token=TOKEN, ready=up.set_result)
    )
    try:
        await asyncio.wait((up, serving), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()  # it raises what kept it from starting
        yield up.result()
    finally:
        serving.cancel()
        await asyncio.wait((serving,))
