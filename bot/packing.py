"""Exports that a person downloads: packed into a zip beside the service's work, with progress."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from bot.shipping import Shipping, closing_files
from domain.errors import ConflictError, HandlerError, LimitError, NotFoundError
from domain.ports import Chance
from domain.run import Artwork, Run
from pipeline.deliver import chosen
from storage.export import ExportFile, Exports
from storage.search import Search
from storage.zips import ZipBox, empty_folder

logger = logging.getLogger(__name__)
KEPT: Final = 8
"""Finished zips that can still be downloaded; each can be packed again."""
UNDER_WAY: Final = 4
MOST_ARTWORKS: Final = 2000
State = Literal["packing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What to pack: of each run all its artworks, or only some."""

    runs: tuple[str, ...]
    numbers: dict[str, frozenset[int]] = field(default_factory=dict)
    everything: bool = False
    """Also what is not approved."""


@dataclass(slots=True)
class Package:
    """One zip, and how far it is."""

    id: str
    path: Path
    state: State = "packing"
    done: int = 0
    total: int = 0
    """Artworks."""
    size_bytes: int = 0
    error: HandlerError | None = None

    def shown(self) -> dict[str, Any]:
        """Return it for whoever waits."""
        error = {"message": self.error.message, "hint": self.error.hint} if self.error else None
        same = ("id", "state", "done", "total", "size_bytes")
        return {name: getattr(self, name) for name in same} | {"error": error}


class Packing:
    """Packs a few at once; forgets the oldest."""

    def __init__(
        self, search: Search, shipping: Shipping, exports: Exports, chance: Chance, folder: Path
    ) -> None:
        self._search = search
        self._shipping = shipping
        self._exports = exports
        self._chance = chance
        self._folder = folder
        self._packages: OrderedDict[str, Package] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Remove what an earlier service left."""
        await asyncio.to_thread(empty_folder, self._folder)

    async def start(self, selection: Selection, by: str) -> Package:
        """Begin a zip and return at once.

        Raises:
            NotFoundError: A run is not there, or nothing of the selection may be handed out.
            LimitError: Too much is asked for, or too much is packed already.
        """
        under_way = [one for one in self._packages.values() if one.state == "packing"]
        if len(under_way) >= UNDER_WAY:
            raise LimitError(f"{UNDER_WAY} zips are packed already", hint="Wait for one of them.")
        items = await self._items(selection)
        _check(items, everything=selection.everything)
        package = self._opened(items)
        task = asyncio.create_task(self._pack(package, items, by), name="pack")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return package

    def package(self, package_id: str) -> Package:
        """Return a zip that was begun.

        Raises:
            NotFoundError: It is not known any more.
        """
        found = self._packages.get(package_id)
        if found is None:
            raise NotFoundError("this export is gone", hint="Pack it again.")
        return found

    def file(self, package_id: str) -> Path:
        """Return where a finished zip lies.

        Raises:
            NotFoundError: It is not known any more.
            ConflictError: It is not finished.
        """
        package = self.package(package_id)
        if package.state != "ready":
            raise ConflictError("this export is not ready", hint="Wait until it is.")
        return package.path

    async def close(self) -> None:
        """Stop what is packed; nothing half-written stays."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _items(self, selection: Selection) -> list[tuple[Run, Artwork]]:
        runs = await self._search.runs(selection.runs)
        if missing := set(selection.runs) - {run.id for run in runs}:
            raise NotFoundError(f"no run {min(missing)}", hint="Choose among those that there are.")
        return [(run, made) for run in runs for made in _of(run, selection)]

    def _opened(self, items: list[tuple[Run, Artwork]]) -> Package:
        package_id = self._chance.ulid()
        name = f"{_named(items[0][0])}-{package_id[-6:]}.zip"
        package = Package(id=package_id, path=self._folder / name, total=len(items))
        self._packages[package_id] = package
        finished = [one for one in self._packages.values() if one.state != "packing"]
        for old in finished[: max(0, len(self._packages) - KEPT)]:
            del self._packages[old.id]
            self._forget(old)
        return package

    def _forget(self, old: Package) -> None:
        """Remove a zip beside the work; one that is being fetched is read to its end."""
        task = asyncio.create_task(asyncio.to_thread(old.path.unlink, missing_ok=True))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pack(self, package: Package, items: list[tuple[Run, Artwork]], by: str) -> None:
        try:
            package.size_bytes = await self._written(package, items)
            await self._remember(package, items, by)
            package.state = "ready"
        except HandlerError as error:
            package.state, package.error = "failed", error
        except Exception:
            logger.exception("broken export=%s", package.id)
            package.state = "failed"
            package.error = ConflictError("something broke on our side", hint="It is in the log.")

    async def _written(self, package: Package, items: list[tuple[Run, Artwork]]) -> int:
        box = await asyncio.to_thread(ZipBox, package.path)
        try:
            parcels = [self._shipping.parcel(run, artwork) for run, artwork in items]
            for parcel in parcels:
                await _put(box, await self._shipping.files(parcel))
                package.done += 1
            for run in {run.id: run for run, _ in items}.values():
                await _put(box, await self._shipping.inputs(run))
            await _put(box, closing_files([one.sidecar for one in parcels]))
            return await asyncio.to_thread(box.close)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(box.discard))
            raise

    async def _remember(self, package: Package, items: list[tuple[Run, Artwork]], by: str) -> None:
        for run_id in dict.fromkeys(run.id for run, _ in items):
            numbers = [f"#{made.index}" for run, made in items if run.id == run_id]
            names = [package.path.name, *numbers]
            await self._exports.remember(self._chance.ulid(), run_id, by, names)


def _of(run: Run, selection: Selection) -> list[Artwork]:
    wanted = selection.numbers.get(run.id)
    artworks = chosen(run, everything=selection.everything)
    return [made for made in artworks if wanted is None or made.index in wanted]


async def _put(box: ZipBox, files: Iterable[ExportFile]) -> None:
    for file in files:
        await asyncio.to_thread(box.add, file)


def _check(items: Iterable[tuple[Run, Artwork]], *, everything: bool) -> None:
    count = sum(1 for _ in items)
    if not count:
        said = "nothing here was made yet" if everything else "nothing of this is approved"
        raise NotFoundError(said, hint="Approve an image first, or export all of it.")
    if count > MOST_ARTWORKS:
        raise LimitError(
            f"{count} artworks", hint=f"At most {MOST_ARTWORKS} go into one zip: narrow it down."
        )


def _named(run: Run) -> str:
    """Return a file name's beginning from the brief: letters and digits of it, no more."""
    words = re.findall(r"[a-z0-9]+", run.spec.scored_brief.lower())
    return "-".join(words[:5])[:40] or "export"
