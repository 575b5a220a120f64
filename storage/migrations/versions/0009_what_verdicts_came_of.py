"""What each verdict came of, and thresholds from the team's votes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables; older verdicts have no rows."""
    op.create_table(
        "judgements",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("explored", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("calibration", sa.Integer(), nullable=True),
        sa.Column("would_reject", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("checks_json", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "number"],
            ["artworks.run_id", "artworks.number"],
            name="fk_judgements_artwork",
        ),
    )
    op.create_table(
        "calibrations",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("score", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("a", sa.Double(), nullable=False),
        sa.Column("d", sa.Double(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("marginal", sa.Double(), nullable=True),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("passes", sa.Double(), nullable=True),
        sa.Column("explore", sa.Double(), nullable=False),
        sa.Column("suspended", sa.String(), nullable=False),
        sa.Column("window_labels", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Double(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
    )
    op.create_index("ix_calibrations_task", "calibrations", ["task", "score", "version", "number"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_calibrations_task", table_name="calibrations")
    op.drop_table("calibrations")
    op.drop_table("judgements")
