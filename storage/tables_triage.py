"""Tables of triage: what each verdict came of, and thresholds from the team's votes."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class JudgementRow(Base):
    """What the verdict on an artwork came of."""

    __tablename__ = "judgements"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "number"],
            ["artworks.run_id", "artworks.number"],
            name="fk_judgements_artwork",
        ),
    )
    run_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    """Triage's own; people may have restored it since."""
    policy: Mapped[str]
    """The version of the thresholds."""
    explored: Mapped[bool] = mapped_column(server_default=text("0"))
    """Picked by chance for people to look at, whatever the figure said."""
    calibration: Mapped[int | None]
    """The calibration that was in force."""
    would_reject: Mapped[bool] = mapped_column(server_default=text("0"))
    """Whether the figure lay under that calibration's threshold."""
    checks_json: Mapped[list[Any]]


class CalibrationRow(Base):
    """A threshold from the team's votes, as it was worked out once; never changed."""

    __tablename__ = "calibrations"
    __table_args__ = (Index("ix_calibrations_task", "task", "score", "version", "number"),)
    number: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    score: Mapped[str]
    version: Mapped[str]
    n: Mapped[int]
    k: Mapped[int]
    a: Mapped[float]
    d: Mapped[float]
    threshold: Mapped[float | None]
    marginal: Mapped[float | None]
    rejected: Mapped[int]
    passes: Mapped[float | None]
    explore: Mapped[float]
    suspended: Mapped[str]
    window_labels: Mapped[int]
    window_days: Mapped[float]
    at: Mapped[str]
