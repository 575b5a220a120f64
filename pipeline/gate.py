"""Whether a run is worse than another, by rules that a team's CI can stand on (docs/comparing.md).

What is not sure is not worse: a difference counts only where its 95 % interval leaves 0 out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.run import Run
from domain.uncertainty import wilson
from pipeline.apart import scores_apart

BETTER_HIGHER: Final = ("fit", "aesthetic", "aesthetic_v1", "aesthetic_v2")
"""Figures of which more is better; of all others (sharpness, saturation) triage makes verdicts."""
HALF: Final = 0.5
BLIND: Final = "blind votes"


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule found."""

    measure: str
    worse: bool | None
    """None: it could not be judged."""
    says: str

    @property
    def record(self) -> dict[str, str]:
        """The same as ``--json`` shows it."""
        return {"measure": self.measure, "says": self.says}


def gate(candidate: Run, reference: Run, wins: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """Return whether *candidate* is worse than *reference*, with every reason.

    Args:
        candidate: What is to be judged.
        reference: What it is held against.
        wins: In blind votes: how often the candidate was preferred, and the reference.
    """
    found = [
        _failed(candidate, reference),
        _rejected(candidate, reference),
        *_scores(candidate, reference),
        _blind(*wins),
    ]
    return {
        "reference": reference.id,
        "candidate": candidate.id,
        "worse": any(one.worse for one in found),
        "reasons": [one.record for one in found if one.worse],
        "passed": [one.record for one in found if one.worse is False],
        "not_judged": [one.record for one in found if one.worse is None],
    }


def gate_text(said: Mapping[str, Any], names: tuple[str, str]) -> str:
    """Say the same in lines: the verdict first.

    Args:
        said: What ``gate`` returned.
        names: What the candidate and the reference are called.
    """
    head = f"{names[0]} is {'worse than' if said['worse'] else 'no worse than'} {names[1]}"
    groups = (("reasons", "✗"), ("passed", "✓"), ("not_judged", "–"))
    lines = [
        f"  {sign} {one['measure']}: {one['says']}" for name, sign in groups for one in said[name]
    ]
    return "\n".join([head, *lines])


def _failed(candidate: Run, reference: Run) -> Found:
    asked = [(len(run.artworks), run.spec.count) for run in (candidate, reference)]
    worse = asked[0][0] / asked[0][1] < asked[1][0] / asked[1][1]
    (made, of), (was, was_of) = asked
    why = f" ({candidate.state})" if candidate.state != "done" else ""
    return Found("images made", worse, f"{made} of {of}{why}, before {was} of {was_of}")


def _rejected(candidate: Run, reference: Run) -> Found:
    counts = [
        (sum(made.verdict == "reject" for made in run.artworks), len(run.artworks))
        for run in (candidate, reference)
    ]
    if not all(many for _, many in counts):
        return Found("verdicts", None, "one of the two has no image")
    (now, of), (was, was_of) = counts
    says = f"{now} of {of} rejected by triage, before {was} of {was_of}"
    return Found("verdicts", now / of > was / was_of, says)


def _scores(candidate: Run, reference: Run) -> list[Found]:
    tasks = (candidate.route.task, reference.route.task)
    if tasks[0] != tasks[1]:
        return [Found("fit", None, f"made as {tasks[0]} and as {tasks[1]}: not comparable")]
    apart, refused = scores_apart(candidate, reference)
    found = []
    for name in BETTER_HIGHER:
        if name in refused:
            found.append(Found(name, None, refused[name]))
        elif name in apart:
            known = apart[name]
            mean, half = known.difference
            worse = None if half is None else mean + half < 0
            found.append(Found(name, worse, known.says))
    return found or [Found("fit", None, "not measured in both")]


def _blind(candidate: int, reference: int) -> Found:
    many = candidate + reference
    if not many:
        return Found(BLIND, None, "nobody has voted on both blind")
    low, high = wilson(candidate, many)
    says = f"preferred by {candidate} of {many} ({low:.0%} to {high:.0%})"
    return Found(BLIND, high < HALF, says)
