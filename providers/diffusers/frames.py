"""How this process and the worker speak: JSON with pictures behind it, over a socket pair.

A frame is four bytes of length, that many bytes of JSON, then the pictures, whose lengths the JSON
names under ``blobs``. Both ends are ours.
"""

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

HEAD: Final = struct.Struct(">I")
Frame = tuple[dict[str, Any], dict[str, bytes]]
"""What is said, and the pictures by their names."""


def packed(said: Mapping[str, Any], blobs: Mapping[str, bytes] | None = None) -> bytes:
    """Return a frame as bytes."""
    blobs = blobs or {}
    sizes = [[name, len(data)] for name, data in blobs.items()]
    head = json.dumps({**said, "blobs": sizes}).encode()
    return b"".join((HEAD.pack(len(head)), head, *blobs.values()))


async def receive(reader: asyncio.StreamReader) -> Frame:
    """Read the next frame, or raise ``IncompleteReadError`` at the end."""
    (size,) = HEAD.unpack(await reader.readexactly(HEAD.size))
    said: dict[str, Any] = json.loads(await reader.readexactly(size))
    blobs = {name: await reader.readexactly(length) for name, length in said.pop("blobs")}
    return said, blobs


def read(stream: BinaryIO) -> Frame:
    """Read the next frame in the worker, or raise ``EOFError`` at the end."""
    (size,) = HEAD.unpack(_exactly(stream, HEAD.size))
    said: dict[str, Any] = json.loads(_exactly(stream, size))
    return said, {name: _exactly(stream, length) for name, length in said.pop("blobs")}


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
