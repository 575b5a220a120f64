"""ComfyUI on 127.0.0.1: a queue of workflows, each checked, one run at a time, told of as it runs.

Wire: every request, answer and frame as ComfyUI 0.3.64 gave them; behind a proxy that wants
headers, as Modal's does. An id that is sent twice is run twice, as by the real one.
"""

import asyncio
import hashlib
import io
import json
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from PIL import Image
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.vendors.comfyui_nodes import NODES, node_errors, unknown_node
from tests.vendors.loopback import Broken, Failure, Vendor, running, running_thread, serve
from tests.vendors.pictures import draw
from tests.vendors.sockets import BINARY, Sockets

__all__ = ["KEY", "ComfyUIVendor", "running", "running_thread"]

KEY: Final = "ws-loopback-0123456789"
ANSWERS: Final = {
    "429": (429, "too many requests"),
    "500": (500, "500 Internal Server Error\n\nServer got itself in trouble"),
    "502": (502, "bad gateway"),
    "503": (503, "service unavailable"),
    "bad_key": (401, "modal-http: missing credentials for proxy authorization"),
    "forbidden": (403, "forbidden"),
    "insufficient_credit": (402, "payment required"),
    "not_found": (404, "404: Not Found"),
    "status": (418, "a status that the test asked for"),
}
FATES: Final = {
    "oom": ("torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2.00 GiB"),
    "node_error": ("PIL.UnidentifiedImageError", "cannot identify image file\n"),
}
PLAIN: Final = frozenset({"broken_json", "wrong_type", "cut", "slow_drip", "endless", "timeout"})
PREVIEW: Final = (1).to_bytes(4, "big") + (2).to_bytes(4, "big")


class Lines(Sockets):
    """The websockets, by client id; the vendor is found where uvicorn keeps the application."""

    def opened(self) -> bool:
        """Let in whoever brings the header, unless there is no websocket."""
        vendor = self.config.app.vendor
        vendor.calls["ws"] += 1
        if vendor.no_websocket or not vendor.lets_in(self.headers):
            return False
        sid = self.query.get("clientId") or uuid.uuid4().hex
        vendor.lines[sid] = self
        asyncio.get_running_loop().call_soon(vendor.greet, sid)
        return True

    def closed(self) -> None:
        """Forget it."""
        lines = self.config.app.vendor.lines
        for sid in [sid for sid, line in lines.items() if line is self]:
            del lines[sid]


@dataclass(slots=True)
class Job:
    """One prompt, as the server keeps it."""

    number: int
    id: str
    graph: dict[str, Any]
    client: str
    fate: str = ""
    interrupted: bool = False

    @property
    def row(self) -> list[Any]:
        """The job in a list of the queue."""
        return [self.number, self.id, self.graph, {"client_id": self.client}, self.outputs]

    @property
    def outputs(self) -> list[str]:
        """The nodes that save."""
        return [node for node, told in self.graph.items() if NODES[told["class_type"]].saves]

    def of(self, kind: str) -> tuple[str, dict[str, Any]]:
        """Return the first node of a class, with its inputs."""
        return next(
            (
                (node, one["inputs"])
                for node, one in self.graph.items()
                if one["class_type"] == kind
            ),
            ("", {}),
        )


