"""The words of OpenAI's images API: what is sent for an image, as the card says it.

Sources: the parameters of ``images.generate`` and ``images.edit`` in openai 3.54.0; OpenAI's
OpenAPI of 2026-08-21. Servers that speak it otherwise say so in their card's ``wire``.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.picture import MEDIA_TYPES, SUFFIXES, digest_of
from domain.ports import ImageRequest

SIGNATURES: Final = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP"}
WORDS: Final = {
    "seed": "seed",
    "steps": "steps",
    "cfg_scale": "guidance_scale",
    "negative_prompt": "negative_prompt",
    "file_format": "output_format",
    "background": "background",
}
"""Our word for a parameter, and the usual one of servers; a card's ``wire`` may say another."""
Pictures = dict[str, bytes | list[bytes]]


def _edits(request: ImageRequest) -> bool:
    return bool(pictures(request)) and not in_words(request)


_ONLY: Final[Mapping[str, Callable[[ImageRequest], bool]]] = {
    "moderation": lambda request: not _edits(request),
    "input_fidelity": _edits,
    "output_compression": lambda request: request.parameters.file_format != "png",
}
"""Settings that one of the two calls, or a format, has no parameter for."""


def fields(request: ImageRequest) -> dict[str, Any]:
    """Return everything that is sent for one image, but for the pictures."""
    given, card = request.parameters, request.card
    sent: dict[str, Any] = {"model": card.source or card.name, "prompt": given.prompt, "n": 1}
    sent |= _size(request) | _words(request)
    for name, value in card.settings.items():
        if name not in _ONLY or _ONLY[name](request):
            sent[name] = given.settings.get(name, value)
    if not sent.get("partial_images"):
        sent.pop("partial_images", None)
        return sent
    return sent | {"stream": True}


def _size(request: ImageRequest) -> dict[str, Any]:
    given, names = request.parameters, request.card.wire
    if request.card.sizes.kind == "ratios" and given.aspect_ratio is not None:
        named = names.get(f"aspect_ratio={given.aspect_ratio}", given.aspect_ratio)
        return {names.get("aspect_ratio", "size"): named}
    if request.card.sizes.kind != "pixels" or given.width is None or given.height is None:
        return {}
    if "width" in names:
        return {names["width"]: given.width, names.get("height", "height"): given.height}
    return {"size": f"{given.width}x{given.height}"}


def _words(request: ImageRequest) -> dict[str, Any]:
    given, card = request.parameters, request.card
    taken = {
        "seed": card.seed,
        "steps": card.steps,
        "cfg_scale": card.cfg_scale,
        "negative_prompt": card.negative_prompt,
        "file_format": card.file_formats,
        "background": card.backgrounds,
    }
    sent: dict[str, Any] = {}
    for ours, usual in WORDS.items():
        value = getattr(given, ours)
        if taken[ours] and value not in (None, ""):
            sent[card.wire.get(ours, usual)] = card.wire.get(f"{ours}={value}", value)
    return sent


def in_words(request: ImageRequest) -> bool:
    """Whether pictures stand as data URLs in the one JSON body, and not as files of an edit."""
    return request.card.wire.get("pictures") == "data"


def pictures(request: ImageRequest) -> Pictures:
    """Return the pictures that are sent along, as we were given them: what the card takes."""
    card, sent = request.card, Pictures()
    init = [request.init_image] if request.init_image is not None and card.takes_pictures else []
    others = list(request.references) if card.references else []
    if in_words(request):
        _name(sent, card.wire.get("init_image", "image_url"), init)
        _name(sent, card.wire.get("references", "reference_images[]"), others)
    elif init or others:
        every = [*init, *others]
        sent["image"] = every if len(every) > 1 else every[0]
    if init and request.mask is not None and card.mask:
        sent["mask"] = request.mask
    return sent


def _name(sent: Pictures, name: str, given: list[bytes]) -> None:
    """Add pictures under *name*: a list where it ends in ``[]``, after what stands there."""
    if not given:
        return
    if not name.endswith("[]"):
        sent[name] = given[0]
        return
    before = sent.get(name[:-2], [])
    sent[name[:-2]] = [*(before if isinstance(before, list) else [before]), *given]


def payload(request: ImageRequest) -> dict[str, Any]:
    """Return what is sent, each picture as the digest of the bytes we were given for it."""
    digests: dict[str, Any] = {
        name: [_digest(one) for one in data] if isinstance(data, list) else _digest(data)
        for name, data in pictures(request).items()
    }
    return fields(request) | digests


def _digest(data: bytes) -> str:
    return f"sha256:{digest_of(data)}"


def file_of(data: bytes, stem: str) -> tuple[str, bytes, str]:
    """Return a picture as the SDK takes a file: name, bytes, media type."""
    media_type = MEDIA_TYPES[kind_of(data) or "PNG"]
    return f"{stem}{SUFFIXES[media_type]}", data, media_type


def data_url(data: bytes) -> str:
    """Return a picture as text that holds it whole."""
    media_type = MEDIA_TYPES[kind_of(data) or "PNG"]
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def kind_of(data: bytes) -> str | None:
    """Return the format that the first bytes promise; None if they promise no picture."""
    return next((kind for mark, kind in SIGNATURES.items() if data.startswith(mark)), None)
