"""Where artworks stand in the review queue, who is to look at them, reasons, daily digests."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED: tuple[tuple[str, str, Any], ...] = (
    ("artworks", "closest", sa.Double()),
    ("artworks", "closest_says", sa.String()),
    ("artworks", "accord", sa.Double()),
    ("artworks", "accord_says", sa.String()),
    ("outbox", "bulletin_json", sa.JSON()),
)
INDEXES = (
    ("ix_artworks_close", "artworks", ["verdict", "decided", "closest", "run_id", "number"]),
    ("ix_artworks_accord", "artworks", ["verdict", "decided", "accord", "run_id", "number"]),
    ("ix_decision_reasons_reason", "decision_reasons", ["reason", "decision_id"]),
    ("ix_assignments_person_key", "assignments", ["person_key"]),
)


def upgrade() -> None:
    """Add the columns, which are worked out when first needed, and the tables."""
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "assignments",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("person_json", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("by_key", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "number"],
            ["artworks.run_id", "artworks.number"],
            name="fk_assignments_artwork",
        ),
    )
    op.create_table(
        "decision_reasons",
        sa.Column("decision_id", sa.String(), sa.ForeignKey("decisions.id"), primary_key=True),
        sa.Column("reason", sa.String(), primary_key=True),
        sa.Column("known", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "digests",
        sa.Column("surface", sa.String(), primary_key=True),
        sa.Column("workspace", sa.String(), primary_key=True),
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("empty", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("last_day", sa.String(), nullable=False),
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.execute(
        "INSERT INTO decision_reasons (decision_id, reason, known) SELECT id, reason, reason IN"
        " ('hands', 'face', 'text', 'crop', 'off-brief', 'off-brand', 'artefact')"
        " FROM decisions WHERE decision = 'reject' AND reason <> ''"
    )


def downgrade() -> None:
    """Drop what was added."""
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    for table in ("digests", "decision_reasons", "assignments"):
        op.drop_table(table)
    for table, name, _ in reversed(ADDED):
        op.drop_column(table, name)
