"""Judging by votes: rankings, and looks at pictures without knowing whose and what they are."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final, NamedTuple

from bot.answers import Answer, Said
from bot.drawing import media_type_of
from bot.grid import GridTile, draw_grid
from bot.ranking import ranking, ranking_record, ranking_text
from bot.targets import Targets
from domain.card import Button, Panel
from domain.command import Blind, Pick
from domain.errors import ConflictError, HandlerError, NotFoundError
from domain.event import Event, Person
from domain.ports import ArtifactStore, Chance, Clock, Pixels
from domain.run import Artwork, Run
from domain.spec import Digest
from storage.ballots import Ballots
from storage.blinds import Blinds, Session
from storage.database import Database
from storage.families import Families
from storage.opinions import Note, Opinions, Shown
from storage.rows import person_key
from storage.run_log import RunLog

logger = logging.getLogger(__name__)
MOST: Final = 20
"""So many pictures are shown shuffled at once: a message holds no more buttons."""
WHICH: Final = (
    "Which is the best? {many} pictures, shuffled for you alone. Model, score and author are told "
    "when you have picked."
)


class Tile(NamedTuple):
    """One picture of a blind look."""

    letter: str
    position: int
    run: Run
    artwork: Artwork


class Look(NamedTuple):
    """A blind look: its session, and its pictures in the order of that session."""

    session: Session
    tiles: tuple[Tile, ...]

    @property
    def runs(self) -> list[Run]:
        """The runs that are looked at, the oldest first."""
        runs = {tile.run.id: tile.run for tile in self.tiles}
        return [runs[run_id] for run_id in sorted(runs)]

    @property
    def brief(self) -> str:
        """What all of them shall show; empty if that differs."""
        briefs = {run.spec.scored_brief for run in self.runs}
        return briefs.pop() if len(briefs) == 1 else ""


@dataclass(frozen=True, slots=True)
class Judging:
    """Ranks by votes, and lets people vote without knowing."""

    database: Database
    clock: Clock
    opinions: Opinions
    log: RunLog
    families: Families
    targets: Targets
    artifacts: ArtifactStore
    pixels: Pixels
    chance: Chance

    @property
    def ballots(self) -> Ballots:
        """The votes, to be counted."""
        return Ballots(self.database)

    @property
    def blinds(self) -> Blinds:
        """Who looks at what without knowing."""
        return Blinds(self.database, self.clock)

    async def ranking(self, run: Run) -> Answer:
        """Rank the pictures of a run's thread."""
        groups = await ranking(self.ballots, run)
        return Answer(run=run, text=ranking_text(groups), data=ranking_record(run, groups))

    async def answer(self, command: Blind, said: Said) -> Answer:
        """Show a run, its family, or two runs, to one person alone and unlabelled.

        Raises:
            ConflictError: They have voted on it, or there is nothing to choose from.
        """
        run = await self.targets.of(command.run, said, whole=True)
        named = [await self.targets.of(command.other, said.about(run.id))] if command.other else []
        alone = bool(command.run) or bool(named)
        look = await self.begin(said.person, [run, *named], alone=alone)
        text = WHICH.format(many=len(look.tiles))
        text = "\n".join(filter(None, (text, look.brief)))
        if said.place.surface == "console":
            address = f"/blind/{look.session.id}"
            return Answer(text=f"{text}\nOpen {address}", data={"blind": address})
        picture = await self._sheet(look)
        buttons = tuple(_button(tile) for tile in look.tiles)
        alt = "the pictures with their letters" if picture else ""
        panel = Panel(text=text, picture=picture, alt=alt, buttons=buttons)
        return Answer(text=text, panels=(panel,))

    async def begin(self, person: Person, runs: Sequence[Run], *, alone: bool = False) -> Look:
        """Let a person look at runs blind.

        Args:
            person: Who looks.
            runs: What they look at.
            alone: Only these runs, not those that share a card with one of them.

        Raises:
            ConflictError: They have voted on one of them, or there is nothing to choose from.
        """
        family = runs[0].family
        if family and not alone and len(runs) == 1 and not runs[0].promoted_by:
            runs = (await self.families.get(family)).runs
        pictures = sum(len(run.artworks) for run in runs)
        key = person_key(person)
        voted = set(await self.blinds.voted(key, [run.id for run in runs]))
        if voted:
            refs = ", ".join(run.ref for run in runs if run.id in voted)
            raise ConflictError(
                f"you have voted on {refs} already", hint="Look blind before you vote."
            )
        if any(not run.rests for run in runs):
            raise ConflictError("not all pictures are made yet", hint="Wait until they are.")
        if any(run.taken_down_by for run in runs):
            raise ConflictError("it was taken down", hint="Name another run: blind r2")
        if not 1 < pictures <= MOST:
            hint = "Name two runs to compare: blind r1 r2"
            many = "one picture" if pictures == 1 else f"{pictures} pictures"
            raise ConflictError(f"{many} cannot be compared blind", hint=hint)
        session = Session(id=self.chance.ulid(), run_ids=tuple(run.id for run in runs))
        await self.blinds.begin(session.id, key, session.run_ids)
        return Look(session, tiles_of(session, runs))

    async def look(self, session_id: str) -> Look:
        """Return a look that has begun.

        Raises:
            NotFoundError: There is none of that name.
        """
        session = await self.blinds.session(session_id)
        if session is None:
            raise NotFoundError("no such blind look", hint="Begin one with `blind`.")
        runs = [await self.log.run(run_id) for run_id in session.run_ids]
        return Look(session, tiles_of(session, runs))

    async def pick(self, event: Event, command: Pick, run: Run) -> Answer:
        """Count a pick as blind, and tell what was picked.

        Raises:
            ConflictError: The look has ended, or they have voted meanwhile.
            NotFoundError: The picture is not among those shown.
        """
        key = person_key(event.person)
        session = await self.blinds.of(key, run.id)
        if session is None:
            raise ConflictError("that blind look is over", hint="`blind` begins another.")
        look = await self.look(session.id)
        if await self.blinds.voted(key, session.run_ids):
            await self.blinds.end(session.id)
            raise ConflictError("you have voted already", hint="A vote counts blind only once.")
        found = [
            one for one in look.tiles if (one.run.id, one.artwork.index) == (run.id, command.number)
        ]
        if not found:
            raise NotFoundError(f"no image {command.number} among those that are shown")
        note = Note(f"{event.person.name} picked #{command.number}", command.number)
        await self.opinions.vote(
            event.key,
            run.id,
            event.person,
            command.number,
            kind="pick",
            value=1.0,
            note=note,
            shown=Shown(session.id, found[0].position),
        )
        await self.blinds.end(session.id)
        return Answer(run=await self.log.run(run.id), text=revealed(look, found[0]))

    async def seen(self, person: Person, run: Run) -> None:
        """End a person's look at a run that they have voted on with open eyes."""
        session = await self.blinds.of(person_key(person), run.id)
        if session is not None:
            await self.blinds.end(session.id)

    async def _sheet(self, look: Look) -> Digest | None:
        """Draw the pictures with their letters, and nothing else."""
        try:
            tiles = [
                GridTile(
                    number=tile.position,
                    label=tile.letter,
                    data=await self.artifacts.get(tile.artwork.digest),
                )
                for tile in look.tiles
            ]
            drawn = await self.pixels.run(draw_grid, tiles)
            return await self.artifacts.put(drawn, media_type_of(drawn))
        except HandlerError as error:
            logger.warning("blind look without a picture: %s", error.message)
            return None


