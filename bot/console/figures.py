"""Two runs in tables: what was sent, what it took, what was measured, what people said.

``new`` is the run, ``old`` what it is set against; every value is ready to be shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.run import Artwork, Run
from pipeline.apart import Apart, scores_apart
from pipeline.replay import means

ABSENT: Final = "–"
APART: Final = frozenset({"prompt", "negative_prompt", "seed", "settings", "count"})
"""Shown elsewhere on the page, or spread out."""
DECIMALS: Final = 3
PADDING: Final = "\u2008" + "\u2007" * DECIMALS
"""As wide as a point and its decimals, so that points stand under each other."""
PLAIN_FROM: Final = 100.0
"""A figure from here on has no decimals."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is, on both sides, and how far apart."""

    name: str
    old: str
    new: str
    difference: str = ""
    sure: str = ""
    """The interval of the difference, or why there is none."""


def parameters(old: Run, new: Run) -> tuple[list[Row], list[Row]]:
    """Return the parameters that differ, and the others."""
    ours, theirs = _parameters(old), _parameters(new)
    names = list(dict.fromkeys((*theirs, *ours)))
    rows = [Row(name, ours.get(name, ABSENT), theirs.get(name, ABSENT)) for name in names]
    same = [row for row in rows if row.old == row.new]
    return [row for row in rows if row not in same], same


def making(old: Run, new: Run) -> list[Row]:
    """Return task, seeds, images, cost and time."""
    cost = _apart(old.cost_usd, new.cost_usd, DECIMALS, "$")
    seconds = (old.timings_s.get("total"), new.timings_s.get("total"))
    times = ["not measured" if one is None else f"{one:.1f} s" for one in seconds]
    return [
        Row("task", _task(old), _task(new)),
        Row("seeds", _seeds(old), _seeds(new), "the same" if old.seeds == new.seeds else ""),
        Row("images", _made(old), _made(new)),
        Row("cost", _cost(old), _cost(new), cost),
        Row("time", times[0], times[1], _apart(*seconds, 1, "s")),
    ]


def scores(old: Run, new: Run) -> list[Row]:
    """Return the mean of each figure, with points that stand under each other.

    Figures of other scorer versions stand beside each other and are not subtracted.
    """
    ours, theirs = means(old), means(new)
    apart, refused = scores_apart(new, old)
    return [
        _score(name, ours, theirs, apart.get(name), refused.get(name, ""))
        for name in sorted(ours.keys() | theirs)
    ]


def people(old: Run, new: Run) -> list[Row]:
    """Return what people said: votes, approvals, rejections; only what somebody did."""
    rows = [
        Row(name, *(_each(run, said) or ABSENT for run in (old, new)))
        for name, said in (("picked", _picked), ("approved", _approved), ("rejected", _rejected))
    ]
    return [row for row in rows if row.old != row.new or row.old != ABSENT]


def _parameters(run: Run) -> dict[str, str]:
    asked = {"brief": run.spec.brief, "target": run.spec.target}
    given: dict[str, Any] = run.parameters.model_dump(exclude=set(APART)) | asked
    given |= {"model_version": run.model_version} | run.parameters.settings
    return {name.replace("_", " "): _value(value) for name, value in given.items()}


def _value(value: Any) -> str:
    if value is None or value in ("", ()):
        return ABSENT
    if isinstance(value, float):
        return f"{value:g}"
    said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"picture {said[7:15]}" if said.startswith("sha256:") else said


def _task(run: Run) -> str:
    return f"{run.route.task} (guessed)" if run.route.task_guessed else run.route.task


def _seeds(run: Run) -> str:
    if run.parameters.seed is None:
        return "the model takes none"
    return ", ".join(map(str, run.seeds))


def _made(run: Run) -> str:
    return f"{len(run.artworks)} of {run.spec.count}"


def _cost(run: Run) -> str:
    if run.cost_usd is None:
        return "not known"
    return f"${run.cost_usd:.3f}" if run.cost_usd else "free"


def _apart(old: float | None, new: float | None, decimals: int, unit: str) -> str:
    apart = 0.0 if old is None or new is None else round(new - old, decimals)
    return _signed(f"{apart:+.{decimals}f} {unit}") if apart else ""


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _score(
    name: str,
    ours: Mapping[str, float],
    theirs: Mapping[str, float],
    apart: Apart | None,
    refused: str,
) -> Row:
    values = [side[name] for side in (ours, theirs) if name in side]
    decimals = 0 if max(map(abs, values)) >= PLAIN_FROM else DECIMALS
    old, new = (_figure(side.get(name), decimals) for side in (ours, theirs))
    difference = apart.difference.mean if apart else None
    said = _figure(difference, decimals, "+")
    return Row(name.replace("_", " "), old, new, said, refused or _sure(apart, decimals))


def _sure(apart: Apart | None, decimals: int) -> str:
    """Return half the interval, and whether it holds 0."""
    if apart is None or apart.difference.plus_minus is None:
        return ""
    noise = " noise" if apart.difference.noise else ""
    return f"± {apart.difference.plus_minus:.{decimals}f}{noise}"


def _figure(value: float | None, decimals: int, sign: str = "") -> str:
    """Write a figure, padded where it lacks decimals."""
    if value is None:
        return ABSENT
    padding = "" if decimals else PADDING
    rounded = round(value, decimals) or 0.0
    said = f"{rounded:{sign if rounded else ''}.{decimals}f}"
    return _signed(said) + padding


def _each(run: Run, said: Callable[[Artwork], str]) -> str:
    told = [(made.index, said(made)) for made in run.artworks]
    return "; ".join(f"#{number} {words}" for number, words in told if words)


def _by(names: Sequence[str]) -> str:
    return f"by {', '.join(names)}" if names else ""


def _picked(made: Artwork) -> str:
    return _by(made.picked_by)


def _approved(made: Artwork) -> str:
    said = _by([approval.by for approval in made.approvals])
    return said if made.approved or not said else f"{said} (not enough yet)"


def _rejected(made: Artwork) -> str:
    return _by(made.rejected_by)
