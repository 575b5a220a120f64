"""Replicate on 127.0.0.1: predictions are created, listed, polled, cancelled; outputs are fetched.

Wire: Replicate's OpenAPI of 2026-03-16; error bodies and log lines as collected from public code
(2026-11). Like the real one it ignores inputs that the model does not know, but writes them down.
Pictures that go in are read: inside the request, or laid down as files before.
"""

import base64
import binascii
import hashlib
import hmac
import io
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.replicate_schemas import BY_VERSION, MODELS, File, Files, Model
from tests.vendors.schemas import FLUX_RATIOS, faults, unknown

__all__ = ["KEY", "ReplicateVendor", "running", "running_thread"]

KEY: Final = "r8_loopback_0123456789"
VERSION: Final = "53d5d1586a229bd033e060941789bfb0c177cefd5ef638f34b3099658343a897"
ALLOWED: Final = frozenset({"version", "input", "webhook", "webhook_events_filter", "stream"})
CANCEL_AFTER: Final = re.compile(r"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$")
MIN_CANCEL_AFTER_S: Final = 5
SECRET: Final = "whsec_" + base64.b64encode(b"a secret of the loopback").decode()
HEX: Final = re.compile(r"[0-9a-f]{64}")
EVENTS: Final = frozenset({"start", "output", "logs", "completed"})
NO_VERSION: Final = (
    "The specified version does not exist (or perhaps you don't have permission to use it?)"
)
ANSWERS: Final = {
    "429": (429, "Too Many Requests", "Request was throttled. Your rate limit resets in ~7s."),
    "500": (500, "Internal Server Error", "An unexpected error occurred."),
    "502": (502, "Bad Gateway", "Upstream error."),
    "503": (503, "Service Unavailable", "Try again later."),
    "insufficient_credit": (
        402,
        "Insufficient credit",
        "You have insufficient credit to run this model. Go to billing to purchase credit.",
    ),
    "bad_key": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "forbidden": (403, "Forbidden", "You do not have permission to perform this action."),
    "not_found": (404, "", "The requested resource could not be found."),
    "expired": (404, "", "The requested resource could not be found."),
    "retired": (422, "Invalid version or not permitted", NO_VERSION),
    "too_large": (413, "", "Files must be less than 100MB in size"),
    "status": (418, "As told", "A status that the test asked for."),
}
FATES: Final = {
    "refuse_moderation": "NSFW content detected. Try running it again, or try a different prompt.",
    "refuse_sensitive": "The input or output was flagged as sensitive. Please try again with "
    "different inputs. (E005)",
    "failed_oom": "CUDA out of memory. (E1001)",
    "no_lora": "Failed to download LoRA weights: 404 Not Found",
    "failed": "Prediction failed for an unknown reason. (E1000)",
}
LIFE: Final = frozenset({*FATES, "aborted", "late", "expired", "no_output", "kept_back"})
"""What can become of a job."""
FILE_PARTS: Final = frozenset({"content", "filename", "type", "metadata"})
PLAIN: Final = frozenset({"broken_json", "wrong_type", "cut", "slow_drip", "endless", "timeout"})
DONE: Final = ("succeeded", "failed", "canceled", "aborted")


