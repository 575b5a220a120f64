"""Tables of the review desk: who is to look at what, reasons that were given, daily digests."""

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, Json


class AssignmentRow(Base):
    """Who is to look at an artwork; one person at a time, and nothing is locked by it."""

    __tablename__ = "assignments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "number"],
            ["artworks.run_id", "artworks.number"],
            name="fk_assignments_artwork",
        ),
    )
    run_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(index=True)
    person_json: Mapped[Json]
    name: Mapped[str]
    by_key: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]


class ReasonRow(Base):
    """One reason of a decision against an artwork: a known name, or own words."""

    __tablename__ = "decision_reasons"
    __table_args__ = (Index("ix_decision_reasons_reason", "reason", "decision_id"),)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decisions.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    known: Mapped[bool]
    """Whether it is one of those in ``config/negatives.toml``; else it is in own words."""


class DigestRow(Base):
    """A channel that is told once a day what waits for a decision."""

    __tablename__ = "digests"
    surface: Mapped[str] = mapped_column(primary_key=True)
    workspace: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[str]
    """Local time of day, ``09:00``; empty: it was switched off here."""
    empty: Mapped[bool] = mapped_column(server_default=text("0"))
    """Whether it also comes when nothing waits."""
    by: Mapped[str]
    last_day: Mapped[str] = mapped_column(default="")
    """The local day for which it was planned last."""
