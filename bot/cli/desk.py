"""Where commands that write go: the running service if there is one, else an app of our own."""

import asyncio
import base64
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import httpx

from bot.cli.errors import error_of
from config.records import Settings
from domain.errors import ServiceError
from storage.lock import DataLock, Holder

Report = dict[str, Any]
ENDED: Final = frozenset({"done", "failed", "unknown", "cancelled"})
RESTS: Final = ENDED | {"handed"}
"""States in which nothing more happens before somebody does something."""
SHEET_S: Final = 0.1
SHEET_LOOKS: Final = 30
"""How often a family that has ended is looked at for its contact sheet, which is drawn last."""
WAIT_S = 2.0
"""How long one look at a running service may wait for news."""


@dataclass(frozen=True, slots=True)
class Order:
    """One line to say, and for whom."""

    line: str
    name: str
    about: str | None = None
    """The run that it answers: ``--in``."""
    at: Literal["channel", "thread"] = "channel"
    confirmed: bool = False
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What it led to."""

    run: Report | None
    text: str = ""
    data: Mapping[str, Any] | None = None
    planned: Report | None = None
    """Several runs that a line with ``--dry-run`` would make."""


class Desk(Protocol):
    """Takes lines, and waits for runs."""

    async def say(self, order: Order) -> Reply:
        """Say a line."""

    async def wait(self, run_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until a run has ended; tell of each change."""

    async def wait_family(self, family_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until all runs of a family have ended; tell of each run at each change."""


class ServiceDesk:
    """A service that runs on this data folder, over its HTTP interface."""

    def __init__(self, holder: Holder) -> None:
        headers = {"authorization": f"Bearer {holder.token}"}
        self._http = httpx.AsyncClient(
            base_url=holder.url, headers=headers, timeout=30.0, trust_env=False
        )

    async def say(self, order: Order) -> Reply:
        """Say a line to the service."""
        files = {name: base64.b64encode(data).decode() for name, data in order.files.items()}
        body = {
            "text": order.line,
            "as": order.name,
            "in": order.about,
            "at": order.at,
            "confirmed": order.confirmed,
            "files": files,
        }
        answer = await self._ask("POST", "/api/say", json=body)
        text, data, planned = (answer.get(name) for name in ("text", "data", "planned"))
        return Reply(answer.get("run"), text or "", data, planned)

    async def wait(self, run_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until a run of the service has ended."""
        revision: int | None = None
        while True:
            query = {"wait_s": WAIT_S} | ({} if revision is None else {"after": revision})
            report = await self._ask("GET", f"/api/runs/{run_id}", params=query)
            seen(report)
            if report["state"] in RESTS:
                return report
            revision = report.get("revision")

    async def wait_family(self, family_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until all runs of a family of the service have ended."""
        revision: int | None = None
        looks = 0
        while True:
            query = {"wait_s": WAIT_S} | ({} if revision is None else {"after": revision})
            family = await self._ask("GET", f"/api/families/{family_id}", params=query)
            for report in family["runs"]:
                seen(report)
            looks += all(report["state"] in RESTS for report in family["runs"])
            if _complete(family, looks):
                return family
            revision = family.get("revision")
            await asyncio.sleep(SHEET_S if looks else 0)

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **how: Any) -> Report:
        try:
            response = await self._http.request(method, path, **how)
            answer: Report = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServiceError(
                f"the service did not answer: {error}", hint="Look at its log, or start it again."
            ) from error
        if "error" in answer and response.is_error:
            raise error_of(answer["error"])
        return answer


class AloneDesk:
    """An app of our own, for one command."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def say(self, order: Order) -> Reply:
        """Say a line to our own handler."""
        from bot.handler import Said
        from domain.event import Person, Place

        person = Person(surface="console", workspace="local", id=order.name, name=order.name)
        place = Place(surface="console", workspace="local", channel="main")
        about = await self._named(order.about)
        said = Said(
            line=order.line,
            person=person,
            place=place,
            at=order.at,
            about_run=about,
            confirmed=order.confirmed,
            files=order.files,
        )
        answer = await self._app.handler.say(said)
        run = await self._app.report(answer.run) if answer.run else None
        several = len(answer.planned) > 1
        planned = await self._app.planned_report(answer.planned, answer.axes) if several else None
        return Reply(run, answer.text, answer.data, planned)

    async def wait(self, run_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until a run of ours has ended."""
        with self._app.bus.listening() as news:
            while True:
                run = await self._app.log.run(run_id)
                report: Report = await self._app.report(run)
                seen(report)
                if run.ended:
                    return report
                await news.get()

    async def wait_family(self, family_id: str, seen: Callable[[Report], None]) -> Report:
        """Wait until all runs of a family of ours have ended."""
        looks = 0
        with self._app.bus.listening() as news:
            while True:
                family = await self._app.families.get(family_id)
                shown: Report = await self._app.family_report(family)
                for report in shown["runs"]:
                    seen(report)
                looks += family.ended
                if _complete(shown, looks):
                    return shown
                await (asyncio.sleep(SHEET_S) if looks else news.get())

    async def _named(self, name: str | None) -> str | None:
        return await self._app.search.named(name, None) if name else None


def _complete(family: Report, looks: int) -> bool:
    """Tell whether nothing more is to wait for: all have ended, and the sheet is there or late."""
    made = any(report["artworks"] for report in family["runs"])
    return looks > 0 and (not made or bool(family["sheet_path"]) or looks >= SHEET_LOOKS)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Find the running service, or be one for a moment.

    Raises:
        StorageError: Another command holds the data folder, or it cannot be used.
    """
    lock = DataLock(settings.data_dir)
    holder = lock.holder()
    if holder is not None and holder.url:
        service = ServiceDesk(holder)
        try:
            yield service
        finally:
            await service.close()
        return
    lock.take(secrets.token_urlsafe(24))
    try:
        from bot.opening import open_app

        async with open_app(settings) as app:
            yield AloneDesk(app)
    finally:
        lock.release()


def login_name() -> str:
    """Return the login name, for whoever does not say ``--as``."""
    return os.environ.get("USER") or os.environ.get("LOGNAME") or "someone"
