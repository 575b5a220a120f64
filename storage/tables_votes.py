"""Tables of votes: who looks at which runs without knowing whose and what they are."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class BlindRow(Base):
    """One run in one person's blind session; the session ends with their first vote."""

    __tablename__ = "blinds"
    __table_args__ = (Index("ix_blinds_run", "run_id", "ended_at"),)
    session: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    person_key: Mapped[str] = mapped_column(index=True)
    at: Mapped[str]
    ended_at: Mapped[str | None]
    """When all was shown, after the vote or without one; None while it goes on."""
