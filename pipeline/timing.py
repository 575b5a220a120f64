"""How long a run took, part by part."""

from datetime import datetime

from domain.run import Run


def timings_of(run: Run, now: datetime) -> dict[str, float]:
    """Return the seconds that a run waited and was made, and both together."""
    begun = run.started_at or run.created_at
    timings = {
        "waited": (begun - run.created_at).total_seconds(),
        "made": (now - begun).total_seconds(),
        "total": (now - run.created_at).total_seconds(),
    }
    return {name: round(value, 3) for name, value in timings.items()}
