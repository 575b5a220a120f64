"""What the console looks for: decided artworks, the words of runs, and indexes for both."""

import json
import re

import sqlalchemy as sa
from alembic import op
from ulid import ULID

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STANDS = """
EXISTS (
  SELECT 1 FROM decisions AS mine
  WHERE mine.run_id = artworks.run_id AND mine.number = artworks.number AND mine.decision IN ({})
  AND NOT EXISTS (
    SELECT 1 FROM decisions AS later
    WHERE later.run_id = mine.run_id AND later.number = mine.number
    AND later.person_key = mine.person_key AND later.decision != 'restore' AND later.id > mine.id
  )
)
"""
WORDS = "CREATE VIRTUAL TABLE run_words USING fts5(run_id UNINDEXED, words, prefix='2 3')"
SEGMENTS = ("subject", "environment", "technical", "style", "negative")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts written without spaces: each sign is a word of its own."""
INDEXES = (
    ("ix_artworks_review", "artworks", ["verdict", "decided", "run_id", "number"], None),
    ("ix_artworks_approved", "artworks", ["approved", "run_id", "number"], None),
    ("ix_artworks_rated", "artworks", ["run_id", "number"], "rating IS NOT NULL"),
    ("ix_runs_task", "runs", ["task", "id"], None),
    ("ix_runs_model", "runs", ["model", "id"], None),
    ("ix_outbox_open", "outbox", ["surface"], "wanted > sent"),
)


def upgrade() -> None:
    """Add the columns, fill them from the decisions; make the table of words, fill it too."""
    for name in ("approved", "decided"):
        zero = sa.text("0")
        column: sa.Column[bool] = sa.Column(name, sa.Boolean(), nullable=False, server_default=zero)
        op.add_column("artworks", column)
    op.execute(f"UPDATE artworks SET approved = {STANDS.format(repr('approve'))}")  # noqa: S608  our own text
    decided = STANDS.format("'approve', 'reject'")
    op.execute(f"UPDATE artworks SET decided = {decided}")  # noqa: S608  our own text
    for name, table, columns, where in INDEXES:
        part = sa.text(where) if where else None
        op.create_index(name, table, columns, sqlite_where=part)
    op.execute(WORDS)
    _fill_words(op.get_bind())


def _fill_words(connection: sa.Connection) -> None:
    told = "SELECT runs.id, spec_json, task, model, person_json FROM runs JOIN specs"
    rows = connection.exec_driver_sql(f"{told} ON specs.id = runs.spec_id ORDER BY runs.id")
    for run_id, spec, task, model, person in rows.fetchall():
        segments = json.loads(spec)["segments"]
        texts = [segments[name]["text"] for name in SEGMENTS]
        words = " ".join([*texts, task, model, json.loads(person)["name"]])
        place = int(ULID.from_str(run_id)) >> 65
        values = (place, run_id, UNSPACED.sub(r" \g<0> ", words))
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO run_words (rowid, run_id, words) VALUES (?, ?, ?)", values
        )


def downgrade() -> None:
    """Drop what was added; decisions and specs, from which it was made, stay."""
    op.execute("DROP TABLE run_words")
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)
    for name in ("approved", "decided"):
        op.drop_column("artworks", name)
