"""Tables of prompt templates: every version for good, and which are retired."""

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base, Json


class TemplateRow(Base):
    """One version of one template; never changed."""

    __tablename__ = "templates"
    __table_args__ = (
        UniqueConstraint("name", "version", name="uq_templates_version"),
        UniqueConstraint("event_key", name="uq_templates_event"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    segments_json: Mapped[Json]
    flags_json: Mapped[Json]
    person_key: Mapped[str]
    by: Mapped[str]
    at: Mapped[str]
    event_key: Mapped[str | None]
    """The line that made it: the same line again makes no second version."""


class RetiredRow(Base):
    """A template that is out of use; its versions stay."""

    __tablename__ = "templates_retired"
    name: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    at: Mapped[str]


class TemplateUseRow(Base):
    """A run whose prompt came from a version of a template."""

    __tablename__ = "template_uses"
    __table_args__ = (
        ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_template_uses_run"),
        Index("ix_template_uses_name", "name", "version", "run_id"),
    )
    run_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