class ComfyUIVendor(Vendor):
    """One server behind a proxy that wants headers."""

    name: ClassVar[str] = "comfyui"
    modes: ClassVar[dict[str, frozenset[str]]] = {
        "create": frozenset(ANSWERS) | PLAIN | frozenset(FATES) | {"redirect", "refuse_moderation"},
        "poll": frozenset(ANSWERS) | PLAIN | {"redirect"},
        "queue": frozenset(ANSWERS) | PLAIN,
        "upload": frozenset(ANSWERS) | PLAIN | {"renamed"},
        "fetch": frozenset(ANSWERS) | PLAIN | {"truncated_image", "redirect"},
        "stats": frozenset(ANSWERS) | PLAIN | {"303"},
    }
    points: ClassVar[frozenset[str]] = frozenset(
        {"create_received", "create", "poll", "fetch", "run", "finish", "stats", "upload"}
    )
    sockets = Lines

    def __init__(self, key: str = KEY) -> None:
        super().__init__(key)

    def fresh(self) -> None:
        """Forget everything that happened, and every setting that was changed."""
        super().fresh()
        self.step_s = 0.01
        self.no_websocket = False
        self.lose_line_at = 0
        """The step at which every websocket breaks; 0: at none."""
        self.missing_node = ""
        """A class that is not installed."""
        self.redirect_to = "http://169.254.169.254/latest/meta-data/"
        self.jobs: list[Job] = []
        self.pending: list[Job] = []
        self.running_job: Job | None = None
        self.history: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, bytes] = {}
        self.saved: dict[str, bytes] = {}
        self.lines: dict[str, Lines] = {}
        self.refused: list[str] = []
        self.interrupts: list[Any] = []
        self.deletes: list[Any] = []
        self.working: asyncio.Task[None] | None = None

    def app(self) -> Any:
        """Return the application, which knows its vendor: websockets pass it by."""
        inner = super().app()

        class Known:
            vendor = self

            async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
                await inner(scope, receive, send)

        return Known()

    def environment(self) -> dict[str, str]:
        """Return the variables that make the product speak to this server."""
        headers = f"Modal-Key: wk-loopback; Modal-Secret: {self.key}"
        return {"COMFYUI_URL": self.url, "COMFYUI_HEADERS": headers}

    def lets_in(self, headers: Any) -> bool:
        """Whether the proxy lets a call through."""
        good = headers.get("modal-secret") == self.key and headers.get("modal-key", "")[:3] == "wk-"
        if not good:
            self.refused.append("key")
        return good and "origin" not in headers

    def routes(self) -> list[Route]:
        """Return ComfyUI's paths."""
        return [
            Route("/system_stats", self.on_stats),
            Route("/prompt", self.on_create, methods=["POST"]),
            Route("/upload/image", self.on_upload, methods=["POST"]),
            Route("/history/{id}", self.on_history),
            Route("/queue", self.on_queue, methods=["GET", "POST"]),
            Route("/interrupt", self.on_interrupt, methods=["POST"]),
            Route("/view", self.on_view),
        ]

    def state(self) -> dict[str, Any]:
        """Return what it was asked so far; ``creates`` counts the jobs it has taken."""
        same = Counter(job.id for job in self.jobs)
        return {
            "creates": len(self.jobs),
            "by_request": dict(same),
            "inputs": [job.graph for job in self.jobs],
            "prompts": [_prompt(job) for job in self.jobs],
            "seeds": [job.of("KSampler")[1].get("seed") for job in self.jobs],
            "unknown_keys": [],
            "refused": self.refused,
            "polls": self.calls["poll"],
            "fetches": self.calls["fetch"],
            "cancels": len(self.interrupts) + len(self.deletes),
            "interrupts": self.interrupts,
            "deletes": self.deletes,
            "uploads": sorted(self.uploads),
            "ended": sorted(self.history),
            "listening": sorted(self.lines),
        }

    # --- the calls ---

    async def _stopped(self, request: Request, kind: str) -> tuple[Response | None, Failure | None]:
        self.calls[kind] += 1
        if not self.lets_in(request.headers):
            return _answer("bad_key"), None
        await self.gates.passed("create_received" if kind == "create" else kind)
        failure = self.script.next(kind)
        if failure and failure.mode in ANSWERS and not failure.registered:
            return _problem(failure), None
        if failure and failure.mode in ("redirect", "303"):
            status = 303 if failure.mode == "303" else 307
            return RedirectResponse(self.redirect_to, status), None
        return None, failure

    async def on_stats(self, request: Request) -> Response:
        """Tell of the machine."""
        stop, failure = await self._stopped(request, "stats")
        told = {"system": {"comfyui_version": "0.3.64", "argv": ["main.py"]}, "devices": []}
        return stop or await self._spoiled(JSONResponse(told), failure)

    async def on_upload(self, request: Request) -> Response:
        """Keep a picture under its name."""
        stop, failure = await self._stopped(request, "upload")
        if stop:
            return stop
        async with request.form() as form:
            image, folder = form.get("image"), str(form.get("subfolder", ""))
            known = {"image", "type", "subfolder", "overwrite"}
            if not isinstance(image, UploadFile) or set(form) - known or form["type"] != "input":
                self.refused.append("upload")
                return Response(status_code=400)
            name = image.filename or ""
            if failure and failure.mode == "renamed":
                name = name.replace(".", " (1).")
            self.uploads[f"{folder}/{name}"] = await image.read()
        told = {"name": name, "subfolder": folder, "type": "input"}
        return await self._spoiled(JSONResponse(told), failure)

    async def on_create(self, request: Request) -> Response:
        """Check a workflow and put it into the queue."""
        stop, failure = await self._stopped(request, "create")
        if stop:
            return stop
        try:
            body = json.loads(await request.body())
        except ValueError:
            return Response(ANSWERS["500"][1], 500)
        refusal = self._refusal(body, failure)
        if refusal:
            self.refused.append(json.dumps(refusal))
            return JSONResponse(refusal, 400)
        job = Job(len(self.jobs), body["prompt_id"], body["prompt"], body["client_id"])
        if failure and failure.mode in FATES:
            job.fate = failure.mode
        self.jobs.append(job)
        self.pending.append(job)
        if self.working is None or self.working.done():
            self.working = asyncio.ensure_future(self._work())
        await self.gates.passed("create")
        told = {"prompt_id": job.id, "number": job.number, "node_errors": {}}
        return await self._spoiled(JSONResponse(told), failure)

    def _refusal(self, body: dict[str, Any], failure: Failure | None) -> dict[str, Any] | None:
        graph = body.get("prompt")
        none: dict[str, Any] = {"node_errors": {}}
        if not isinstance(graph, dict):
            return none | {"error": {"type": "no_prompt", "message": "No prompt provided"}}
        if set(body) - {"prompt", "prompt_id", "client_id", "extra_data", "front"}:
            return none | {"error": {"type": "strange", "message": str(sorted(body))}}
        if str(uuid.UUID(body["prompt_id"])) != body["prompt_id"]:
            return none | {"error": {"type": "invalid_prompt_id", "message": "not canonical"}}
        if error := unknown_node(graph, frozenset({self.missing_node})):
            return none | {"error": error}
        wrong = node_errors(graph, self.uploads)
        if failure and failure.mode == "refuse_moderation":
            fault = {"type": "custom_validation_failed", "message": "not safe", "details": "text"}
            wrong = {"4": {"errors": [fault], "class_type": "CLIPTextEncode"}}
        said = {"type": "prompt_outputs_failed_validation", "details": "", "extra_info": {}}
        error = said | {"message": "Prompt outputs failed validation"}
        return {"error": error, "node_errors": wrong} if wrong else None

    async def on_history(self, request: Request) -> Response:
        """Tell what became of a job."""
        stop, failure = await self._stopped(request, "poll")
        job = request.path_params["id"]
        told = {job: self.history[job]} if job in self.history else {}
        return stop or await self._spoiled(JSONResponse(told), failure)

    async def on_queue(self, request: Request) -> Response:
        """Tell what runs and waits, or take jobs out."""
        stop, failure = await self._stopped(request, "queue")
        if stop:
            return stop
        if request.method == "POST":
            body = await request.json()
            self.deletes.append(body)
            self.pending = [job for job in self.pending if job.id not in body.get("delete", ())]
            return Response()
        runs = [self.running_job.row] if self.running_job else []
        told = {"queue_running": runs, "queue_pending": [job.row for job in self.pending]}
        return await self._spoiled(JSONResponse(told), failure)

    async def on_interrupt(self, request: Request) -> Response:
        """Stop what runs; without an id whatever it is."""
        stop, _ = await self._stopped(request, "interrupt")
        if stop:
            return stop
        body = json.loads(await request.body() or b"{}")
        self.interrupts.append(body)
        job = self.running_job
        if job and body.get("prompt_id", job.id) == job.id:
            job.interrupted = True
        return Response()

    async def on_view(self, request: Request) -> Response:
        """Hand out a file."""
        stop, failure = await self._stopped(request, "fetch")
        if stop:
            return stop
        query = request.query_params
        data = self.saved.get(f"{query.get('subfolder', '')}/{query.get('filename', '')}")
        if data is None or query.get("type") != "output":
            return Response(status_code=404)
        if failure and failure.mode == "truncated_image":
            return Response(data[: len(data) // 2], media_type="image/png")
        if failure and failure.mode in ("wrong_type", "broken_json"):
            return Response("<html>a picture? here? no</html>", media_type="text/html")
        return await self._spoiled(Response(data, media_type="image/png"), failure)

    # --- the work ---

    async def _work(self) -> None:
        while self.pending and not self.stop.is_set():
            await self.gates.passed("run")
            if not self.pending:
                return
            job = self.running_job = self.pending.pop(0)
            try:
                entry = await self._run(job)
                self._tell(job, "executing", node=None)
            finally:
                self.running_job = None
            self.history[job.id] = entry

    async def _run(self, job: Job) -> dict[str, Any]:
        self._tell(job, "execution_start", timestamp=1)
        self._tell(job, "execution_cached", nodes=[], timestamp=1)
        node, told = job.of("KSampler")
        self._tell(job, "executing", node=node, display_node=node)
        steps = int(told.get("steps", 1))
        for step in range(1, steps + 1):
            await self.pause(self.step_s) if self.step_s else await asyncio.sleep(0)
            if self.lose_line_at == step:
                for line in list(self.lines.values()):
                    line.drop()
            self._tell(job, "progress", value=step, max=steps, node=node)
            if step == steps // 2:
                self._send(job.client, PREVIEW + draw("preview", 64, 64), BINARY)
                await self.gates.passed("finish")
            if job.interrupted or job.fate in FATES:
                break
        return self._outcome(job, node)

    def _outcome(self, job: Job, node: str) -> dict[str, Any]:
        if job.interrupted:
            more: dict[str, Any] = {"node_id": node, "node_type": "KSampler", "executed": []}
            return self._entry(job, {}, "execution_interrupted", more)
        if job.fate in FATES:
            kind, said = FATES[job.fate]
            more = {"node_id": node, "node_type": "KSampler", "exception_type": kind}
            more |= {"exception_message": said, "traceback": [], "executed": []}
            return self._entry(job, {}, "execution_error", more)
        outputs = {saver: self._save(job, saver) for saver in job.outputs}
        for saver, output in outputs.items():
            self._tell(job, "executed", node=saver, display_node=saver, output=output)
        return self._entry(job, outputs, "execution_success", {"timestamp": 2})

    def _entry(
        self, job: Job, outputs: dict[str, Any], last: str, more: dict[str, Any]
    ) -> dict[str, Any]:
        self._tell(job, last, **more)
        start = ["execution_start", {"prompt_id": job.id, "timestamp": 1}]
        success = last == "execution_success"
        status = {
            "status_str": "success" if success else "error",
            "completed": success,
            "messages": [start, [last, {"prompt_id": job.id} | more]],
        }
        return {"prompt": job.row, "outputs": outputs, "status": status, "meta": {}}

    def _save(self, job: Job, saver: str) -> dict[str, Any]:
        told = job.graph[saver]["inputs"]
        folder, _, prefix = told.get("filename_prefix", "temp").rpartition("/")
        name = f"{prefix}_00001_.png"
        size = self._size(job)
        given = {node: one["inputs"] for node, one in job.graph.items() if node != saver}
        words = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        self.saved[f"{folder}/{name}"] = draw(words, *size)
        kind = "temp" if job.graph[saver]["class_type"] == "PreviewImage" else "output"
        return {"images": [{"filename": name, "subfolder": folder, "type": kind}]}

    def _size(self, job: Job) -> tuple[int, int]:
        """Return how large the result is; a preprocessor keeps the shape of the photo."""
        latent = job.of("EmptyLatentImage")[1] or job.of("ImageScale")[1]
        if latent:
            return latent["width"], latent["height"]
        maker = job.of("DWPreprocessor")[1] or job.of("DepthAnythingV2Preprocessor")[1]
        photo = self.uploads[job.of("LoadImage")[1]["image"]]
        width, height = Image.open(io.BytesIO(photo)).size
        scale = maker["resolution"] / min(width, height)
        return round(width * scale), round(height * scale)

    def _tell(self, job: Job, kind: str, **data: Any) -> None:
        told = {"type": kind, "data": {"prompt_id": job.id} | data}
        self._send(job.client, json.dumps(told).encode())

    def greet(self, sid: str) -> None:
        """Tell a new client how much waits."""
        waiting = len(self.pending) + bool(self.running_job)
        status = {"status": {"exec_info": {"queue_remaining": waiting}}, "sid": sid}
        self._send(sid, json.dumps({"type": "status", "data": status}).encode())

    def _send(self, client: str, data: bytes, kind: int = 1) -> None:
        if client in self.lines:
            self.lines[client].send(data, kind)

    async def _spoiled(self, whole: Response, failure: Failure | None) -> Response:
        match failure.mode if failure else "":
            case "timeout" if failure:
                await self.pause(failure.delay_s)
            case "broken_json":
                body = bytes(whole.body)
                return Response(body[:-9], whole.status_code, media_type=whole.media_type)
            case "wrong_type":
                return JSONResponse(["not", "what", {"id": 5}], whole.status_code)
            case "cut" | "slow_drip" | "endless" as mode if failure:
                return Broken(mode, whole, failure.delay_s, self.stop)
            case _ if failure and failure.mode in ANSWERS:
                return _problem(failure)
            case _:
                pass
        return whole


def _prompt(job: Job) -> str:
    """Return the words that the sampler is led by: through ControlNets, if there are any."""
    inputs = job.of("KSampler")[1]
    if not inputs:
        return ""
    while "text" not in inputs:
        inputs = job.graph[inputs["positive"][0]]["inputs"]
    return str(inputs["text"])


def _answer(mode: str) -> Response:
    status, said = ANSWERS[mode]
    return Response(said, status)


def _problem(failure: Failure) -> Response:
    status, said = ANSWERS[failure.mode]
    answer = Response(said, failure.status or status)
    if failure.retry_after:
        answer.headers["retry-after"] = failure.retry_after
    return answer


if __name__ == "__main__":
    serve(ComfyUIVendor, KEY)
