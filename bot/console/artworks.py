"""Pictures over HTTP: the stored bytes unchanged, for good under their digest."""

import asyncio
import re
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from bot.console.desk import Desk
from bot.console.veil import check
from domain.errors import NotFoundError
from domain.picture import SUFFIXES
from domain.spec import Digest

DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
TYPES: Final = {suffix: media_type for media_type, suffix in SUFFIXES.items()}
FOREVER: Final = "private, max-age=31536000, immutable"


def artwork_routes(desk: Desk) -> APIRouter:
    """Return the routes that hand out pictures."""
    router = APIRouter()

    @router.get("/api/artworks/{digest}", tags=["pictures"], response_class=Response)
    async def artwork(
        digest: str, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """Hand out a picture's original bytes."""
        return await _picture(desk, _digest(digest), if_none_match or "", "image")

    @router.get("/api/artworks/{digest}/thumbnail", tags=["pictures"], response_class=Response)
    async def thumbnail(
        digest: str, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """Hand out a small WebP of a picture."""
        named = _digest(digest)
        headers = {"cache-control": FOREVER, "etag": f'"small:{named}"'}
        if headers["etag"] in (if_none_match or ""):
            return Response(status_code=304, headers=headers)
        data = await desk.app.darkroom.thumbnail(named)
        return Response(data, media_type="image/webp", headers=headers)

    @router.get("/api/runs/{run}/grid", tags=["pictures"], response_class=Response)
    async def grid(run: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """Hand out a run's numbered grid, as chats show it."""
        known = await desk.run(run)
        check(known)
        if known.grid is None:
            raise NotFoundError(f"{known.ref} has no grid", hint="It is drawn when the run ends.")
        answer = await _picture(desk, known.grid, if_none_match or "", f"{known.ref}-grid")
        answer.headers["cache-control"] = "private, no-cache"  # a retry draws another
        return answer

    @router.get("/api/families/{family}/sheet", tags=["pictures"], response_class=Response)
    async def sheet(family: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:
        """Hand out the contact sheet of several models, as chats show it."""
        known = await desk.app.families.get(family)
        check(*known.runs)
        if known.sheet is None:
            raise NotFoundError("there is no sheet yet", hint="It is drawn when a run ends.")
        answer = await _picture(desk, known.sheet, if_none_match or "", f"{known.first.ref}-sheet")
        answer.headers["cache-control"] = "private, no-cache"  # each run that ends draws another
        return answer

    return router


def _digest(said: str) -> Digest:
    found = DIGEST.fullmatch(said)
    if found is None:
        raise NotFoundError(
            f"no artwork {said[:80]!r}", hint="A digest is sha256: and 64 hexadecimal digits."
        )
    return f"sha256:{found[1]}"


async def _picture(desk: Desk, digest: Digest, seen: str, stem: str) -> Response:
    path = await asyncio.to_thread(desk.app.artifacts.find, digest)
    if path is None:
        raise NotFoundError(f"no artwork {digest}", hint="Its file is gone from data/artifacts.")
    name = f"{stem}-{digest[7:19]}{path.suffix}"
    headers = {
        "cache-control": FOREVER,
        "etag": f'"{digest}"',
        "content-disposition": f'inline; filename="{name}"',
    }
    if f'"{digest}"' in seen:
        return Response(status_code=304, headers=headers)
    data = await desk.app.artifacts.get(digest)
    return Response(data, media_type=TYPES[path.suffix], headers=headers)
