"""Stability AI on 127.0.0.1: multipart in, a picture out; each endpoint takes its own fields.

Wire: Stability's REST v2beta, read 2026-11-22. It refuses every field that an endpoint has not.
"""

import hashlib
import io
import json
from collections import Counter
from typing import Any, ClassVar, Final

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.schemas import FLUX_RATIOS, faults, unknown
from tests.vendors.stability_schemas import ENDPOINTS, PICTURES

__all__ = ["KEY", "StabilityVendor", "running", "running_thread"]

KEY: Final = "sk-stability-loopback-0123456789"
MAX_REQUEST_BYTES: Final = 10 * 1024 * 1024
MAX_AREA_PX: Final = 9_437_184
MIN_SIDE_PX: Final = 64
MAX_RATIO: Final = 2.5
ANSWERS: Final = {
    "429": (429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests"),
    "500": (500, "internal_error", "An unexpected server error has occurred"),
    "502": (502, "bad_gateway", "Bad Gateway"),
    "503": (503, "unavailable", "Service Unavailable"),
    "insufficient_credit": (402, "payment_required", "You lack sufficient credits"),
    "bad_key": (401, "unauthorized", "authorization: is invalid"),
    "forbidden": (403, "forbidden", "Your organization may not use this"),
    "not_found": (404, "not_found", "no such endpoint"),
    "refuse_moderation": (
        403,
        "content_moderation",
        "Your request was flagged by our content moderation system",
    ),
    "invalid_language": (422, "invalid_language", "English is the only supported language"),
    "public_figure": (422, "public_figure", "public figures are not supported"),
    "status": (418, "teapot", "A status that the test asked for"),
}
PLAIN: Final = frozenset(
    {"broken_json", "wrong_type", "cut", "slow_drip", "endless", "timeout", "redirect"}
)
PICTURE: Final = frozenset({"filtered", "truncated_image", "no_seed", "unfinished"})


class StabilityVendor(Vendor):
    """The image calls of one account."""

    name: ClassVar[str] = "stability"
    modes: ClassVar[dict[str, frozenset[str]]] = {"create": frozenset(ANSWERS) | PLAIN | PICTURE}
    points: ClassVar[frozenset[str]] = frozenset({"create_received", "create"})

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.working_s = 0.05
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.made: list[dict[str, Any]] = []
        self.refused: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {"STABILITY_API_KEY": self.key, "STABILITY_BASE_URL": self.url}

    def routes(self) -> list[Route]:
        """Return Stability's paths."""
        path = "/v2beta/stable-image/{group}/{name}"
        return [Route(path, self.on_create, methods=["POST"])]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts what is billed."""
        same = Counter(
            hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:16]
            for one in self.made
        )
        return {
            "creates": len(self.made),
            "by_request": dict(same),
            "inputs": self.made,
            "prompts": [one.get("prompt") for one in self.made],
            "seeds": [one.get("seed") for one in self.made],
            "unknown_keys": [],
            "refused": self.refused,
            "polls": 0,
            "cancels": 0,
        }

    async def on_create(self, request: Request) -> Response:
        """Make a picture; what fails or is filtered is not billed."""
        self.calls["create"] += 1
        if request.headers.get("authorization") != f"Bearer {self.key}":
            self.refused.append("key")
            return _answer("bad_key")
        await self.gates.passed("create_received")
        failure = self.script.next("create")
        if failure and failure.mode in ANSWERS and not failure.registered:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        asked = await self._asked(request)
        if isinstance(asked, Response):
            return asked
        if not (failure and failure.mode == "filtered"):
            self.made.append(asked)
        await self.gates.passed("create")
        await self.pause(self.working_s)
        return await self._spoiled(_picture(asked, failure), failure)

    async def _asked(self, request: Request) -> dict[str, Any] | Response:
        """Return the fields, pictures as digests; or why not."""
        endpoint = f"{request.path_params['group']}/{request.path_params['name']}"
        schema = ENDPOINTS.get(endpoint)
        if schema is None:
            return _answer("not_found")
        kind = request.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data") or "accept" not in request.headers:
            return self._invalid("content-type: must be multipart/form-data")
        if int(request.headers.get("content-length", "0")) > MAX_REQUEST_BYTES:
            return JSONResponse({"id": "1", "name": "payload_too_large", "errors": ["body"]}, 413)
        body: dict[str, Any] = {}
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = await value.read()
                    if wrong := _wrong_picture(data):
                        return self._invalid(f"{name}: {wrong}")
                    body[name] = f"sha256:{hashlib.sha256(data).hexdigest()}"
                else:
                    body[name] = _typed(schema[name].type, value) if name in schema else value
        faulty: dict[str, str] = dict(faults(schema, body))
        faulty |= dict.fromkeys(unknown(schema, body), "is not allowed")
        for name, what in (faulty | _wrong_mode(endpoint, body)).items():
            return self._invalid(f"{name}: {what}")
        return body | {"endpoint": endpoint}

    def _invalid(self, what: str) -> Response:
        self.refused.append(what)
        return JSONResponse({"id": "1", "name": "bad_request", "errors": [what]}, 400)

    async def _spoiled(self, whole: Response, failure: Failure | None) -> Response:
        match failure.mode if failure else "":
            case "timeout" if failure:
                await self.pause(failure.delay_s)
            case "broken_json" | "wrong_type":
                return JSONResponse(["not", "what"], 200)
            case "cut" | "slow_drip" | "endless" as mode if failure:
                return Broken(mode, whole, failure.delay_s, self.stop)
            case _ if failure and failure.mode in ANSWERS:
                return _problem(failure)
            case _:
                pass
        return whole


def _typed(kind: type, text: Any) -> Any:
    """Return a field of a form as its type, or as it came."""
    try:
        return kind(text)
    except (TypeError, ValueError):
        return text


def _wrong_picture(data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height, kind = *image.size, image.format
    except UnidentifiedImageError:
        return "is no image"
    if kind not in ("PNG", "JPEG", "WEBP"):
        return "must be a jpeg, png or webp"
    if min(width, height) < MIN_SIDE_PX:
        return f"every side must be at least {MIN_SIDE_PX} pixels"
    return "too many pixels" if width * height > MAX_AREA_PX else ""


def _wrong_mode(endpoint: str, body: dict[str, Any]) -> dict[str, str]:
    """Return what does not go together: a strength needs a picture, and a mode says so."""
    wrong: dict[str, str] = {}
    if ("strength" in body) != ("image" in body) and "strength" in ENDPOINTS[endpoint]:
        wrong["strength"] = "is required with an image, and not allowed without"
    if endpoint == "generate/sd3":
        wanted = "image-to-image" if "image" in body else "text-to-image"
        if body.get("mode", "text-to-image") != wanted:
            wrong["mode"] = f"must be {wanted}"
        if "image" in body and "aspect_ratio" in body:
            wrong["aspect_ratio"] = "is not allowed with an image"
    return wrong


def _picture(asked: dict[str, Any], failure: Failure | None) -> Response:
    seed = asked.get("seed") or int(hashlib.sha256(str(asked).encode()).hexdigest()[:6], 16)
    width, height = FLUX_RATIOS.get(str(asked.get("aspect_ratio", "1:1")), (1024, 1024))
    if asked["endpoint"] in PICTURES:
        width, height = PICTURES[asked["endpoint"]]
    kind = str(asked.get("output_format", "png"))
    data = draw(f"{asked} {seed}", width, height, kind)
    mode = failure.mode if failure else ""
    if mode == "truncated_image":
        data = data[: len(data) // 2]
    reason = {"filtered": "CONTENT_FILTERED", "unfinished": "ERROR"}.get(mode, "SUCCESS")
    headers = {"finish-reason": reason, "x-request-id": f"req-{seed}", "seed": str(seed)}
    if mode == "no_seed":
        del headers["seed"]
    return Response(data, headers=headers, media_type=f"image/{kind}")


def _problem(failure: Failure) -> Response:
    answer = _answer(failure.mode, failure.status)
    if failure.retry_after:
        answer.headers["retry-after"] = failure.retry_after
    return answer


def _answer(mode: str, status: int | None = None) -> Response:
    known, name, said = ANSWERS[mode]
    return JSONResponse({"id": "9f1c", "name": name, "errors": [said]}, status or known)


if __name__ == "__main__":
    serve(StabilityVendor, KEY)
