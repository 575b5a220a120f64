"""Alembic's entrance: runs on the connection that ``storage.migrate`` hands in."""

from alembic import context

from storage import (
    tables_items,  # noqa: F401  its tables join those of Base
    tables_looks,  # noqa: F401  so do these
    tables_review,  # noqa: F401  so do these
    tables_templates,  # noqa: F401  and these
    tables_triage,  # noqa: F401  so do these
    tables_votes,  # noqa: F401  and these
)
from storage.tables import Base

OWN = frozenset(Base.metadata.tables)


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    # DBOS keeps its tables in the same file: autogenerate must not want to drop them.
    return kind != "table" or name in OWN


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=_ours,
    render_as_batch=True,
)
context.run_migrations()
