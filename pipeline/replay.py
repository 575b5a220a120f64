"""What differs between two runs: the line against the baseline, and the whole comparison."""

from collections.abc import Sequence
from typing import Any, Final

from domain.run import Run
from domain.spec import SEGMENTS
from pipeline.apart import scores_apart

_PARAMETERS: Final = (
    "model",
    "cfg_scale",
    "steps",
    "width",
    "height",
    "aspect_ratio",
    "denoising_strength",
    "init_image",
    "mask",
    "controls",
    "references",
    "loras",
    "operation",
    "margins",
    "file_format",
    "background",
    "count",
    "settings",
)


def changed(run: Run, baseline: Run) -> tuple[str, ...]:
    """Return what differs, by name: segments first, then parameters, then seeds."""
    segments = [
        f"segments.{name}"
        for name in SEGMENTS
        if run.spec.segments[name] != baseline.spec.segments[name]
    ]
    parameters = [
        name
        for name in _PARAMETERS
        if getattr(run.parameters, name) != getattr(baseline.parameters, name)
    ]
    seeds = [] if run.seeds == baseline.seeds else ["seed"]
    return (*segments, *parameters, *seeds)


def baseline_delta(run: Run, baseline: Run) -> dict[str, Any]:
    """Return the comparison as ``--json`` shows it: changes, seeds, score means, cost."""
    return {
        "baseline": baseline.id,
        "ref": baseline.ref,
        "changed": list(changed(run, baseline)),
        "same_seeds": run.seeds == baseline.seeds,
        **_scores(run, baseline),
        "cost_usd": _difference(run.cost_usd, baseline.cost_usd),
    }


def baseline_line(run: Run, baseline: Run) -> str:
    """Say the comparison in one line for a card."""
    names = [name.removeprefix("segments.") for name in changed(run, baseline) if name != "seed"]
    said = f"{_listed(names)} changed" if names else "nothing changed"
    seeds = "same seeds" if run.seeds == baseline.seeds else "other seeds"
    cost = _difference(run.cost_usd, baseline.cost_usd)
    price = f"{cost:+.3f} $".replace("-", "−") if cost else ""
    parts = (f"Against {baseline.ref}: {said}", seeds, price, _fit(run, baseline))
    return ", ".join(filter(None, parts))


def _fit(run: Run, baseline: Run) -> str:
    """Say the difference in fit with its interval; nothing where one of both has none."""
    apart, refused = scores_apart(run, baseline)
    if "fit" in refused:
        return f"fit not compared ({refused['fit']})"
    return f"fit {apart['fit'].says}" if "fit" in apart else ""


def scores_in_words(run: Run, other: Run) -> list[str]:
    """Say how far each figure lies apart, and what is not compared; words of the brief aside."""
    apart, refused = scores_apart(run, other)
    said = [f"{name} {one.says}" for name, one in apart.items() if ":" not in name]
    return said + [f"{name} not compared ({why})" for name, why in refused.items()]


def compare(run: Run, other: Run) -> dict[str, Any]:
    """Return everything that differs between two runs, value by value."""
    return {
        "runs": [run.id, other.id],
        "changed": list(changed(run, other)),
        "segments": _segment_differences(run, other),
        "parameters": parameter_differences(run, other),
        "seeds": [list(run.seeds), list(other.seeds)],
        **_scores(run, other),
        "ratings": [_ratings(run), _ratings(other)],
        "approved": [_approved(run), _approved(other)],
        "cost_usd": [run.cost_usd, other.cost_usd],
    }


def _segment_differences(run: Run, other: Run) -> dict[str, list[str]]:
    pairs = {name: (run.spec.segments[name], other.spec.segments[name]) for name in SEGMENTS}
    return {
        name: [_said(one.text, one.weight), _said(two.text, two.weight)]
        for name, (one, two) in pairs.items()
        if one != two
    }


def _said(text: str, weight: float) -> str:
    return text if weight == 1.0 else f"{text} ::{weight:g}"


def parameter_differences(run: Run, other: Run) -> dict[str, list[Any]]:
    """Return what was sent otherwise, both values by name."""
    return {
        name: [getattr(run.parameters, name), getattr(other.parameters, name)]
        for name in _PARAMETERS
        if getattr(run.parameters, name) != getattr(other.parameters, name)
    }


def _scores(run: Run, other: Run) -> dict[str, Any]:
    apart, refused = scores_apart(run, other)
    return {
        "scores": {name: round(one.difference.mean, 4) for name, one in apart.items()},
        "intervals": {name: one.record for name, one in apart.items()},
        "not_compared": refused,
    }


def means(run: Run) -> dict[str, float]:
    """Return the mean of each score over a run's artworks, by name."""
    values: dict[str, list[float]] = {}
    for artwork in run.artworks:
        for name, value in artwork.scores.items():
            values.setdefault(name, []).append(value)
    return {name: sum(those) / len(those) for name, those in values.items()}


def _difference(ours: float | None, theirs: float | None) -> float | None:
    return None if ours is None or theirs is None else round(ours - theirs, 6)


def _ratings(run: Run) -> dict[int, float | None]:
    return {artwork.index: artwork.rating for artwork in run.artworks}


def _approved(run: Run) -> list[int]:
    return [artwork.index for artwork in run.artworks if artwork.approved]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
