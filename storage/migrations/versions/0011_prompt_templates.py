"""Prompt templates: versions, what is retired, their words, and which runs used them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WORDS = "CREATE VIRTUAL TABLE template_words USING fts5(name UNINDEXED, words, prefix='2 3')"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "templates",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("segments_json", sa.JSON(), nullable=False),
        sa.Column("flags_json", sa.JSON(), nullable=False),
        sa.Column("person_key", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("event_key", sa.String(), nullable=True),
        sa.UniqueConstraint("name", "version", name="uq_templates_version"),
        sa.UniqueConstraint("event_key", name="uq_templates_event"),
    )
    op.create_table(
        "templates_retired",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
    )
    op.create_table(
        "template_uses",
        sa.Column("run_id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_template_uses_run"),
    )
    op.create_index("ix_template_uses_name", "template_uses", ["name", "version", "run_id"])
    op.execute(WORDS)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE template_words")
    op.drop_index("ix_template_uses_name", table_name="template_uses")
    for table in ("template_uses", "templates_retired", "templates"):
        op.drop_table(table)
