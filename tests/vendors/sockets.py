"""A websocket's server side for uvicorn, small: it greets, sends, and hears the other's end."""

import asyncio
import base64
import hashlib
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

MAGIC: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT: Final = 1
BINARY: Final = 2
CLOSE: Final = 8
SHORT: Final = 126
LONG: Final = 0x10000


class Sockets(asyncio.Protocol):
    """One websocket; a subclass says who may have one and keeps it (``opened``, ``closed``)."""

    def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:
        del app_state
        self.config = config
        self.connections = server_state.connections
        self.transport: asyncio.Transport | None = None
        self.query: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self._head = b""

    def opened(self) -> bool:
        """Keep it; False sends the other away with 403."""
        return True

    def closed(self) -> None:
        """Forget it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over from HTTP."""
        self.transport = cast("asyncio.Transport", transport)
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Forget it."""
        self.connections.discard(self)
        self.closed()

    def shutdown(self) -> None:
        """End with the server."""
        self.drop()

    def drop(self) -> None:
        """Break the line, without a word."""
        if self.transport:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Read the handshake; after that only whether the other ends it."""
        if self.headers:
            if data and data[0] & 0x0F == CLOSE:
                self.drop()
            return
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._greet(self._head.decode("latin-1"))

    def _greet(self, head: str) -> None:
        first, *lines = head.strip().split("\r\n")
        self.headers = {
            name.lower(): value for name, _, value in (one.partition(": ") for one in lines)
        }
        asked = parse_qs(urlsplit(first.split(" ")[1]).query)
        self.query = {name: values[0] for name, values in asked.items()}
        if not self.opened():
            self._write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            self.drop()
            return
        key = self.headers["sec-websocket-key"] + MAGIC
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest())  # noqa: S324 -- RFC 6455
        self._write(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            b"sec-websocket-accept: " + accept + b"\r\n\r\n"
        )

    def send(self, data: bytes, kind: int = TEXT) -> None:
        """Send one message, whole."""
        size = len(data)
        if size < SHORT:
            length = bytes([size])
        elif size < LONG:
            length = bytes([SHORT]) + size.to_bytes(2, "big")
        else:
            length = bytes([SHORT + 1]) + size.to_bytes(8, "big")
        self._write(bytes([0x80 | kind]) + length + data)

    def _write(self, data: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)
