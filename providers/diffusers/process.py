"""The worker's process as seen from the service: started when needed, ended when idle."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from providers.diffusers import frames
from providers.diffusers.failing import MishapError
from providers.diffusers.frames import Frame

logger = logging.getLogger(__name__)
ROOT: Final = Path(__file__).parents[2]
SECRETS: Final = ("_TOKEN", "_KEY", "_SECRET", "_PASSWORD")
"""Variables that end so are other people's business, but for the hub's own token."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the worker needs to know beside its orders."""

    folder: str = ""
    """Where the team's models and LoRA lie."""
    downloads: bool = False
    """Whether what is not on this machine is fetched from the hub."""
    device: str = "auto"


class Worker:
    """One running process and the line to it."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.is_loading = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @classmethod
    async def start(cls, setup: Setup) -> "Worker":
        """Start the process; it imports torch only with its first order."""
        ours, theirs = socket.socketpair()
        try:
            process = await asyncio.to_thread(_spawn, theirs, setup)
        finally:
            theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(frames.packed(asdict(setup)))
        return cls(process, reader, writer)

    async def make(
        self,
        number: int,
        order: Mapping[str, Any],
        blobs: Mapping[str, bytes],
        told: Callable[[float], None],
    ) -> Frame:
        """Have one picture made.

        Raises:
            MishapError: It was not, and why.
        """
        try:
            self._send({"id": number, "verb": "make", "order": order}, blobs)
            while True:
                said, pictures = await frames.receive(self._reader)
                event = said["event"]
                self.is_loading = event == "loading"
                if event == "progress":
                    told(said["share"])
                elif event == "failed":
                    raise MishapError(said["kind"], said["message"])
                elif event == "made":
                    return said, pictures
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise MishapError("died", await self._last_words()) from error

    def stop(self, number: int) -> None:
        """Ask it to stop a job between two steps."""
        if not self._writer.is_closing():
            self._send({"id": number, "verb": "stop"}, {})

    async def end(self) -> None:
        """End the process: all its memory is given back."""
        self._writer.close()
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def _send(self, said: Mapping[str, Any], blobs: Mapping[str, bytes]) -> None:
        self._writer.write(frames.packed(said, blobs))

    async def _last_words(self) -> str:
        code = await asyncio.to_thread(self._process.wait)
        return (
            f"its process was ended (signal {-code})" if code < 0 else f"its process ended ({code})"
        )


def _spawn(channel: socket.socket, setup: Setup) -> "subprocess.Popen[bytes]":
    loud = None if logger.isEnabledFor(logging.DEBUG) else subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-m", "providers.diffusers.worker", str(channel.fileno())],
        pass_fds=[channel.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=loud,
        stderr=loud,
        env=environment(os.environ, setup),
        start_new_session=True,
    )


def environment(ours: Mapping[str, str], setup: Setup) -> dict[str, str]:
    """Return the worker's environment: nobody's keys but the hub's, and only if it is asked."""
    kept = {name: value for name, value in ours.items() if not name.endswith(SECRETS)}
    path = os.pathsep.join(filter(None, (str(ROOT), ours.get("PYTHONPATH", ""))))
    kept |= {"PYTHONPATH": path, "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    if not setup.downloads:
        kept["HF_HUB_OFFLINE"] = "1"
    elif token := ours.get("HF_TOKEN"):
        kept["HF_TOKEN"] = token
    return kept
