"""Measuring what was made: a scorer that fails sends to review, and never ends a run."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final

from domain.errors import HandlerError
from domain.fit import Fitted
from domain.judging import SCORE, Calibrated, Check, Explained, Policy
from domain.look import Lookalike
from domain.policy import Measured, PixelPolicy
from domain.ports import Judged
from domain.record import Record
from domain.run import Artwork, Run
from domain.seen import LetteringWanted, Safety, Seen
from pipeline.assets import UNCOMPARED, seen_before
from pipeline.seen import extras
from pipeline.triage import judge, reasons

logger = logging.getLogger(__name__)
SCORER_S: Final = 30.0
"""How long one picture may be measured."""

Measure = Callable[[Artwork], Coroutine[Any, Any, Measured]]
"""Measures one stored artwork; raises ``HandlerError`` when its file is gone or damaged."""

Fits = Callable[[Run], Coroutine[Any, Any, dict[int, Fitted]]]
"""Measures the fit of a run's artworks to its brief, by number; says itself what went wrong."""


Calibrations = Callable[[str, str], Coroutine[Any, Any, Calibrated | None]]
"""Task type and version of the figure → what the team's votes made of it, if anything."""


Alike = Callable[[Run, Mapping[int, str]], Coroutine[Any, Any, dict[int, Lookalike]]]
"""A run and the perceptual hashes of its pictures → the nearest approved artwork of each."""


async def _uncalibrated(_task: str, _version: str) -> Calibrated | None:
    """Know of no votes."""
    return None


Sees = Callable[[Run], Coroutine[Any, Any, dict[int, Seen]]]
"""Looks for lettering and safety in a run's artworks where they matter, by number."""


class Scored(Record):
    """What the scorers and triage say of a run's artworks."""

    judged: tuple[Judged, ...]


async def score(
    run: Run,
    *,
    measure: Measure,
    policy: PixelPolicy | Policy,
    version: str,
    lacks: Callable[[Measured], Iterable[str]] = lambda _one: (),
    fits: Fits | None = None,
    calibrated: Calibrations = _uncalibrated,
    alike: Alike | None = None,
    sees: Sees | None = None,
    lettering: LetteringWanted | None = None,
) -> Scored:
    """Measure every artwork of a run and judge it by the policy, and by what it *lacks*.

    What was learned and not yet *calibrated* on the team's votes rejects nothing. Where measuring
    fit failed, people look at the picture; where there are no weights for it, nothing is said.
    What is *alike* something that is approved goes to people. What one *sees* where it matters is
    held against the *lettering* that is wanted; it sends to people and rejects nothing.
    """
    measured, fitted, seen = await asyncio.gather(
        asyncio.gather(*(_measured(artwork, measure) for artwork in run.artworks)),
        _fitted(run, fits),
        _seen(run, sees),
    )
    policy = Policy(pixels=policy) if isinstance(policy, PixelPolicy) else policy
    judgements = judge(
        measured,
        policy=policy,
        task=run.route.task,
        asked_size=_asked_size(run),
        asked_ratio=run.parameters.aspect_ratio,
        lacks=lacks,
        fits=fitted,
        known=await _alike(run, measured, policy.pixels, alike),
        extra={n: tuple(extras(one, lettering, policy.extras)) for n, one in seen.items()},
        calibrated=await _calibration(run.route.task, version, fitted, calibrated),
        run_id=run.id,
    )
    pairs = zip(measured, judgements, strict=True)
    return Scored(judged=tuple(_judged(one, said, fitted, version, seen) for one, said in pairs))


async def _calibration(
    task: str, version: str, fitted: dict[int, Fitted], calibrated: Calibrations
) -> Calibrated | None:
    """Return what votes made of the figures of a run; of another version nothing holds."""
    for fit in fitted.values():
        if SCORE in fit.scores:
            return await calibrated(task, _versions(version, fit))
    return None


def _versions(version: str, fit: Fitted) -> str:
    return f"{version} {fit.version}".strip()


def _judged(
    measured: Measured,
    said: Explained,
    fitted: dict[int, Fitted],
    version: str,
    seen: dict[int, Seen],
) -> Judged:
    fit = fitted.get(measured.number, Fitted())
    more = seen.get(measured.number, Seen())
    return Judged(
        number=measured.number,
        verdict=said.verdict,
        reasons=reasons(said),
        scores=measured.scores | fit.scores | more.scores,
        version=_versions(version, fit),
        explained=said,
        phash=measured.phash,
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


async def _seen(run: Run, sees: Sees | None) -> dict[int, Seen]:
    if sees is None:
        return {}
    try:
        async with asyncio.timeout(SCORER_S * 2):
            return await sees(run)
    except Exception:
        # A scorer's own fault must not cost a picture that was paid for.
        logger.exception("lettering and safety were not looked for")
        why = "lettering and safety: looking failed"
        lost = Seen(safety=Safety(missing=why, failed=True))
        return {made.index: lost for made in run.artworks}


async def _alike(
    run: Run, measured: Iterable[Measured], policy: PixelPolicy, alike: Alike | None
) -> dict[int, Check]:
    hashes = {one.number: one.phash for one in measured if one.phash}
    if alike is None or not hashes:
        return {}
    try:
        async with asyncio.timeout(SCORER_S):
            found = await alike(run, hashes)
    except Exception:
        logger.exception("approved work was not compared")
        return dict.fromkeys(hashes, UNCOMPARED)
    return {number: seen_before(one, policy) for number, one in found.items()}


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
