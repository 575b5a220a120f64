"""Stability's words: where an image is asked for, and the fields and files of the call.

Source: Stability's REST v2beta (``/v2beta/stable-image/…``, multipart form data always), read
2026-11-22.
"""

from collections.abc import Mapping
from typing import Any, Final

from domain.picture import digest_of
from domain.ports import ImageRequest

FIELDS: Final = {
    "negative_prompt": "negative_prompt",
    "seed": "seed",
    "cfg_scale": "cfg_scale",
    "aspect_ratio": "aspect_ratio",
    "file_format": "output_format",
}
"""Our word for a parameter, and Stability's."""
MODE: Final = "mode"
"""The setting of those models that are told whether a picture goes in."""
MODES: Final = {True: "image-to-image", False: "text-to-image"}
TYPES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}

File = tuple[None, str] | tuple[str, bytes, str]


def path(request: ImageRequest) -> str:
    """Return where the image is asked for, below the base address."""
    return f"/v2beta/stable-image/{request.card.source}"


def fields(request: ImageRequest) -> dict[str, Any]:
    """Return everything that is sent for one image, but for the pictures."""
    given, card = request.parameters, request.card
    taken = {
        "negative_prompt": card.negative_prompt and given.negative_prompt,
        "seed": card.seed,
        "cfg_scale": card.cfg_scale,
        "aspect_ratio": card.sizes.kind == "ratios" and not _shaped_by_picture(request),
        "file_format": card.file_formats,
    }
    sent: dict[str, Any] = {"prompt": given.prompt} if card.takes_prompt else {}
    for ours, theirs in FIELDS.items():
        value = getattr(given, ours)
        if taken[ours] and value is not None:
            sent[theirs] = value
    for name, value in card.settings.items():
        sent[name] = given.settings.get(name, value)
    if MODE in card.left_to_vendor or MODE in card.wire:
        sent[MODE] = MODES[request.init_image is not None]
    return sent | _weights(request) | _margins(request)


def _shaped_by_picture(request: ImageRequest) -> bool:
    """Whether the model takes no ratio beside a picture: it makes the picture's own."""
    return request.init_image is not None and MODE in request.card.wire


def _weights(request: ImageRequest) -> dict[str, float]:
    """Return how strongly each picture acts; 0 keeps the init image, 1 ignores it, as with us."""
    given, card = request.parameters, request.card
    weights: dict[str, float] = {}
    if request.init_image is not None and card.denoising_strength:
        weights["strength"] = given.denoising_strength or 0.0
    for used in given.controls[:1]:
        can = card.controls.get(used.kind)
        if can is not None and can.weight is not None and used.weight is not None:
            weights["control_strength"] = used.weight
    for reference in given.references[:1]:
        if card.references and card.references.weight and reference.weight is not None:
            weights["fidelity"] = reference.weight
    return weights


def _margins(request: ImageRequest) -> dict[str, int]:
    margins = request.parameters.margins
    if margins is None or request.card.operations != ("extend",):
        return {}
    return {side: pixels for side, pixels in margins.model_dump().items() if pixels}


def pictures(request: ImageRequest) -> dict[str, bytes]:
    """Return the pictures that are sent along, by Stability's names."""
    card, given = request.card, request.parameters
    sent: dict[str, bytes] = {}
    if request.init_image is not None and card.takes_pictures:
        sent["image"] = request.init_image
    if request.mask is not None and card.mask:
        sent["mask"] = request.mask
    for used, data in zip(given.controls, request.controls, strict=True):
        if used.kind in card.controls:
            sent["image"] = data
    if card.references:
        for data in request.references[:1]:
            sent["image"] = data
    return sent


def payload(request: ImageRequest) -> dict[str, Any]:
    """Return the form of the call, each picture as the digest of its bytes."""
    digests = {name: f"sha256:{digest_of(data)}" for name, data in pictures(request).items()}
    return fields(request) | digests


def form(request: ImageRequest) -> Mapping[str, File]:
    """Return the parts of the call: each field, then each picture."""
    words: dict[str, File] = {name: (None, _text(value)) for name, value in fields(request).items()}
    files: dict[str, File] = {
        name: (name, data, media_type(data)) for name, data in pictures(request).items()
    }
    return words | files


def media_type(data: bytes) -> str:
    """Return the type of a picture by its first bytes."""
    return next(
        (kind for magic, kind in TYPES.items() if data.startswith(magic)),
        "application/octet-stream",
    )


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
