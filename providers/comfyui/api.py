"""HTTP to a ComfyUI server: short calls, no redirects, answers bounded, headers to it alone."""

import asyncio
import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from domain.picture import MAX_VENDOR_BYTES
from providers.comfyui.faults import AnsweredError
from providers.comfyui.wire import FOLDER, VIEW, file_name
from providers.downloads import by_proxy, origin

MAX_ANSWER_BYTES: Final = 32 * 1024 * 1024
"""A history holds its workflow, a refusal every file that the server has."""
HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*([\x20-\x7e]+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the calls may take; none comes near the 150 s after which Modal redirects."""

    connect_s: float = 10.0
    create_s: float = 60.0
    ask_s: float = 20.0
    fetch_s: float = 55.0
    warm_ask_s: float = 140.0
    """One look at a server that starts: Modal holds the call meanwhile."""
    warm_s: float = 590.0
    """All looks together."""


def parsed(text: str) -> dict[str, str]:
    """Return the headers of ``Name: value; Name: value``.

    Raises:
        ValueError: They are written in another way; the text is not shown.
    """
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        match = HEADER.fullmatch(part)
        if match is None:
            raise ValueError("write COMFYUI_HEADERS as 'Name: value; Name: value'")
        found[match[1]] = match[2]
    return found


class Headers(httpx.Auth):
    """Puts the headers on a call; what is shown of it says nothing."""

    def __init__(self, text: str) -> None:
        self._headers = parsed(text)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add them to one request."""
        request.headers.update(self._headers)
        yield request

    def all(self) -> dict[str, str]:
        """Return them, for the websocket to the same server."""
        return dict(self._headers)


class API:
    """The server's paths."""

    def __init__(
        self,
        base_url: str,
        headers: Headers,
        *,
        limits: Limits,
        max_bytes: int = MAX_VENDOR_BYTES,
    ) -> None:
        self.base = base_url.rstrip("/")
        self.limits = limits
        self._headers = headers
        self._max_bytes = max_bytes
        self.trust = httpx.create_ssl_context()
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            verify=self.trust,
            trust_env=by_proxy(self.base),
            timeout=httpx.Timeout(limits.create_s, connect=limits.connect_s),
        )

    async def stats(self, limit_s: float) -> None:
        """Ask whether it is there."""
        answer = await self._asked("GET", "/system_stats", limit_s, timeout=limit_s)
        if "system" not in _table(answer):
            raise ValueError("no system in its figures")

    async def create(self, body: bytes) -> None:
        """Put a job into the queue."""
        headers = {"content-type": "application/json"}
        limit_s = self.limits.create_s
        answer = _table(
            await self._asked("POST", "/prompt", limit_s, content=body, headers=headers)
        )
        if "prompt_id" not in answer:
            raise ValueError("no prompt_id")

    async def upload(self, data: bytes) -> str:
        """Hand over a picture, and return what it is called there."""
        files = {"image": (file_name(data), data, "application/octet-stream")}
        fields = {"type": "input", "subfolder": FOLDER, "overwrite": "true"}
        limit_s = self.limits.create_s
        answer = _table(
            await self._asked("POST", "/upload/image", limit_s, files=files, data=fields)
        )
        name, folder = answer.get("name"), answer.get("subfolder", "")
        if not isinstance(name, str) or not name or not isinstance(folder, str):
            raise ValueError("no name of the picture")
        return f"{folder}/{name}" if folder else name

    async def history(self, job: str) -> dict[str, Any] | None:
        """Return what became of a job; None while it has not ended."""
        answer = _table(await self._asked("GET", f"/history/{job}", self.limits.ask_s))
        return _table(answer[job]) if job in answer else None

    async def queue(self) -> dict[str, Any]:
        """Return what runs and what waits."""
        return _table(await self._asked("GET", "/queue", self.limits.ask_s))

    async def forget(self, job: str) -> None:
        """Take a job that waits out of the queue."""
        await self._post("/queue", {"delete": [job]})

    async def interrupt(self, job: str) -> None:
        """Stop a job that runs; the id is what keeps it from stopping another."""
        await self._post("/interrupt", {"prompt_id": job})

    def view(self, image: Mapping[str, str]) -> str:
        """Return where a saved picture is to be had."""
        wanted = {name: image[name] for name in VIEW}
        return str(httpx.URL(f"{self.base}/view", params=wanted))

    async def fetch(self, url: str) -> bytes:
        """Return a picture, from this server alone.

        Raises:
            ValueError: Another host, no picture, or too many bytes.
        """
        where = httpx.URL(url)
        if origin(where) != origin(httpx.URL(self.base)) or where.userinfo:
            raise ValueError(f"the picture lies at {where.host!r}, which is not the server")
        reply, data = await self._read("GET", where, self.limits.fetch_s, self._max_bytes)
        kind = reply.headers.get("content-type", "")
        if not kind.startswith("image/"):
            raise ValueError(f"{kind!r} is no picture")
        return data

    async def close(self) -> None:
        """Give back connections."""
        await self._client.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        url = httpx.URL(f"{self.base}{path}")
        await self._read("POST", url, self.limits.ask_s, MAX_ANSWER_BYTES, json=body)

    async def _asked(self, method: str, path: str, limit_s: float, **more: Any) -> Any:
        url = httpx.URL(f"{self.base}{path}")
        _, text = await self._read(method, url, limit_s, MAX_ANSWER_BYTES, **more)
        return json.loads(text)

    async def _read(
        self, method: str, url: httpx.URL, limit_s: float, most: int, **more: Any
    ) -> tuple[httpx.Response, bytes]:
        text = bytearray()
        async with (
            asyncio.timeout(limit_s),
            self._client.stream(method, url, auth=self._headers, **more) as reply,
        ):
            async for chunk in reply.aiter_bytes():
                text += chunk
                if len(text) > most:
                    raise ValueError(f"more than {most} bytes")
        if reply.status_code != httpx.codes.OK:
            raise AnsweredError(reply, bytes(text))
        return reply, bytes(text)


def _table(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 -- an answer that is none, not a call
    return answer
