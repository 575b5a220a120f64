"""The page of what a team's images have in common: house styles, characters, LoRA."""

import re
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.console.desk import Desk
from bot.console.drawing import Drawing
from bot.console.pages import NO_STORE
from bot.grammar import render
from domain.bundle import Bundle, Characters, Houses, Item, ItemKind, LoRAItem, Loras
from domain.flags import Flags
from storage.items import Items

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
TITLES: Final[tuple[tuple[ItemKind, str, str], ...]] = (
    ("house", "House styles", "--house NAME"),
    ("character", "Characters", "--character NAME"),
)


def house_routes(desk: Desk, drawing: Drawing) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/house", response_class=HTMLResponse)
    async def house() -> HTMLResponse:
        """Show every item that is in use with its versions, and below them the retired ones."""
        items = desk.app.items
        groups = [
            {"kind": kind, "title": title, "how": how, "items": await _shown(items, kind)}
            for kind, title, how in TITLES
        ]
        shown_page: dict[str, Any] = {
            "groups": groups,
            "loras": [
                {"item": one, "held": one.lora or LoRAItem(family="-"), "line": _line(one)}
                for one in await items.newest("lora")
            ],
            "section": "house",
            "waiting": await desk.waiting(),
        }
        return HTMLResponse(drawing.page("houses.html", **shown_page), headers=NO_STORE)

    return router


async def _shown(items: Items, kind: ItemKind) -> list[dict[str, Any]]:
    shown = []
    for one in await items.newest(kind):
        named = [reference.image for reference in _held(one).references]
        shown.append(
            {
                "item": one,
                "held": _held(one),
                "pictures": [name for name in named if _DIGEST.fullmatch(name)],
                "named": [name for name in named if not _DIGEST.fullmatch(name)],
                "older": (await items.versions(kind, one.name))[1:],
                "again": _line(one),
            }
        )
    return shown


def _held(item: Item) -> Bundle:
    return item.bundle or Bundle()


def _line(item: Item) -> str:
    """Return the line that would keep an item again, whole, to copy and to change."""
    if item.lora is not None:
        return render(Loras(action="add", name=item.name, item=item.lora))
    held = _held(item)
    flags = Flags(
        references=held.references,
        loras=held.loras,
        no=held.no,
        controls=(held.pose,) if held.pose else (),
        seed=held.seed,
    )
    kind = Houses if item.kind == "house" else Characters
    return render(kind(action="save", name=item.name, phrase=held.phrase, flags=flags))
