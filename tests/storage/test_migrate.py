"""The schema's versions: copied beside before a change, refused when newer, else untouched."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from domain.errors import StorageError
from domain.picture import digest_of
from storage import (
    tables_items,  # noqa: F401  its tables join those of Base
    tables_looks,  # noqa: F401  so do these
    tables_review,  # noqa: F401  so do these
    tables_templates,  # noqa: F401  and these
    tables_triage,  # noqa: F401  so do these
    tables_votes,  # noqa: F401  and these
)
from storage.migrate import SCRIPTS, check_readable, current, head, migrate
from storage.tables import Base


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def tables(path: Path) -> set[str]:
    return {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "handler.db"


def test_an_empty_place_gets_every_table_and_the_view(path: Path) -> None:
    done = migrate(path)
    assert (done.before, done.after, done.copy) == (None, head(), None)
    assert Base.metadata.tables.keys() <= tables(path)
    assert rows(path, "SELECT name FROM sqlite_master WHERE type = 'view'") == [("run_log",)]
    assert rows(path, "SELECT * FROM run_log") == []


def test_an_empty_file_is_an_empty_place(path: Path) -> None:
    path.touch()
    assert current(path) is None
    assert migrate(path).after == head()


def test_migrating_again_changes_nothing(path: Path) -> None:
    migrate(path)
    before = digest_of(path.read_bytes())
    done = migrate(path)
    assert (done.before, done.after, done.copy) == (head(), head(), None)
    assert digest_of(path.read_bytes()) == before


def test_the_versions_are_one_line_from_nothing_to_the_head() -> None:
    scripts = list(ScriptDirectory(str(SCRIPTS)).walk_revisions())
    assert [script.down_revision for script in scripts][-1] is None
    assert len({script.down_revision for script in scripts}) == len(scripts)
    assert all(script.doc for script in scripts)


VIRTUAL = ("run_words", "template_words")


def test_the_tables_are_what_the_migrations_make(path: Path) -> None:
    migrate(path)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": True,
                # SQLite keeps a virtual table in tables of its own.
                "include_name": lambda name, *_: not (name or "").startswith(VIRTUAL),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_an_older_database_is_copied_beside_and_keeps_its_rows(path: Path) -> None:
    migrate(path, "0001")
    assert rows(path, "SELECT name FROM sqlite_master WHERE type = 'view'") == []
    execute(
        path,
        "INSERT INTO specs (id, spec_json, created_at) VALUES ('S', '{}', '2026-11-23T12:00:00Z')",
        "INSERT INTO inbox (key, event_json, received_at) VALUES ('k', '{}', '2026')",
    )
    done = migrate(path)
    assert (done.before, done.after) == ("0001", head())
    assert done.copy is not None
    assert done.copy.parent == path.parent
    assert current(done.copy) == "0001"
    for file in (path, done.copy):
        assert rows(file, "SELECT id FROM specs") == [("S",)]
        assert rows(file, "SELECT key FROM inbox") == [("k",)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "SELECT * FROM run_log") == []


def test_migrating_twice_from_the_same_version_makes_the_copy_anew(path: Path) -> None:
    migrate(path, "0001")
    first = migrate(path).copy
    path.unlink()
    migrate(path, "0001")
    assert migrate(path).copy == first


def test_a_newer_database_is_refused_and_untouched(path: Path) -> None:
    migrate(path)
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    before = digest_of(path.read_bytes())
    for refuses in (migrate, check_readable):
        with pytest.raises(StorageError, match="newer") as refused:
            refuses(path)
        assert "9999" in refused.value.message
        assert refused.value.hint
    assert digest_of(path.read_bytes()) == before
    assert [file.name for file in path.parent.iterdir() if file.suffix == ".db"] == ["handler.db"]


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_what_is_no_database_is_refused_with_a_hint_and_untouched(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    for refuses in (current, migrate, check_readable):
        with pytest.raises(StorageError) as refused:
            refuses(path)
        assert refused.value.hint
    assert path.read_bytes() == content


def test_a_damaged_database_is_refused_with_a_hint(path: Path) -> None:
    migrate(path, "0001")
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\xff" * (len(whole) // 2))
    with pytest.raises(StorageError) as refused:
        migrate(path)
    assert "backup" in refused.value.hint


def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(path: Path) -> None:
    migrate(path, "0001")
    execute(path, "CREATE VIEW run_log AS SELECT 1 AS run_id")
    with pytest.raises(StorageError, match="run_log"):
        migrate(path)
    assert current(path) == "0001"
    assert rows(path, "SELECT * FROM run_log") == [(1,)]


def test_reading_needs_a_database_of_this_version(path: Path) -> None:
    with pytest.raises(StorageError, match="no database at") as missing:
        check_readable(path)
    assert "ai-handler run" in missing.value.hint
    assert not path.exists()
    migrate(path, "0001")
    with pytest.raises(StorageError, match="older schema 0001") as older:
        check_readable(path)
    assert "ai-handler migrate" in older.value.hint
    migrate(path)
    check_readable(path)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as refused:
        migrate(tmp_path / "none" / "handler.db")
    assert "data folder" in refused.value.hint


@pytest.mark.parametrize("folder", ["with space", "50%25 off", "what?", "a#b", "übung"])
def test_a_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "handler.db"
    path.parent.mkdir()
    migrate(path)
    assert current(path) == head()
    assert path.exists()
