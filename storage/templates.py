"""The team's prompt templates: every version is kept, none is changed."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFoundError
from domain.event import Person
from domain.flags import Flags
from domain.ports import Clock
from domain.run import Run
from domain.spec import SEGMENTS, Segments
from domain.template import KEPT, Held, Library, Template, Usage
from storage.database import Database
from storage.inbox import close_event
from storage.rows import person_key
from storage.tables_templates import RetiredRow, TemplateRow, TemplateUseRow
from storage.times import text_of
from storage.words import asked_words, spaced

Shipped = Mapping[str, Template]
FOUND: Final = text("""
SELECT f.name FROM template_words f WHERE template_words MATCH :asked ORDER BY rank LIMIT :most
""")
USED: Final = text("""
SELECT u.name, u.version, count(*) AS runs, sum(EXISTS (
    SELECT 1 FROM artworks a WHERE a.run_id = u.run_id AND a.approved)) AS approved
FROM template_uses u WHERE u.name IN (SELECT value FROM json_each(:names))
GROUP BY u.name, u.version
""")
MOST_USED: Final = text("""
SELECT t.name, count(u.run_id) AS runs FROM (SELECT DISTINCT name FROM templates) t
LEFT JOIN template_uses u ON u.name = t.name
WHERE t.name NOT IN (SELECT name FROM templates_retired)
GROUP BY t.name ORDER BY runs DESC, t.name LIMIT :most OFFSET :first
""")


async def remember_uses(connection: AsyncConnection, run: Run) -> None:
    """Note which templates a run came from, in the transaction that stores it."""
    used = [one for one in (run.spec.template, *run.spec.pieces) if one]
    named = {(one.name, one.version) for one in used}
    rows = [{"run_id": run.id, "name": name, "version": version} for name, version in named]
    if rows:
        await connection.execute(insert(TemplateUseRow), rows)


class TemplateStore:
    """Reads and writes them; those that come with the program stand behind the team's."""

    def __init__(self, database: Database, clock: Clock, shipped: Shipped) -> None:
        self._database = database
        self._clock = clock
        self._shipped = shipped

    async def save(
        self, name: str, segments: Segments, flags: Flags, person: Person, event_key: str | None
    ) -> tuple[Template, bool]:
        """Keep a version, unless the newest says the same; return it, and whether it is new.

        Args:
            name: Of the template.
            segments: Its texts with their slots.
            flags: What it asks for beside them; only ``KEPT`` counts.
            person: Who wrote it.
            event_key: Of the line that did; the same line again returns the same version.
        """
        async with self._database.write() as connection:
            again = await _by_event(connection, event_key)
            if again is not None:
                return again, False
            newest = await self._newest(connection, name)
            number = newest.version + 1 if newest else 1
            made = Template(
                name=name, version=number, segments=segments, flags=flags,
                by=person.name, at=self._clock.now(),
            )  # fmt: skip
            await connection.execute(delete(RetiredRow).where(RetiredRow.name == name))
            is_new = newest is None or newest.content != made.content or not newest.by
            if is_new:
                await _write(connection, made, person, event_key)
            if event_key:
                await close_event(connection, event_key, "done", None)
        return (made if is_new or newest is None else newest), is_new

    async def retire(self, name: str, person: Person, event_key: str, *, back: bool) -> None:
        """Take a template out of use, or *back* into it; its versions stay.

        Raises:
            NotFoundError: The team has none of that name.
        """
        async with self._database.write() as connection:
            newest = await self._newest(connection, name)
            if newest is None or not newest.by:
                raise NotFoundError(
                    f"the team has no template {name}",
                    hint="Those that come with the program are not retired.",
                )
            if back:
                await connection.execute(delete(RetiredRow).where(RetiredRow.name == name))
            else:
                values = {"name": name, "by": person.name, "at": text_of(self._clock.now())}
                await connection.execute(upsert(RetiredRow).values(values).on_conflict_do_nothing())
            await close_event(connection, event_key, "done", None)

    async def named(self, name: str, version: int | None = None) -> Template:
        """Return a version, or the newest.

        Raises:
            NotFoundError: There is none; names that come near are said.
        """
        async with self._database.read() as connection:
            rows = (await connection.execute(_rows(name, version))).all()
            found = _template(rows[0]) if rows else None
            known = [] if found else await _names(connection)
        shipped = self._shipped.get(name)
        if found is None and shipped and version in (None, shipped.version):
            found = shipped
        if found is None:
            raise _not_there(name, version, [*known, *self._shipped])
        return found

    async def with_all(
        self,
        wanted: Iterable[tuple[str, int | None]],
        included: Callable[[Template], Iterable[str]],
    ) -> Library:
        """Return templates with all that they take words from, for ``pipeline.templating``.

        Args:
            wanted: Names with versions; None is the newest.
            included: Template → the names that it takes words from.

        Raises:
            NotFoundError: One of them is not there.
        """
        library: dict[str, Template] = {}
        todo = [f"{name}@{version}" if version else name for name, version in wanted]
        while todo:
            key = todo.pop()
            if key in library:
                continue
            name, _, version = key.partition("@")
            library[key] = await self.named(name, int(version) if version else None)
            todo += included(library[key])
        return library

    async def versions(self, name: str) -> list[tuple[Template, Usage]]:
        """Return every version of a template with its use, the newest first."""
        async with self._database.read() as connection:
            rows = (await connection.execute(_rows(name, None))).all()
            usage = await _usage(connection, [name])
        found = [_template(row) for row in rows]
        if name in self._shipped:
            found.append(self._shipped[name])
        return [(one, usage.get((one.name, one.version), Usage())) for one in found]

    async def page(self, *, first: int = 0, most: int = 20) -> list[Held]:
        """Return templates in use, the most used first; those of the program last."""
        async with self._database.read() as connection:
            rows = await connection.execute(MOST_USED, {"most": most, "first": first})
            names = [row.name for row in rows]
        own = await self._held(names)
        if len(names) == most:
            return own
        return own + [await self._shipped_one(one) for one in await self._unshadowed()]

    async def find(self, words: str, *, most: int = 20) -> list[Held]:
        """Return templates that hold every word in name or text, the best first."""
        asked = asked_words(words)
        if not asked:
            return await self.page(most=most)
        async with self._database.read() as connection:
            rows = await connection.execute(FOUND, {"asked": asked, "most": most})
            names = [row.name for row in rows]
        found = await self._held(names)
        typed = words.lower().split()
        shipped = [
            one for one in await self._unshadowed()
            if all(word in f"{one.name} {_words(one)}".lower() for word in typed)
        ]  # fmt: skip
        return found + [await self._shipped_one(one) for one in shipped]

    async def _held(self, names: list[str]) -> list[Held]:
        newest = (
            select(TemplateRow.name, func.max(TemplateRow.version).label("version"))
            .where(TemplateRow.name.in_(names))
            .group_by(TemplateRow.name)
            .subquery()
        )
        query = select(TemplateRow.__table__).join(
            newest,
            (TemplateRow.name == newest.c.name) & (TemplateRow.version == newest.c.version),
        )
        async with self._database.read() as connection:
            rows = {row.name: row for row in await connection.execute(query)}
            retired = set((await connection.execute(select(RetiredRow.name))).scalars())
            usage = await _usage(connection, names)
        return [
            Held(
                template=_template(rows[name]).model_copy(update={"retired": name in retired}),
                usage=_sum(usage, name),
                versions=rows[name].version,
                shadows=name in self._shipped,
            )
            for name in names
        ]

    async def _unshadowed(self) -> list[Template]:
        async with self._database.read() as connection:
            own = set(await _names(connection))
        return [one for name, one in self._shipped.items() if name not in own]

    async def _shipped_one(self, one: Template) -> Held:
        async with self._database.read() as connection:
            usage = await _usage(connection, [one.name])
        return Held(template=one, usage=_sum(usage, one.name))

    async def _newest(self, connection: AsyncConnection, name: str) -> Template | None:
        rows = (await connection.execute(_rows(name, None).limit(1))).all()
        return _template(rows[0]) if rows else self._shipped.get(name)


