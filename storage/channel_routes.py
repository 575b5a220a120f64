"""A channel's own first choice of a model for a task type, before the team's table."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.event import Place
from domain.model import ModelId
from domain.ports import Clock
from domain.spec import TaskType
from storage.database import Database
from storage.inbox import close_event
from storage.tables import RouteRow
from storage.times import text_of

Where = tuple[str, str, str]
"""Surface, workspace and channel."""


class ChannelRoutes:
    """Keeps them by surface, workspace and channel; threads are their channel's."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        """Open them; without a clock they are only read."""
        self._database = database
        self._clock = clock
        self._known: dict[Where, dict[TaskType, ModelId]] = {}
        """As they were read: every prompt asks, and one process writes."""

    async def of(self, place: Place) -> dict[TaskType, ModelId]:
        """Return a channel's own choices."""
        where = (place.surface, place.workspace, place.channel)
        if where not in self._known:
            query = select(RouteRow.task, RouteRow.model).where(*_here(place))
            async with self._database.read() as connection:
                rows = await connection.execute(query)
                self._known[where] = {row.task: row.model for row in rows}
        return self._known[where]

    async def all(self) -> list[tuple[str, str, str, str]]:
        """Return every choice: where (surface and channel), task, model and who made it."""
        row = RouteRow
        query = select(row.surface, row.channel, row.task, row.model, row.by)
        async with self._database.read() as connection:
            return [
                (f"{one.surface} {one.channel}", one.task, one.model, one.by)
                for one in await connection.execute(query.order_by(row.surface, row.channel))
            ]

    async def choose(
        self, place: Place, task: TaskType, model: ModelId, by: str, event_key: str
    ) -> None:
        """Keep a choice; it replaces an earlier one."""
        values = {
            "surface": place.surface,
            "workspace": place.workspace,
            "channel": place.channel,
            "task": task,
        }
        if self._clock is None:
            raise ValueError("opened to read")
        chosen = {"model": model, "by": by, "at": text_of(self._clock.now())}
        row = upsert(RouteRow).values(values | chosen)
        newer = row.on_conflict_do_update(index_elements=list(values), set_=chosen)
        async with self._database.write() as connection:
            await connection.execute(newer)
            await close_event(connection, event_key, "done", None)
        self._known.clear()

    async def forget(self, place: Place, task: TaskType, event_key: str) -> None:
        """Take a choice back; where there was none, nothing changes."""
        async with self._database.write() as connection:
            await connection.execute(delete(RouteRow).where(*_here(place), RouteRow.task == task))
            await close_event(connection, event_key, "done", None)
        self._known.clear()


def _here(place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        RouteRow.surface == place.surface,
        RouteRow.workspace == place.workspace,
        RouteRow.channel == place.channel,
    )
