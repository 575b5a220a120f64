"""Stability AI on 127.0.0.1: multipart in, a picture out; each endpoint takes its own fields.

Wire: Stability's REST v2beta, read 2026-11-22. It refuses every field that an endpoint has not. The
creative upscaler answers with a job, whose result is asked after.
"""

import hashlib
import io
import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import Headers, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.schemas import Schema, faults, unknown
from tests.vendors.stability_schemas import ENDPOINTS, JOBS, made_size

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
Size = tuple[int, int]


@dataclass(slots=True)
class Job:
    """A picture that is made while it is asked after."""

    asked: dict[str, Any]
    size: Size
    done_at_s: float


class StabilityVendor(Vendor):
    """The image calls of one account."""

    name: ClassVar[str] = "stability"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | PLAIN | PICTURE | {"no_id"},
        "poll": frozenset(ANSWERS) | PLAIN | PICTURE,
    }
    points: ClassVar[frozenset[str]] = frozenset({"create_received", "create"})

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.working_s = 0.05
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.made: list[dict[str, Any]] = []
        self.jobs: dict[str, Job] = {}
        self.refused: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {"STABILITY_API_KEY": self.key, "STABILITY_BASE_URL": self.url}

    def routes(self) -> list[Route]:
        """Return Stability's paths."""
        path = "/v2beta/stable-image/{group}/{name}"
        return [
            Route(path, self.on_create, methods=["POST"]),
            Route("/v2beta/results/{id}", self.on_result),
        ]

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
            "polls": self.calls["poll"],
            "cancels": 0,
        }

    async def on_create(self, request: Request) -> Response:
        """Make a picture; what fails or is filtered is not billed."""
        self.calls["create"] += 1
        if not self._knows(request):
            return _answer("bad_key")
        await self.gates.passed("create_received")
        failure = self.script.next("create")
        if failure and failure.mode in ANSWERS and not failure.registered:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        taken = await self._taken(request)
        if isinstance(taken, Response):
            return taken
        asked, size = taken
        if not (failure and failure.mode == "filtered"):
            self.made.append(asked)
        await self.gates.passed("create")
        if asked["endpoint"] in JOBS:
            return await self._spoiled(self._accepted(asked, size, failure), failure)
        await self.pause(self.working_s)
        return await self._spoiled(_picture(asked, size, failure), failure)

    def _accepted(self, asked: dict[str, Any], size: Size, failure: Failure | None) -> Response:
        name = hashlib.sha256(f"{len(self.jobs)} {asked}".encode()).hexdigest()
        self.jobs[name] = Job(asked, size, time.monotonic() + self.working_s)
        return JSONResponse({} if failure and failure.mode == "no_id" else {"id": name})

    async def on_result(self, request: Request) -> Response:
        """Tell whether a job is done; if it is, the picture is the answer, or what it failed of."""
        self.calls["poll"] += 1
        if not self._knows(request):
            return _answer("bad_key")
        name = request.path_params["id"]
        job = self.jobs.get(name)
        if job is None:
            return _answer("not_found")
        if time.monotonic() < job.done_at_s:
            return JSONResponse({"id": name, "status": "in-progress"}, 202)
        failure = self.script.next("poll")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        return await self._spoiled(_picture(job.asked, job.size, failure), failure)

    def _knows(self, request: Request) -> bool:
        known = request.headers.get("authorization") == f"Bearer {self.key}"
        if not known:
            self.refused.append("key")
        return known

    async def _taken(self, request: Request) -> tuple[dict[str, Any], Size] | Response:
        """Return the fields, pictures as digests, and how large a picture they make; or why not."""
        endpoint = f"{request.path_params['group']}/{request.path_params['name']}"
        if endpoint not in ENDPOINTS:
            return _answer("not_found")
        if wrong := _wrong_headers(request.headers):
            return self._invalid(wrong)
        if int(request.headers.get("content-length", "0")) > MAX_REQUEST_BYTES:
            return JSONResponse({"id": "1", "name": "payload_too_large", "errors": ["body"]}, 413)
        body, sizes, faulty = await _read(request, ENDPOINTS[endpoint])
        for name, what in (faulty or _wrong_mode(endpoint, body)).items():
            return self._invalid(f"{name}: {what}")
        return body | {"endpoint": endpoint}, made_size(endpoint, body, sizes.get("image"))

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


def _wrong_headers(headers: Headers) -> str:
    """Return what is wrong with the type of what is sent, or of what is asked for."""
    if not headers.get("content-type", "").startswith("multipart/form-data"):
        return "content-type: must be multipart/form-data"
    known = headers.get("accept") in ("image/*", "application/json")
    return "" if known else "accept: must be image/* or application/json"


async def _read(
    request: Request, schema: Schema
) -> tuple[dict[str, Any], dict[str, Size], dict[str, str]]:
    """Return a form's fields, pictures as digests; the pictures' sizes; and what is wrong."""
    body: dict[str, Any] = {}
    sizes: dict[str, Size] = {}
    wrong: dict[str, str] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                looked_at = _looked_at(data)
                if isinstance(looked_at, str):
                    wrong[name] = looked_at
                else:
                    sizes[name] = looked_at
                body[name] = f"sha256:{hashlib.sha256(data).hexdigest()}"
            else:
                body[name] = _typed(schema[name].type, value) if name in schema else value
    faulty = dict(faults(schema, body)) | dict.fromkeys(unknown(schema, body), "is not allowed")
    return body, sizes, faulty | wrong


def _typed(kind: type, text: Any) -> Any:
    """Return a field of a form as its type, or as it came."""
    try:
        return kind(text)
    except (TypeError, ValueError):
        return text


def _looked_at(data: bytes) -> Size | str:
    """Return the size of a picture, or why it is not taken."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height, kind = *image.size, image.format
    except UnidentifiedImageError:
        return "is no image"
    if kind not in ("PNG", "JPEG", "WEBP"):
        return "must be a jpeg, png or webp"
    if min(width, height) < MIN_SIDE_PX:
        return f"every side must be at least {MIN_SIDE_PX} pixels"
    if max(width, height) > MAX_RATIO * min(width, height):
        return f"the ratio must be between 1:{MAX_RATIO} and {MAX_RATIO}:1"
    return "too many pixels" if width * height > MAX_AREA_PX else (width, height)


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


def _picture(asked: dict[str, Any], size: Size, failure: Failure | None) -> Response:
    seed = asked.get("seed") or int(hashlib.sha256(str(asked).encode()).hexdigest()[:6], 16)
    kind = str(asked.get("output_format", "png"))
    data = draw(f"{asked} {seed}", *size, kind)
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
