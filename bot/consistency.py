"""Consistency between runs: how like the references of a house or a character each image is."""

import asyncio
import logging
from typing import Final

import numpy as np
import numpy.typing as npt

from bot.fitting import Fitting
from domain.errors import HandlerError
from domain.judging import Check
from domain.ports import ArtifactStore, Judged
from domain.run import Artwork, Run
from domain.spec import BundleUse, Digest
from pipeline.score import Scored
from providers.sketch.branch import CHUNK

logger = logging.getLogger(__name__)
CONSISTENCY: Final = "consistency"
"""Begins the score's name: ``consistency_house``, ``consistency_character``."""
MEASURED_S: Final = 60.0
Vector = npt.NDArray[np.float32]


class Consistency:
    """Holds pictures of a run against the references of what it applied; it rejects nothing."""

    def __init__(self, fitting: Fitting, artifacts: ArtifactStore) -> None:
        self._fitting = fitting
        self._artifacts = artifacts

    async def added(self, run: Run, scored: Scored) -> Scored:
        """Return what was scored with the consistency of each image, or why there is none.

        The figure is the mean cosine of the picture's vector with those of the references, in
        [-1, 1]; the same picture has 1.
        """
        for kind, use in (("house", run.spec.house), ("character", run.spec.character)):
            if use is not None:
                scored = await self._of(run, kind, use, scored)
        return scored

    async def _of(self, run: Run, kind: str, use: BundleUse, scored: Scored) -> Scored:
        name = f"{CONSISTENCY}_{kind}"
        try:
            async with asyncio.timeout(MEASURED_S):
                found, missing = await self._measured(run, use)
        except TimeoutError:
            found, missing = {}, "it took too long"
        except HandlerError as error:
            found, missing = {}, error.message
        except Exception:
            # A scorer's own fault must not cost a picture that was paid for.
            logger.exception("consistency was not measured")
            found, missing = {}, "it failed"
        judged = []
        for one in scored.judged:
            value = found.get(one.number)
            judged.append(_with(one, name, value, _check(name, use, value, missing)))
        return scored.model_copy(update={"judged": tuple(judged)})

    async def _measured(self, run: Run, use: BundleUse) -> tuple[dict[int, float], str]:
        if not use.references:
            return {}, f"{use.name} has no reference images"
        provider = run.route.model.partition(":")[0]
        references = await asyncio.gather(*map(self._reference, use.references))
        known = [one for one in references if one is not None]
        made = await asyncio.gather(*(self._artwork(one, provider) for one in run.artworks))
        found = {
            artwork.index: round(float(np.mean([vector @ one for one in known])), 4)
            for artwork, vector in zip(run.artworks, made, strict=True)
            if vector is not None and known
        }
        return found, "" if found else "the weights in use do not know such pictures"

    async def _artwork(self, made: Artwork, provider: str) -> Vector | None:
        data = await self._artifacts.get(made.digest)
        return await self._fitting.vector(made.digest, data, provider)

    async def _reference(self, digest: Digest) -> Vector | None:
        data = await self._artifacts.get(digest)
        provider = "sketch" if CHUNK.encode() in data else ""
        return await self._fitting.vector(digest, data, provider)


def _check(name: str, use: BundleUse, value: float | None, missing: str) -> Check:
    against = f"{len(use.references)} reference{'' if len(use.references) == 1 else 's'}"
    source = f"not measured: {missing}" if value is None else f"{against} of {use.name}"
    return Check(rule="consistency", figure=name, value=value, source=source)


def _with(judged: Judged, name: str, value: float | None, check: Check) -> Judged:
    told = judged.explained
    kept = told and told.model_copy(update={"checks": (*told.checks, check)})
    scores = judged.scores | ({} if value is None else {name: value})
    return judged.model_copy(update={"scores": scores, "explained": kept})
