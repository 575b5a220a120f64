"""While a person looks at runs blind, no page of the console shows them anything else about these.

What is hidden is decided here, on the server, from the name that the browser remembers.
"""

from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.console.translate import SURFACE, name_of
from bot.judging import Judging
from domain.card import Card
from domain.errors import CommandError, ConflictError, HandlerError
from domain.run import Run
from storage.blinds import NOTHING, Hidden

SAYS: Final = "You look at this blind: all about it is shown once you have voted."
HINT: Final = "Vote on the page /blind, or end the look there."
HIDDEN: ContextVar[Hidden] = ContextVar("hidden", default=NOTHING)
"""What the request that is answered must not show."""


class Veil:
    """Finds out, for each request, what is hidden from whoever asks."""

    def __init__(self, app: ASGIApp, *, judging: Judging) -> None:
        self._app = app
        self._judging = judging

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with what is hidden known to all that answer."""
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        token = HIDDEN.set(await hidden_from(self._judging, name_in(Headers(scope=scope))))
        try:
            await self._app(scope, receive, send)
        finally:
            HIDDEN.reset(token)


def name_in(headers: Headers) -> str:
    """Return the name that a browser remembers; empty if none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get("name")
    except CookieError:
        return ""
    try:
        return name_of(unquote(cookie.value)) if cookie else ""
    except CommandError:
        return ""


async def hidden_from(judging: Judging, name: str) -> Hidden:
    """Return what is hidden from a person; nothing from nobody, or where the log cannot tell."""
    try:
        return await judging.blinds.hidden(key_of(name)) if name else NOTHING
    except HandlerError:
        return NOTHING  # the page itself says what is wrong


def key_of(name: str) -> str:
    """Return the key of somebody who only typed a name."""
    return f"{SURFACE}:local:{name}"


def check(*runs: Run) -> None:
    """Refuse to show a run that is looked at blind.

    Raises:
        ConflictError: One of them is.
    """
    for run in runs:
        if run.id in HIDDEN.get().runs:
            raise ConflictError("you look at this run blind", hint=HINT)


def veiled(card: Card) -> Card:
    """Return a card as it may be seen: of a run that is looked at blind, the words alone."""
    if card.run_id not in HIDDEN.get().runs:
        return card
    return Card(
        run_id=card.run_id,
        root_id=card.root_id,
        ref=card.ref,
        revision=card.revision,
        state="done",
        by="Somebody",
        at=card.at,
        words=card.words,
        title="",
        facts=(),
        status=SAYS,
    )


def is_veiled(card: Card) -> bool:
    """Tell whether a card shows nothing but its words."""
    return card.status == SAYS
