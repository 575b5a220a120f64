"""The grid of a run: from its artworks and what was judged to one stored picture."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.darkroom import Darkroom
from bot.grid import GridTile, draw_grid
from bot.matrix import MatrixCell, draw_matrix
from bot.sheet import SheetRow, draw_sheet
from domain.model import ModelCard
from domain.ports import (
    ArtifactStore,
    Judged,
    Pixels,
)
from domain.run import Run
from domain.spec import Digest
from pipeline.present import price_of, timed
from pipeline.present_family import titled
from pipeline.score import Scored
from pipeline.tiles import caption
from scoring.pixels import VERSION
from storage.families import Families
from storage.run_log import RunLog


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws grids in the pixel pool and stores them."""

    log: RunLog
    artifacts: ArtifactStore
    pixels: Pixels
    darkroom: Darkroom
    families: Families
    card_of: Callable[[str], ModelCard | None]
    _sheets: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """One sheet of a family at a time: the one drawn last shows what stands last."""

    async def draw(self, run: Run, scored: Scored) -> Digest | None:
        """Draw the numbered grid of a run and return its digest; None without pictures."""
        if not run.artworks:
            return None
        judged = {one.number: one for one in scored.judged}
        numbers = range(1, run.spec.count + 1)
        tiles = [await self._tile(run, number, judged.get(number)) for number in numbers]
        drawn = await self.pixels.run(draw_grid, tiles)
        return await self.artifacts.put(drawn, media_type_of(drawn))

    async def redraw(self, run: Run) -> None:
        """Draw a run's grid anew, as its artworks are judged now."""
        grid = await self.draw(run, Scored(judged=as_judged(run)))
        if grid is not None:
            await self.log.regrid(run.id, grid)
        if run.family is not None:
            await self.sheet(run.family)

    async def sheet(self, family_id: str) -> Digest | None:
        """Draw the contact sheet of a family and show it; None while a run is open, or without any.

        Each run asks at its end, so the last of them has it drawn.
        """
        async with self._sheets[family_id]:
            family = await self.families.get(family_id)
            if not family.ended or not any(run.artworks for run in family.runs):
                return None
            rows = [await self._row(run) for run in family.runs]
            if family.only_models:
                drawn = await self.pixels.run(draw_sheet, rows)
            else:
                cells = [
                    MatrixCell(ref=row.ref, figures=row.figures, tiles=row.tiles) for row in rows
                ]
                axes = titled(family.axes, self.card_of)
                drawn = await self.pixels.run(draw_matrix, axes, cells)
            sheet = await self.artifacts.put(drawn, media_type_of(drawn))
            await self.families.show(family, sheet)
        return sheet

    async def _row(self, run: Run) -> SheetRow:
        numbers = range(1, run.spec.count + 1)
        tiles = [await self._small(run, number) for number in numbers]
        card = self.card_of(run.route.model)
        title = card.title if card else run.route.model
        figures = (price_of(run, card), *timed(run))
        return SheetRow(ref=run.ref, label=title, figures=" · ".join(figures), tiles=tuple(tiles))

    async def _small(self, run: Run, number: int) -> GridTile:
        made = run.artwork(number)
        if made is None:
            return GridTile(number=number, data=None, verdict="review", note=_why(run, number))
        small = await self.darkroom.thumbnail(made.digest)
        return GridTile(number=number, data=small, verdict=made.verdict or "pass")

    async def _tile(self, run: Run, number: int, said: Judged | None) -> GridTile:
        made = run.artwork(number)
        if made is None:
            return GridTile(number=number, data=None, verdict="review", note=_why(run, number))
        shrunk = self.darkroom.taken(made.digest)
        shown = made.model_copy(update={"scores": said.scores}) if said else made
        return GridTile(
            number=number,
            data=None if shrunk else await self.artifacts.get(made.digest),
            shrunk=shrunk,
            caption=caption(shown),
            verdict=said.verdict if said else "review",
            note=said.reasons[0] if said and said.reasons else "",
        )


def media_type_of(drawn: bytes) -> str:
    """Return the type of a picture that we drew."""
    return "image/png" if drawn.startswith(b"\x89PNG") else "image/jpeg"


def as_judged(run: Run) -> tuple[Judged, ...]:
    """Return what stands in the log as it was judged; what people restored has no reasons."""
    return tuple(
        Judged(
            number=made.index,
            verdict=made.verdict or "review",
            reasons=() if made.restored_by else made.reasons,
            scores=made.scores,
            version=VERSION,
        )
        for made in run.artworks
    )


def _why(run: Run, number: int) -> str:
    """Say why an image was not made, as far as the log knows it yet."""
    return next((one.message for one in run.failures if one.number == number), "")
