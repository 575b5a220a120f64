"""Cards, threads and pages as HTML: templates are read once, everything put in is inert text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.console.desk import Desk
from bot.console.surface import Told
from bot.console.veil import HIDDEN, is_veiled, veiled
from bot.darkroom import THUMBNAIL_PX
from bot.grammar import SEGMENT_MEANINGS
from bot.postman import note_line
from domain.card import Card, Section, Tile
from domain.run import Run, RunState
from domain.surface import NoteLine
from storage.kinship import Glance

FEED: Final = 20
"""How many cards a page holds."""
SKETCH: Final = "sketch:storyboard"
EXAMPLES: Final = (
    (
        ("subject", "a red fox"),
        ("environment", "in the snow at dusk"),
        ("technical", "wide shot"),
        ("style", "ink and wash"),
        ("negative", "text"),
    ),
    (
        ("subject", "a copper kettle"),
        ("environment", "on a slate worktop, morning"),
        ("technical", "close-up"),
        ("style", "editorial, soft daylight"),
    ),
    (
        ("subject", "a knight"),
        ("environment", "in a forest at night"),
        ("style", "flat illustration, dramatic"),
    ),
)
"""What an empty page offers: each works without a key."""


@dataclass(frozen=True, slots=True)
class Thread:
    """What stands in a thread under its first card, oldest first."""

    root: Card
    lines: tuple[Card | NoteLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A card of the feed, and its thread at a glance."""

    card: Card
    glance: Glance


class Drawing:
    """Draws what pages show."""

    def __init__(self, desk: Desk) -> None:
        self._app = desk.app
        self._desk = desk
        self._jinja = _environment()
        self._jinja.globals["examples"] = [_example(parts, self._free) for parts in EXAMPLES]

    @property
    def _free(self) -> str:
        """What an example ends with, so that one click never costs anything."""
        on = [entry.card for entry in self._app.catalogue.entries if entry.on]
        paid = any(card.price.usd_per_image for card in on)
        return f" --model {SKETCH}" if paid else ""

    def page(self, template: str, **shown: Any) -> str:
        """Render a template."""
        return self._jinja.get_template(template).render({"section": "", "waiting": 0} | shown)

    async def card(self, run: Run) -> Card:
        """Make the card of a run as it is now."""
        return veiled(await self._app.cards.card(run))

    async def thread(self, root_id: str) -> Thread:
        """Read a thread: its later runs as cards, and its notes."""
        runs = await self._app.search.thread(root_id)
        known = {run.id: run for run in runs}
        letters = await self._app.outbox.notes(list(known))
        root = veiled(await self._app.cards.first(runs[0]))
        below = [run for run in runs if run.alone and run is not runs[0]]
        if root.sections and runs[0].alone:
            below.insert(0, runs[0])  # chosen from its family: a card of its own, too
        lines: list[Card | NoteLine] = [await self.card(run) for run in below]
        families = dict.fromkeys(run.family for run in runs if run.family not in (None, root_id))
        lines += [veiled(await self._app.cards.family(one)) for one in families if one]
        for one in letters:
            run = known[one.run_id]
            if run.id in HIDDEN.get().runs:
                continue
            lines.append(note_line(one, run, self._app.cards.able_for(run)))
        return Thread(root, tuple(sorted(lines, key=lambda line: line.at)))

    async def feed(self, before: str | None) -> list[Post]:
        """Read the newest threads that began before a run, in the order they were begun."""
        roots = await self._app.search.roots(limit=FEED, before=before)
        return await self.posts([*reversed(roots)])

    async def posts(self, roots: Sequence[Run]) -> list[Post]:
        """Make the feed's cards of the first runs of threads; what follows is only counted."""
        glances = await self._app.kinship.glances([run.id for run in roots])
        return [
            Post(veiled(await self._app.cards.first(run)), unseen(run.id, glances[run.id]))
            for run in roots
        ]

    async def _is_first(self, card: Card) -> bool:
        """Whether a card of a thread's first run is the one that the thread begins with."""
        return bool(card.sections) or (await self._app.log.run(card.run_id)).family is None

    async def message(self, told: Told) -> tuple[str, dict[str, Any]]:
        """Return what a page is sent for one message: the kind, and its data."""
        what = veiled(told.what) if isinstance(told.what, Card) else told.what
        glances = await self._app.kinship.glances([what.root_id])
        seen = unseen(what.root_id, glances[what.root_id])
        glance = self.page("glance.html", root_id=what.root_id, glance=seen)
        data: dict[str, Any] = {"run": what.run_id, "root": what.root_id, "glance": glance}
        data["waiting"] = await self._desk.waiting()
        if isinstance(what, NoteLine):
            return "note", data | {"id": what.key, "html": self.page("note.html", line=what)}
        first = what.run_id == what.root_id and await self._is_first(what)
        data |= {"first": first, "card": dom_id(what)}
        template = "feed_card.html" if first else "thread_card.html"
        html = self.page(template, card=what, glance=seen)
        return "card", data | {"revision": what.revision, "html": html}