def tiles_of(session: Session, runs: Sequence[Run]) -> tuple[Tile, ...]:
    """Return the pictures in an order that follows from the session's id alone."""

    def thrown(run_id: str, number: int) -> str:
        return hashlib.sha256(f"{session.id}/{run_id}/{number}".encode()).hexdigest()

    pictures = [(run, made) for run in runs for made in run.artworks]
    pictures.sort(key=lambda pair: thrown(pair[0].id, pair[1].index))
    return tuple(
        Tile(ascii_uppercase[place], place + 1, run, made)
        for place, (run, made) in enumerate(pictures)
    )


def revealed(look: Look, picked: Tile | None = None) -> str:
    """Tell what each letter was, the one that was picked first."""
    lines = [f"{tile.letter}: {_named(tile)}" for tile in look.tiles if tile is not picked]
    return "\n".join([f"You picked {picked.letter}: {_named(picked)}", *lines] if picked else lines)


def _named(tile: Tile) -> str:
    fit = tile.artwork.scores.get("fit")
    facts = (
        f"{tile.run.ref} #{tile.artwork.index}",
        tile.run.route.model,
        "" if fit is None else f"fit {fit:.2f}",
        f"by {tile.run.person.name}",
    )
    return " · ".join(filter(None, facts))


def _button(tile: Tile) -> Button:
    line = f"pick {tile.artwork.index} --blind --in {tile.run.id}"
    return Button(label=f"Pick {tile.letter}", line=line, group="pick")
