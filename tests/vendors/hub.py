"""A model hub on 127.0.0.1: names files, sizes and digests, gives bytes from anywhere, and fails.

``lfs`` of a file holds its SHA-256, as the hub has it for large files; ``blobId`` is git's SHA-1.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 100_000


class Hub:
    """What the hub has, and how it goes wrong."""

    def __init__(self, model: str, files: dict[str, bytes]) -> None:
        self.model = model
        self.files = files
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        self.cut_after: list[int] = []
        """The next downloads of large files end after so many bytes."""
        self.knows_range = True
        self.promised: dict[str, bytes] = {}
        """Files whose size and digest are those of other bytes."""

    def listing(self) -> bytes:
        """Return what it says of the model."""
        siblings = [self._sibling(name) for name in [*self.files, "README.md"]]
        said = {"id": self.model, "sha": COMMIT, "siblings": siblings}
        return json.dumps(said | {"cardData": {"license": "mit"}}).encode()

    def _sibling(self, name: str) -> dict[str, object]:
        data = self.promised.get(name, self.files.get(name, b""))
        blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False)
        found: dict[str, object] = {"rfilename": name, "size": len(data)}
        if len(data) > LARGE:
            sha256 = hashlib.sha256(data).hexdigest()
            return found | {"blobId": "0" * 40, "lfs": {"sha256": sha256, "size": len(data)}}
        return found | {"blobId": blob.hexdigest()}


class Answers(BaseHTTPRequestHandler):
    """Answers as the hub does; its server knows what the hub has."""

    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        """Return the hub that is played."""
        assert isinstance(self.server, HubServer)
        return self.server.hub

    def do_GET(self) -> None:
        hub = self.hub
        hub.asked.append((self.path, self.headers.get("Range", "")))
        resolve = f"/{hub.model}/resolve/{COMMIT}/"
        if self.path == f"/api/models/{hub.model}/revision/main?blobs=true":
            self._send(200, hub.listing(), 0)
        elif self.path.startswith(resolve) and self.path.removeprefix(resolve) in hub.files:
            self._file(hub.files[self.path.removeprefix(resolve)])
        else:
            self._send(404, b'{"error":"Repository not found"}', 0)

    def _file(self, data: bytes) -> None:
        told = self.headers.get("Range", "")
        known = told and self.hub.knows_range
        start = int(told.removeprefix("bytes=").rstrip("-")) if known else 0
        self._send(206 if start else 200, data, start)

    def _send(self, status: int, data: bytes, start: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) - start))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        part = data[start:]
        if len(data) > LARGE and self.hub.cut_after:
            part = part[: self.hub.cut_after.pop(0)]
            self.close_connection = True
        self.wfile.write(part)

    def log_message(self, *_words: object) -> None:
        """Say nothing on standard error."""


class HubServer(ThreadingHTTPServer):
    """A server that knows its hub."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.hub = hub


@contextmanager
def playing(hub: Hub) -> Iterator[Hub]:
    """Serve a hub while the block lasts."""
    server = HubServer(hub)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
