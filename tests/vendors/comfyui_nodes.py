"""The nodes that the loopback ComfyUI has: their inputs, as /object_info of 0.3.64 lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SAMPLERS: Final = ("euler", "euler_ancestral", "dpmpp_2m", "dpmpp_2m_sde", "ddim", "uni_pc")
SCHEDULERS: Final = ("simple", "sgm_uniform", "karras", "exponential", "normal")
SCALERS: Final = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "checkpoints": ("sd_xl_base_1.0.safetensors",),
    "loras": ("fox.safetensors", "ink.safetensors", "owner/fox.safetensors"),
    "controlnet": (
        "controlnet-canny-sdxl-1.0.safetensors",
        "controlnet-depth-sdxl-1.0.safetensors",
        "controlnet-openpose-sdxl-1.0.safetensors",
    ),
}


@dataclass(frozen=True, slots=True)
class Number:
    """INT or FLOAT with its bounds."""

    low: float
    high: float
    whole: bool = False
    step: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A class of nodes."""

    inputs: Mapping[str, Any]
    """A type's name for a link, a ``Number``, the allowed values, a folder of FILES or a kind."""
    outputs: tuple[str, ...] = ()
    optional: frozenset[str] = field(default_factory=frozenset)
    saves: bool = False


def _int(low: int, high: int, step: int = 1) -> Number:
    return Number(low, high, whole=True, step=step)


SIDE: Final = _int(16, 16384, 8)
NODES: Final[Mapping[str, Node]] = {
    "CheckpointLoaderSimple": Node({"ckpt_name": "checkpoints"}, ("MODEL", "CLIP", "VAE")),
    "LoraLoader": Node(
        {
            "model": "MODEL",
            "clip": "CLIP",
            "lora_name": "loras",
            "strength_model": Number(-100, 100),
            "strength_clip": Number(-100, 100),
        },
        ("MODEL", "CLIP"),
    ),
    "CLIPTextEncode": Node({"text": "STRING", "clip": "CLIP"}, ("CONDITIONING",)),
    "EmptyLatentImage": Node(
        {"width": SIDE, "height": SIDE, "batch_size": _int(1, 4096)}, ("LATENT",)
    ),
    "LoadImage": Node({"image": "UPLOAD"}, ("IMAGE", "MASK")),
    "LoadImageMask": Node(
        {"image": "UPLOAD", "channel": ("alpha", "red", "green", "blue")}, ("MASK",)
    ),
    "ImageScale": Node(
        {
            "image": "IMAGE",
            "upscale_method": SCALERS,
            "width": _int(0, 16384),
            "height": _int(0, 16384),
            "crop": ("disabled", "center"),
        },
        ("IMAGE",),
    ),
    "VAEEncode": Node({"pixels": "IMAGE", "vae": "VAE"}, ("LATENT",)),
    "VAEDecode": Node({"samples": "LATENT", "vae": "VAE"}, ("IMAGE",)),
    "SetLatentNoiseMask": Node({"samples": "LATENT", "mask": "MASK"}, ("LATENT",)),
    "ImageCompositeMasked": Node(
        {
            "destination": "IMAGE",
            "source": "IMAGE",
            "x": _int(0, 16384),
            "y": _int(0, 16384),
            "resize_source": "BOOLEAN",
            "mask": "MASK",
        },
        ("IMAGE",),
        optional=frozenset({"mask"}),
    ),
    "ControlNetLoader": Node({"control_net_name": "controlnet"}, ("CONTROL_NET",)),
    "ControlNetApplyAdvanced": Node(
        {
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "control_net": "CONTROL_NET",
            "image": "IMAGE",
            "strength": Number(0, 10),
            "start_percent": Number(0, 1),
            "end_percent": Number(0, 1),
            "vae": "VAE",
        },
        ("CONDITIONING", "CONDITIONING"),
        optional=frozenset({"vae"}),
    ),
    "KSampler": Node(
        {
            "model": "MODEL",
            "seed": _int(0, 2**64 - 1),
            "steps": _int(1, 10000),
            "cfg": Number(0, 100),
            "sampler_name": SAMPLERS,
            "scheduler": SCHEDULERS,
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "latent_image": "LATENT",
            "denoise": Number(0, 1),
        },
        ("LATENT",),
    ),
    "SaveImage": Node({"images": "IMAGE", "filename_prefix": "STRING"}, saves=True),
    "PreviewImage": Node({"images": "IMAGE"}, saves=True),
    "DepthAnythingV2Preprocessor": Node(
        {"image": "IMAGE", "ckpt_name": "STRING", "resolution": _int(64, 16384)}, ("IMAGE",)
    ),
    "DWPreprocessor": Node(
        {
            "image": "IMAGE",
            "detect_hand": ("enable", "disable"),
            "detect_body": ("enable", "disable"),
            "detect_face": ("enable", "disable"),
            "resolution": _int(64, 16384),
            "bbox_detector": "STRING",
            "pose_estimator": "STRING",
            "scale_stick_for_xinsr_cn": ("enable", "disable"),
        },
        ("IMAGE",),
    ),
}
"""The last two are a custom node pack's: comfyui_controlnet_aux."""


