"""The tables, typed: what the team owns. Times are UTC text, records are JSON, states are words."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
Json = dict[str, Any]


class Base(DeclarativeBase):
    """All tables of ours; DBOS keeps its own in the same file."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {Json: JSON, list[Any]: JSON}  # noqa: RUF012  SQLAlchemy's own form


class SpecRow(Base):
    """A prompt spec; never changed, an edit makes a child."""

    __tablename__ = "specs"
    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("specs.id"))
    spec_json: Mapped[Json]
    created_at: Mapped[str]


class RunRow(Base):
    """One dispatch of one spec to one model."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_task", "task", "id"), Index("ix_runs_model", "model", "id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    root_id: Mapped[str] = mapped_column(index=True)
    ref: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str]
    attempt_round: Mapped[int] = mapped_column(default=1)
    spec_id: Mapped[str] = mapped_column(ForeignKey("specs.id"))
    brief: Mapped[str]
    task: Mapped[str]
    model: Mapped[str]
    model_version: Mapped[str | None]
    person_json: Mapped[Json]
    person_key: Mapped[str] = mapped_column(index=True)
    place_json: Mapped[Json]
    topic: Mapped[str | None] = mapped_column(index=True)
    """The platform's own thread in which it was asked for, where that is none of ours."""
    route_json: Mapped[Json]
    quote_json: Mapped[Json]
    parameters_json: Mapped[Json]
    adjustments_json: Mapped[list[Any]]
    warnings_json: Mapped[list[Any]]
    seeds_json: Mapped[list[Any]]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    parent_number: Mapped[int | None]
    baseline_id: Mapped[str | None]
    """On the first run of a thread: the thread's baseline. Elsewhere: what it was compared with."""
    created_at: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[str | None]
    finished_at: Mapped[str | None]
    timings_json: Mapped[Json] = mapped_column(default=dict)
    error_json: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    failures_json: Mapped[list[Any]] = mapped_column(default=list)
    grid_digest: Mapped[str | None]
    cancel_requested_by: Mapped[str | None]
    cost_usd: Mapped[float | None]
    revision: Mapped[int] = mapped_column(default=0)
    taken_down_by: Mapped[str | None]
    """Who took it off the platform; the record stays."""
    drafts_json: Mapped[list[Any] | None]
    """Prompts that were written from a brief."""
    family_id: Mapped[str | None] = mapped_column(index=True)
    """The first run of its family; such a run has no card of its own, …"""
    promoted_by: Mapped[str | None]
    """… until somebody chose it."""


class FamilyRow(Base):
    """The runs of one line, by the id of the first of them."""

    __tablename__ = "families"
    id: Mapped[str] = mapped_column(primary_key=True)
    axes_json: Mapped[list[Any]]
    sheet_digest: Mapped[str | None]
    revision: Mapped[int] = mapped_column(default=0)


class RouteRow(Base):
    """A team's own first choice for a task type in one channel."""

    __tablename__ = "channel_routes"
    surface: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]


class ArtworkRow(Base):
    """One image of a run."""

    __tablename__ = "artworks"
    __table_args__ = (
        Index("ix_artworks_review", "verdict", "decided", "run_id", "number"),
        Index("ix_artworks_approved", "approved", "run_id", "number"),
        Index("ix_artworks_close", "verdict", "decided", "closest", "run_id", "number"),
        Index("ix_artworks_accord", "verdict", "decided", "accord", "run_id", "number"),
        Index("ix_artworks_rated", "run_id", "number", sqlite_where=text("rating IS NOT NULL")),
    )
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int | None]
    digest: Mapped[str] = mapped_column(index=True)
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    output_path: Mapped[str]
    parameters_json: Mapped[Json]
    verdict: Mapped[str | None]
    reasons_json: Mapped[list[Any]] = mapped_column(default=list)
    notes_json: Mapped[list[Any]] = mapped_column(default=list)
    rating: Mapped[float | None]
    approved: Mapped[bool] = mapped_column(server_default=text("0"))
    """By the people and the quorum that counted when it was decided."""
    decided: Mapped[bool] = mapped_column(server_default=text("0"))
    """Whether anyone's decision stands: it is no longer in the review queue."""
    closest: Mapped[float | None]
    """How far its nearest figure is from a threshold; None: to be worked out."""
    closest_says: Mapped[str | None]
    accord: Mapped[float | None]
    """How far people agree, with each other and with the figures; None: to be worked out."""
    accord_says: Mapped[str | None]
    restored_by: Mapped[str | None]
    cost_usd: Mapped[float | None]
    model_version: Mapped[str | None]
    created_at: Mapped[str]


