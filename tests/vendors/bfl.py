"""Black Forest Labs on 127.0.0.1: tasks are created, asked after by their address, and fetched.

Wire: BFL's OpenAPI as docs.bfl.ai shows it and its help pages on statuses and errors, read
2026-11-23. It refuses every field that a model does not have.
"""

import base64
import binascii
import hashlib
import io
import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.bfl_schemas import BFL_MODELS, CREDITS, MULTIPLE_PX
from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.schemas import FLUX_RATIOS, faults, unknown

__all__ = ["KEY", "BFLVendor", "running", "running_thread"]

KEY: Final = "bfl_loopback_0123456789"
MAX_AREA_PX: Final = 4 * 1024 * 1024
MAX_IMAGE_BYTES: Final = 20 * 1024 * 1024
ANSWERS: Final = {
    "429": (429, "Too many active tasks, the limit is 24."),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
    "503": (503, "Service Unavailable"),
    "insufficient_credit": (402, "Insufficient credits. 1 credit = $0.01."),
    "bad_key": (403, "Not authenticated - Invalid Authentication"),
    "forbidden": (403, "Not authorized for this endpoint."),
    "not_found": (404, "Not Found"),
    "expired": (403, "Server failed to authenticate the request: signature not valid any more."),
    "status": (418, "A status that the test asked for."),
}
FATES: Final = {
    "refuse_moderation": "Request Moderated",
    "refuse_content": "Content Moderated",
    "failed": "Error",
    "lost": "Task not found",
}
LIFE: Final = frozenset({*FATES, "no_sample", "strange_status"})
"""What can become of a task."""
PLAIN: Final = frozenset({"broken_json", "wrong_type", "cut", "slow_drip", "endless", "timeout"})


@dataclass(slots=True)
class Task:
    """One task, as the vendor keeps it."""

    id: str
    model: str
    input: dict[str, Any]
    born: float
    credits: float
    fate: str = ""
    data: bytes = b""