def unknown_node(graph: Mapping[str, Any], missing: frozenset[str]) -> dict[str, Any] | None:
    """Return the refusal of a workflow that names a class that is not there."""
    for node, told in graph.items():
        name = told.get("class_type") if isinstance(told, dict) else None
        if name not in NODES or name in missing:
            said = f"Cannot execute because node {name} does not exist."
            return _error("invalid_prompt", said, f"Node ID '#{node}'")
    if not any(NODES[told["class_type"]].saves for told in graph.values()):
        return _error("prompt_no_outputs", "Prompt has no outputs", "")
    return None


def _error(kind: str, message: str, details: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": {}}


def node_errors(graph: Mapping[str, Any], uploads: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what is wrong, by node."""
    found = {}
    saves = [node for node, told in graph.items() if NODES[told["class_type"]].saves]
    for node, told in graph.items():
        wrong = _faults(told, graph, uploads)
        if wrong:
            kind = told["class_type"]
            found[node] = {"errors": wrong, "dependent_outputs": saves, "class_type": kind}
    return found


def _faults(
    told: Mapping[str, Any], graph: Mapping[str, Any], uploads: Mapping[str, bytes]
) -> list[dict[str, Any]]:
    schema = NODES[told["class_type"]]
    strange = set(told["inputs"]) - set(schema.inputs)
    wrong = [_fault("unknown_here", name, "the real one ignores it") for name in strange]
    for name, wanted in schema.inputs.items():
        if name not in told["inputs"]:
            if name not in schema.optional:
                wrong.append(_fault("required_input_missing", name, name))
            continue
        fault = _wrong(told["inputs"][name], wanted, name, graph, uploads)
        wrong += [fault] if fault else []
    return wrong


def _fault(kind: str, name: str, details: str, **info: Any) -> dict[str, Any]:
    messages = {
        "required_input_missing": "Required input is missing",
        "value_not_in_list": "Value not in list",
        "bad_linked_input": "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        "return_type_mismatch": "Return type mismatch between linked nodes",
        "custom_validation_failed": "Custom validation failed for node",
    }
    message = messages.get(kind, kind.replace("_", " ").capitalize())
    extra = {"input_name": name} | info
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def _wrong(
    value: Any, wanted: Any, name: str, graph: Mapping[str, Any], uploads: Mapping[str, bytes]
) -> dict[str, Any] | None:
    if isinstance(wanted, Number):
        return _wrong_number(value, wanted, name)
    if wanted == "UPLOAD":
        there = value in uploads
        said = f"image - Invalid image file: {value}"
        return None if there else _fault("custom_validation_failed", name, said)
    allowed = FILES.get(wanted) if isinstance(wanted, str) else wanted
    if allowed is not None:
        return _wrong_choice(value, allowed, name)
    kinds = {"STRING": str, "BOOLEAN": bool}
    if wanted in kinds:
        good = isinstance(value, kinds[wanted])
        return None if good else _fault("invalid_input_type", name, f"{name}, {value!r}")
    return _wrong_link(value, wanted, name, graph)


def _wrong_number(value: Any, wanted: Number, name: str) -> dict[str, Any] | None:
    kinds = int if wanted.whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        return _fault("invalid_input_type", name, f"{name}, {value!r}", received_value=value)
    if value < wanted.low:
        return _fault("value_smaller_than_min", name, name, received_value=value)
    if value > wanted.high or (value % wanted.step and wanted.whole):
        return _fault("value_bigger_than_max", name, name, received_value=value)
    return None


def _wrong_choice(value: Any, allowed: tuple[str, ...], name: str) -> dict[str, Any] | None:
    if value in allowed:
        return None
    said = f"{name}: {value!r} not in {list(allowed)}"
    config = [list(allowed), {}]
    return _fault("value_not_in_list", name, said, input_config=config, received_value=value)


def _wrong_link(
    value: Any, wanted: str, name: str, graph: Mapping[str, Any]
) -> dict[str, Any] | None:
    if not isinstance(value, list) or [type(one) for one in value] != [str, int]:
        return _fault("bad_linked_input", name, name, received_value=value)
    node = graph.get(value[0])
    outputs = NODES[node["class_type"]].outputs if node else ()
    got = outputs[value[1]] if value[1] < len(outputs) else "nothing"
    said = f"{name}, received_type({got}) mismatch input_type({wanted})"
    return None if got == wanted else _fault("return_type_mismatch", name, said)
