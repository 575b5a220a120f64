"""Runs of several models under one card, and a channel's own first choice of a model."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to runs two columns that are empty for all that was before."""
    op.add_column("runs", sa.Column("family_id", sa.String(), nullable=True))
    op.add_column("runs", sa.Column("promoted_by", sa.String(), nullable=True))
    op.create_index("ix_runs_family_id", "runs", ["family_id"])
    op.create_table(
        "families",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("axes_json", sa.JSON(), nullable=False),
        sa.Column("sheet_digest", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
    )
    op.create_table(
        "channel_routes",
        sa.Column("surface", sa.String(), primary_key=True),
        sa.Column("workspace", sa.String(), primary_key=True),
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("task", sa.String(), primary_key=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("channel_routes")
    op.drop_table("families")
    op.drop_index("ix_runs_family_id", "runs")
    op.drop_column("runs", "promoted_by")
    op.drop_column("runs", "family_id")
