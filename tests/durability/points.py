"""The named kill points: the real method is called through, then the process kills itself.

A kill is no mock: what was written is written, what was sent is sent, and nothing else happens.
"""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final, NoReturn

import bot.road
from bot.handler import Said
from domain.card import Card
from domain.event import Person, Place
from domain.surface import (
    Address,
    NoteLine,
)
from providers.openai.provider import OpenAIProvider
from providers.replicate.provider import ReplicateProvider
from providers.sketch.provider import SketchProvider
from storage.artifacts import LocalArtifacts
from storage.attempts import AttemptLog
from storage.inbox import Inbox
from storage.run_log import RunLog

Method = Callable[..., Awaitable[Any]]
PROVIDERS: Final[dict[str, Any]] = {
    "sketch": SketchProvider,
    "replicate": ReplicateProvider,
    "openai": OpenAIProvider,
}


class Wall:
    """A surface that writes down what it is told: posting is once per key, as the port says."""

    name = "console"
    edit_every_s = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    async def post(self, card: Card, address: Address, *, key: str, again: bool) -> str:  # noqa: ARG002  the port's
        await asyncio.to_thread(self._post, key, card)
        return f"message-of-{key}"

    async def edit(self, ref: str, card: Card) -> None:
        await asyncio.to_thread(self._write, "edit", ref, card)

    def _post(self, key: str, card: Card) -> None:
        known = any(line["key"] == key for line in self.lines() if line["does"] == "post")
        self._write("post-again" if known else "post", key, card)

    async def note(self, line: NoteLine, address: Address, *, again: bool) -> str:  # noqa: ARG002  the port's
        return f"message-of-{line.key}"

    async def retract(self, ref: str) -> None:
        """Leave it: what was written down stays written."""

    def lines(self) -> list[dict[str, Any]]:
        text = self._path.read_text() if self._path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def _write(self, does: str, key: str, card: Card) -> None:
        buttons = [(button.label, button.line, button.confirm) for button in card.buttons]
        line = {
            "does": does,
            "key": key,
            "run": card.run_id,
            "state": card.state,
            "status": card.status,
            "buttons": buttons,
        }
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def said(
    *,
    line: str,
    key: str,
    confirmed: bool = False,
    about: str | None = None,
    who: str = "ann",
    files: Mapping[str, bytes] | None = None,
) -> Said:
    """Return a line as a person says it on the console."""
    return Said(
        line=line,
        person=Person(surface="console", workspace="local", id=who, name=who),
        place=Place(surface="console", workspace="local", channel="main"),
        key=key,
        at="thread" if about else "channel",
        about_run=about,
        confirmed=confirmed,
        files=files or {},
    )


def die() -> NoReturn:
    """End as a power cut or ``kill -9`` ends a process."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def after(owner: Any, name: str, when: Callable[..., bool] | None = None) -> None:
    """Die when the method has done its work, before its caller hears of it."""
    original: Method = getattr(owner, name)

    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        result = await original(*args, **kwargs)
        if when is None or when(*args, **kwargs):
            die()
        return result

    setattr(owner, name, called)


def after_the_second(owner: Any, name: str) -> None:
    """Die when the method has done its work for the second time."""
    calls = iter(range(2))
    after(owner, name, lambda *_args, **_kwargs: next(calls) == 1)


def between_two(owner: Any, name: str) -> None:
    """Die when the first call has done its work and the second has come, but not begun."""
    original: Method = getattr(owner, name)
    calls = iter(range(2))
    second = asyncio.Event()

    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == 1:
            second.set()
            await asyncio.Event().wait()
        result = await original(*args, **kwargs)
        await second.wait()
        die()
        return result

    setattr(owner, name, called)


def amid(owner: Any, name: str, delay_s: float) -> None:
    """Die while the method is at work."""
    original: Method = getattr(owner, name)

    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        work = asyncio.ensure_future(original(*args, **kwargs))
        await asyncio.sleep(delay_s)
        die()
        return await work

    setattr(owner, name, called)


def _in_the_call(provider: str) -> None:
    if provider == "sketch":
        amid(PROVIDERS[provider], "make", 0.05)


def _after_submit(provider: str) -> None:
    if provider == "sketch":
        amid(PROVIDERS[provider], "make", 0.0)
    if provider == "replicate":
        after(AttemptLog, "submitted")


def _after_the_answer(provider: str) -> None:
    after(PROVIDERS[provider], "fetch" if provider == "replicate" else "make")


def _told_the_end(_wall: Wall, _ref: str, card: Card) -> bool:
    return card.state in {"done", "failed", "unknown", "cancelled"}


POINTS: Final[dict[str, Callable[[str], None]]] = {
    "after-the-inbox-row": lambda _: after(Inbox, "remember"),
    "after-the-row": lambda _: after(RunLog, "accept_all"),
    "after-the-intent": lambda _: after(AttemptLog, "open"),
    # A vendor's call is cut from outside, while the vendor holds the request.
    "in-the-call": _in_the_call,
    "after-submit": _after_submit,
    "after-the-answer": _after_the_answer,
    "after-the-bytes": lambda _: after_the_second(LocalArtifacts, "put"),
    "between-two-artworks": lambda _: between_two(RunLog, "keep"),
    "while-scoring": lambda _: amid(bot.road, "score", 0.02),
    "while-the-card-is-told": lambda _: after(Wall, "edit", _told_the_end),
}
"""Ten points, in the order of the road."""
MORE: Final[dict[str, Callable[[str], None]]] = {
    "after-begin": lambda _: after(RunLog, "begin"),
    "submit-answered": lambda provider: after(PROVIDERS[provider], "submit"),
    "after-the-receipt": lambda _: after(AttemptLog, "stored"),
    "the-card-posted": lambda _: after(Wall, "post"),
    "after-the-end": lambda _: after(RunLog, "end"),
}


def arm(point: str, provider: str) -> None:
    """Let this process die at *point*; an empty one lets it live."""
    if point:
        (POINTS | MORE)[point](provider)
