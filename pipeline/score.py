"""Measuring what was made: a scorer that fails sends to review, and never ends a run."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from domain.errors import HandlerError
from domain.policy import Judgement, Measured, PixelPolicy
from domain.ports import Judged
from domain.record import Record
from domain.run import Artwork, Run
from pipeline.triage import triage

logger = logging.getLogger(__name__)
SCORER_S: Final = 30.0
"""How long one picture may be measured."""

Measure = Callable[[Artwork], Coroutine[Any, Any, Measured]]
"""Measures one stored artwork; raises ``HandlerError`` when its file is gone or damaged."""


class Scored(Record):
    """What the scorers and triage say of a run's artworks."""

    judged: tuple[Judged, ...]


async def score(
    run: Run,
    *,
    measure: Measure,
    policy: PixelPolicy,
    version: str,
    lacks: Callable[[Measured], Iterable[str]] = lambda _one: (),
) -> Scored:
    """Measure every artwork of a run and judge it by the policy, and by what it *lacks*."""
    measured = await asyncio.gather(*(_measured(artwork, measure) for artwork in run.artworks))
    judgements = triage(
        measured,
        policy=policy,
        task=run.route.task,
        asked_size=_asked_size(run),
        asked_ratio=run.parameters.aspect_ratio,
        lacks=lacks,
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


async def _measured(artwork: Artwork, measure: Measure) -> Measured:
    try:
        async with asyncio.timeout(SCORER_S):
            return await measure(artwork)
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
