"""What is refused before anything of ours is asked: foreign hosts, foreign pages, huge bodies."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from bot.console.guard import MAX_BODY_BYTES, Guard

FOREIGN_HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example:8787",
    "127.0.0.1:1",
    "127.0.0.1",
    "evil@127.0.0.1:8787",
    "127.0.0.1:99999",
    "[::1",
    "",
]


def client() -> httpx.AsyncClient:
    app = FastAPI()

    @app.api_route("/", methods=["GET", "POST"])
    async def home(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(Guard, token="right")
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8787")


async def asked(method: str = "POST", **headers: str) -> int:
    async with client() as http:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await http.request(method, "/", headers=said)).status_code


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
async def test_a_foreign_host_is_refused_even_for_reading(host: str) -> None:
    assert await asked("GET", host=host) == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:8787", "[::1]:8787"])
async def test_every_name_of_loopback_is_taken_with_the_right_port(host: str) -> None:
    assert await asked("GET", host=host) == 200


async def test_another_page_may_not_act_but_programs_may() -> None:
    assert await asked() == 200
    assert await asked(origin="http://127.0.0.1:8787", sec_fetch_site="same-origin") == 200
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:8787"):
        assert await asked(origin=origin) == 403
    assert await asked(sec_fetch_site="cross-site") == 403
    assert await asked("GET", origin="http://evil.example") == 200  # reads nothing: no CORS


async def test_a_token_need_not_be_shown_but_what_is_shown_is_right() -> None:
    assert await asked(authorization="Bearer right") == 200
    assert await asked(authorization="Bearer wrong") == 403


async def test_a_body_that_says_it_is_huge_is_refused_unread() -> None:
    assert await asked(content_length=str(MAX_BODY_BYTES + 1)) == 413


async def test_a_huge_body_is_refused_while_it_streams() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1024 * 1024

    async with client() as http:
        assert (await http.post("/", content=endless())).status_code == 413
    assert sent <= MAX_BODY_BYTES // 1024**2 + 2


async def test_every_answer_carries_the_policy(  # also a refusal
) -> None:
    async with client() as http:
        answers: list[Any] = [await http.get("/"), await http.get("/", headers={"host": "evil"})]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers


def public(path: str) -> httpx.AsyncClient:
    app = FastAPI()

    @app.api_route(path, methods=["GET", "POST"])
    async def events(request: Request) -> int:
        return len(await request.body())

    app.add_middleware(Guard, token="right", public_url="https://bot.example")
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="https://bot.example")


async def test_under_the_public_name_only_what_is_signed_answers() -> None:
    async with public("/slack/events") as http:
        assert (await http.post("/slack/events", content=b"x")).status_code == 200
        assert (await http.get("/slack/events")).status_code == 404
    for path in ("/", "/api/runs", "/review"):
        async with public(path) as http:
            for method in ("GET", "POST"):
                assert (await http.request(method, path)).status_code == 404
