"""Measuring what was made: a scorer that fails sends to review, and never ends a run."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from domain.errors import HandlerError
from domain.policy import Judgement, Measured, PixelPolicy
from domain.ports import ArtifactStore, Judged, Pixels
from domain.record import Record
from domain.run import Artwork, Run
from pipeline.triage import triage

logger = logging.getLogger(__name__)
SCORER_S: Final = 30.0
"""How long one picture may be measured."""

Measure = Callable[[bytes, int], Measured]
"""``(bytes, number) -> Measured``: top level, for the pixel pool."""


class Scored(Record):
    """What the scorers and triage say of a run's artworks."""

    judged: tuple[Judged, ...]


async def score(
    run: Run,
    *,
    artifacts: ArtifactStore,
    pixels: Pixels,
    measure: Measure,
    policy: PixelPolicy,
    version: str,
) -> Scored:
    """Measure every artwork of a run and judge it by the policy."""
    measured = await asyncio.gather(
        *(_measured(artwork, artifacts, pixels, measure) for artwork in run.artworks)
    )
    judgements = triage(
        measured,
        policy=policy,
        task=run.route.task,
        asked_size=_asked_size(run),
        asked_ratio=run.parameters.aspect_ratio,
    )
    pairs = zip(measured, judgements, strict=True)
    return Scored(judged=tuple(_judged(one, said, version) for one, said in pairs))


def _judged(measured: Measured, said: Judgement, version: str) -> Judged:
    return Judged(
        number=measured.number,
        verdict=said.verdict,
        reasons=said.reasons,
        scores=measured.scores,
        version=version,
    )


def _asked_size(run: Run) -> tuple[int, int] | None:
    width, height = run.parameters.width, run.parameters.height
    return (width, height) if width and height else None


async def _measured(
    artwork: Artwork, artifacts: ArtifactStore, pixels: Pixels, measure: Measure
) -> Measured:
    try:
        data = await artifacts.get(artwork.digest)
        async with asyncio.timeout(SCORER_S):
            return await pixels.run(measure, data, artwork.index)
    except TimeoutError:
        return _absent(artwork, "took too long")
    except HandlerError as error:
        return _absent(artwork, error.message)
    except Exception:
        # A scorer's own fault must not cost a picture that was paid for.
        logger.exception("scorer failed on image %s", artwork.index)
        return _absent(artwork, "failed")


def _absent(artwork: Artwork, reason: str) -> Measured:
    return Measured(
        number=artwork.index,
        scores={},
        phash="",
        width=artwork.width,
        height=artwork.height,
        black=False,
        media_type=artwork.media_type,
        missing=f"technical checks {reason}",
    )
