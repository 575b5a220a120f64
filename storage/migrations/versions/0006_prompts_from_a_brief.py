"""Prompts that were written from a brief, with the run that wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that is empty for every run that makes images."""
    op.add_column("runs", sa.Column("drafts_json", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("runs", "drafts_json")
