"""Measurements and a policy become verdicts: pure, with every reason in words.

Hard technical faults reject, and what the team's own votes say they would not want; everything
softer sends to people; nothing is deleted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from domain.fit import Fitted
from domain.judging import (
    CALIBRATED,
    EXPLORED,
    SCORE,
    Calibrated,
    Check,
    Explained,
    Policy,
    explored,
)
from domain.policy import Judgement, Measured, PixelPolicy
from domain.run import Verdict
from domain.spec import TaskType
from pipeline.fitting import fitting
from pipeline.technical import duplicate, hard, size, soft


def triage(
    measured: Sequence[Measured],
    *,
    policy: PixelPolicy,
    task: TaskType,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
    lacks: Callable[[Measured], Iterable[str]] = lambda _one: (),
    extra: Mapping[int, Sequence[Check]] | None = None,
) -> tuple[Judgement, ...]:
    """Judge pictures by their technical checks, and *extra* ones by number; see ``judge``."""
    found = judge(
        measured,
        policy=Policy(pixels=policy),
        task=task,
        asked_size=asked_size,
        asked_ratio=asked_ratio,
        lacks=lacks,
        extra=extra,
    )
    return tuple(Judgement(verdict=one.verdict, reasons=reasons(one)) for one in found)


def judge(
    measured: Sequence[Measured],
    *,
    policy: Policy,
    task: TaskType,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
    lacks: Callable[[Measured], Iterable[str]] = lambda _one: (),
    fits: Mapping[int, Fitted] | None = None,
    known: Mapping[int, Check] | None = None,
    extra: Mapping[int, Sequence[Check]] | None = None,
    calibrated: Calibrated | None = None,
    run_id: str = "",
) -> tuple[Explained, ...]:
    """Judge the artworks of one run, in the order in which they are given.

    Args:
        measured: What was measured of each.
        policy: The thresholds.
        task: Some checks hold only for some task types.
        asked_size: Width and height in pixels that were asked for, if they were.
        asked_ratio: ``W:H`` that was asked for, if no pixels were.
        lacks: What an image lacks for where it goes, if that was said.
        fits: Their fit to the brief, by number; None where nobody measures it.
        known: What else was held against an image, by its number.
        extra: Checks of what was only looked for where it matters, by number.
        calibrated: The threshold from the team's votes for this task and version of the figure.
        run_id: By which some are picked to be looked at, whatever the figure says.
    """
    judged: list[Explained] = []
    sound: list[Measured] = []
    for one in measured:
        checks = _technical(
            one,
            policy.pixels,
            task=task,
            asked_size=asked_size,
            asked_ratio=asked_ratio,
            sound=sound,
        )
        if not _rejected(checks):
            checks += [_lack(said) for said in lacks(one)]
            checks += [(known or {})[one.number]] if one.number in (known or {}) else []
            checks += (extra or {}).get(one.number, ())
            sound.append(one)
        checks += list(fitting(one.number, fits, policy.fit, calibrated)) if fits else []
        measures = SCORE in (fits or {}).get(one.number, Fitted()).scores
        in_force = calibrated if calibrated and calibrated.holds and measures else None
        judged.append(_explained(one.number, checks, policy.version, in_force, run_id))
    return tuple(judged)


def reasons(one: Explained) -> tuple[str, ...]:
    """Return why a verdict is no pass; of what is looked at by chance, no more than that."""
    said = [check.says for check in one.checks if check.failed and check.says]
    if not one.explored:
        return tuple(said)
    blind = [check.says for check in one.checks if check.rule == CALIBRATED and check.failed]
    return (*(text for text in said if text not in blind), EXPLORED)


def _technical(
    one: Measured,
    policy: PixelPolicy,
    *,
    task: TaskType,
    asked_size: tuple[int, int] | None,
    asked_ratio: str | None,
    sound: Sequence[Measured],
) -> list[Check]:
    if one.missing:
        absent = Check(rule="measured", figure="", failed=True, says=one.missing)
        return [absent, *size(one, policy, asked_size, asked_ratio)]
    checks = [
        *hard(one, policy),
        *soft(one, policy, task),
        *size(one, policy, asked_size, asked_ratio),
    ]
    return checks if _rejected(checks) else [*checks, *duplicate(one, sound, policy)]


def _lack(said: str) -> Check:
    return Check(rule="target", figure="", failed=True, says=said, source="target")


def _rejected(checks: Iterable[Check]) -> bool:
    return any(check.failed and check.then == "reject" for check in checks)


def _explained(
    number: int, checks: Sequence[Check], policy: str, in_force: Calibrated | None, run_id: str
) -> Explained:
    """Fold the checks into a verdict; what people look at by chance is folded by no figure."""
    by_rule = [check for check in checks if check.rule != CALIBRATED]
    picked = in_force is not None and not _rejected(by_rule)
    picked = picked and explored(run_id, number, in_force.explore if in_force else 0.0)
    verdict: Verdict = "review" if picked or any(check.failed for check in checks) else "pass"
    if _rejected(by_rule if picked else checks):
        verdict = "reject"
    return Explained(
        number=number,
        verdict=verdict,
        policy=policy,
        checks=tuple(checks),
        explored=picked,
        calibration=in_force.number if in_force else None,
    )
