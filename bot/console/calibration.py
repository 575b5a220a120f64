"""The calibration page: what the team's votes allow triage to reject, and what it promises."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.calibrating import Standing
from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE
from scoring.calibrate import least_needed

BINS: Final = 32
WIDE: Final = 640
HIGH: Final = 84
"""Of each half: what people want stands on the line, what they do not hangs from it."""
GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of the figure, in its own units."""

    x: float
    y: float
    width: float
    height: float
    wanted: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """How the scores of what people want and do not want are spread."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    threshold: float | None
    """Where the threshold lies across; None if there is none."""
    says: str
    """The same in words."""


def calibration_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/calibration", response_class=HTMLResponse)
    async def calibration() -> HTMLResponse:
        """Show every task type's threshold, its guarantee, and what it came of."""
        found = await desk.app.calibrating.all()
        shown: dict[str, Any] = {
            "present": [(one, figure_of(one)) for one in found if not one.void],
            "void": [one for one in found if one.void],
            "policy": (policy := desk.app.calibrating.policy),
            "least": least_needed(policy.false_rejects, policy.risk),
            "section": "calibrate",
            "waiting": await desk.waiting(),
        }
        return HTMLResponse(drawing.page("calibration.html", **shown), headers=NO_STORE)

    return router


def figure_of(one: Standing) -> Figure | None:
    """Draw how scores are spread; None while nobody has said anything."""
    values = (*one.approved, *one.rejected)
    if not values:
        return None
    low, high = min(values), max(values)
    span = (high - low) or 0.1
    low, high = low - span * 0.02, low + span * 1.02
    counts = [[0] * BINS, [0] * BINS]
    for wanted, scores in enumerate((one.rejected, one.approved)):
        for score in scores:
            counts[wanted][min(BINS - 1, int((score - low) / (high - low) * BINS))] += 1
    tallest = max(max(row) for row in counts)
    step = WIDE / BINS
    bars = [
        Bar(
            x=round(at * step + GAP / 2, 1),
            y=round(HIGH - height, 1) if wanted else HIGH + 1,
            width=round(step - GAP, 1),
            height=round(height, 1),
            wanted=bool(wanted),
        )
        for wanted, row in enumerate(counts)
        for at, count in enumerate(row)
        if (height := count / tallest * (HIGH - GAP))
    ]
    threshold = one.calibrated.threshold
    across = None if threshold is None else (threshold - low) / (high - low) * WIDE
    return Figure(
        bars=tuple(bars),
        ticks=tuple(
            (round(WIDE * part, 1), f"{low + (high - low) * part:.2f}")
            for part in (0.0, 0.25, 0.5, 0.75, 1.0)
        ),
        threshold=None if across is None else round(min(WIDE, max(0.0, across)), 1),
        says=_said(one),
    )


def _said(one: Standing) -> str:
    parts = []
    for name, scores in (("wanted", one.approved), ("not wanted", one.rejected)):
        if scores:
            middle = scores[len(scores) // 2]
            parts.append(
                f"{len(scores)} {name}, from {scores[0]:.2f} to {scores[-1]:.2f}, "
                f"half of them under {middle:.2f}"
            )
    return "; ".join(parts)
