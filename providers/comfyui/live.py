"""What a server tells of a job while it runs, over its websocket; polling goes on without it."""

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import aiohttp

MAX_MESSAGE_BYTES: Final = 8 * 1024 * 1024
"""A preview is a picture of a few hundred pixels."""
CONNECT_S: Final = 10.0
QUIET_S: Final = 5.0
"""How long its silence says nothing: after that the job is asked after again."""
UNASKED_S: Final = 120.0
"""After so long without a question nobody waits for the job any more."""
PREVIEW: Final = 1
WITH_METADATA: Final = 4
BEFORE_PICTURE: Final = 8
"""Bytes of a preview frame before its picture: the kind of the event, the kind of picture."""
ENDS: Final = frozenset({"execution_success", "execution_error", "execution_interrupted"})


class Live:
    """One job's own connection: its client id is the job's id, so it hears of this job alone."""

    def __init__(self, job: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._job = job
        self._now_s = now_s
        self._heard_s = -QUIET_S
        self.asked_s = now_s()
        self.progress: float | None = None
        self.preview = b""
        self.ended = False
        """The history is to be asked: it is over, one way or another."""
        self.task: asyncio.Task[None] | None = None
        self._connected = False

    def leave(self) -> None:
        """Stop listening. A connection that is being made is let come about, then it is ended."""
        self.ended = True
        if self.task and self._connected:
            self.task.cancel()

    @property
    def fresh(self) -> bool:
        """Whether what is known is recent, and the job still runs."""
        quiet_s = self._now_s() - self._heard_s
        return self.progress is not None and not self.ended and quiet_s < QUIET_S

    @property
    def unwanted(self) -> bool:
        """Whether nobody has asked for long."""
        return self._now_s() - self.asked_s > UNASKED_S

    async def listen(
        self,
        session: aiohttp.ClientSession,
        url: str,
        headers: Mapping[str, str],
        trust: ssl.SSLContext,
    ) -> None:
        """Listen until the job has ended or the line breaks; then the job is polled."""
        try:
            async with asyncio.timeout(CONNECT_S):
                line = await session.ws_connect(
                    url,
                    params={"clientId": self._job},
                    headers=headers,
                    ssl=trust,
                    max_msg_size=MAX_MESSAGE_BYTES,
                )
            async with line:
                self._connected = True
                await self._followed(line)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            self._heard_s = -QUIET_S  # what was known of it is old now

    async def _followed(self, line: aiohttp.ClientWebSocketResponse) -> None:
        while not self.ended and not self.unwanted:
            try:
                message = await line.receive(timeout=QUIET_S)
            except TimeoutError:
                continue
            if message.type is aiohttp.WSMsgType.TEXT:
                self.hear(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                self.see(message.data)
            else:
                break
        self._heard_s = -QUIET_S

    def hear(self, text: str) -> None:
        """Take in a message; one about another job, or that is none, says nothing."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return
        data = told.get("data") if isinstance(told, dict) else None
        if not isinstance(data, dict) or data.get("prompt_id") != self._job:
            return
        self._heard_s = self._now_s()
        kind = told.get("type")
        self.ended = kind in ENDS or (kind == "executing" and data.get("node") is None)
        self.progress = self.progress or 0.0
        if kind == "progress":
            self._at(data.get("value"), data.get("max"))

    def _at(self, value: Any, most: Any) -> None:
        numbers = isinstance(value, int | float) and isinstance(most, int | float)
        if numbers and most > 0 and 0 <= value <= most:
            self.progress = max(self.progress or 0.0, min(value / most, 0.99))

    def see(self, frame: bytes) -> None:
        """Take in a preview of the unfinished picture."""
        self._heard_s = self._now_s()
        if len(frame) > BEFORE_PICTURE and int.from_bytes(frame[:4], "big") == PREVIEW:
            self.preview = bytes(frame[BEFORE_PICTURE:])
