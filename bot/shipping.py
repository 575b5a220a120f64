"""Exports: approved originals with sidecars, checksums and the line that makes each one again."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.answers import Answer
from bot.grammar import render
from domain.asked import ControlAsked, ReferenceAsked
from domain.command import Imagine
from domain.errors import NotFoundError
from domain.event import Event
from domain.flags import Flags
from domain.model import ModelCard
from domain.ports import Chance
from domain.run import Artwork, Run
from pipeline.deliver import Parcel, chosen, parcel
from storage.artifacts import LocalArtifacts
from storage.export import ExportFile, Exports, checksums, sidecar_file, write_folder
from storage.opinions import Note
from storage.zips import write_zip

Tell = Callable[[str, str, Note, str], Awaitable[None]]
"""``(event key, run id, note, by)``: plans a line for a run's thread."""


class Shipping:
    """Packs what is handed out."""

    def __init__(
        self,
        artifacts: LocalArtifacts,
        exports: Exports,
        chance: Chance,
        card_of: Callable[[str], ModelCard | None],
        data_dir: Path,
        *,
        tell: Tell,
    ) -> None:
        self._artifacts = artifacts
        self._exports = exports
        self._chance = chance
        self._card_of = card_of
        self._data_dir = data_dir
        self._folder = data_dir / "exports"
        self._tell = tell

    async def export(self, run: Run, event: Event, *, everything: bool) -> Answer:
        """Write a run's export below the data folder; in chat, as a zip for its thread."""
        if event.place.surface != "console":
            return await self._post(run, event, everything=everything)
        folder = self._folder / run.id
        names = await self.ship(run, folder, by=event.person.name, everything=everything)
        data = {"folder": str(folder), "files": names}
        text = f"{len(names)} files in {folder}"
        return Answer(run=run, text=text, data=data)

    async def _post(self, run: Run, event: Event, *, everything: bool) -> Answer:
        """Pack a zip and plan it for the run's thread."""
        files = await self.packed(run, everything=everything)
        name = f"exports/chat/{run.id}-{self._chance.ulid()[-6:]}.zip"
        await asyncio.to_thread(write_zip, self._data_dir / name, files)
        names = [file.name for file in files]
        await self._exports.remember(self._chance.ulid(), run.id, event.person.name, names)
        text = f"Export of {run.ref}, asked for by {event.person.name}: {len(names)} files"
        await self._tell(event.key, run.id, Note(text, file=name), event.person.name)
        return Answer(run=run)

    async def ship(
        self,
        run: Run,
        folder: Path,
        *,
        by: str,
        everything: bool,
        progressed: Callable[[int], None] = lambda _n: None,
    ) -> list[str]:
        """Write a run's export into *folder*; return the names of its files.

        Raises:
            NotFoundError: Nothing of the run is approved.
            StorageError: The folder cannot be written.
        """
        files = await self.packed(run, everything=everything)
        await asyncio.to_thread(write_folder, folder, files, progressed)
        names = [file.name for file in files]
        await self._exports.remember(self._chance.ulid(), run.id, by, names)
        return names

    async def packed(self, run: Run, *, everything: bool) -> list[ExportFile]:
        """Return every file of a run's export."""
        artworks = chosen(run, everything=everything)
        if not artworks:
            raise NotFoundError(
                f"nothing of {run.ref} is approved",
                hint="Approve an image first (approve 2), or export --all.",
            )
        parcels = [self.parcel(run, artwork) for artwork in artworks]
        files = [file for one in parcels for file in await self.files(one)]
        files += await self.inputs(run)
        files += closing_files([one.sidecar for one in parcels])
        return [*files, checksums(files)]

    def parcel(self, run: Run, artwork: Artwork) -> Parcel:
        """Put one artwork together with what is needed to make it again."""
        line = command_line(run, artwork)
        return parcel(run, artwork, card=self._card_of(run.route.model), command_line=line)

    async def files(self, one: Parcel) -> list[ExportFile]:
        """Return a parcel's original bytes and its sidecar."""
        data = await self._artifacts.get(one.artwork.digest)
        return [ExportFile(one.name, data), sidecar_file(one.name, one.sidecar)]

    async def inputs(self, run: Run) -> list[ExportFile]:
        """Return the pictures that a run started from."""
        return [
            ExportFile(_input_name(digest), await self._artifacts.get(digest))
            for digest in run.spec.images
        ]


def closing_files(sidecars: Sequence[Mapping[str, Any]]) -> list[ExportFile]:
    """Return what stands once in an export: a command line per image, and whom to name."""
    lines = "".join(f"{one['command']}\n" for one in sidecars)
    whom = sorted({one["attribution"] for one in sidecars} - {""})
    files = [ExportFile("commands.txt", lines.encode())]
    if whom:
        files.append(ExportFile("ATTRIBUTION.txt", "".join(f"{one}\n" for one in whom).encode()))
    return files


def _input_name(digest: str) -> str:
    return f"inputs/{digest.removeprefix('sha256:')}.png"


def command_line(run: Run, artwork: Artwork) -> str:
    """Return the line that makes one image again, run inside the export's folder."""
    asked = artwork.parameters
    if asked.operation != "make" and run.parent:
        line = f"{run.kind} {run.parent.number} --model {run.route.model} --in {run.parent.run}"
        return f"ai-handler say {shlex.quote(line)}"
    flags = Flags(
        task=run.route.task,
        models=(run.route.model,),
        count=1,
        seed=asked.seed,
        aspect_ratio=run.spec.aspect_ratio,
        steps=asked.steps,
        cfg_scale=asked.cfg_scale,
        init_image=asked.init_image,
        mask=asked.mask,
        denoising_strength=asked.denoising_strength,
        controls=tuple(ControlAsked(**one.model_dump()) for one in run.spec.controls),
        references=tuple(ReferenceAsked(**one.model_dump()) for one in run.spec.references),
        loras=run.spec.loras,
        file_format=run.spec.file_format,
        background=run.spec.background,
        brief=run.spec.brief,
    )
    flags = flags.renamed({name: _input_name(name) for _, name in flags.images})
    line = render(Imagine(segments=run.spec.segments, flags=flags)).removeprefix("imagine ")
    return f"ai-handler imagine {shlex.quote(line)}"
