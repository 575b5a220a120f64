"""The worker process: ``python -m providers.diffusers.worker FD``.

It reads orders from the socket FD, makes one picture after the other, and tells how far it is. It
ends when the other end is closed, also in the midst of a job: nobody would take the picture.
"""

import os
import queue
import socket
import sys
import threading
import traceback
from typing import Any, BinaryIO, Final

from providers.diffusers import frames
from providers.diffusers.failing import MishapError, kind_of, words_of
from providers.diffusers.frames import Frame
from providers.diffusers.vision import hide_what_does_not_fit

BEHIND: Final = 10
"""Niceness: who draws may wait, who listens may not."""


class Bench:
    """What both threads know: the one that listens, and the one that works."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._sending = threading.Lock()
        self.orders: queue.Queue[Frame] = queue.Queue()
        self.stopped: set[int] = set()

    def say(self, said: dict[str, Any], blobs: dict[str, bytes] | None = None) -> None:
        """Send a frame."""
        with self._sending:
            self._channel.sendall(frames.packed(said, blobs))

    def listen(self, stream: BinaryIO) -> None:
        """Take orders and stops until the other end is closed; then end the process."""
        try:
            while True:
                said, blobs = frames.read(stream)
                if said["verb"] == "stop":
                    self.stopped.add(said["id"])
                else:
                    self.orders.put((said, blobs))
        except (EOFError, OSError):
            os._exit(0)

    def work(self, setup: dict[str, Any]) -> None:
        """Make what is ordered, one after the other."""
        studio: Any = None
        while True:
            said, blobs = self.orders.get()
            number = said["id"]
            try:
                if studio is None:
                    studio = _studio(setup)
                self._make(studio, number, said["order"], blobs)
            except Exception as error:  # noqa: BLE001  the other end says what became of it
                traceback.print_exc()
                self._failed(studio, number, error)

    def _make(
        self, studio: Any, number: int, order: dict[str, Any], blobs: dict[str, bytes]
    ) -> None:
        self.say({"id": number, "event": "loading"})
        if number not in self.stopped:
            studio.load(order)
        if number in self.stopped:
            raise MishapError("stopped", "somebody asked to stop")
        self.say({"id": number, "event": "running"})

        def told(share: float) -> None:
            self.say({"id": number, "event": "progress", "share": share})

        png, notes = studio.make(order, blobs, told, lambda: number in self.stopped)
        self.say({"id": number, "event": "made", "notes": notes}, {"picture": png})

    def _failed(self, studio: Any, number: int, error: Exception) -> None:
        kind = kind_of(error)
        if kind in {"memory", "broken"} and studio is not None:
            studio.forget()
        said = {"id": number, "event": "failed", "kind": kind, "message": words_of(error)}
        self.say(said)


def _studio(setup: dict[str, Any]) -> Any:
    hide_what_does_not_fit()
    from providers.diffusers.studio import Studio  # noqa: PLC0415  torch: seconds, on first use

    return Studio(setup)


def main() -> None:
    """Serve the socket whose number is the first argument."""
    os.nice(BEHIND)
    channel = socket.socket(fileno=int(sys.argv[1]))
    stream = channel.makefile("rb")
    setup, _ = frames.read(stream)
    bench = Bench(channel)
    threading.Thread(target=bench.listen, args=(stream,), name="orders", daemon=True).start()
    bench.work(setup)


if __name__ == "__main__":
    main()
