"""Small things that a surface wants to remember: uploaded files by digest, what it registered."""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.database import Database
from storage.tables import KeepsakeRow


class Keepsakes:
    """Texts by surface and key; nothing that matters is lost with them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, surface: str, key: str) -> str | None:
        """Return what was put last under a key; None if nothing was."""
        query = select(KeepsakeRow.value).where(
            KeepsakeRow.surface == surface, KeepsakeRow.key == key
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def put(self, surface: str, key: str, value: str) -> None:
        """Remember *value* under a key, in place of what stood there."""
        row = upsert(KeepsakeRow).values(surface=surface, key=key, value=value)
        newer = row.on_conflict_do_update(index_elements=["surface", "key"], set_={"value": value})
        async with self._database.write() as connection:
            await connection.execute(newer)
