"""OpenAI's image calls on 127.0.0.1: generations as JSON, edits as multipart.

Wire: OpenAI's OpenAPI of 2026-08-21 and the parameters of openai 3.54.0. Like the real one it
refuses every parameter that it does not know.
"""

import base64
import hashlib
import io
import json
import re
from collections import Counter
from typing import Any, ClassVar, Final

from PIL import Image
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors import openai_words
from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.schemas import (
    NOT_FOR_GPT_IMAGE,
    OPENAI_EDIT,
    OPENAI_GENERATE,
    OPENAI_MODELS,
    OpenAIModel,
    Schema,
    faults,
    unknown,
)

__all__ = ["KEY", "OpenAIVendor", "running", "running_thread"]

KEY: Final = "sk-loopback-0123456789"
SIZE: Final = re.compile(r"^(\d{2,4})x(\d{2,4})$")
MULTIPLE_PX: Final = 16
MAX_RATIO: Final = 3.0
MIN_AREA_PX: Final = 655_360
MAX_AREA_PX: Final = 8_294_400
MAX_IMAGE_BYTES: Final = 50 * 1024 * 1024
MAX_MASK_BYTES: Final = 4 * 1024 * 1024
MAX_PROMPT_CHARS: Final = 32_000
THREE_SIZES: Final = frozenset({"auto", "1024x1024", "1536x1024", "1024x1536"})
MAX_IMAGES: Final = 16
PARTIAL_TOKENS: Final = 100
INT_FIELDS: Final = frozenset({"n", "output_compression", "partial_images"})
BOOLS: Final = {"true": True, "false": False}
REFUSED: Final = "invalid_request_error"
ANSWERS: Final = {
    "refuse_moderation": (
        400,
        "image_generation_user_error",
        "moderation_blocked",
        "Your request was rejected by the safety system.",
    ),
    "refuse_policy": (400, REFUSED, "content_policy_violation", "It violates our policy."),
    "429": (429, "requests", "rate_limit_exceeded", "Rate limit reached. Please try again in 6s."),
    "insufficient_credit": (
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "500": (500, "server_error", None, "The server had an error."),
    "502": (502, "server_error", None, "Bad gateway."),
    "503": (503, "server_error", None, "Overloaded."),
    "bad_key": (401, REFUSED, "invalid_api_key", "Incorrect API key provided."),
    "forbidden": (403, REFUSED, None, "Your organization must be verified to use the model."),
    "not_found": (404, REFUSED, "model_not_found", "The model does not exist."),
    "status": (418, REFUSED, None, "A status that the test asked for."),
}
SPOILED: Final = frozenset(
    {"broken_json", "wrong_type", "no_data", "broken_base64", "not_an_image", "truncated_image"}
)
PLAIN: Final = frozenset({"timeout", "cut", "slow_drip", "endless", "no_usage"})
STREAMS: Final = {
    "stream_moderated": {"code": "moderation_blocked", "message": "It was blocked."},
    "stream_limited": {"code": "rate_limit_exceeded", "message": "Rate limit reached."},
    "stream_failed": {"type": "server_error", "message": "The server had an error."},
    "stream_unfinished": {},
    "stream_not_json": {},
}
"""How a stream breaks off after its first unfinished picture."""


class OpenAIVendor(Vendor):
    """The image calls of one account."""

    name: ClassVar[str] = "openai"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | SPOILED | PLAIN | frozenset(STREAMS) | {"redirect"}
    }
    points: ClassVar[frozenset[str]] = frozenset({"create_received", "create"})

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.working_s = 0.05
        self.streams = True
        """Whether it streams when it is asked to."""
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.made: list[dict[str, Any]] = []
        self.written: list[dict[str, Any]] = []
        self.words = ""
        """How answers in words are, if not plain: one of ``openai_words.KINDS``."""
        self.refused: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {"OPENAI_API_KEY": self.key, "OPENAI_BASE_URL": f"{self.url}/v1"}

    def routes(self) -> list[Route]:
        """Return OpenAI's paths."""
        return [
            Route("/v1/images/generations", self.on_generate, methods=["POST"]),
            Route("/v1/images/edits", self.on_edit, methods=["POST"]),
            Route("/v1/responses", self.on_words, methods=["POST"]),
        ]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts what is billed."""
        same = Counter(hashlib.sha256(_canonical(one)).hexdigest()[:16] for one in self.made)
        return {
            "creates": len(self.made),
            "by_request": dict(same),
            "inputs": self.made,
            "prompts": [one["prompt"] for one in self.made],
            "seeds": [None for _ in self.made],
            "unknown_keys": [],
            "refused": self.refused,
            "written": self.written,
            "polls": 0,
            "cancels": 0,
            "fetches": 0,
        }

    async def on_generate(self, request: Request) -> Response:
        """Make a picture from words."""
        failure = await self._begun(request)
        if isinstance(failure, Response):
            return failure
        if not request.headers.get("content-type", "").startswith("application/json"):
            return self._invalid("Content type must be application/json", None)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return self._invalid("We could not parse the JSON body of your request.", None)
        return await self._finished(body, OPENAI_GENERATE, failure)

    async def on_words(self, request: Request) -> Response:
        """Write words in the form that is asked for."""
        failure = await self._begun(request)
        if isinstance(failure, Response):
            return failure
        body = json.loads(await request.body())
        wrong = openai_words.fault(body)
        if wrong:
            return self._invalid(wrong, None)
        self.written.append(body)
        await self.gates.passed("create")
        await self.pause(self.working_s)
        told = openai_words.answer(body, len(self.written), self.words)
        return await self._spoiled_words(told, failure)

    async def _spoiled_words(self, told: dict[str, Any], failure: Failure | None) -> Response:
        whole: Response = JSONResponse(told, headers={"x-request-id": "req_words"})
        match failure.mode if failure else "":
            case "broken_json":
                return Response(bytes(whole.body)[:-9], media_type="application/json")
            case "wrong_type":
                return JSONResponse(["not", "an", "answer"])
            case "timeout" if failure:
                await self.pause(failure.delay_s)
            case "cut" | "slow_drip" | "endless" as mode if failure:
                return Broken(mode, whole, failure.delay_s, self.stop)
            case _ if failure:
                return _problem(failure)
            case _:
                pass
        return whole

    async def on_edit(self, request: Request) -> Response:
        """Make a picture from words and pictures."""
        failure = await self._begun(request)
        if isinstance(failure, Response):
            return failure
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return self._invalid("Content type must be multipart/form-data", None)
        async with request.form() as form:
            wrong, body = await _edit_of(form)
        if wrong:
            return self._invalid(wrong, "image")
        return await self._finished(body, OPENAI_EDIT, failure)

    async def _begun(self, request: Request) -> Failure | Response | None:
        self.calls["create"] += 1
        if request.headers.get("authorization") != f"Bearer {self.key}":
            self.refused.append("key")
            return _problem(Failure("create", "bad_key"))
        await self.gates.passed("create_received")
        failure = self.script.next("create")
        if failure and failure.mode in ANSWERS and not failure.registered:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        return failure

    async def _finished(
        self, body: dict[str, Any], schema: Schema, failure: Failure | None
    ) -> Response:
        refusal = self._refusal(body, schema)
        if refusal:
            return refusal
        self.made.append(body)
        await self.gates.passed("create")
        await self.pause(self.working_s)
        return await self._spoiled(self._answer(body, len(self.made)), failure)

    def _refusal(self, body: dict[str, Any], schema: Schema) -> Response | None:
        pictures = {"image", "mask"} if schema is OPENAI_EDIT else set()
        given = {name: value for name, value in body.items() if name not in pictures}
        strange = unknown(schema, given) + sorted(NOT_FOR_GPT_IMAGE & set(given))
        if strange:
            return self._invalid(f"Unknown parameter: '{strange[0]}'.", strange[0])
        for name, what in faults(schema, given).items():
            return self._invalid(f"Invalid value for '{name}': {what}.", name)
        model = OPENAI_MODELS.get(given["model"])
        if model is None:
            self.refused.append("model")
            return _problem(Failure("create", "not_found"))
        unfit = _unfit(model, given)
        if unfit:
            return self._invalid(unfit, None)
        if len(given["prompt"]) > MAX_PROMPT_CHARS:
            return self._invalid("Invalid 'prompt': string too long.", "prompt")
        wrong = _wrong_size(given.get("size", "auto")) if model.any_size else ""
        return self._invalid(wrong, "size") if wrong else None

    def _invalid(self, message: str, param: str | None) -> Response:
        self.refused.append(message)
        return _error(
            400, REFUSED, "unknown_parameter" if "Unknown" in message else None, message, param
        )

    def _answer(self, body: dict[str, Any], number: int) -> dict[str, Any]:
        width, height = _size(body.get("size", "auto"))
        kind = body.get("output_format", "png")
        words = f"{body['prompt']} {body.get('image', '')} {number}"
        went_in = len(body["prompt"]) // 4 + 1
        images = body.get("image", [])
        pictures_in = 600 * (len(images) if isinstance(images, list) else 1)
        tokens = OPENAI_MODELS[body["model"]].tokens[body.get("quality", "auto")]
        came_out = round(tokens * width * height / 1024**2)
        came_out += PARTIAL_TOKENS * body.get("partial_images", 0)
        return {
            "created": 1_790_000_000 + number,
            "background": body.get("background", "opaque"),
            "output_format": kind,
            "quality": body.get("quality", "medium"),
            "size": f"{width}x{height}",
            "data": [{"b64_json": base64.b64encode(draw(words, width, height, kind)).decode()}],
            "usage": {
                "input_tokens": went_in + pictures_in,
                "input_tokens_details": {"text_tokens": went_in, "image_tokens": pictures_in},
                "output_tokens": came_out,
                "output_tokens_details": {"image_tokens": came_out, "text_tokens": 0},
                "total_tokens": went_in + pictures_in + came_out,
            },
        }

    async def _spoiled(self, answer: dict[str, Any], failure: Failure | None) -> Response:
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        mode = failure.mode if failure else ""
        if mode == "no_usage":
            del answer["usage"]
        whole: Response = JSONResponse(_spoil(answer, mode), headers=self._headers())
        if self.streams and self.made[-1].get("stream"):
            partial_images = self.made[-1].get("partial_images", 0)
            events = _events(answer, partial_images, mode, "image" in self.made[-1])
            whole = Response(events, media_type="text/event-stream", headers=self._headers())
        if mode == "broken_json":
            return Response(bytes(whole.body)[:-9], media_type="application/json")
        if failure and mode == "timeout":
            await self.pause(failure.delay_s)
        if failure and mode in ("cut", "slow_drip", "endless"):
            return Broken(mode, whole, failure.delay_s, self.stop)
        return whole

    def _headers(self) -> dict[str, str]:
        return {"x-request-id": f"req_loopback_{len(self.made)}"}


def _spoil(answer: dict[str, Any], mode: str) -> Any:
    match mode:
        case "wrong_type":
            return ["not", "what", "was", "promised"]
        case "no_data":
            return answer | {"data": []}
        case "broken_base64":
            return answer | {"data": [{"b64_json": "this is *not* base64"}]}
        case "not_an_image":
            return answer | {"data": [{"b64_json": base64.b64encode(b"<html></html>").decode()}]}
        case "truncated_image":
            whole = base64.b64decode(answer["data"][0]["b64_json"])
            half = base64.b64encode(whole[: len(whole) // 2]).decode()
            return answer | {"data": [{"b64_json": half}]}
        case _:
            return answer


def _events(answer: dict[str, Any], partial_images: int, mode: str, edits: bool) -> bytes:  # noqa: FBT001 -- which of two names
    """Return the events of a stream: unfinished pictures, then the finished one."""
    kind = "image_edit" if edits else "image_generation"
    told = {name: answer[name] for name in ("size", "quality", "background", "output_format")}
    told |= {"created_at": answer["created"], "b64_json": answer["data"][0]["b64_json"]}
    events = [
        told | {"type": f"{kind}.partial_image", "partial_image_index": index}
        for index in range(partial_images)
    ]
    if mode not in STREAMS:
        events.append(told | {"type": f"{kind}.completed", "usage": answer.get("usage")})
    elif STREAMS[mode]:
        events = [*events[:1], {"type": "error", "error": STREAMS[mode]}]
    lines = [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events]
    if mode == "stream_not_json":
        lines.append("event: image_generation.completed\ndata: {not json\n\n")
    return "".join(lines).encode()


async def _edit_of(form: FormData) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with the pictures, and the fields with pictures as digests."""
    body: dict[str, Any] = {}
    sizes: dict[str, tuple[int, int]] = {}
    images: list[str] = []
    for field, value in form.multi_items():
        name = field.removesuffix("[]")
        if not isinstance(value, UploadFile):
            plain = BOOLS.get(value, value) if name == "stream" else value
            body[name] = int(value) if name in INT_FIELDS and value.isdecimal() else plain
            continue
        data = await value.read()
        wrong = _wrong_picture(name, data, value.content_type or "")
        if wrong:
            return wrong, body
        with Image.open(io.BytesIO(data)) as image:
            sizes.setdefault(name, image.size)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if name == "image":
            images.append(digest)
            listed = field.endswith("[]")
        else:
            body[name] = digest
    if not images or len(images) > MAX_IMAGES or (len(images) > 1 and not listed):
        return f"Invalid 'image': 1 to {MAX_IMAGES} images.", body
    body["image"] = images if listed else images[0]
    if "mask" in sizes and sizes["mask"] != sizes["image"]:
        return "Invalid mask image format - mask size does not match image size", body
    return "", body