class BFLVendor(Vendor):
    """The tasks of one account."""

    name: ClassVar[str] = "bfl"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | PLAIN | LIFE | {"redirect", "no_cost", "no_polling_url"},
        "poll": frozenset(ANSWERS) | PLAIN | LIFE | {"redirect"},
        "fetch": frozenset(ANSWERS) | PLAIN | {"truncated_image", "redirect", "packed"},
    }
    points: ClassVar[frozenset[str]] = frozenset(
        {"create_received", "create", "poll", "fetch", "finish"}
    )

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.working_s = 0.1
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.polling_host = ""
        """Where tasks are said to be asked after; empty is this server."""
        self.delivery_host = ""
        """Where pictures are said to lie; empty is this server."""
        self.tasks: dict[str, Task] = {}
        self.refused: list[str] = []
        self.delivery_keys: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {"BFL_API_KEY": self.key, "BFL_BASE_URL": self.url}

    def routes(self) -> list[Route]:
        """Return BFL's paths."""
        return [
            Route("/v1/get_result", self.on_poll, methods=["GET"]),
            Route("/__delivery/{id}/{name}", self.on_fetch, methods=["GET"]),
            Route("/v1/{model}", self.on_create, methods=["POST"]),
        ]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts what is billed."""
        inputs = [task.input for task in self.tasks.values()]
        same = Counter(hashlib.sha256(_canonical(one)).hexdigest()[:16] for one in inputs)
        return {
            "creates": len(inputs),
            "by_request": dict(same),
            "inputs": inputs,
            "models": [task.model for task in self.tasks.values()],
            "prompts": [one.get("prompt") for one in inputs],
            "seeds": [one.get("seed") for one in inputs],
            "unknown_keys": [],
            "refused": self.refused,
            "polls": self.calls["poll"],
            "cancels": 0,
            "fetches": self.calls["fetch"],
            "delivery_keys": self.delivery_keys,
        }

    # --- the calls ---

    async def on_create(self, request: Request) -> Response:
        """Register a task; from then on it is billed."""
        self.calls["create"] += 1
        if request.headers.get("x-key") != self.key:
            self.refused.append("key")
            return _answer(*ANSWERS["bad_key"])
        await self.gates.passed("create_received")
        failure = self.script.next("create")
        if failure and failure.mode in ANSWERS and not failure.registered:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        task = await self._made(request)
        if isinstance(task, Response):
            return task
        if failure and failure.mode in LIFE:
            task.fate = failure.mode
        await self.gates.passed("create")
        return await self._spoiled(JSONResponse(self._accepted(task, failure)), failure)

    def _accepted(self, task: Task, failure: Failure | None) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": task.id,
            "polling_url": f"{self.polling_host or self.url}/v1/get_result?id={task.id}",
            "cost": task.credits,
            "input_mp": 0.0,
            "output_mp": 1.0,
        }
        if failure and failure.mode in ("no_cost", "no_polling_url"):
            del told[failure.mode.removeprefix("no_")]
        return told

    async def _made(self, request: Request) -> Task | Response:
        model = request.path_params["model"]
        schema = BFL_MODELS.get(model)
        if schema is None:
            return _answer(*ANSWERS["not_found"])
        try:
            body = json.loads(await request.body())
        except ValueError:
            return self._invalid("body", "JSON decode error")
        wrong = faults(schema, body)
        for name in unknown(schema, body):
            wrong[name] = "Extra inputs are not permitted"
        for name, what in (wrong or _wrong_size(model, body)).items():
            return self._invalid(name, what)
        megapixels = 0.0
        for name in [name for name in body if "image" in name and isinstance(body[name], str)]:
            data = _picture(body[name])
            if isinstance(data, str):
                return self._invalid(name, data)
            body[name] = f"sha256:{hashlib.sha256(data[0]).hexdigest()}"
            megapixels += data[1]
        name = hashlib.sha256(f"{self.url} {len(self.tasks)}".encode()).hexdigest()[:32]
        task = Task(name, model, body, time.monotonic(), _credits(model, body, megapixels))
        self.tasks[name] = task
        return task

    async def on_poll(self, request: Request) -> Response:
        """Tell how far a task is."""
        self.calls["poll"] += 1
        if request.headers.get("x-key") != self.key:
            self.refused.append("key")
            return _answer(*ANSWERS["bad_key"])
        await self.gates.passed("poll")
        failure = self.script.next("poll")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        task = self.tasks.get(request.query_params.get("id", ""))
        if task is None:
            return JSONResponse({"id": "", "status": "Task not found", "result": None}, 404)
        if failure and failure.mode in LIFE:
            task.fate, task.born = failure.mode, 0.0
        return await self._spoiled(JSONResponse(self._told(task)), failure)

    def _told(self, task: Task) -> dict[str, Any]:
        told: dict[str, Any] = {"id": task.id, "status": "Pending", "result": None}
        age_s = time.monotonic() - task.born
        if task.fate == "strange_status":
            return told | {"status": "Reasoning"}
        if age_s < self.working_s or self.gates.is_shut("finish"):
            return told | {"progress": min(age_s / max(self.working_s, 1e-9), 0.9)}
        if task.fate in FATES:
            details = {"Moderation Reasons": ["Safety Filter"]}
            return told | {"status": FATES[task.fate], "details": details}
        seed = task.input.get("seed", int(task.id[:4], 16))
        result = {"prompt": task.input["prompt"], "seed": seed, "duration": 1.0}
        if task.fate != "no_sample":
            task.data = task.data or _painted(task, seed)
            kind = task.input.get("output_format", "jpeg")
            home = self.delivery_host or self.url
            result["sample"] = f"{home}/__delivery/{task.id}/sample.{kind}?se=soon&sig=x"
        return told | {"status": "Ready", "result": result, "progress": 1.0}

    async def on_fetch(self, request: Request) -> Response:
        """Hand out a picture to whoever has its signed address."""
        self.calls["fetch"] += 1
        if "x-key" in request.headers:
            self.delivery_keys.append(request.headers["x-key"])
        await self.gates.passed("fetch")
        failure = self.script.next("fetch")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        task = self.tasks.get(request.path_params["id"])
        if task is None or not task.data:
            return Response("gone", 404)
        media_type = f"image/{task.input.get('output_format', 'jpeg')}"
        return await self._spoiled_picture(task.data, media_type, failure)

    async def _spoiled_picture(
        self, data: bytes, media_type: str, failure: Failure | None
    ) -> Response:
        whole = Response(data, media_type=media_type)
        match failure.mode if failure else "":
            case "truncated_image":
                return Response(data[: len(data) // 2], media_type=media_type)
            case "wrong_type" | "broken_json":
                return Response("<html>a picture? here? no</html>", media_type="text/html")
            case "redirect":
                return RedirectResponse(self.redirect_to, 302)
            case "packed":
                whole.headers["content-encoding"] = "gzip"
                return whole
            case _:
                return await self._spoiled(whole, failure)

    # --- refusals ---

    def _invalid(self, name: str, what: str) -> Response:
        self.refused.append(f"{name}: {what}")
        detail = [{"loc": ["body", name], "msg": what, "type": "value_error"}]
        return JSONResponse({"detail": detail}, 422)

    async def _spoiled(self, whole: Response, failure: Failure | None) -> Response:
        match failure.mode if failure else "":
            case "timeout" if failure:
                await self.pause(failure.delay_s)
            case "broken_json":
                return Response(
                    bytes(whole.body)[:-9], whole.status_code, media_type=whole.media_type
                )
            case "wrong_type":
                return JSONResponse(["not", "what", {"id": 5}], whole.status_code)
            case "cut" | "slow_drip" | "endless" as mode if failure:
                return Broken(mode, whole, failure.delay_s, self.stop)
            case _ if failure and failure.mode in ANSWERS:
                return _problem(failure)
            case _:
                pass
        return whole


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _wrong_size(model: str, body: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with the sides or the ratio, by name."""
    if "aspect_ratio" in body:
        known = body["aspect_ratio"] in FLUX_RATIOS
        return {} if known else {"aspect_ratio": "must be between 21:9 and 9:21"}
    step = MULTIPLE_PX.get(model, 16)
    sides: dict[str, int] = {name: body[name] for name in ("width", "height") if name in body}
    wrong: dict[str, str] = {
        name: f"must be a multiple of {step}" for name, px in sides.items() if px % step
    }
    if not wrong and len(sides) > 1 and sides["width"] * sides["height"] > MAX_AREA_PX:
        return {"width": "at most 4 megapixels"}
    return wrong


