"""The schema's versions: an older database is copied beside and migrated, a newer one refused."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from domain.errors import StorageError
from storage.database import storage_error

SCRIPTS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done to the database."""

    before: str | None
    """The revision that was found; None for a new database."""
    after: str
    copy: Path | None
    """Where the database as it was lies, if it was changed."""


def head() -> str:
    """Return the newest revision that this version of the program knows."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head() or ""


def current(path: Path) -> str | None:
    """Return the revision of a database file; None if it is not there or empty.

    Raises:
        StorageError: The file is not a database, or is damaged.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            if connection.execute(known).fetchone() is None:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise storage_error(error) from error
    return str(row[0]) if row else None


def check_readable(path: Path) -> None:
    """Refuse a database that this version cannot read as it is.

    Raises:
        StorageError: It is missing, older or newer.
    """
    found = current(path)
    if found is None:
        raise StorageError(
            f"no database at {path}", hint="Start with `ai-handler run` or `ai-handler imagine`."
        )
    if found != head():
        refuse_newer(path, found)
        raise StorageError(
            f"{path} has the older schema {found}", hint="Run `ai-handler migrate` first."
        )


def migrate(path: Path, to: str = "head") -> Migrated:
    """Bring a database to this version's schema; what was there is copied beside first.

    Raises:
        StorageError: It is newer than this program, damaged, or cannot be written; it is then
            unchanged.
    """
    before = current(path)
    refuse_newer(path, before)
    if before == head() and to == "head":
        return Migrated(before=before, after=before, copy=None)
    copy = _copy_beside(path, before) if before else None
    try:
        _upgrade(path, to)
    except (DBAPIError, sqlite3.Error) as error:
        raise storage_error(error) from error
    return Migrated(before=before, after=current(path) or "", copy=copy)


def refuse_newer(path: Path, found: str | None) -> None:
    """Refuse a revision that this version of the program does not know.

    Raises:
        StorageError: It is newer.
    """
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(
            f"{path} has the schema {found}, which is newer than this program",
            hint="Use the newer version of AI Handler that wrote it, or another data folder.",
        )


def _copy_beside(path: Path, before: str) -> Path:
    copy = path.with_name(f"{path.stem}.before-{head()}.from-{before}.db")
    try:
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except (sqlite3.Error, OSError) as error:
        raise storage_error(error) from error
    return copy


def _upgrade(path: Path, to: str) -> None:
    # Foreign keys off: a batch migration drops and renames tables, and the drop would cascade.
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        MigrationContext.configure(connection)
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise StorageError(f"the migration would break {len(broken)} references")
    engine.dispose()
