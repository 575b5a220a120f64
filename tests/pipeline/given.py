"""What tests of the road start from: the shipped cards, a planned run, a run with its artworks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.grammar import parse
from config.settings import model_cards, routes
from domain.command import Again, Branch, Edit, Imagine, Reroll
from domain.event import Event, Person, Place
from domain.model import ModelCard
from domain.run import Artwork, Run
from domain.spec import PromptSpec, Segment, Segments
from pipeline.compile import for_image
from pipeline.produce import Office, plan
from pipeline.route import SKETCH, Routes

CARDS = {card.id: card for card in model_cards()}
FLUX = "replicate:black-forest-labs/flux-schnell"
FLARE = "openai:gpt-image-2.5-flare"
ROUTES = Routes.model_validate(routes())
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FOX = "imagine a red fox :: in the snow at dusk :: wide shot :: flat illustration :: text --seed 7"
ANA = Person(surface="console", workspace="local", id="ana", name="Ana")
BEN = Person(surface="console", workspace="local", id="ben", name="Ben")
HERE = Place(surface="console", workspace="local", channel="main")


class Counted:
    """Ids and seeds that count up: nothing is left to chance."""

    def __init__(self, seed: int = 1000) -> None:
        self.ids = 0
        self.next_seed = seed

    def ulid(self) -> str:
        self.ids += 1
        return f"01J{self.ids:023d}"

    def seed(self) -> int:
        self.next_seed += 100
        return self.next_seed - 100


class Ticking:
    """A clock that moves on by a second whenever it is read, and never waits."""

    def __init__(self, now: datetime = NOON) -> None:
        self.moment = now

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def monotonic_s(self) -> float:
        return self.now().timestamp()

    async def sleep(self, delay_s: float) -> None:
        self.moment += timedelta(seconds=delay_s)


def card(model: str = SKETCH, **changes: Any) -> ModelCard:
    return ModelCard.model_validate(CARDS[model].model_dump() | changes)


def cards(*models: str) -> list[ModelCard]:
    return [CARDS[model] for model in models]


def spec(subject: str = "a red fox", **asked: Any) -> PromptSpec:
    segments = Segments(subject=Segment(text=subject))
    return PromptSpec.model_validate({"segments": segments} | asked)


def event(line: str, person: Person = ANA, key: str = "key-1", **more: Any) -> Event:
    return Event(key=key, at=NOON, person=person, place=HERE, line=line, **more)


def office(*on: str, chance: Counted | None = None, confirm_above_usd: float = 0.5) -> Office:
    return Office(
        chance=chance or Counted(),
        on=cards(*(on or (SKETCH,))),
        known=CARDS,
        routes=ROUTES,
        confirm_above_usd=confirm_above_usd,
    )


def planned(
    line: str = FOX,
    *on: str,
    parent: Run | None = None,
    person: Person = ANA,
    chance: Counted | None = None,
    confirm_above_usd: float = 0.5,
    **more: Any,
) -> Run:
    """Plan what a line asks for, as the handler does, up to where it would be stored."""
    command = parse(line, at="thread" if parent else "channel")
    if not isinstance(command, Imagine | Edit | Branch | Reroll | Again):
        raise TypeError(line)
    flags = command.flags
    pictures = {name: name for name in (flags.init_image, flags.mask) if name}
    (run,) = plan(
        event(line, person),
        command,
        office(*on, chance=chance, confirm_above_usd=confirm_above_usd),
        parent=parent,
        pictures=pictures,
        **more,
    )
    return run


def artwork(run: Run, number: int, **changes: Any) -> Artwork:
    parameters = for_image(run.parameters, run.seeds[number - 1])
    made = Artwork(
        index=number,
        seed=parameters.seed,
        digest=f"sha256:{number:064x}",
        media_type="image/png",
        size_bytes=100,
        width=parameters.width or 1024,
        height=parameters.height or 1024,
        parameters=parameters,
        cost_usd=0.0,
    )
    return made.model_copy(update=changes)


def finished(run: Run, made: Sequence[int] | None = None, **changes: Any) -> Run:
    """Return the run as it is when it has ended, with the artworks of the numbers *made*."""
    numbers = range(1, run.spec.count + 1) if made is None else made
    artworks = tuple(artwork(run, number, verdict="pass") for number in numbers)
    ended = {"state": "done", "stage": "ended", "artworks": artworks, "cost_usd": 0.0}
    return run.model_copy(update=ended | changes)