def _picture(text: str) -> tuple[bytes, float] | str:
    """Return the bytes of a picture and its megapixels, or what is wrong with it."""
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except (binascii.Error, UnidentifiedImageError):
        return "Invalid base64 image"
    return (data, width * height / 1e6) if len(data) <= MAX_IMAGE_BYTES else "Image too large"


def _credits(model: str, body: dict[str, Any], megapixels_in: float) -> float:
    first, more = CREDITS[model]
    megapixels = body.get("width", 1024) * body.get("height", 1024) / 1024**2
    whole: float = first + more * (max(megapixels - 1.0, 0.0) + megapixels_in)
    return round(whole, 2)


def _painted(task: Task, seed: int) -> bytes:
    given = task.input
    width, height = FLUX_RATIOS[given.get("aspect_ratio", "1:1")]
    if task.model.endswith("-ultra"):
        width, height = width * 2, height * 2
    images = [given[name] for name in sorted(given) if "image" in name]
    words = f"{task.model} {given['prompt']} {seed} {images}"
    kind = given.get("output_format", "jpeg")
    return draw(words, given.get("width", width), given.get("height", height), kind)


def _problem(failure: Failure) -> Response:
    status, detail = ANSWERS[failure.mode]
    answer = _answer(failure.status or status, detail)
    if failure.retry_after:
        answer.headers["retry-after"] = failure.retry_after
    return answer


def _answer(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


if __name__ == "__main__":
    serve(BFLVendor, KEY)
