"""Where a picture stood when it was voted for, whether that was blind, and who looks blind."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for votes that were given before, and the table."""
    op.add_column("votes", sa.Column("position", sa.Integer(), nullable=True))
    op.add_column("votes", sa.Column("blind", sa.String(), nullable=True))
    op.create_index("ix_votes_person", "votes", ["person_key", "kind"])
    op.create_index("ix_votes_blind", "votes", ["blind"])
    op.create_table(
        "blinds",
        sa.Column("session", sa.String(), primary_key=True),
        sa.Column("run_id", sa.String(), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String(), nullable=True),
    )
    op.create_index("ix_blinds_person_key", "blinds", ["person_key"])
    op.create_index("ix_blinds_run", "blinds", ["run_id", "ended_at"])


def downgrade() -> None:
    """Drop what was added."""
    op.drop_table("blinds")
    op.drop_index("ix_votes_blind", "votes")
    op.drop_index("ix_votes_person", "votes")
    op.drop_column("votes", "blind")
    op.drop_column("votes", "position")
