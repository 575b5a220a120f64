"""Versions of library items: kept for good, the newest in use until somebody retires it."""

from typing import Any, Final

from sqlalchemy import Row, func, select, update

from domain.bundle import Bundle, Item, ItemKind, LoRAItem
from domain.event import Event
from domain.ports import Clock
from storage.database import Database
from storage.rows import person_key
from storage.tables_items import ItemRow
from storage.times import text_of

_HELD: Final[dict[str, type[LoRAItem | Bundle]]] = {
    "lora": LoRAItem,
    "house": Bundle,
    "character": Bundle,
}


class Items:
    """Keeps and finds them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, kind: ItemKind, name: str, held: LoRAItem | Bundle, event: Event) -> Item:
        """Keep a new version; the same event again keeps nothing more.

        Two who save at once have a version each.
        """
        content = held.model_dump(mode="json")
        async with self._database.write() as connection:
            query = select(ItemRow).where(ItemRow.event_key == event.key)
            known = (await connection.execute(query)).one_or_none()
            if known is not None:
                return _item(known)
            same = (ItemRow.kind == kind, ItemRow.name == name)
            last = await connection.scalar(select(func.max(ItemRow.version)).where(*same))
            values = {
                "kind": kind,
                "name": name,
                "version": (last or 0) + 1,
                "content_json": content,
                "event_key": event.key,
                "person_key": person_key(event.person),
                "by": event.person.name,
                "at": text_of(self._clock.now()),
            }
            await connection.execute(ItemRow.__table__.insert().values(**values))  # type: ignore[attr-defined]  # SQLAlchemy's stubs
            return _item((await connection.execute(query)).one())

    async def retire(self, kind: ItemKind, name: str, by: str) -> None:
        """Take an item out of use; saved again, it is in use again."""
        retired = (
            update(ItemRow)
            .where(ItemRow.kind == kind, ItemRow.name == name, ItemRow.retired_by.is_(None))
            .values(retired_by=by)
        )
        async with self._database.write() as connection:
            await connection.execute(retired)

    async def newest(self, kind: ItemKind) -> list[Item]:
        """Return the newest version of each item, by name."""
        last = (
            select(ItemRow.name, func.max(ItemRow.version).label("version"))
            .where(ItemRow.kind == kind)
            .group_by(ItemRow.name)
            .subquery()
        )
        query = (
            select(ItemRow)
            .join(last, (ItemRow.name == last.c.name) & (ItemRow.version == last.c.version))
            .where(ItemRow.kind == kind)
            .order_by(ItemRow.name)
        )
        async with self._database.read() as connection:
            return [_item(row) for row in (await connection.execute(query)).all()]

    async def versions(self, kind: ItemKind, name: str) -> list[Item]:
        """Return every version of an item, the newest first; none if there is no such item."""
        query = (
            select(ItemRow)
            .where(ItemRow.kind == kind, ItemRow.name == name)
            .order_by(ItemRow.version.desc())
        )
        async with self._database.read() as connection:
            return [_item(row) for row in (await connection.execute(query)).all()]

    async def owner(self, kind: ItemKind, name: str) -> str:
        """Return the key of the person who saved an item first; empty if there is none."""
        query = select(ItemRow.person_key).where(
            ItemRow.kind == kind, ItemRow.name == name, ItemRow.version == 1
        )
        async with self._database.read() as connection:
            return await connection.scalar(query) or ""


def _item(row: Row[Any]) -> Item:
    held = _HELD[row.kind].model_validate(row.content_json)
    return Item(
        kind=row.kind,
        name=row.name,
        version=row.version,
        by=row.by,
        at=row.at,
        retired_by=row.retired_by,
        lora=held if isinstance(held, LoRAItem) else None,
        bundle=held if isinstance(held, Bundle) else None,
    )
