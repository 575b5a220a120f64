"""Exports to download: begun by a click, watched while they are packed, fetched as one zip."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from bot.console.desk import Desk
from bot.console.gallery import place_of
from bot.console.translate import name_of
from bot.packing import MOST_ARTWORKS, Selection
from domain.errors import CommandError, Fault


class Wanted(BaseModel):
    """What to pack: a run, a whole thread, or artworks chosen one by one."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    by: str = Field(alias="as", description="A name, 1 to 40 characters.")
    run: str | None = Field(default=None, description="A run: r2, or its id.")
    thread: str | None = Field(default=None, description="Any run of a thread.")
    artworks: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=MOST_ARTWORKS, description="Artworks, as RUN.NUMBER."
    )
    all: bool = Field(default=False, description="Also what is not approved.")


def export_routes(desk: Desk) -> APIRouter:
    """Return the routes of exports."""
    router = APIRouter(tags=["exports"])

    @router.post("/api/exports", status_code=202)
    async def begin(wanted: Wanted) -> dict[str, Any]:
        """Begin to pack a zip: approved originals, or with `all` every one."""
        by = name_of(wanted.by)
        selection = await _selection(desk, wanted)
        return (await desk.app.packing.start(selection, by)).shown()

    @router.get("/api/exports/{export}")
    async def look(export: str) -> dict[str, Any]:
        """Say how far a zip is."""
        return desk.app.packing.package(export).shown()

    @router.get("/api/exports/{export}/file", response_class=FileResponse)
    async def fetch(export: str) -> FileResponse:
        """Hand out a finished zip."""
        path = desk.app.packing.file(export)
        return FileResponse(path, media_type="application/zip", filename=path.name)

    return router


async def _selection(desk: Desk, wanted: Wanted) -> Selection:
    if wanted.artworks:
        return _picked(wanted)
    if wanted.thread:
        root = (await desk.run(wanted.thread)).root
        runs = tuple(kin.id for kin in await desk.app.kinship.kin(root))
        return Selection(runs, everything=wanted.all)
    if wanted.run:
        return Selection(((await desk.run(wanted.run)).id,), everything=wanted.all)
    fault = Fault("export", "", "a run, a thread, or artworks")
    raise CommandError(str(fault), faults=(fault,))


def _picked(wanted: Wanted) -> Selection:
    numbers: dict[str, set[int]] = {}
    for run_id, number in map(place_of, wanted.artworks):
        numbers.setdefault(run_id, set()).add(number)
    chosen = {run_id: frozenset(those) for run_id, those in numbers.items()}
    return Selection(tuple(chosen), chosen, everything=wanted.all)
