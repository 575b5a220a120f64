"""Files that people attached: from Discord's own hosts, without redirects, up to the limit."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.discord.fetcher import DiscordFetcher
from domain.errors import PictureError
from domain.event import Attachment


@pytest.fixture
async def cdn() -> AsyncIterator[str]:
    async def file(request: web.Request) -> web.StreamResponse:
        size = int(request.match_info["size"])
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(size // 1000):
            await answer.write(b"x" * 1000)
        return answer

    async def away(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/file/1000")

    app = web.Application()
    app.add_routes([web.get("/file/{size}", file), web.get("/away", away)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def attached(url: str, size_bytes: int = 1000) -> Attachment:
    return Attachment(name="picture1", url=url, size_bytes=size_bytes)


async def test_the_bytes_are_read(cdn: str) -> None:
    got = await DiscordFetcher(cdn).fetch(attached(f"{cdn}/file/5000"), max_bytes=5000)
    assert got == b"x" * 5000


async def test_reading_stops_at_the_limit(cdn: str) -> None:
    with pytest.raises(PictureError, match="at most"):
        await DiscordFetcher(cdn).fetch(attached(f"{cdn}/file/100000000"), max_bytes=70_000)


async def test_what_says_it_is_too_large_is_not_even_asked_for(cdn: str) -> None:
    with pytest.raises(PictureError, match="at most"):
        await DiscordFetcher(cdn).fetch(attached(f"{cdn}/file/1000", 9_999), max_bytes=5000)


@pytest.mark.parametrize("path", ["/away", "/nothing"])
async def test_redirects_and_refusals_are_no_pictures(cdn: str, path: str) -> None:
    with pytest.raises(PictureError, match="did not hand out"):
        await DiscordFetcher(cdn).fetch(attached(f"{cdn}{path}"), max_bytes=5000)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com@evil.example/a.png",
        "https://user@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "http://cdn.discordapp.com/a.png",
        "http://127.0.0.1:9/a.png",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
async def test_no_other_host_is_asked(url: str) -> None:
    fetcher = DiscordFetcher("https://discord.com/api/v10")
    with pytest.raises(PictureError, match="does not lie on Discord"):
        await fetcher.fetch(attached(url), max_bytes=5000)
