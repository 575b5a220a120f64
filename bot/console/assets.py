"""Style and scripts from the wheel: read once, kept in memory, asked after each time."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from domain.errors import NotFoundError

TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that pages load."""

    data: bytes
    media_type: str
    etag: str


def read_assets() -> dict[str, Asset]:
    """Read every file that pages load; touches the disk."""
    folder = files("bot.console").joinpath("static")
    return {part.name: _asset(part.name, part.read_bytes()) for part in folder.iterdir()}


def asset_routes(assets: dict[str, Asset]) -> APIRouter:
    """Return the route that hands them out."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}")
    async def static(name: str, if_none_match: Annotated[str, Header()] = "") -> Response:
        """Hand out one, or say that it has not changed: a new version never meets an old one."""
        if name not in assets:
            raise NotFoundError(f"no file {name[:80]!r} here")
        asset = assets[name]
        headers = {"cache-control": "no-cache", "etag": asset.etag}
        if asset.etag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(asset.data, media_type=asset.media_type, headers=headers)

    return router


def _asset(name: str, data: bytes) -> Asset:
    return Asset(data, TYPES[name.rpartition(".")[2]], f'"{sha256(data).hexdigest()[:16]}"')
