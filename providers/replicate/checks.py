"""What a request must keep to before it is sent: Replicate ignores what a model does not know.

Routing and compiling see to it that nothing of this happens; what gets here by another way is
refused with every fault at once, and nothing is billed.
"""

from collections.abc import Iterator

from domain.errors import RejectedError
from domain.model import ModelCard, Range
from domain.ports import ImageRequest


def check(request: ImageRequest) -> None:
    """Say all that is wrong with *request*.

    Raises:
        RejectedError: The card does not allow it; nothing has been sent.
    """
    faults = [
        *_missing(request),
        *_numbers(request),
        *_choices(request),
        *_pictures(request),
        *_controls(request),
        *_weights(request),
    ]
    if faults:
        title = request.card.title
        raise RejectedError(
            f"{request.card.id}: {'; '.join(faults)}",
            model=request.card.id,
            hint=f"{title} does not take this as it is: {'; '.join(faults)}.",
        )


def _missing(request: ImageRequest) -> Iterator[str]:
    given = {
        "init_image": ("an init image", request.init_image),
        "mask": ("a mask", request.mask),
        "control": ("a control image", request.controls),
        "reference": ("a reference", request.references),
    }
    for name in request.card.needs:
        words, there = given[name]
        if not there:
            yield f"it needs {words}"
    together = [word.strip() for word in request.card.wire.get("together", "").split(",")]
    found = [bool(given[word][1]) for word in together if word]
    if any(found) and not all(found):
        yield f"it takes {' and '.join(given[word][0] for word in together)} only together"


def _numbers(request: ImageRequest) -> Iterator[str]:
    card, given = request.card, request.parameters
    for name, allowed, value in (
        ("seed", card.seed, given.seed),
        ("steps", card.steps, given.steps),
        ("cfg_scale", card.cfg_scale, given.cfg_scale),
        ("denoising_strength", card.denoising_strength, given.denoising_strength),
    ):
        yield from _outside(name, allowed, value)
    if card.sizes.kind == "pixels":
        for side in (given.width, given.height):
            yield from _strange_side(card, side)
    if len(given.prompt) > card.max_prompt_chars:
        yield f"its prompt has at most {card.max_prompt_chars} characters"


def _outside(name: str, allowed: Range | None, value: float | None) -> Iterator[str]:
    if allowed and value is not None and not allowed.minimum <= value <= allowed.maximum:
        yield f"{name} is {allowed.minimum:g} to {allowed.maximum:g}, not {value:g}"


def _strange_side(card: ModelCard, side_px: int | None) -> Iterator[str]:
    sizes = card.sizes
    if side_px is None or not sizes.minimum_px <= side_px <= sizes.maximum_px:
        yield f"a side has {sizes.minimum_px} to {sizes.maximum_px} px, not {side_px}"
    elif side_px % sizes.multiple_px:
        yield f"a side is a multiple of {sizes.multiple_px} px, not {side_px}"


def _choices(request: ImageRequest) -> Iterator[str]:
    card, given = request.card, request.parameters
    if given.operation not in card.operations:
        yield f"it cannot {given.operation}"
    if card.sizes.kind == "ratios" and given.aspect_ratio not in card.sizes.ratios:
        yield f"it has no ratio {given.aspect_ratio}"
    if card.file_formats and given.file_format not in card.file_formats:
        yield f"it makes {' or '.join(card.file_formats)}, not {given.file_format}"
    for name, value in given.settings.items():
        ours = card.settings.get(name)
        if ours is not None and not _alike(ours, value):
            yield f"{name} is {type(ours).__name__}, not {type(value).__name__}"


def _alike(ours: object, value: object) -> bool:
    """Whether both are of one type; a whole number will do for any other number."""
    return type(value) is type(ours) or (type(ours) is float and type(value) is int)


def _pictures(request: ImageRequest) -> Iterator[str]:
    card = request.card
    if request.init_image and not card.takes_pictures:
        yield "it takes no init image"
    if request.mask and not card.mask:
        yield "it takes no mask"
    if request.mask and card.mask and not request.init_image:
        yield "a mask needs an init image"
    if len(request.references) != len(request.parameters.references):
        yield "a reference picture is missing"
    most = card.references.maximum if card.references else 0
    one_list = card.wire.get("references", "-") == card.wire.get("init_image")
    count = len(request.references) + (1 if one_list and request.init_image else 0)
    if count > most and request.references:
        also = ", the init image counted" if one_list and request.init_image else ""
        yield f"it takes {most} references{also}, not {count}"
    for used in request.parameters.references:
        if card.references:
            yield from _outside("reference weight", card.references.weight, used.weight)


def _controls(request: ImageRequest) -> Iterator[str]:
    card = request.card
    if len(request.controls) != len(request.parameters.controls):
        yield "a control picture is missing"
    most = card.max_controls if card.controls else 0
    if len(request.controls) > most:
        yield f"it takes {most} control images, not {len(request.controls)}"
    for used in request.parameters.controls:
        can = card.controls.get(used.kind)
        if can is None:
            yield f"it takes no {used.kind} control"
        else:
            yield from _outside(f"{used.kind} weight", can.weight, used.weight)


def _weights(request: ImageRequest) -> Iterator[str]:
    can, given = request.card.loras, request.parameters.loras
    most = can.maximum if can else 0
    if len(given) > most:
        yield f"it takes {most} LoRA, not {len(given)}"
    for lora in given:
        if can:
            yield from _outside("LoRA weight", can.weight, lora.weight)