def _artwork_key(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["run_id", "number"], ["artworks.run_id", "artworks.number"], name=f"fk_{table}_artwork"
    )


class ScoreRow(Base):
    """One measurement of one artwork, with the scorer's version."""

    __tablename__ = "scores"
    __table_args__ = (_artwork_key("scores"),)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    value: Mapped[float]


class VoteRow(Base):
    """One person's standing opinion of one artwork; withdrawing removes the row."""

    __tablename__ = "votes"
    __table_args__ = (_artwork_key("votes"), Index("ix_votes_person", "person_key", "kind"))
    run_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """``pick``, ``rate`` or ``favourite`` (which is no rating)."""
    value: Mapped[float]
    name: Mapped[str]
    at: Mapped[str]
    position: Mapped[int | None]
    """Where the picture stood among those that were shown shuffled; None: as numbered."""
    blind: Mapped[str | None] = mapped_column(index=True)
    """The blind session that it was given in, if any."""


class DecisionRow(Base):
    """One decision by someone allowed; history is kept, the newest per person stands."""

    __tablename__ = "decisions"
    __table_args__ = (_artwork_key("decisions"), Index("ix_decisions_artwork", "run_id", "number"))
    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    decision: Mapped[str]
    """``approve``, ``reject``, ``withdraw`` or ``restore``."""
    reason: Mapped[str] = mapped_column(default="")
    person_key: Mapped[str]
    name: Mapped[str]
    surface: Mapped[str]
    assurance: Mapped[str]
    at: Mapped[str]


class AttemptRow(Base):
    """One call that may cost money: the intent before it, the receipt after it."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    number: Mapped[int]
    attempt_round: Mapped[int]
    model: Mapped[str]
    state: Mapped[str]
    payload_json: Mapped[Json]
    job_ref: Mapped[str | None]
    digest: Mapped[str | None]
    receipt_json: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    message: Mapped[str | None]
    opened_at: Mapped[str]
    closed_at: Mapped[str | None]


class LedgerRow(Base):
    """Money: what a quote reserved, and what an attempt settled."""

    __tablename__ = "ledger"
    key: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str]
    """``reserve``, ``release`` or ``settle``."""
    usd: Mapped[float]
    day: Mapped[str] = mapped_column(index=True)
    at: Mapped[str]


class InboxRow(Base):
    """An accepted event; its key makes redelivery harmless."""

    __tablename__ = "inbox"
    key: Mapped[str] = mapped_column(primary_key=True)
    event_json: Mapped[Json]
    received_at: Mapped[str]
    run_id: Mapped[str | None]
    outcome: Mapped[str | None]
    """None until it was acted on; then ``run``, ``done`` or the kind of the refusal."""


class OutboxRow(Base):
    """A message that is planned, and how far it was sent; sent again only if it changed."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_message", "surface", "message_ref"),
        Index("ix_outbox_due", "surface", "wanted", "sent"),
        Index("ix_outbox_open", "surface", sqlite_where=text("wanted > sent")),
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    """``card:RUN``, or ``note:EVENT``."""
    surface: Mapped[str]
    kind: Mapped[str]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    number: Mapped[int | None]
    text: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    wanted: Mapped[int]
    sent: Mapped[int] = mapped_column(default=0)
    message_ref: Mapped[str | None]
    planned_at: Mapped[str]
    sent_at: Mapped[str | None]
    last_error: Mapped[str | None]
    tried_at: Mapped[str | None]
    """When it was last handed to the surface: without a reference, it may have arrived."""
    mention_json: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    """The person to call, if any."""
    file: Mapped[str | None]
    """A file to hand out, below the data folder."""
    bulletin_json: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))
    """Of a digest: its place, and the picture that it shows."""


class ApproverRow(Base):
    """Someone whose word counts, named in chat by an admin; beside those in the settings."""

    __tablename__ = "approvers"
    entry: Mapped[str] = mapped_column(primary_key=True)
    """``slack:T1:U123``, ``slack:T1:group:S9``, ``discord:9:role:42``."""
    label: Mapped[str]
    added_by: Mapped[str]
    at: Mapped[str]


class KeepsakeRow(Base):
    """A small thing that a surface remembers."""

    __tablename__ = "keepsakes"
    surface: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ExportRow(Base):
    """A copy of approved work that was handed out."""

    __tablename__ = "exports"
    id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    by: Mapped[str]
    at: Mapped[str]
    files_json: Mapped[list[Any]]
