"""The gallery: every artwork, by words and filters, a page of them at a time."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from bot.console.desk import RUN_ID, Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE, Name, named
from bot.console.pages import Piece as PieceHeader
from bot.console.veil import HIDDEN
from domain.errors import CommandError, Fault
from storage.gallery import Filters, Piece, Place

PAGE: Final = 60
VERDICTS: Final = {"pass": "passed", "review": "to review", "reject": "set aside"}
RATINGS: Final = {"0.5": "rated ½ or more", "0.75": "rated ¾ or more", "1": "rated 1"}
APPROVED: Final = {"yes": "approved", "no": "not approved"}
Text = Annotated[str, Field(max_length=200)]


class Asked(BaseModel):
    """What the page's address asks for, as text; what is nonsense is refused by name."""

    q: Text = ""
    task: Text = ""
    model: Text = ""
    person: Text = ""
    verdict: Text = ""
    approved: Text = ""
    rating: Text = ""
    day: Text = ""
    after: Annotated[str, Field(max_length=40)] = ""

    @property
    def values(self) -> dict[str, str]:
        """The filters, by name."""
        return self.model_dump(exclude={"after"})

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return any(self.values.values())

    def filters(self) -> Filters:
        """Return the filters that it asks for.

        Raises:
            CommandError: Every value that is none, with those that are.
        """
        if faults := self._faults():
            raise CommandError("; ".join(map(str, faults)), faults=tuple(faults))
        said = self.values
        since, until = _bounds(said["day"])
        return Filters(
            words=said["q"],
            task=said["task"],
            model=said["model"],
            person=said["person"],
            verdict=said["verdict"] or None,
            approved={"yes": True, "no": False}.get(said["approved"]),
            rating=float(said["rating"]) if said["rating"] else None,
            since=since,
            until=until,
        )

    def link(self, after: Piece | None) -> str:
        """Return the address of what follows *after*; of the beginning without it."""
        said = {name: value for name, value in self.values.items() if value}
        if after:
            said["after"] = f"{after.run_id}.{after.number}"
        return f"/gallery?{urlencode(said)}" if said else "/gallery"

    def _faults(self) -> list[Fault]:
        closed = (("verdict", VERDICTS), ("approved", APPROVED), ("rating", RATINGS))
        found = [
            Fault(name, self.values[name], ", ".join(allowed))
            for name, allowed in closed
            if self.values[name] and self.values[name] not in allowed
        ]
        if self.values["day"] and _day(self.values["day"]) is None:
            found.append(Fault("day", self.values["day"], "a day, as 2026-11-23"))
        return found


def gallery_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the routes of the gallery."""
    router = APIRouter(include_in_schema=False)

    @router.get("/gallery", response_class=HTMLResponse)
    async def gallery(
        asked: Annotated[Asked, Query()], name: Name = "", x_piece: PieceHeader = ""
    ) -> HTMLResponse:
        """Show artworks, newest first; a piece of them to our own scripts."""
        after = place_of(asked.after) if asked.after else None
        pieces = await desk.app.gallery.page(asked.filters(), after=after, limit=PAGE + 1)
        shown = _shown(asked, pieces)
        hidden = HIDDEN.get().runs
        shown["pieces"] = [one for one in shown["pieces"] if one.run_id not in hidden]
        if x_piece:
            return HTMLResponse(drawing.page("wall.html", **shown), headers=NO_STORE)
        shown |= {
            "name": named(name),
            "choices": await desk.app.gallery.choices(),
            "waiting": await desk.waiting(),
        }
        return HTMLResponse(drawing.page("gallery.html", **shown), headers=NO_STORE)

    return router


def place_of(said: str) -> Place:
    """Return where an artwork stands, as addresses name it: ``RUN.NUMBER``.

    Raises:
        CommandError: It is no such name.
    """
    run_id, _, number = said.partition(".")
    if not RUN_ID.fullmatch(run_id) or number not in set("12345678"):
        fault = Fault("artwork", said[:60], "a run's id, a full stop and a number from 1 to 8")
        raise CommandError(str(fault), faults=(fault,))
    return run_id, int(number)


def _shown(asked: Asked, pieces: list[Piece]) -> dict[str, Any]:
    more = len(pieces) > PAGE
    shown = pieces[:PAGE]
    return {
        "section": "gallery",
        "pieces": shown,
        "asked": asked.values,
        "narrowed": asked.narrowed,
        "older": asked.link(shown[-1]) if more else "",
        "newest": asked.link(None) if asked.after else "",
        "verdicts": VERDICTS,
        "ratings": RATINGS,
        "approvals": APPROVED,
    }


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _bounds(said: str) -> tuple[datetime | None, datetime | None]:
    """Return a day's bounds on the clock of this machine, as it is seen on the page."""
    day = _day(said) if said else None
    if day is None or not 1 < day.year < 9999:  # noqa: PLR2004  the ends of the calendar
        return None, None
    since = datetime.combine(day, time.min).astimezone()
    return since, datetime.combine(day + timedelta(days=1), time.min).astimezone()
