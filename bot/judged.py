"""Why triage judged as it did: each figure against its threshold, in words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.judging import Check, Explained
from domain.run import Run

FINE: Final = 10.0
"""Below this a figure is written with two decimals."""
NOT_KEPT: Final = "judged before the reasons of verdicts were kept"


def figure(value: float | str | None) -> str:
    """Write one figure."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == int(value):
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.{2 if abs(value) < FINE else 0}f}"


def held(check: Check) -> str:
    """Write what a figure was held against."""
    if check.threshold is None:
        return "–"
    words = {"under": "not under", "over": "at most", "is": "not", "": ""}
    return f"{words[check.beyond]} {figure(check.threshold)}".strip()


def said(run: Run, found: Mapping[int, Explained]) -> list[str]:
    """Say of each artwork what decided its verdict, a line each; more where more failed."""
    lines = []
    for made in run.artworks:
        one = found.get(made.index)
        verdict = f"#{made.index} {made.verdict or 'not judged'}"
        if made.restored_by:
            verdict += f", restored by {made.restored_by}"
        if one is None:
            lines.append(f"{verdict}: {NOT_KEPT}")
            continue
        failed = [check for check in one.checks if check.failed and _open(check, one)]
        why = "; ".join(map(_line, failed)) or f"{len(one.checks)} checks, none failed"
        by_chance = "looked at by chance; " if one.explored else ""
        lines.append(f"{verdict}: {by_chance}{why} ({one.policy})")
    return lines


def record(run: Run, found: Mapping[int, Explained]) -> dict[str, Any]:
    """Return the verdicts of a run with all their checks, as ``--json`` shows them."""
    return {
        "run": run.id,
        "task": run.route.task,
        "target": run.spec.target,
        "artworks": [
            {
                "number": made.index,
                "verdict": made.verdict,
                "restored_by": made.restored_by,
                "reasons": list(made.reasons),
                "scores": dict(made.scores),
                **_judgement(found.get(made.index)),
            }
            for made in run.artworks
        ],
    }


def _judgement(one: Explained | None) -> dict[str, Any]:
    if one is None:
        return {"triage": None, "policy": None, "checks": [], "missing": NOT_KEPT}
    return {
        "triage": one.verdict,
        "policy": one.policy,
        "explored": one.explored,
        "calibration": one.calibration,
        "checks": [check.model_dump(mode="json") for check in one.checks],
    }


def _open(check: Check, one: Explained) -> bool:
    """Whether it may be told in a channel: of what chance sent to people, not how it was judged."""
    return not (one.explored and check.then == "reject")


def _line(check: Check) -> str:
    if check.figure and check.value is not None and check.threshold is not None:
        return f"{check.figure} {figure(check.value)}, {held(check)} ({short(check.source)})"
    return check.says or check.rule


def short(source: str) -> str:
    """Return where a threshold comes from without its figures."""
    return source.partition(":")[0]


def rows(checks: Iterable[Check]) -> list[tuple[str, str, str, str, str]]:
    """Return the rows of a table: rule, figure, value, threshold and its source."""
    return [
        (check.rule, check.figure or "–", figure(check.value), held(check), check.source)
        for check in checks
    ]


def shown(run: Run, found: Mapping[int, Explained]) -> list[dict[str, Any]]:
    """Return each artwork's line, and its checks with their rows, for a page; none if not kept."""
    if not found:
        return []
    listed = []
    for made, line in zip(run.artworks, said(run, found), strict=True):
        if made.index in found:
            checks = found[made.index].checks
            both = list(zip(checks, rows(checks), strict=True))
            listed.append({"number": made.index, "says": line, "rows": both})
    return listed
