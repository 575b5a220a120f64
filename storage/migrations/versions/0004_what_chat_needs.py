"""What chat needs: messages found by their names, approvers, small memories, runs taken down."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = (
    ("outbox", "tried_at", sa.String()),
    ("outbox", "mention_json", sa.JSON()),
    ("outbox", "file", sa.String()),
    ("runs", "taken_down_by", sa.String()),
    ("runs", "topic", sa.String()),
)


def upgrade() -> None:
    """Add the columns, which are empty for all that was before, the index and the tables."""
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index("ix_outbox_message", "outbox", ["surface", "message_ref"])
    op.create_index("ix_runs_topic", "runs", ["topic"])
    op.create_table(
        "approvers",
        sa.Column("entry", sa.String(), primary_key=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
    )
    op.create_table(
        "keepsakes",
        sa.Column("surface", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("keepsakes")
    op.drop_table("approvers")
    op.drop_index("ix_runs_topic", "runs")
    op.drop_index("ix_outbox_message", "outbox")
    for table, name, _ in reversed(ADDED):
        op.drop_column(table, name)
