"""Perceptual hashes of artworks."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; pictures that were made before have no rows."""
    op.create_table(
        "looks",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("phash", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "number"], ["artworks.run_id", "artworks.number"], name="fk_looks_artwork"
        ),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("looks")
