"""Servers that speak OpenAI's images API in their own way, on 127.0.0.1: one under each path.

Fields: the reference pages of Together, Recraft and xAI, read 2026-11-23; dall-e-3 as OpenAI's
OpenAPI of 2026-08-21 has it; ``studio`` takes the least that there is. Each refuses what it does
not know, as the strictest of them do.
"""

import base64
import binascii
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.schemas import Property, Schema, faults, unknown

__all__ = ["HOUSES", "KEY", "CompatibleVendor", "running", "running_thread"]

KEY: Final = "compatible-loopback-0123456789"
_ALL: Final[Schema] = {
    "model": Property(str, required=True),
    "prompt": Property(str, required=True),
    "n": Property(int, minimum=1, maximum=10, default=1),
}
RATIOS: Final = ("1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "2:1", "1:2")


@dataclass(frozen=True, slots=True)
class House:
    """One way to speak it."""

    models: tuple[str, ...]
    schema: Schema
    by: str = "url"
    """How it answers unless it is asked otherwise."""
    rewrites: bool = False
    pictures: tuple[str, ...] = ()


HOUSES: Final[Mapping[str, House]] = {
    "together": House(
        models=("black-forest-labs/FLUX.1-schnell", "black-forest-labs/FLUX.1-kontext-pro"),
        schema={
            **_ALL,
            "width": Property(int, minimum=64, maximum=1792, default=1024),
            "height": Property(int, minimum=64, maximum=1792, default=1024),
            "steps": Property(int, minimum=1, maximum=50, default=20),
            "seed": Property(int),
            "negative_prompt": Property(str),
            "guidance_scale": Property(float, default=3.5),
            "output_format": Property(str, enum=("png", "jpeg"), default="jpeg"),
            "response_format": Property(str, enum=("base64", "url"), default="url"),
            "disable_safety_checker": Property(bool, default=False),
            "image_url": Property(str),
            "reference_images": Property(list),
        },
        pictures=("image_url", "reference_images"),
    ),
    "recraft": House(
        models=("recraftv4", "recraftv3"),
        schema={
            **_ALL,
            "size": Property(
                str,
                enum=("1024x1024", "1344x768", "768x1344", "1280x832", "832x1280"),
                default="1024x1024",
            ),
            "style": Property(str, enum=("realistic_image", "digital_illustration")),
            "response_format": Property(str, enum=("b64_json", "url"), default="url"),
        },
    ),
    "xai": House(
        models=("grok-imagine-image-2.0",),
        schema={
            **_ALL,
            "aspect_ratio": Property(str, enum=RATIOS, default="1:1"),
            "resolution": Property(str, enum=("1k", "2k"), default="1k"),
            "response_format": Property(str, enum=("b64_json", "url"), default="url"),
        },
    ),
    "legacy": House(
        models=("dall-e-3",),
        schema={
            **_ALL,
            "size": Property(
                str, enum=("1024x1024", "1792x1024", "1024x1792"), default="1024x1024"
            ),
            "quality": Property(str, enum=("standard", "hd"), default="standard"),
            "style": Property(str, enum=("vivid", "natural"), default="vivid"),
            "response_format": Property(str, enum=("b64_json", "url"), default="url"),
        },
        rewrites=True,
    ),
    "studio": House(
        models=("sdxl",), schema={**_ALL, "size": Property(str, default="1024x1024")}, by="b64_json"
    ),
}
ANSWERS: Final = {
    "429": (429, {"error": {"message": "Rate limit.", "type": "rate_limit"}}),
    "500": (500, {"error": {"message": "Oops.", "type": "server_error"}}),
    "insufficient_credit": (402, {"error": "Credit limit exceeded"}),
    "bad_key": (401, {"error": {"message": "Invalid API key", "type": "invalid_request_error"}}),
    "forbidden": (403, {"error": "not for this team", "code": "forbidden"}),
    "not_found": (404, {"error": {"message": "no such model", "type": "invalid_request_error"}}),
    "refuse_moderation": (422, {"code": "x", "message": "Content moderation refused it."}),
    "expired": (403, {"error": "expired"}),
    "not_json": (502, {}),
}
SPOILED: Final = frozenset({"no_picture", "not_an_image", "broken_json"})
PLAIN: Final = frozenset({"timeout", "cut", "slow_drip", "endless", "redirect"})


class CompatibleVendor(Vendor):
    """All of them, each with the same key."""

    name: ClassVar[str] = "compatible"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | SPOILED | PLAIN,
        "fetch": frozenset(ANSWERS) | SPOILED | PLAIN,
    }
    points: ClassVar[frozenset[str]] = frozenset({"create", "fetch"})

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.files_host = ""
        """Where pictures are said to lie; empty is this server."""
        self.made: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.files: dict[str, bytes] = {}
        self.file_keys: list[str] = []
        self.strange_headers: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the keys; the addresses stand in the team's file (see ``toml``)."""
        return {f"{name.upper()}_API_KEY": self.key for name in HOUSES}

    def routes(self) -> list[Route]:
        """Return the two paths that each of them has."""
        return [
            Route("/{house}/v1/images/generations", self.on_create, methods=["POST"]),
            Route("/files/{name}", self.on_fetch, methods=["GET"]),
        ]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts what is billed."""
        return {
            "creates": len(self.made),
            "inputs": self.made,
            "refused": self.refused,
            "fetches": self.calls["fetch"],
            "file_keys": self.file_keys,
            "strange_headers": self.strange_headers,
        }

    async def on_create(self, request: Request) -> Response:
        """Make a picture from words."""
        self.calls["create"] += 1
        self.strange_headers += [name for name in request.headers if name.startswith("openai-")]
        name, house = request.path_params["house"], HOUSES[request.path_params["house"]]
        if name != "studio" and request.headers.get("authorization") != f"Bearer {self.key}":
            self.refused.append("key")
            return _problem(Failure("create", "bad_key"))
        await self.gates.passed("create")
        failure = self.script.next("create")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        body = json.loads(await request.body())
        wrong = _wrong(house, body)
        if wrong:
            self.refused.append(wrong)
            return JSONResponse({"error": {"message": wrong, "type": "invalid_request_error"}}, 400)
        self.made.append(_with_digests(house, body))
        return await self._spoiled(JSONResponse(self._answer(house, body, failure)), failure)

    def _answer(self, house: House, body: dict[str, Any], failure: Failure | None) -> Any:
        mode = failure.mode if failure else ""
        width, height = _size(body)
        kind = body.get("output_format", "png")
        data = draw(f"{body['prompt']} {body.get('seed', len(self.made))}", width, height, kind)
        data = b"<html></html>" if mode == "not_an_image" else data
        asked = {"base64": "b64_json"}.get(body.get("response_format", ""))
        by = asked or body.get("response_format", house.by)
        name = f"{len(self.made)}.{kind}"
        self.files[name] = data
        told: dict[str, Any] = {"index": 0}
        if mode != "no_picture":
            address = f"{self.files_host or self.url}/files/{name}"
            told[by] = address if by == "url" else base64.b64encode(data).decode()
        if house.rewrites:
            told["revised_prompt"] = f"A most detailed picture of {body['prompt']}"
        return {"created": 1_790_000_000, "data": [told]}

    async def on_fetch(self, request: Request) -> Response:
        """Hand out a picture to anyone."""
        self.calls["fetch"] += 1
        if "authorization" in request.headers:
            self.file_keys.append(request.headers["authorization"])
        await self.gates.passed("fetch")
        failure = self.script.next("fetch")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 302)
        data = self.files[request.path_params["name"]]
        if failure and failure.mode == "not_an_image":
            data = b"<html></html>"
        return await self._spoiled(Response(data, media_type="image/png"), failure)

    async def _spoiled(self, whole: Response, failure: Failure | None) -> Response:
        match failure.mode if failure else "":
            case "timeout" if failure:
                await self.pause(failure.delay_s)
            case "broken_json":
                return Response(bytes(whole.body)[:-9], media_type=whole.media_type)
            case "cut" | "slow_drip" | "endless" as mode if failure:
                return Broken(mode, whole, failure.delay_s, self.stop)
            case _:
                pass
        return whole


def toml(text: str, url: str) -> str:
    """Return a settings file in which every endpoint is this server."""
    lines, house = [], ""
    for line in text.splitlines():
        if line.startswith("[endpoints."):
            house = line.partition(".")[2].partition("]")[0]
        told = f'base_url = "{url}/{house}/v1"'
        lines.append(told if line.startswith("base_url") else line)
    return "\n".join(lines)


def _wrong(house: House, body: dict[str, Any]) -> str:
    strange = unknown(house.schema, body)
    if strange:
        return f"Argument not supported: {strange[0]}"
    for name, what in faults(house.schema, body).items():
        return f"Invalid value for '{name}': {what}"
    if body["model"] not in house.models:
        return f"Unknown model: {body['model']}"
    for name in house.pictures:
        for one in _listed(body.get(name, [])):
            if not _is_picture(one):
                return f"Invalid picture in '{name}'"
    return ""


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _bytes(text: str) -> bytes:
    head, _, data = text.partition(";base64,")
    return base64.b64decode(data, validate=True) if head.startswith("data:image/") else b""


def _is_picture(text: str) -> bool:
    try:
        with Image.open(io.BytesIO(_bytes(text))) as image:
            return image.size > (0, 0)
    except (binascii.Error, UnidentifiedImageError):
        return False


def _with_digests(house: House, body: dict[str, Any]) -> dict[str, Any]:
    told = dict(body)
    for name in house.pictures:
        if name in body:
            shown = [
                f"sha256:{hashlib.sha256(_bytes(one)).hexdigest()}" for one in _listed(body[name])
            ]
            told[name] = shown if isinstance(body[name], list) else shown[0]
    return told


def _size(body: dict[str, Any]) -> tuple[int, int]:
    if "width" in body:
        return body["width"], body["height"]
    if "size" in body:
        width, _, height = body["size"].partition("x")
        return int(width), int(height)
    across, _, down = body.get("aspect_ratio", "1:1").partition(":")
    return 64 * int(across), 64 * int(down)


def _problem(failure: Failure) -> Response:
    if failure.mode == "not_json":
        return Response("<html>Bad gateway</html>", 502, media_type="text/html")
    status, body = ANSWERS[failure.mode]
    return JSONResponse(body, failure.status or status)


if __name__ == "__main__":
    serve(CompatibleVendor, KEY)
