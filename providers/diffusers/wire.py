"""What the worker is told: a card and a request, as the arguments of a diffusers pipeline.

The card says everything that differs between models:

- ``source``: folder or hub id of the weights; ``controls.canny.wire``: that of a ControlNet.
- ``wire``: the pipeline's name for a word of ours, where it is not the usual one
  (``cfg_scale = "true_cfg_scale"``), and ``references``: the IP-Adapter, as
  ``owner/name/folder/file.safetensors`` or a path that ends so.
- ``settings``: those of ``LOADING`` say how weights are loaded; any other is an argument of the
  pipeline.
"""

from typing import Any, Final

from domain.model import ModelCard
from domain.ports import ImageRequest

USUAL: Final = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "steps": "num_inference_steps",
    "cfg_scale": "guidance_scale",
    "width": "width",
    "height": "height",
    "denoising_strength": "strength",
}
LOADING: Final = frozenset({"dtype", "variant", "revision", "offload"})
"""Settings that say how the weights are loaded."""


def payload(request: ImageRequest) -> dict[str, Any]:
    """Return the order as the worker gets it; pictures stand as ``sha256:…``."""
    card, given = request.card, request.parameters
    settings = {name: given.settings.get(name, value) for name, value in card.settings.items()}
    seed = {"seed": given.seed} if card.seed and given.seed is not None else {}
    return seed | {
        "model": card.source,
        "loading": {name: value for name, value in settings.items() if name in LOADING},
        "arguments": _arguments(request)
        | {name: value for name, value in settings.items() if name not in LOADING},
        "init_image": given.init_image if card.takes_pictures and request.init_image else None,
        "mask": given.mask if card.mask and request.mask else None,
        "controls": _controls(request),
        "loras": _loras(request),
        "references": _references(request),
    }


def blobs(request: ImageRequest) -> dict[str, bytes]:
    """Return the pictures of the order by their places in it."""
    order = payload(request)
    single = {"init_image": request.init_image, "mask": request.mask}
    found = {name: data for name, data in single.items() if order[name] and data}
    for control in order["controls"]:
        found[f"control{control['at']}"] = request.controls[control["at"]]
    for reference in order["references"]:
        found[f"reference{reference['at']}"] = request.references[reference["at"]]
    return found


def _arguments(request: ImageRequest) -> dict[str, Any]:
    card, given = request.card, request.parameters
    listed = {
        "prompt": card.takes_prompt,
        "negative_prompt": card.negative_prompt,
        "steps": card.steps is not None,
        "cfg_scale": card.cfg_scale is not None,
        "width": card.sizes.kind == "pixels",
        "height": card.sizes.kind == "pixels",
        "denoising_strength": card.denoising_strength is not None and request.init_image,
    }
    names = USUAL | card.wire
    values = {word: getattr(given, word) for word, taken in listed.items() if taken}
    return {names[word]: value for word, value in values.items() if value is not None}


def _controls(request: ImageRequest) -> list[dict[str, Any]]:
    card = request.card
    found: list[dict[str, Any]] = []
    for at, used in enumerate(request.parameters.controls[: len(request.controls)]):
        can = card.controls.get(used.kind)
        if can is None or len(found) == card.max_controls:
            continue
        one: dict[str, Any] = {"at": at, "image": used.image, "model": can.wire}
        if can.weight and used.weight is not None:
            one["weight"] = used.weight
        if can.share and used.start is not None and used.end is not None:
            one |= {"start": used.start, "end": used.end}
        found.append(one)
    return found


def _loras(request: ImageRequest) -> list[dict[str, Any]]:
    most = request.card.loras.maximum if request.card.loras else 0
    return [{"name": lora.name, "weight": lora.weight} for lora in request.parameters.loras[:most]]


def _references(request: ImageRequest) -> list[dict[str, Any]]:
    can = request.card.references
    if can is None:
        return []
    used = request.parameters.references[: len(request.references)][: can.maximum]
    adapter = adapter_of(request.card)
    return [
        {"at": at, "image": one.image, "adapter": adapter}
        | ({"weight": one.weight} if can.weight and one.weight is not None else {})
        for at, one in enumerate(used)
    ]


def adapter_of(card: ModelCard) -> str:
    """Return where the card's IP-Adapter lies; empty if it names none."""
    return card.wire.get("references", "")