def _unfit(model: OpenAIModel, given: dict[str, Any]) -> str:
    """Return what this one model does not take."""
    if given.get("quality", "auto") not in model.tokens:
        return f"Invalid value: '{given['quality']}'. Supported: {', '.join(model.tokens)}."
    if "input_fidelity" in given and not model.fidelity:
        return f"The model '{given['model']}' does not support 'input_fidelity'."
    if not model.any_size and given.get("size", "auto") not in THREE_SIZES:
        return f"Invalid size '{given['size']}'. Supported: {', '.join(sorted(THREE_SIZES))}."
    if given.get("background") == "transparent" and given.get("output_format") == "jpeg":
        return "Transparent background is not supported for jpeg output format."
    if given.get("output_compression", 100) != 100 and given.get("output_format", "png") == "png":
        return "Compression less than 100 is not supported for PNG output format."
    return ""


def _wrong_picture(name: str, data: bytes, content_type: str) -> str:
    limit = MAX_MASK_BYTES if name == "mask" else MAX_IMAGE_BYTES
    if name not in ("image", "mask") or len(data) > limit:
        return f"Invalid file '{name}': unknown, or too large."
    with Image.open(io.BytesIO(data)) as image:
        kind, has_alpha = image.format or "", "A" in image.getbands()
    if content_type != Image.MIME.get(kind) or kind not in ("PNG", "JPEG", "WEBP"):
        return f"Invalid file '{name}': unsupported mimetype ('{content_type}')."
    if name == "mask" and (kind != "PNG" or not has_alpha):
        return "Invalid mask image format - mask must be a PNG with an alpha channel"
    return ""


def _size(text: str) -> tuple[int, int]:
    found = SIZE.match(text)
    return (int(found[1]), int(found[2])) if found else (1024, 1024)


def _wrong_size(text: str) -> str:
    if text == "auto":
        return ""
    width, height = _size(text) if SIZE.match(text) else (0, 0)
    if not width or not height or width % MULTIPLE_PX or height % MULTIPLE_PX:
        return f"Invalid size '{text}': both sides must be divisible by 16."
    if max(width / height, height / width) > MAX_RATIO:
        return f"Invalid size '{text}': the ratio must be between 1:3 and 3:1."
    if not MIN_AREA_PX <= width * height <= MAX_AREA_PX:
        return f"Invalid size '{text}': below or above the pixel budget."
    return ""


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _problem(failure: Failure) -> Response:
    status, kind, code, message = ANSWERS[failure.mode]
    answer = _error(failure.status or status, kind, code, message, None)
    if failure.retry_after:
        answer.headers["retry-after"] = failure.retry_after
    return answer


def _error(status: int, kind: str, code: str | None, message: str, param: str | None) -> Response:
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return JSONResponse(body, status, headers={"x-request-id": "req_loopback_refused"})


if __name__ == "__main__":
    serve(OpenAIVendor, KEY)
