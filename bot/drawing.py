"""The grid of a run: from its artworks and what was judged to one stored picture."""

from dataclasses import dataclass

from bot.darkroom import Darkroom
from bot.grid import GridTile, draw_grid
from domain.ports import (
    ArtifactStore,
    Judged,
    Pixels,
)
from domain.run import Run
from domain.spec import Digest
from pipeline.present import caption
from pipeline.score import Scored
from scoring.pixels import VERSION
from storage.run_log import RunLog


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws grids in the pixel pool and stores them."""

    log: RunLog
    artifacts: ArtifactStore
    pixels: Pixels
    darkroom: Darkroom

    async def draw(self, run: Run, scored: Scored) -> Digest | None:
        """Draw the numbered grid of a run and return its digest; None without pictures."""
        if not run.artworks:
            return None
        judged = {one.number: one for one in scored.judged}
        numbers = range(1, run.spec.count + 1)
        tiles = [await self._tile(run, number, judged.get(number)) for number in numbers]
        drawn = await self.pixels.run(draw_grid, tiles)
        media_type = "image/png" if drawn.startswith(b"\x89PNG") else "image/jpeg"
        return await self.artifacts.put(drawn, media_type)

    async def redraw(self, run: Run) -> None:
        """Draw a run's grid anew, as its artworks are judged now."""
        grid = await self.draw(run, Scored(judged=as_judged(run)))
        if grid is not None:
            await self.log.regrid(run.id, grid)

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
