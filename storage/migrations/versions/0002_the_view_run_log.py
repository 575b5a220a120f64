"""The view run_log: the promise to the team, readable with any SQLite tool."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEW = """
CREATE VIEW run_log (run_id, parameters_json, output_path, rating) AS
SELECT run_id, parameters_json, output_path, rating FROM artworks
UNION ALL
SELECT id, parameters_json, NULL, NULL FROM runs
WHERE NOT EXISTS (SELECT 1 FROM artworks WHERE artworks.run_id = runs.id)
"""


def upgrade() -> None:
    """Make the view: a row per artwork, and one with a null path for a run that made none."""
    op.execute(VIEW)


def downgrade() -> None:
    """Drop the view; no data goes with it."""
    op.execute("DROP VIEW run_log")
