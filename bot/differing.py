"""How two artworks differ: worked out once in the pixel pool, and kept."""

import logging
from dataclasses import dataclass

from pydantic import ValidationError

from domain.errors import HandlerError, StorageError
from domain.ports import ArtifactStore, Pixels
from domain.spec import Digest
from scoring.difference import Differs, Figures, differ
from storage.differences import Differences

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Differing:
    """Compares pictures by their digests."""

    pixels: Pixels
    artifacts: ArtifactStore
    kept: Differences

    async def between(self, old: Digest, new: Digest) -> Differs:
        """Return how two artworks differ.

        Raises:
            HandlerError: A file is gone or damaged.
        """
        if known := await self._known(old, new):
            return known
        one, two = await self.artifacts.get(old), await self.artifacts.get(new)
        made = await self.pixels.run(differ, one, two)
        try:
            await self.kept.put(old, new, made.figures.model_dump_json(), made.data)
        except StorageError as error:
            logger.warning("difference not kept: %s", error.message)
        return made

    async def seen(self, old: Digest, new: Digest) -> Differs | None:
        """Return the same; None where a file is gone or damaged."""
        try:
            return await self.between(old, new)
        except HandlerError as error:
            logger.warning("no difference: %s", error.message)
            return None

    async def _known(self, old: Digest, new: Digest) -> Differs | None:
        found = await self.kept.get(old, new)
        if found is None:
            return None
        try:
            return Differs(figures=Figures.model_validate_json(found[0]), data=found[1])
        except ValidationError:
            return None  # half a file, from a disk that was full: it is made again