def _rows(name: str, version: int | None) -> Any:
    query = select(TemplateRow.__table__).where(TemplateRow.name == name)
    if version:
        query = query.where(TemplateRow.version == version)
    return query.order_by(TemplateRow.version.desc())


def _template(row: Any) -> Template:
    return Template(
        name=row.name,
        version=row.version,
        segments=Segments.model_validate(row.segments_json),
        flags=Flags.model_validate(row.flags_json),
        by=row.by,
        at=datetime.fromisoformat(row.at),
    )


async def _by_event(connection: AsyncConnection, event_key: str | None) -> Template | None:
    if not event_key:
        return None
    query = select(TemplateRow.__table__).where(TemplateRow.event_key == event_key)
    row = (await connection.execute(query)).one_or_none()
    return _template(row) if row else None


async def _write(
    connection: AsyncConnection, made: Template, person: Person, event_key: str | None
) -> None:
    flags = made.flags.model_dump(mode="json", include=set(KEPT), exclude_defaults=True)
    values = {
        "name": made.name, "version": made.version, "flags_json": flags,
        "segments_json": made.segments.model_dump(mode="json"), "by": made.by,
        "person_key": person_key(person), "at": text_of(made.at) if made.at else "",
        "event_key": event_key,
    }  # fmt: skip
    await connection.execute(insert(TemplateRow).values(values))
    name = {"name": made.name}
    await connection.execute(text("DELETE FROM template_words WHERE name = :name"), name)
    put = text("INSERT INTO template_words (name, words) VALUES (:name, :words)")
    await connection.execute(put, name | {"words": spaced(f"{made.name} {_words(made)}")})


def _words(one: Template) -> str:
    return " ".join(one.segments[name].text for name in SEGMENTS)


async def _names(connection: AsyncConnection) -> list[str]:
    return list((await connection.execute(select(TemplateRow.name).distinct())).scalars())


async def _usage(connection: AsyncConnection, names: list[str]) -> dict[tuple[str, int], Usage]:
    rows = await connection.execute(USED, {"names": json.dumps(names)})
    return {
        (row.name, row.version): Usage(runs=row.runs, approved=row.approved or 0) for row in rows
    }


def _sum(usage: Mapping[tuple[str, int], Usage], name: str) -> Usage:
    own = [one for (at, _), one in usage.items() if at == name]
    return Usage(runs=sum(one.runs for one in own), approved=sum(one.approved for one in own))


def _not_there(name: str, version: int | None, known: Iterable[str]) -> NotFoundError:
    names = list(known)
    if name in names:
        return NotFoundError(
            f"template {name} has no version {version}", hint=f"`templates show {name}` lists them."
        )
    near = ", ".join(get_close_matches(name, names, 3))
    hint = f"Did you mean {near}?" if near else "`templates` lists those that there are."
    return NotFoundError(f"no template {name}", hint=hint)
