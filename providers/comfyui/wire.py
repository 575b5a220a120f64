"""ComfyUI's words: what is written into a workflow for an image, and how its answers are read.

Sources: ComfyUI 0.3.64 as it answered (routes, node inputs, history, queue), and the source of
0.38.1, read 2026-11-23.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.picture import digest_of
from domain.ports import ImageRequest
from providers.comfyui.workflow import Place, Workflow, WorkflowError

OURS: Final = uuid.UUID("5b0f4a3e-6f0c-4c56-9f0e-0d6f8a1c2b77")
"""The name space in which our ids of prompts are made."""
FOLDER: Final = "handler"
"""The folder on the server in which our pictures lie, those that go in and those that come out."""
WEIGHTS: Final = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".sft", ".gguf")
SIGNATURES: Final = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp"}


def prompt_id(key: str) -> str:
    """Return the id of an image's job: the same for the same image, and a UUID."""
    return str(uuid.uuid5(OURS, key))


def file_name(data: bytes) -> str:
    """Return what a picture is called on the server: by its content, so it is never two."""
    suffix = next((end for start, end in SIGNATURES.items() if data.startswith(start)), ".png")
    return f"{digest_of(data)[:40]}{suffix}"


class Filling:
    """What is written into a workflow for one image, and which of its nodes are left out."""

    def __init__(self, workflow: Workflow, request: ImageRequest) -> None:
        self._workflow = workflow
        self._wire = request.card.wire
        self.written: dict[str, dict[str, Any]] = {}
        self.left_out: list[str] = []
        self.pictures: dict[Place, bytes] = {}
        self._say(request)
        self._show(request)
        self._control(request)
        self._refer(request)
        self._adapt(request)

    def body(self, request: ImageRequest, names: Mapping[Place, str]) -> dict[str, Any]:
        """Return the create call's body; *names* are what the pictures are called."""
        written = {node: dict(values) for node, values in self.written.items()}
        for (node, name), value in names.items():
            written.setdefault(node, {})[name] = value
        job = prompt_id(request.key)
        for node in self._workflow.outputs:
            for _, name in self._workflow.open_inputs(node, "folder"):
                written.setdefault(node, {})[name] = f"{FOLDER}/{job}"
        graph = self._workflow.filled(written, self.left_out)
        return {"prompt": graph, "prompt_id": job, "client_id": job}

    @property
    def digests(self) -> dict[Place, str]:
        """The pictures as digests of their bytes."""
        return {place: f"sha256:{digest_of(data)}" for place, data in self.pictures.items()}

    @property
    def values(self) -> dict[str, Any]:
        """All that is written by node, pictures as digests; and the nodes that are left out."""
        told = {node: dict(values) for node, values in self.written.items()}
        for (node, name), digest in self.digests.items():
            told.setdefault(node, {})[name] = digest
        return told | {"left_out": self.left_out}

    def _put(self, places: list[Place], value: Any, word: str) -> None:
        if not places:
            raise WorkflowError(
                f"{self._workflow.name!r} takes no {word}, though its card lists it: "
                f"mark a node handler:{word}"
            )
        for node, name in places:
            self.written.setdefault(node, {})[name] = value

    def _say(self, request: ImageRequest) -> None:
        """Write words and figures, as far as the card lists them."""
        given, card = request.parameters, request.card
        pixels = card.sizes.kind == "pixels"
        taken = {
            "prompt": (card.takes_prompt, given.prompt),
            "negative": (card.negative_prompt, given.negative_prompt),
            "seed": (card.seed, given.seed),
            "steps": (card.steps, given.steps),
            "cfg": (card.cfg_scale, given.cfg_scale),
            "denoise": (card.denoising_strength, given.denoising_strength),
            "width": (pixels, given.width),
            "height": (pixels, given.height),
        }
        for word, (listed, value) in taken.items():
            if listed and value is not None:
                size = "size" if word in ("width", "height") else ""
                self._put(self._workflow.places(word, self._wire, size), value, size or word)
        for name, value in card.settings.items():
            places = self._workflow.settings(name, self._wire)
            self._put(places, given.settings.get(name, value), name)

    def _show(self, request: ImageRequest) -> None:
        """Hand over the init image and its mask: white is repainted, as ComfyUI has it too."""
        card = request.card
        for word, listed, data in (
            ("init_image", card.takes_pictures, request.init_image),
            ("mask", card.mask, request.mask),
        ):
            if listed and data is not None:
                self._hand(self._workflow.marked(word), data, word)

    def _hand(self, nodes: list[str], data: bytes, word: str) -> None:
        places = [one for node in nodes for one in self._workflow.open_inputs(node, "image")]
        if not places:
            raise WorkflowError(f"{self._workflow.name!r} has no image node handler:{word}")
        self.pictures |= dict.fromkeys(places, data)

    def _control(self, request: ImageRequest) -> None:
        """Hand over control images, the second of a kind to the second node of that mark."""
        pairs = list(zip(request.parameters.controls, request.controls, strict=False))
        for kind in request.card.controls:
            images = self._workflow.marked(f"control:{kind}")
            acts = self._workflow.marked(f"apply:{kind}")
            used = [(one, data) for one, data in pairs if one.kind == kind]
            for number, (one, data) in enumerate(used):
                self._hand(images[number : number + 1], data, f"control:{kind}")
                told = {"weight": one.weight, "start": one.start, "end": one.end}
                self._act(acts[number : number + 1], told, f"apply:{kind}")
            self.left_out += acts[len(used) :]

    def _refer(self, request: ImageRequest) -> None:
        images, acts = self._workflow.marked("reference"), self._workflow.marked("apply:reference")
        if request.card.references is None:
            return
        pairs = list(zip(request.parameters.references, request.references, strict=False))
        for number, (one, data) in enumerate(pairs):
            self._hand(images[number : number + 1], data, "reference")
            self._act(acts[number : number + 1], {"weight": one.weight}, "apply:reference")
        self.left_out += acts[len(pairs) :]

    def _act(self, nodes: list[str], told: Mapping[str, float | None], mark: str) -> None:
        for word, value in told.items():
            if value is not None:
                places = [one for node in nodes for one in self._workflow.open_inputs(node, word)]
                self._put(places, value, mark)

    def _adapt(self, request: ImageRequest) -> None:
        """Name the LoRA of each loader; loaders that are not needed are left out."""
        loaders = self._workflow.marked("lora")
        if request.card.loras is None:
            return
        for number, one in enumerate(request.parameters.loras):
            if number >= len(loaders):
                raise WorkflowError(f"{self._workflow.name!r} has {len(loaders)} LoRA loaders")
            node = loaders[number]
            name = one.name if one.name.endswith(WEIGHTS) else f"{one.name}.safetensors"
            self._put(self._workflow.open_inputs(node, "lora"), name, "lora")
            self._put(self._workflow.open_inputs(node, "lora_weight"), one.weight, "lora")
        self.left_out += loaders[len(request.parameters.loras) :]


