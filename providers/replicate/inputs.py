"""What a model on Replicate is sent: our words for parameters, turned into the model's own.

The card's ``wire`` says how; a word that it leaves out has its ``USUAL`` name. A name may be

- ``guidance``: that input;
- ``1 - strength``: that input, turned round: a fraction from 1, a mask black for white;
- ``input_images[]``: one more entry of that list, which is always sent;
- ``controlnet_{n}_image``: the n-th of several, counted from 1.

``"file_format=jpeg" = "jpg"`` names the model's own word for a value. ``count`` is sent, as 1, only
where the card has a name for it: many models make one image and know no number. A setting of the
card is what is sent where nothing else fills its input.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from domain.model import ModelCard
from domain.ports import ImageRequest

USUAL: Final = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "seed": "seed",
    "steps": "num_inference_steps",
    "cfg_scale": "guidance",
    "aspect_ratio": "aspect_ratio",
    "width": "width",
    "height": "height",
    "denoising_strength": "prompt_strength",
    "init_image": "image",
    "mask": "mask",
    "control": "control_image",
    "lora": "lora_weights",
    "lora_weight": "lora_scale",
    "file_format": "output_format",
}
USUAL_VALUES: Final = {"file_format=jpeg": "jpg"}
OPTIONS: Final = frozenset({"output", "pictures", "together"})
"""What ``wire`` says beside names: which output is the picture, how pictures travel, what goes only
with what."""
WHOLE: Final = 6
"""Digits after which ``1 - strength`` is rounded: 0.7, and not 0.7000000000000001."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One picture that goes into a request."""

    field: str
    """The model's input that it fills, or a list that it is added to."""
    digest: str
    """Of the picture as it was given."""
    data: bytes
    inverted: bool = False
    """Whether the model repaints what is black."""


Hand = Callable[[Piece], str]


def as_digest(piece: Piece) -> str:
    """Let the digest stand for the picture."""
    return piece.digest


def body(request: ImageRequest, hand: Hand = as_digest) -> dict[str, Any]:
    """Return the body of the create call for one image.

    Args:
        request: What is asked for.
        hand: Says under which address the model gets a picture.
    """
    sheet = _Sheet(request.card, hand)
    given = request.parameters
    for name, value in request.card.settings.items():
        sheet.inputs[name] = given.settings.get(name, value)
    for word, value in _plain(request):
        sheet.put(word, value)
    _put_pictures(sheet, request)
    _put_controls(sheet, request)
    if request.card.loras:
        for number, lora in enumerate(given.loras[: request.card.loras.maximum], start=1):
            sheet.put("lora", lora.name, number)
            sheet.put("lora_weight", lora.weight, number)
    return {"version": request.card.source or request.card.name, "input": sheet.inputs}


def pieces(request: ImageRequest) -> tuple[Piece, ...]:
    """Return every picture that the request holds, as it is to be handed over."""
    found: list[Piece] = []

    def note(piece: Piece) -> str:
        found.append(piece)
        return piece.digest

    body(request, note)
    return tuple(found)


def _plain(request: ImageRequest) -> Iterator[tuple[str, Any]]:
    """Yield words and values of what the card lists; what is null is not sent."""
    card, given = request.card, request.parameters
    listed = {
        "prompt": card.takes_prompt,
        "negative_prompt": card.negative_prompt,
        "seed": card.seed is not None,
        "steps": card.steps is not None,
        "cfg_scale": card.cfg_scale is not None,
        "aspect_ratio": card.sizes.kind == "ratios",
        "width": card.sizes.kind == "pixels",
        "height": card.sizes.kind == "pixels",
        "denoising_strength": card.denoising_strength is not None and request.init_image,
        "file_format": card.file_formats,
        "background": card.backgrounds,
    }
    if "count" in card.wire:
        yield "count", 1
    for word, is_listed in listed.items():
        value = getattr(given, word)
        if is_listed and value is not None:
            yield word, value


def _put_pictures(sheet: "_Sheet", request: ImageRequest) -> None:
    card, given = request.card, request.parameters
    if card.takes_pictures and request.init_image:
        sheet.put_picture("init_image", given.init_image or "", request.init_image)
    if card.mask and request.mask:
        sheet.put_picture("mask", given.mask or "", request.mask)
    if card.references is None:
        return
    most = card.references.maximum
    for used, data in list(zip(given.references, request.references, strict=False))[:most]:
        sheet.put_picture("references", used.image, data)
        if card.references.weight and used.weight is not None:
            sheet.put("reference_weight", used.weight)


def _put_controls(sheet: "_Sheet", request: ImageRequest) -> None:
    card, number = request.card, 0
    for used, data in zip(request.parameters.controls, request.controls, strict=False):
        can = card.controls.get(used.kind)
        if can is None or number == card.max_controls:
            continue
        number += 1
        sheet.put_picture("control", used.image, data, number)
        if "control_kind" in card.wire:
            sheet.put("control_kind", can.wire or used.kind, number)
        if can.weight and used.weight is not None:
            sheet.put("control_weight", used.weight, number)
        if can.share and used.start is not None and used.end is not None:
            sheet.put("control_start", used.start, number)
            sheet.put("control_end", used.end, number)


class _Sheet:
    """The inputs of one model, filled in by our words."""

    def __init__(self, card: ModelCard, hand: Hand) -> None:
        self._names = USUAL | card.wire
        self._values = USUAL_VALUES | card.wire
        self._hand = hand
        self.inputs: dict[str, Any] = {}
        for name in card.wire.values():
            if name.endswith("[]"):
                self.inputs[name.removesuffix("[]")] = []

    def put(self, word: str, value: Any, number: int = 1) -> None:
        """Fill the input that *word* stands for."""
        name, turned = self._name(word, number)
        value = self._values.get(f"{word}={value}", value)
        self._fill(name, round(1 - value, WHOLE) if turned else value)

    def put_picture(self, word: str, digest: str, data: bytes, number: int = 1) -> None:
        """Fill the input that *word* stands for with a picture."""
        name, turned = self._name(word, number)
        self._fill(name, self._hand(Piece(name.removesuffix("[]"), digest, data, turned)))

    def _name(self, word: str, number: int) -> tuple[str, bool]:
        name = self._names[word]
        plain = name.removeprefix("1 - ")
        return plain.replace("{n}", str(number)), plain != name

    def _fill(self, name: str, value: Any) -> None:
        if name.endswith("[]"):
            self.inputs[name.removesuffix("[]")].append(value)
        else:
            self.inputs[name] = value
