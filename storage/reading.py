"""How rows become the domain's records again: a few queries for any number of runs."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.draft import Draft
from domain.event import Person, Place
from domain.model import Adjustment, Parameters, Quote, Route
from domain.run import Approval, Artwork, Failure, Notice, Parent, Run
from domain.spec import PromptSpec
from storage.tables import ArtworkRow, DecisionRow, RunRow, ScoreRow, SpecRow, VoteRow

AnyRow = Row[Any]
Key = tuple[str, int]


def standing(decisions: Iterable[AnyRow]) -> dict[Key, list[AnyRow]]:
    """Return the decisions that stand: each person's newest on each artwork, oldest first."""
    newest: dict[tuple[str, int, str], AnyRow] = {}
    for row in decisions:
        if row.decision != "restore":
            newest.pop((row.run_id, row.number, row.person_key), None)
            newest[row.run_id, row.number, row.person_key] = row
    grouped: dict[Key, list[AnyRow]] = {}
    for row in newest.values():
        grouped.setdefault((row.run_id, row.number), []).append(row)
    return grouped


async def load_runs(connection: AsyncConnection, ids: Sequence[str]) -> list[Run]:
    """Return the runs of *ids* in that order, leaving out those that do not exist."""
    query = select(RunRow.__table__, SpecRow.spec_json).join(SpecRow, SpecRow.id == RunRow.spec_id)
    rows = {row.id: row for row in await connection.execute(query.where(RunRow.id.in_(ids)))}
    artworks = await load_artworks(connection, list(rows))
    return [_run(rows[run_id], artworks.get(run_id, ())) for run_id in ids if run_id in rows]


async def load_artworks(
    connection: AsyncConnection, run_ids: Sequence[str]
) -> dict[str, tuple[Artwork, ...]]:
    """Return the artworks of each run, by number, with scores, votes and decisions."""
    rows = await _rows(connection, ArtworkRow, run_ids, ArtworkRow.number)
    if not rows:
        return {}  # scores, votes and decisions are of artworks
    scores = _grouped(await _rows(connection, ScoreRow, run_ids, ScoreRow.name))
    votes = _grouped(await _votes(connection, run_ids))
    decided = standing(await _rows(connection, DecisionRow, run_ids, DecisionRow.id))
    made: dict[str, tuple[Artwork, ...]] = {}
    for row in rows:
        key = (row.run_id, row.number)
        artwork = _artwork(row, scores.get(key, []), votes.get(key, []), decided.get(key, []))
        made[row.run_id] = (*made.get(row.run_id, ()), artwork)
    return made


async def _rows(
    connection: AsyncConnection, table: Any, run_ids: Sequence[str], order: Any
) -> Sequence[AnyRow]:
    query = select(table.__table__).where(table.run_id.in_(run_ids)).order_by(order)
    return (await connection.execute(query)).all()


async def _votes(connection: AsyncConnection, run_ids: Sequence[str]) -> Sequence[AnyRow]:
    """Of votes there may be thousands: no more of them than is shown."""
    shown = (VoteRow.run_id, VoteRow.number, VoteRow.kind, VoteRow.name)
    query = select(*shown).where(VoteRow.run_id.in_(run_ids)).order_by(VoteRow.at)
    return [*await connection.execute(query)]


def _grouped(rows: Iterable[AnyRow]) -> dict[Key, list[AnyRow]]:
    grouped: dict[Key, list[AnyRow]] = {}
    for row in rows:
        grouped.setdefault((row.run_id, row.number), []).append(row)
    return grouped


def _artwork(
    row: AnyRow, scores: list[AnyRow], votes: list[AnyRow], decisions: list[AnyRow]
) -> Artwork:
    approvals = tuple(_approval(made) for made in decisions if made.decision == "approve")
    return Artwork(
        index=row.number,
        seed=row.seed,
        digest=row.digest,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        parameters=Parameters.model_validate(row.parameters_json),
        verdict=row.verdict,
        reasons=tuple(row.reasons_json),
        scores={score.name: score.value for score in scores},
        score_versions={score.name: score.version for score in scores},
        notes=tuple(row.notes_json),
        rating=row.rating,
        picked_by=tuple(vote.name for vote in votes if vote.kind == "pick"),
        favourite_of=tuple(vote.name for vote in votes if vote.kind == "favourite"),
        approvals=approvals,
        approved=row.approved,
        rejected_by=tuple(made.name for made in decisions if made.decision == "reject"),
        restored_by=row.restored_by,
        cost_usd=row.cost_usd,
        model_version=row.model_version,
    )


def _approval(row: AnyRow) -> Approval:
    return Approval(
        by=row.name, at=row.at, surface=row.surface, assurance=row.assurance, digest=row.digest
    )


def _run(row: AnyRow, artworks: Sequence[Artwork]) -> Run:
    baseline = None if row.baseline_id == row.id else row.baseline_id
    parent = Parent(run=row.parent_id, number=row.parent_number) if row.parent_id else None
    return Run(
        id=row.id,
        root=row.root_id,
        ref=f"r{row.ref}",
        kind=row.kind,
        state=row.state,
        stage=row.stage,
        attempt_round=row.attempt_round,
        person=Person.model_validate(row.person_json),
        place=Place.model_validate(row.place_json),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        spec=PromptSpec.model_validate(row.spec_json),
        route=Route.model_validate(row.route_json),
        quote=Quote.model_validate(row.quote_json),
        parameters=Parameters.model_validate(row.parameters_json),
        adjustments=tuple(Adjustment.model_validate(one) for one in row.adjustments_json),
        warnings=tuple(Notice.model_validate(one) for one in row.warnings_json),
        seeds=tuple(row.seeds_json),
        parent=parent,
        baseline=baseline,
        artworks=tuple(artworks),
        failures=tuple(Failure.model_validate(one) for one in row.failures_json),
        cost_usd=row.cost_usd,
        timings_s=row.timings_json,
        error=Failure.model_validate(row.error_json) if row.error_json else None,
        grid=row.grid_digest,
        cancel_requested_by=row.cancel_requested_by,
        taken_down_by=row.taken_down_by,
        model_version=row.model_version,
        family=row.family_id,
        promoted_by=row.promoted_by,
        drafts=tuple(Draft.model_validate(one) for one in row.drafts_json or ()),
        revision=row.revision,
    )
