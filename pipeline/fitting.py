"""Fit against its thresholds: defaults that only ask people, and the team's calibration."""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.fit import PRESENT, Fitted
from domain.judging import CALIBRATED, SCORE, UNCALIBRATED, Calibrated, Check, FitPolicy

SEVERAL: Final = 2
AESTHETIC: Final = "aesthetic"
NO_HEAD: Final = "neutral: these weights have no aesthetic head (ai-handler weights import)"
"""Where nobody measures it, that is said; it counts for nothing."""


def fitting(
    number: int,
    fits: Mapping[int, Fitted],
    policy: FitPolicy,
    calibrated: Calibrated | None,
) -> Iterator[Check]:
    """Yield the checks of one picture's fit.

    Args:
        number: Of the picture.
        fits: Of all pictures of its run.
        policy: The defaults.
        calibrated: What the team's votes made of this very version of the figure, if anything.
    """
    fit = fits.get(number, Fitted())
    if fit.failed:
        yield Check(rule="fit", figure=SCORE, failed=True, says=fit.missing)
        return
    if SCORE not in fit.scores:
        why = f"neutral: {fit.missing or 'not measured'}"
        yield Check(rule="fit", figure=SCORE, source=why)
        return
    yield from _calibrated(fit, calibrated)
    yield from _aesthetic(fit)
    passes = calibrated is not None and calibrated.passes is not None
    known = f":{policy.weights}-" in fit.version
    if not known:
        return
    doubts = [*_subject(fit, fits, policy), *_forbidden(fit, policy)]
    if passes and calibrated and fit.scores[SCORE] >= (calibrated.passes or 0.0):
        source = f"waived: fit {fit.scores[SCORE]:.2f}, {calibrated.passes:.2f} or more passes"
        doubts = [_waived(one, source) for one in doubts]
    yield from doubts


def _waived(check: Check, source: str) -> Check:
    return check.model_copy(update={"failed": False, "says": "", "source": source})


def _calibrated(fit: Fitted, calibrated: Calibrated | None) -> Iterator[Check]:
    value = fit.scores[SCORE]
    if calibrated is None or not calibrated.holds or calibrated.threshold is None:
        why = calibrated.guarantee if calibrated else "no votes yet"
        yield Check(rule=CALIBRATED, figure=SCORE, value=value, source=f"not judged: {why}")
        return
    low = calibrated.threshold
    failed = value < low
    said = (
        f"fit {value:.2f}, under {low:.2f}: {calibrated.n} votes; at most {calibrated.a:.0%} of "
        f"what people approve lies there"
    )
    yield Check(
        rule=CALIBRATED, figure=SCORE, value=value, beyond="under", threshold=low,
        then="reject", failed=failed, says=said if failed else "",
        source=f"calibrated no. {calibrated.number}: {calibrated.guarantee}",
    )  # fmt: skip


def _aesthetic(fit: Fitted) -> Iterator[Check]:
    """Show what heads say of it, or that there is none: beauty judges nothing."""
    found = [name for name in sorted(fit.scores) if name.startswith(AESTHETIC)]
    for name in found:
        yield Check(rule=AESTHETIC, figure=name, value=fit.scores[name], source="shown only")
    if not found:
        yield Check(rule=AESTHETIC, figure=AESTHETIC, source=NO_HEAD)


def _subject(fit: Fitted, fits: Mapping[int, Fitted], policy: FitPolicy) -> Iterator[Check]:
    name = "fit_subject"
    if name not in fit.scores:
        return
    value = fit.scores[name]
    absent = value < policy.subject_least
    yield Check(
        rule="subject", figure=name, value=value, beyond="under", threshold=policy.subject_least,
        source=UNCALIBRATED, failed=absent,
        says=f"subject hardly seen: {value:.2f}, under {policy.subject_least:g}" if absent else "",
    )  # fmt: skip
    others = [one.scores[name] for one in fits.values() if name in one.scores]
    if len(others) < SEVERAL:
        return
    behind = round(max(others) - value, 4)
    failed = behind > policy.subject_behind
    said = f"subject seen less than in the best of the run, by {behind:.2f}"
    yield Check(
        rule="subject, beside the others", figure=f"best {name} - {name}", value=behind,
        beyond="over", threshold=policy.subject_behind, source=UNCALIBRATED, failed=failed,
        says=said if failed and not absent else "",
    )  # fmt: skip


def _forbidden(fit: Fitted, policy: FitPolicy) -> Iterator[Check]:
    for name, value in sorted(fit.scores.items()):
        if name.startswith(PRESENT):
            failed = value > policy.present
            said = f"perhaps there, though forbidden: {name.removeprefix(PRESENT)}"
            yield Check(
                rule="forbidden", figure=name, value=value, beyond="over",
                threshold=policy.present, source=UNCALIBRATED, failed=failed,
                says=said if failed else "",
            )  # fmt: skip
