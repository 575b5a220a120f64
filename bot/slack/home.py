"""The app's home tab: what waits for a decision, and a person's own newest runs."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from bot.chat.tools import ORDERS, Home, Tools
from bot.chat.words import words_of
from bot.slack.blocks import Block, button_blocks, image, lines, marked, quiet, section, words
from bot.slack.client import Line
from bot.slack.ids import pressed
from bot.slack.people import People
from bot.slack.uploads import Uploads, Wanted
from domain.card import Button, Card, Panel
from domain.errors import HandlerError, SurfaceError
from domain.event import Person
from domain.questions import Order

logger = logging.getLogger(__name__)
MOST_BLOCKS: Final = 100
Json = Mapping[str, Any]
_TURNS: Final[dict[str, Order]] = {f"review --by {by}": by for by in ORDERS}
"""What the buttons say that turn the queue's order on the home tab."""
DIVIDER: Final[Block] = {"type": "divider"}


class HomeTab:
    """Draws home tabs."""

    def __init__(self, line: Line, uploads: Uploads, people: People, tools: Tools) -> None:
        self._line = line
        self._uploads = uploads
        self._people = people
        self._tools = tools
        self._drawing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def draw(self, user: str) -> None:
        """Show someone their home tab as it is now; what goes wrong is only noted."""
        try:
            async with self._drawing[user]:
                await self._draw(user)
        except HandlerError as error:
            logger.warning("home tab not drawn: %s", error.message)
        finally:
            if not self._drawing[user].locked():
                self._drawing.pop(user, None)

    async def _draw(self, user: str) -> None:
        me = self._line.known()
        known = await self._people.known(user)
        person = Person(surface="slack", workspace=me.team, id=user, name=known.name)
        home = await self._tools.home(person, await self._order(user))
        files = [await self._file(panel) for panel in home.review]
        view = {"type": "home", "blocks": home_blocks(home, files)}
        await self._line.ask(self._line.client.views_publish(user_id=user, view=view))

    async def turned(self, user: str, body: Json) -> bool:
        """Tell whether a press only turned the queue's order, and remember it for this person."""
        said = pressed((body.get("actions") or [{}])[0])
        by = _TURNS.get(said.line) if said else None
        if by is not None:
            await self._tools.keepsakes.put("slack", f"order:{user}", by)
        return by is not None

    async def _order(self, user: str) -> Order:
        kept = await self._tools.keepsakes.get("slack", f"order:{user}")
        return next((by for by in ORDERS if by == kept), "age")

    async def _file(self, panel: Panel) -> str | None:
        if panel.picture is None:
            return None
        try:
            return (await self._uploads.upload(Wanted(panel.picture, "", "picture"))).id
        except HandlerError as error:
            if isinstance(error, SurfaceError):
                raise
            logger.warning("picture not shown: %s", error.message)
            return None


def home_blocks(home: Home, files: list[str | None]) -> list[Block]:
    """Return the blocks of a home tab; *files* are those of the pictures under review."""
    asked = Button(label="New image", line="imagine")
    opener = button_blocks((asked,))[0]
    opener["elements"][0]["action_id"] = "ah:form:imagine:0"
    waiting = f"{home.waiting} to decide" if home.waiting else "Nothing waits for a decision"
    blocks: list[Block] = [opener, {"type": "header", "text": words(waiting)}]
    turns = tuple(
        Button(label=label, line=f"review --by {by}", pressed=by == home.by)
        for by, label in ORDERS.items()
    )
    blocks += button_blocks(turns) if home.waiting > 1 else []
    for panel, file in zip(home.review, files, strict=True):
        blocks += [*_panel(panel, file), DIVIDER]
    blocks.append({"type": "header", "text": words("Your runs")})
    for card in home.mine:
        blocks += [*_card(card), DIVIDER]
    if not home.mine:
        blocks += quiet("None yet. New image, or /imagine in a channel.")
    return marked(blocks[:MOST_BLOCKS])


def _panel(panel: Panel, file: str | None) -> list[Block]:
    shown = [image(file, panel.alt or "an image to decide on")] if file else []
    return [*section(panel.text), *shown, *button_blocks(panel.buttons)]


def _card(card: Card) -> list[Block]:
    said = words_of(card)
    general = [one for one in card.buttons if one.number is None and one.group == "more"]
    state = " · ".join(filter(None, (said.status or said.error, said.facts)))
    return [lines(said.head, *said.prompt), *quiet(state), *button_blocks(general[:5])]
