"""Measuring what was made: a scorer that fails sends to review, and never ends a run."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from domain.errors import HandlerError
from domain.fit import Fitted
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

Fits = Callable[[Run], Coroutine[Any, Any, dict[int, Fitted]]]
"""Measures the fit of a run's artworks to its brief, by number; says itself what went wrong."""


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
    fits: Fits | None = None,
) -> Scored:
    """Measure every artwork of a run and judge it by the policy, and by what it *lacks*.

    Fit only informs: what was learned and not yet calibrated rejects nothing. Where measuring it
    failed, people look at the picture; where there are no weights for it, nothing is said.
    """
    measured, fitted = await asyncio.gather(
        asyncio.gather(*(_measured(artwork, measure) for artwork in run.artworks)),
        _fitted(run, fits),
    )
    judgements = triage(
        measured,
        policy=policy,
        task=run.route.task,
        asked_size=_asked_size(run),
        asked_ratio=run.parameters.aspect_ratio,
        lacks=lacks,
    )
    pairs = zip(measured, judgements, strict=True)
    return Scored(judged=tuple(_judged(one, said, fitted, version) for one, said in pairs))


def _judged(measured: Measured, said: Judgement, fitted: dict[int, Fitted], version: str) -> Judged:
    fit = fitted.get(measured.number, Fitted())
    doubt = fit.failed and said.verdict == "pass"
    return Judged(
        number=measured.number,
        verdict="review" if doubt else said.verdict,
        reasons=(*said.reasons, fit.missing) if fit.failed else said.reasons,
        scores=measured.scores | fit.scores,
        version=f"{version} {fit.version}".strip(),
    )


async def _fitted(run: Run, fits: Fits | None) -> dict[int, Fitted]:
    if fits is None:
        return {}
    try:
        async with asyncio.timeout(SCORER_S * 2):
            return await fits(run)
    except Exception as error:
        # A scorer's own fault must not cost a picture that was paid for.
        logger.exception("fit failed")
        why = "fit took too long" if isinstance(error, TimeoutError) else "fit failed"
        return {made.index: Fitted(missing=why, failed=True) for made in run.artworks}


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
