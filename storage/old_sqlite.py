"""Milliseconds for a SQLite that has none: before 3.42 ``unixepoch('subsec')`` is NULL.

On Python 3.12 and later DBOS writes its times with that call, whatever SQLite is linked; Debian 12
has 3.40, and no job could be stored there. The function is taught to every connection instead.
"""

import sqlite3
import time
from typing import Any, Final

from sqlalchemy import Engine, event

SINCE: Final = (3, 42)


def teach_milliseconds() -> None:
    """Let every engine of this process know ``unixepoch('subsec')``; nothing where it is known."""
    if sqlite3.sqlite_version_info < SINCE and not event.contains(Engine, "connect", _teach):
        event.listen(Engine, "connect", _teach)


def _teach(connection: Any, _record: object) -> None:
    connection.create_function("unixepoch", 1, _unixepoch)


def _unixepoch(said: str) -> float | int | None:
    """Return the time in seconds, as newer versions do for the two words that mean now."""
    if said == "subsec":
        return time.time()
    return int(time.time()) if said == "now" else None
