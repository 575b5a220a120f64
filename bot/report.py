"""A run as ``--json`` and the HTTP interface show it (DESIGN 12): the promise to scripts."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.handed import handed
from domain.axis import Axis
from domain.run import Artwork, Run
from domain.spec import SEGMENTS
from pipeline.replay import baseline_delta

PathOf = Callable[[Artwork], str]
"""Where an artwork's file lies, absolute."""


def report(run: Run, *, baseline: Run | None, path_of: PathOf) -> dict[str, Any]:
    """Return everything that the log holds of a run."""
    return (
        {
            "id": run.id,
            "ref": run.ref,
            "kind": run.kind,
            "state": run.state,
            "stage": run.stage,
            "by": run.person.name,
            "created_at": _json(run)["created_at"],
            "quote": run.quote.model_dump(mode="json"),
            "warnings": [one.model_dump(mode="json") for one in run.warnings],
            "task": run.route.task,
            "task_guessed": run.route.task_guessed,
            "model": run.route.model,
            "model_version": run.model_version,
            "route_reason": run.route.reason,
            "brief": run.spec.scored_brief,
            "compiled": run.parameters.prompt,
            "parameters": run.parameters.model_dump(mode="json"),
            "baseline_delta": baseline_delta(run, baseline) if baseline else None,
            "spec": _spec(run),
            "adjustments": [one.model_dump(mode="json") for one in run.adjustments],
            "artworks": [_artwork(one, path_of) for one in run.artworks],
            "failures": [one.model_dump(mode="json") for one in run.failures],
            "seeds": list(run.seeds),
            "parent": run.parent.model_dump(mode="json") if run.parent else None,
            "baseline": run.baseline,
            "thread": run.root,
            "family": run.family,
            "promoted_by": run.promoted_by,
            "round": run.attempt_round,
            "grid": run.grid,
            "cost_usd": run.cost_usd,
            "timings_s": run.timings_s,
            "error": run.error.model_dump(mode="json") if run.error else None,
        }
        | _handoff(run)
        | _drafts(run)
    )


def _drafts(run: Run) -> dict[str, Any]:
    """Return the prompts that a run has written; nothing for one that makes images."""
    if run.kind != "text":
        return {}
    return {"drafts": [one.model_dump(mode="json") for one in run.drafts]}


def _handoff(run: Run) -> dict[str, Any]:
    """Return what a person is to do elsewhere; nothing for a run that a vendor makes."""
    by_hand = run.route.model.startswith("midjourney:")
    if not by_hand or run.state not in {"handed", "planned"}:
        return {}
    told = handed(run)
    return {"handoff": {"paste": told.paste, "next": told.next}}


def family_record(
    family_id: str | None, axes: Sequence[Axis], runs: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Return the runs of one line, as each is reported, with what sets them apart."""
    shown = [axis.model_dump(mode="json") for axis in axes]
    return {"family": family_id, "axes": shown, "runs": list(runs)}


def _json(run: Run) -> dict[str, Any]:
    return run.model_dump(mode="json", include={"created_at"})


def _spec(run: Run) -> dict[str, Any]:
    spec = run.spec.model_dump(mode="json")
    spec["segments"] = {name: spec["segments"][name] for name in SEGMENTS}
    return spec


def _artwork(artwork: Artwork, path_of: PathOf) -> dict[str, Any]:
    shown = artwork.model_dump(mode="json")
    return shown | {
        "path": path_of(artwork),
        "approvals": [
            {name: made[name] for name in ("by", "at", "surface", "assurance")}
            for made in shown["approvals"]
        ],
    }
