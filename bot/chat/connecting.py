"""The chat platforms that have credentials, connected while a block runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from bot.app import App
from bot.chat.desk import Desk
from bot.chat.finding import Finding
from bot.chat.tools import Home, Tools
from config.settings import reject_reasons
from domain.card import Choice
from domain.event import Person
from domain.policy import RejectReason
from domain.questions import Order
from domain.spec import TASKS
from storage.rows import person_key

MOST_CHOICES: Final = 25
MOST_SHOWN: Final = 5


@asynccontextmanager
async def connected(app: App, url: str) -> AsyncIterator[None]:
    """Connect what has credentials; ``app.chats`` knows it while the block runs.

    A platform that is away is tried again and again beside the rest; what is wrong with it stands
    in ``app.chats.problems``.

    Args:
        app: The started service.
        url: The console's address, for links to originals.
    """
    reasons = await asyncio.to_thread(reject_reasons)
    hear = open_desk(app, reasons).hear
    tools = open_tools(app, url)
    async with AsyncExitStack() as stack:
        for name, opened in _services(app, hear, tools):
            service = await stack.enter_async_context(opened())
            app.chats.add(name, service)
            stack.callback(app.chats.remove, name)
        yield


def _services(app: App, hear: Any, tools: Tools) -> list[tuple[str, Callable[[], Any]]]:
    found: list[tuple[str, Callable[[], Any]]] = []
    if app.settings.slack.on:
        from bot.slack.service import slack_service

        found.append(("slack", lambda: slack_service(app.settings.slack, hear, tools)))
    if app.settings.discord.on:
        from bot.discord.service import discord_service

        found.append(("discord", lambda: discord_service(app.settings.discord, hear, tools)))
    return found


def open_desk(app: App, reasons: tuple[RejectReason, ...]) -> Desk:
    """Put the shared desk together."""
    return Desk(
        handler=app.handler,
        inbox=app.inbox,
        finding=Finding(app.outbox, app.log, app.search),
        opinions=app.opinions,
        reasons=reasons,
    )


def open_tools(app: App, url: str) -> Tools:
    """Put together what adapters are handed."""
    return Tools(
        pictures=app.pictures,
        keepsakes=app.keepsakes,
        clock=app.clock,
        chance=app.chance,
        data_dir=app.settings.data_dir,
        max_file_bytes=app.settings.chat.max_file_bytes,
        vote_reactions=app.settings.chat.vote_reactions,
        link=lambda run_id: f"{url}/runs/{run_id}",
        home=_home(app),
        sighted=app.sightings.see,
        complete=_complete(app),
    )


def _home(app: App) -> Callable[[Person, Order], Awaitable[Home]]:
    async def home(person: Person, by: Order) -> Home:
        waiting, review = await app.reviewing.home(person, by, MOST_SHOWN)
        mine = await app.search.of_person(person_key(person), limit=MOST_SHOWN)
        return Home(
            waiting=waiting,
            review=review,
            by=by,
            mine=tuple([await app.cards.card(run) for run in mine]),
        )

    return home


def _complete(app: App) -> Callable[[str, str], Awaitable[list[Choice]]]:
    async def complete(option: str, typed: str) -> list[Choice]:
        models = [(entry.card.id, entry.card.title) for entry in app.catalogue.entries if entry.on]
        tasks = [(str(task), str(task)) for task in TASKS]
        known = {"task": tasks, "model": models}.get(option, [])
        begun = typed.casefold()
        found = [
            Choice(value=value, label=label[:75])
            for value, label in known
            if begun in value.casefold() or begun in label.casefold()
        ]
        return found[:MOST_CHOICES]

    return complete