# --- what comes back -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ref:
    """What a job is known by: its id, and whose workflow it is."""

    id: str
    model: str

    def __str__(self) -> str:
        return f"{self.id}/{self.model}"

    @classmethod
    def read(cls, text: str) -> "Ref":
        """Return what :meth:`__str__` wrote.

        Raises:
            ValueError: It is not that.
        """
        job, _, model = text.partition("/")
        return cls(str(uuid.UUID(job)), model)


def images(entry: Mapping[str, Any], nodes: list[str]) -> list[dict[str, str]]:
    """Return the files that *nodes* have saved; what is only a preview is none."""
    outputs = entry.get("outputs")
    told = outputs if isinstance(outputs, dict) else {}
    listed = [
        one
        for node in nodes or list(told)
        if isinstance(told.get(node), dict) and isinstance(told[node].get("images"), list)
        for one in told[node]["images"]
        if isinstance(one, dict) and one.get("type") == "output" and one.get("filename")
    ]
    return [{name: str(one.get(name, "")) for name in VIEW} for one in listed]


VIEW: Final = ("filename", "subfolder", "type")


def seed_of(entry: Mapping[str, Any], places: list[Place]) -> int | None:
    """Return the seed that the server drew with: it keeps the workflow that it ran."""
    try:
        node, name = places[0]
        seed = entry["prompt"][2][node]["inputs"][name]
    except (KeyError, IndexError, TypeError):
        return None
    return seed if type(seed) is int and 0 <= seed < 2**32 else None


def ids(rows: Any) -> list[str]:
    """Return the jobs of a list of the queue."""
    return [str(row[1]) for row in rows if isinstance(row, list) and len(row) > 1] if rows else []
