"""Who may talk to the console: loopback names, our own pages, bodies of a sane size."""

import hmac
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.translate import error_of

MAX_BODY_BYTES: Final = 20 * 1024 * 1024
PUBLIC: Final = ("/slack/", "/webhooks/")
"""What answers under AI_HANDLER_PUBLIC_URL."""
HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Refuses foreign hosts and origins, counts bodies, and signs every answer with our policy."""

    def __init__(self, app: ASGIApp, *, token: str, public_url: str = "") -> None:
        self._app = app
        self._token = token
        self._public = urlsplit(public_url).hostname or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        signed = _signed(send)
        if self._public and _name_of(headers.get("host", "")) == self._public:
            await self._answer_public(scope, receive, signed)
            return
        if refusal := self._refusal(scope, headers):
            await _refuse(signed, *refusal)
            return
        await self._app(scope, _counted(receive), signed)

    async def _answer_public(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Under the public name nothing answers but what checks a signature of its own."""
        if scope["method"] != "POST" or not scope["path"].startswith(PUBLIC):
            await _refuse(send, 404, "nothing is here", "")
            return
        if _length(Headers(scope=scope)) > MAX_BODY_BYTES:
            await _refuse(send, 413, *TOO_LARGE)
            return
        await self._app(scope, _counted(receive), send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        host = headers.get("host", "")
        if not _is_ours(host, scope.get("server")):
            return 403, f"the host {host[:80]!r} is not this console", "Use http://127.0.0.1."
        if scope["method"] not in SAFE and _is_foreign(headers, host):
            return 403, "another site may not act here", "Use the console's own page."
        if not self._knows(headers.get("authorization")):
            return 403, "the token is not this service's", "The lock file names the right one."
        if _length(headers) > MAX_BODY_BYTES:
            return 413, *TOO_LARGE
        return None

    def _knows(self, authorization: str | None) -> bool:
        """On loopback nothing need be shown; what is shown must be right."""
        if authorization is None:
            return True
        said = f"Bearer {self._token}".encode()
        return hmac.compare_digest(authorization.encode(), said)


TOO_LARGE: Final = (
    f"the body is larger than {MAX_BODY_BYTES // 1024**2} MB",
    "Send a smaller picture.",
)


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_ours(host: str, server: tuple[str, int | None] | None) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port or 80
    except ValueError:
        return False
    expected = server[1] if server else None
    return name in HOSTS and "@" not in host and (expected is None or port == expected)


def _is_foreign(headers: Headers, host: str) -> bool:
    """A browser names the page that acts; other programs name none."""
    origin = headers.get("origin")
    if origin is not None:
        return origin != f"http://{host}"
    return headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}


def _length(headers: Headers) -> int:
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else 0  # noqa: PLR2004  any real size has fewer digits


def _counted(receive: Receive) -> Receive:
    """Count a body while it streams; one that is too large is not read on."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY_BYTES:
            raise HTTPException(413, TOO_LARGE[0])
        return message

    return counted


def _signed(send: Send) -> Send:
    async def signed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return signed


async def _refuse(send: Send, status: int, message: str, hint: str) -> None:
    kind = {403: "forbidden", 404: "not_found"}.get(status, "limit")
    body = json.dumps(error_of(kind, message, hint)).encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
