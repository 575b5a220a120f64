"""How the domain's records become rows."""

from typing import Any

from domain.event import Person
from domain.run import Artwork, Run
from storage.artifacts import output_path
from storage.times import text_of


def person_key(person: Person) -> str:
    """Return the text by which a person is known in votes, decisions and the queue."""
    return f"{person.surface}:{person.workspace}:{person.id}"


def run_values(run: Run, ref: int) -> dict[str, Any]:
    """Return the row of a run that waits to begin, as number *ref* of its thread."""
    return {
        "id": run.id,
        "root_id": run.root,
        "ref": ref,
        "kind": run.kind,
        "state": run.state,
        "stage": run.stage,
        "attempt_round": run.attempt_round,
        "spec_id": run.id,
        "brief": run.spec.scored_brief,
        "task": run.route.task,
        "model": run.route.model,
        "person_key": person_key(run.person),
        "topic": run.place.topic,
        "family_id": run.family,
        "parent_id": run.parent.run if run.parent else None,
        "parent_number": run.parent.number if run.parent else None,
        "baseline_id": run.id if run.id == run.root else run.baseline,
        "created_at": text_of(run.created_at),
        "seeds_json": list(run.seeds),
        "timings_json": {},
        "failures_json": [],
        "revision": 0,
        **_json_columns(run),
    }


def _json_columns(run: Run) -> dict[str, Any]:
    return {
        "person_json": run.person.model_dump(mode="json"),
        "place_json": run.place.model_dump(mode="json"),
        "route_json": run.route.model_dump(mode="json"),
        "quote_json": run.quote.model_dump(mode="json"),
        "parameters_json": run.parameters.model_dump(mode="json"),
        "adjustments_json": [one.model_dump(mode="json") for one in run.adjustments],
        "warnings_json": [one.model_dump(mode="json") for one in run.warnings],
    }


def artwork_values(run_id: str, artwork: Artwork, now: str) -> dict[str, Any]:
    """Return the row of an artwork that was just made."""
    same = ("seed", "digest", "media_type", "size_bytes", "width", "height", "cost_usd")
    return {name: getattr(artwork, name) for name in same} | {
        "run_id": run_id,
        "number": artwork.index,
        "output_path": output_path(artwork.digest, artwork.media_type),
        "parameters_json": artwork.parameters.model_dump(mode="json"),
        "reasons_json": [],
        "notes_json": list(artwork.notes),
        "model_version": artwork.model_version,
        "created_at": now,
    }
