"""LoRA, house styles and characters, with their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "items",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("content_json", sa.JSON(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=False, unique=True),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("retired_by", sa.String(), nullable=True),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("items")