@dataclass(slots=True)
class Job:
    """One prediction, as the vendor keeps it."""

    id: str
    model: str
    input: dict[str, Any]
    created: datetime
    born: float
    cancel_after_s: float | None = None
    webhook: str = ""
    events: list[str] = field(default_factory=list)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of the pictures that went in, by the input's name."""
    status: str = "starting"
    error: str | None = None
    output: list[str] | str | None = None
    completed: datetime | None = None
    fate: str = ""
    removed: bool = False
    polls: int = 0
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """The seed that is used: none is random, and to most models 0 as well."""
        given: int | None = self.input.get("seed")
        if given is None or (given == 0 and self.kind.zero_is_random):
            return int(hashlib.sha256(self.id.encode()).hexdigest()[:4], 16)
        return given

    @property
    def kind(self) -> Model:
        """What the model takes and gives."""
        return MODELS[self.model]

    @property
    def outputs(self) -> list[str]:
        """Where its outputs lie."""
        return [self.output] if isinstance(self.output, str) else self.output or []

    @property
    def size(self) -> tuple[int, int]:
        """Of the picture that it makes."""
        given = next((self.sizes[n] for n in ("image", "control_image") if n in self.sizes), None)
        if given:
            scale = self.input.get("scale", 1)
            return round(given[0] * scale), round(given[1] * scale)
        if "width" in self.input:
            return self.input["width"], self.input["height"]
        shape = str(self.input.get("size") or self.input.get("aspect_ratio", "1:1"))
        if "x" in shape:
            width, _, height = shape.partition("x")
            return int(width), int(height)
        width, _, height = shape.partition(":")
        if not height:
            return next(iter(self.sizes.values()), (1024, 1024))
        return FLUX_RATIOS.get(shape) or (1024, 1024 * int(height) // int(width))

    def end(self, status: str) -> None:
        """Come to a final status."""
        self.status, self.completed = status, datetime.now(UTC)

    def logs(self, progress: float) -> str:
        """Return the log as the model writes it, its bars parted by carriage returns."""
        steps = int(self.input.get("num_inference_steps") or self.input.get("steps") or 4)
        bars = [
            f"{100 * at // steps:3d}%|{'█' * at:{steps}}| {at}/{steps} [00:00<00:00, 9.1it/s]"
            for at in range(int(progress * steps) + 1)
        ]
        kept = "NSFW content detected in image 0\n" if self.fate == "kept_back" else ""
        return f"Using seed: {self.seed}\nrunning quantized prediction\n{kept}" + "\r".join(bars)


class ReplicateVendor(Vendor):
    """The predictions of one account."""

    name: ClassVar[str] = "replicate"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | PLAIN | LIFE | {"redirect"},
        "poll": frozenset(ANSWERS) | PLAIN | LIFE,
        "list": frozenset(ANSWERS) | PLAIN,
        "cancel": frozenset(ANSWERS) | PLAIN,
        "fetch": frozenset(ANSWERS) | PLAIN | {"truncated_image", "redirect", "packed"},
        "upload": frozenset(ANSWERS) | PLAIN,
        "file": frozenset(ANSWERS) | PLAIN,
        "secret": frozenset(ANSWERS) | PLAIN,
    }
    points: ClassVar[frozenset[str]] = frozenset(
        {"create_received", "create", "poll", "list", "cancel", "fetch", "finish", "upload"}
    )

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.starting_s = 0.02
        self.processing_s = 0.1
        self.page_size = 100
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.output_host = ""
        """Where outputs are said to lie; empty is this server."""
        self.wants_endings: list[str] = []
        """Models that refuse a file whose address has no ending."""
        self.retired: list[str] = []
        """Models that are not there any more."""
        self.secret = SECRET
        self.omit: list[str] = []
        """Fields that are left out of what is told of a job."""
        self.prefers: list[str | None] = []
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.refused: list[str] = []
        self.unknown_keys: list[str] = []
        self.output_authorizations: list[str] = []

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        return {"REPLICATE_API_TOKEN": self.key, "REPLICATE_BASE_URL": self.url}

    def routes(self) -> list[Route]:
        """Return Replicate's paths."""
        return [
            Route("/v1/predictions", self.on_create, methods=["POST"]),
            Route("/v1/predictions", self.on_list, methods=["GET"]),
            Route("/v1/predictions/{id}", self.on_poll, methods=["GET"]),
            Route("/v1/predictions/{id}/cancel", self.on_cancel, methods=["POST"]),
            Route("/v1/files", self.on_upload, methods=["POST"]),
            Route("/v1/files/{id}", self.on_file, methods=["GET"]),
            Route("/v1/webhooks/default/secret", self.on_secret, methods=["GET"]),
            Route("/__output/{id}/{name}", self.on_fetch, methods=["GET"]),
        ]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts what is billed."""
        inputs = [job.input for job in self.jobs.values()]
        same = Counter(hashlib.sha256(_canonical(one)).hexdigest()[:16] for one in inputs)
        return {
            "creates": len(inputs),
            "by_request": dict(same),
            "inputs": inputs,
            "prompts": [one.get("prompt") for one in inputs],
            "seeds": [one.get("seed") for one in inputs],
            "unknown_keys": self.unknown_keys,
            "refused": self.refused,
            "polls": self.calls["poll"],
            "cancels": self.calls["cancel"],
            "fetches": self.calls["fetch"],
            "output_authorizations": self.output_authorizations,
            "jobs": {job.id: job.status for job in self.jobs.values()},
            "models": [job.model for job in self.jobs.values()],
            "events": [job.events for job in self.jobs.values()],
            "webhooks": [job.webhook for job in self.jobs.values()],
            "files": self.names,
            "prefers": self.prefers,
            "cancel_after_s": [job.cancel_after_s for job in self.jobs.values()],
        }

    # --- the calls ---

    async def on_create(self, request: Request) -> Response:
        """Register a job; from then on it is billed."""
        self.calls["create"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        await self.gates.passed("create_received")
        failure = self.script.next("create")
        if failure and _answers(failure) and not failure.registered:
            return _problem(failure)
        if failure and failure.mode == "redirect":
            return RedirectResponse(self.redirect_to, 307)
        self.prefers.append(request.headers.get("prefer"))
        made = await self._made(request)
        if isinstance(made, Response):
            return made
        if failure and failure.mode in LIFE:
            made.fate = failure.mode
        await self.gates.passed("create")
        return await self._spoiled(JSONResponse(self._told(made), 201), failure)

    async def _made(self, request: Request) -> Job | Response:
        body = await _body(request)
        if isinstance(body, str):
            return self._invalid(body)
        model = self._model(body["version"])
        if isinstance(model, Response):
            return model
        schema = MODELS[model].schema
        wrong = faults(schema, body["input"]) | self._webhook_faults(body)
        sizes: dict[str, tuple[int, int]] = {}
        for name, one in schema.items():
            if isinstance(one, File | Files) and name in body["input"] and name not in wrong:
                fault = self._read(model, name, body["input"][name], sizes)
                wrong |= {name: fault} if fault else {}
        after_s = _cancel_after_s(request.headers.get("cancel-after"))
        if wrong:
            return self._invalid(
                "".join(f"- input.{name}: {what}\n" for name, what in wrong.items())
            )
        if after_s is not None and after_s < MIN_CANCEL_AFTER_S:
            return self._invalid("- Cancel-After: must be at least 5 seconds\n")
        self.unknown_keys += unknown(schema, body["input"])
        name = hashlib.sha256(f"{self.url} {len(self.jobs)}".encode()).hexdigest()[:26]
        job = Job(name, model, body["input"], datetime.now(UTC), time.monotonic(), after_s)
        job.webhook, job.sizes = body.get("webhook", ""), sizes
        job.events = body.get("webhook_events_filter", [])
        self.jobs[name] = job
        return job

    def _model(self, version: str) -> str | Response:
        """Return the model that is meant: an official one by its name, any by its version."""
        name, _, exact = version.partition(":")
        if "/" not in name:
            name, exact = BY_VERSION.get(name, ""), name
        if name not in MODELS:
            return _answer(404, "", "The requested resource could not be found.")
        known = MODELS[name].version
        if name in self.retired or (exact != known and (known or not HEX.fullmatch(exact))):
            self.refused.append("version")
            return _answer(*ANSWERS["retired"])
        return name

    def _webhook_faults(self, body: dict[str, Any]) -> dict[str, str]:
        webhook, events = body.get("webhook"), body.get("webhook_events_filter", [])
        if webhook is not None and not str(webhook).startswith("https://"):
            return {"webhook": "must be an HTTPS URL"}
        return {"webhook_events_filter": "is unknown"} if set(events) - EVENTS else {}

    def _read(
        self, model: str, name: str, given: str | list[str], sizes: dict[str, tuple[int, int]]
    ) -> str:
        """Look at the pictures of one input; return what is wrong with them."""
        for address in given if isinstance(given, list) else [given]:
            data = self._bytes_of(model, address)
            if data is None:
                return "Does not match format 'uri'"
            try:
                with Image.open(io.BytesIO(data)) as image:
                    image.verify()
                    sizes.setdefault(name, image.size)
            except (UnidentifiedImageError, SyntaxError, OSError):
                return "cannot identify image file"
        return ""

    def _bytes_of(self, model: str, address: str) -> bytes | None:
        head, _, text = address.partition(",")
        if re.fullmatch(r"data:image/(png|jpeg|webp|gif);base64", head):
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error:
                return None
        if model in self.wants_endings:
            return None
        return self.files.get(address.removeprefix(f"{self.url}/v1/files/"))

    async def on_upload(self, request: Request) -> Response:
        """Lay a file down."""
        self.calls["upload"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        await self.gates.passed("upload")
        failure = self.script.next("upload")
        if failure and _answers(failure):
            return _problem(failure)
        async with request.form() as form:
            content = form.get("content")
            if not isinstance(content, UploadFile) or set(form) - FILE_PARTS:
                return self._invalid("- content: is required\n")
            data, name = await content.read(), str(form.get("filename", content.filename))
        file_id = hashlib.sha256(f"{self.url} file {len(self.files)}".encode()).hexdigest()[:26]
        self.files[file_id], self.names[file_id] = data, name
        return await self._spoiled(JSONResponse(self._file(file_id), 201), failure)

    async def on_file(self, request: Request) -> Response:
        """Tell of a file that was laid down."""
        self.calls["file"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        failure = self.script.next("file")
        if failure and _answers(failure):
            return _problem(failure)
        if request.path_params["id"] not in self.files:
            return _answer(404, "", "The requested resource could not be found.")
        return await self._spoiled(JSONResponse(self._file(request.path_params["id"])), failure)

    def _file(self, file_id: str) -> dict[str, Any]:
        data, now = self.files[file_id], datetime.now(UTC)
        return {
            "id": file_id,
            "content_type": "application/octet-stream",
            "size": len(data),
            "etag": file_id[:8],
            "checksums": {"sha256": hashlib.sha256(data).hexdigest()},
            "metadata": {},
            "created_at": _stamp(now),
            "expires_at": _stamp(now + timedelta(days=1)),
            "urls": {"get": f"{self.url}/v1/files/{file_id}"},
        }

    async def on_secret(self, request: Request) -> Response:
        """Tell by which key webhooks are signed."""
        self.calls["secret"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        failure = self.script.next("secret")
        if failure and _answers(failure):
            return _problem(failure)
        return await self._spoiled(JSONResponse({"key": self.secret}), failure)

    def webhook(self, job_id: str, at: datetime) -> tuple[dict[str, str], bytes]:
        """Return headers and body of the call that tells of a job, signed at *at*."""
        body = json.dumps(self._seen(self.jobs[job_id])).encode()
        stamp = str(int(at.timestamp()))
        signed = f"msg_{job_id}.{stamp}.".encode() + body
        key = base64.b64decode(self.secret.partition("_")[2])
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        headers = {
            "Webhook-Id": f"msg_{job_id}",
            "Webhook-Timestamp": stamp,
            "Webhook-Signature": f"v1,{base64.b64encode(b'an older key').decode()} v1,{signature}",
        }
        return headers, body

    async def on_poll(self, request: Request) -> Response:
        """Tell how far a job is."""
        self.calls["poll"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        await self.gates.passed("poll")
        failure = self.script.next("poll")
        if failure and _answers(failure):
            return _problem(failure)
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return _answer(404, "", "The requested resource could not be found.")
        job.polls += 1
        if failure and failure.mode in LIFE:
            job.fate, job.born = failure.mode, 0.0
        return await self._spoiled(JSONResponse(self._seen(job)), failure)

    async def on_list(self, request: Request) -> Response:
        """List the account's jobs, newest first, by pages."""
        self.calls["list"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        await self.gates.passed("list")
        failure = self.script.next("list")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        start = int(request.query_params.get("cursor", "0"))
        after = request.query_params.get("created_after")
        newest = list(reversed(self.jobs.values()))
        if after:
            newest = [job for job in newest if job.created >= datetime.fromisoformat(after)]
        page = newest[start : start + self.page_size]
        following = start + self.page_size
        query = urlencode({"cursor": following, **({"created_after": after} if after else {})})
        more = f"{self.url}/v1/predictions?{query}" if following < len(newest) else None
        listed = {"next": more, "previous": None, "results": [self._seen(job) for job in page]}
        return await self._spoiled(JSONResponse(listed), failure)

    async def on_cancel(self, request: Request) -> Response:
        """Stop a job that has not ended."""
        self.calls["cancel"] += 1
        refusal = self._no_entry(request)
        if refusal:
            return refusal
        await self.gates.passed("cancel")
        failure = self.script.next("cancel")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return _answer(404, "", "The requested resource could not be found.")
        self._advance(job)
        if job.status not in DONE:
            job.end("canceled")
        return await self._spoiled(JSONResponse(self._seen(job)), failure)

    async def on_fetch(self, request: Request) -> Response:
        """Hand out a picture to anyone, as the delivery host does."""
        self.calls["fetch"] += 1
        if "authorization" in request.headers:
            self.output_authorizations.append(request.headers["authorization"])
        await self.gates.passed("fetch")
        failure = self.script.next("fetch")
        if failure and failure.mode in ANSWERS:
            return _problem(failure)
        job = self.jobs.get(request.path_params["id"])
        data = job.pictures.get(request.path_params["name"]) if job and not job.removed else None
        if job is None or data is None:
            return Response("gone", 404)
        kind = request.path_params["name"].rpartition(".")[2]
        media_type = "image/jpeg" if kind == "jpg" else f"image/{kind}"
        return await self._spoiled_picture(data, media_type, failure)

    async def _spoiled_picture(
        self, data: bytes, media_type: str, failure: Failure | None
    ) -> Response:
        match failure.mode if failure else "":
            case "truncated_image":
                return Response(data[: len(data) // 2], media_type=media_type)
            case "wrong_type" | "broken_json":
                return Response("<html>a picture? here? no</html>", media_type="text/html")
            case "redirect":
                return RedirectResponse(self.redirect_to, 302)
            case "packed":
                return Response(data, media_type=media_type, headers={"content-encoding": "gzip"})
            case _:
                pass
        return await self._spoiled(Response(data, media_type=media_type), failure)

    # --- how jobs go on ---

    def _advance(self, job: Job) -> None:
        age_s = time.monotonic() - job.born
        if job.status in DONE:
            return
        if job.fate in ("aborted", "late"):
            self._run_late(job)
        elif job.cancel_after_s is not None and 0 < job.cancel_after_s < age_s and job.born:
            job.end("aborted" if job.status == "starting" else "canceled")
        elif age_s > self.starting_s + self.processing_s and not self.gates.is_shut("finish"):
            self._finish(job)
        elif age_s > self.starting_s:
            job.status = "processing"

    def _run_late(self, job: Job) -> None:
        job.end("aborted" if job.fate == "aborted" else "canceled")
        job.created = datetime.now(UTC) - timedelta(seconds=job.cancel_after_s or 0.0)

    def _finish(self, job: Job) -> None:
        if job.fate in FATES:
            job.error = FATES[job.fate]
            job.end("failed")
            return
        job.end("succeeded")
        job.removed = job.fate == "expired"
        if job.removed or job.fate == "no_output":
            job.output = None if job.removed else []
            return
        numbers = range(job.input.get("num_outputs", 1))
        made = [] if job.fate == "kept_back" else [self._painted(job, one) for one in numbers]
        used = sum(job.input.get(f"controlnet_{one}", "none") != "none" for one in (1, 2, 3))
        if job.kind.maps_first:
            made = [self._laid(job, f"control-{one}.png", "map") for one in range(used)] + made
        job.output = made if job.kind.several else made[0]

    def _painted(self, job: Job, number: int) -> str:
        kind = str(job.input.get("output_format", job.kind.native))
        words = f"{job.input.get('prompt', '')} {job.seed + number}"
        return self._laid(job, f"out-{number}.{kind}", words)

    def _laid(self, job: Job, name: str, words: str) -> str:
        width, height = job.size
        if job.input.get("megapixels", "1") == "0.25" and not job.sizes:
            width, height = width // 2, height // 2
        job.pictures[name] = draw(words, width, height, name.rpartition(".")[2])
        return f"{self.output_host or self.url}/__output/{job.id}/{name}"

    def _seen(self, job: Job) -> dict[str, Any]:
        self._advance(job)
        return self._told(job)

    def _told(self, job: Job) -> dict[str, Any]:
        done = job.status == "succeeded"
        told: dict[str, Any] = {
            "id": job.id,
            "model": job.model,
            "version": job.kind.version or VERSION,
            "input": {} if job.removed else job.input,
            "output": job.output,
            "data_removed": job.removed,
            "error": job.error,
            "status": job.status,
            "source": "api",
            "created_at": _stamp(job.created),
            "logs": "" if job.status == "starting" else job.logs(1.0 if done else 0.5),
            "urls": {
                "get": f"{self.url}/v1/predictions/{job.id}",
                "cancel": f"{self.url}/v1/predictions/{job.id}/cancel",
                "web": f"https://replicate.com/p/{job.id}",
            },
        }
        if job.cancel_after_s is not None:
            told["deadline"] = _stamp(job.created + timedelta(seconds=job.cancel_after_s))
        if job.completed:
            told["completed_at"] = _stamp(job.completed)
            told["metrics"] = {"predict_time": self.processing_s, "total_time": self.processing_s}
        if done and not job.kind.version:
            told["metrics"]["image_count"] = len(job.outputs)
        return {name: value for name, value in told.items() if name not in self.omit}

    # --- refusals ---

    def _no_entry(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"Bearer {self.key}":
            return None
        self.refused.append("key")
        status, title, detail = ANSWERS["bad_key"]
        return _answer(status, title, detail)

    def _invalid(self, detail: str) -> Response:
        self.refused.append(detail)
        return _answer(422, "Input validation failed", detail)

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
            case _ if failure and _answers(failure):
                return _problem(failure)
            case _:
                pass
        return whole


def _answers(failure: Failure) -> bool:
    """Whether a call fails at once, by a status, and not what becomes of the job."""
    return failure.mode in ANSWERS and failure.mode not in LIFE


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _cancel_after_s(text: str | None) -> float | None:
    found = CANCEL_AFTER.match(text) if text else None
    if not found:
        return None if text is None else 0.0
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600.0 + minutes * 60.0 + seconds


async def _body(request: Request) -> dict[str, Any] | str:
    """Return the body of a create call, or what is wrong with it."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return "- (root): the content type must be application/json\n"
    try:
        body = json.loads(await request.body())
    except ValueError:
        return "- (root): not JSON\n"
    if not isinstance(body, dict) or set(body) - ALLOWED:
        return "- (root): Additional property is not allowed\n"
    if not isinstance(body.get("version"), str):
        return "- version: is required\n"
    if not isinstance(body.get("input"), dict):
        return "- input: must be an object\n"
    return body


def _problem(failure: Failure) -> Response:
    status, title, detail = ANSWERS[failure.mode]
    answer = _answer(failure.status or status, title, detail)
    if failure.retry_after:
        answer.headers["retry-after"] = failure.retry_after
    return answer


def _answer(status: int, title: str, detail: str) -> Response:
    body: dict[str, Any] = {"detail": detail}
    if title:
        body |= {"title": title, "status": status}
    return JSONResponse(body, status, media_type="application/problem+json")


if __name__ == "__main__":
    serve(ReplicateVendor, KEY)