def unseen(root_id: str, glance: Glance) -> Glance:
    """Return a thread at a glance, without pictures where one of its runs is looked at blind."""
    return glance.model_copy(update={"digests": ()}) if root_id in HIDDEN.get().roots else glance


def dom_id(card: Card) -> str:
    """Return what a page calls a card: a run that was chosen stands beside its family's card."""
    return f"family-{card.run_id}" if card.sections else f"run-{card.run_id}"


def _environment() -> Environment:
    jinja = Environment(
        loader=PackageLoader("bot.console"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters |= {
        "clock": _clock,
        "many": _many,
        "group": _group,
        "brief": _brief,
        "glance": _summary,
        "figure": _figure,
        "said": _said,
        "small": _small,
        "dom_id": dom_id,
    }
    jinja.tests["veiled"] = is_veiled
    jinja.globals |= {
        "section_card": _section_card,
        "meanings": SEGMENT_MEANINGS,
    }
    for name in jinja.list_templates():
        jinja.get_template(name)  # read now: later the event loop must not touch the disk
    return jinja


def _example(parts: Sequence[tuple[str, str]], ending: str) -> dict[str, Any]:
    names: list[str] = list(SEGMENT_MEANINGS)
    texts = dict(parts)
    last = max(names.index(name) for name, _ in parts)
    line = " :: ".join(texts.get(name, "") for name in names[: last + 1])
    return {"parts": parts, "line": " ".join(f"{line}{ending}".split())}


def _section_card(card: Card, section: Section) -> Card:
    """Return a family's card as one of its runs' tiles sees it."""
    state: RunState = "done" if any(tile.digest for tile in section.tiles) else card.state
    same = {"run_id": section.run_id, "ref": section.ref, "buttons": (), "state": state}
    return card.model_copy(update=same)


def _clock(at: datetime) -> str:
    """Return a time as the clock of this machine shows it: the console is only seen from here."""
    local = at.astimezone()
    today = local.date() == datetime.now(tz=local.tzinfo).date()
    return f"{local:%H:%M}" if today else f"{local.day} {local:%b %H:%M}"


def _many(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"


def _figure(value: float) -> str:
    """Write a measurement short: whole from 100 on, else three digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  see above


def _small(tile: Tile) -> int:
    """Return how wide a tile's thumbnail is, in pixels."""
    return max(1, round(THUMBNAIL_PX * tile.width / max(tile.width, tile.height)))


def _said(value: Any) -> str:
    """Write a parameter's value; what nobody asked for, or what is not sent, is a dash."""
    if value is None or value in ("", [], ()):
        return "–"
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values() if one is not None) or "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _summary(glance: Glance) -> str:
    """Return how much stands in a thread, in words."""
    counted = ((glance.versions, "version"), (glance.notes, "note"))
    return ", ".join(_many(number, word) for number, word in counted if number)


def _group(card: Card, name: str) -> list[Any]:
    """Return a card's buttons of one group; those of one tile stand on it."""
    loose = name == "more"
    return [one for one in card.buttons if one.group == name and not (loose and one.number)]


def _brief(card: Card) -> str:
    """Return the first words of what was asked for."""
    return card.words[0].text if card.words else card.alt
