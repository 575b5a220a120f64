"""A spec becomes what one model is sent; what the model cannot take becomes an adjustment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeVar

from domain.errors import CommandError, Fault
from domain.model import Adjustment, ModelCard, Parameters, Range
from domain.run import Notice
from domain.spec import (
    DEFAULT_DENOISING_STRENGTH,
    SEGMENTS,
    Background,
    FileFormat,
    PromptSpec,
)
from pipeline.inputs import controls_used, loras_used, references_used

Choice = TypeVar("Choice", FileFormat, Background)
WORKING_BAND: Final = (0.4, 0.65)
"""Denoising strengths between which a branch is a variation (DESIGN 9)."""
LOST: Final = 0.7
"""Above it the init image is hardly to be found again (DESIGN 9)."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The parameters of a run for one model, and what differs from what was asked."""

    parameters: Parameters
    seeds: tuple[int, ...]
    """The seed of each image, within what the model takes."""
    adjustments: tuple[Adjustment, ...]
    warnings: tuple[Notice, ...]


def compile_spec(spec: PromptSpec, card: ModelCard, seeds: Sequence[int]) -> Compiled:
    """Resolve every parameter that *card* lists; nothing is dropped in silence.

    Raises:
        CommandError: The prompt is longer than the model takes.
    """
    adjusted: list[Adjustment] = []
    prompt = compiled_prompt(spec, card, adjusted)
    size = _size(spec, card, adjusted)
    used = _seeds(spec, card, seeds, adjusted)
    parameters = Parameters(
        model=card.id,
        prompt=prompt,
        negative_prompt=_negative(spec, card, adjusted),
        seed=None if card.seed is None else used[0],
        cfg_scale=_number("cfg_scale", spec.cfg_scale, card.cfg_scale, adjusted),
        steps=_whole(_number("steps", spec.steps, card.steps, adjusted)),
        width=size[0],
        height=size[1],
        aspect_ratio=size[2],
        denoising_strength=_strength(spec, card, adjusted),
        init_image=spec.init_image,
        mask=spec.mask,
        controls=controls_used(spec, card, adjusted),
        loras=loras_used(spec, card, adjusted),
        references=references_used(spec, card, adjusted),
        operation=spec.operation,
        margins=spec.margins if spec.operation == "extend" else None,
        file_format=_chosen("file_format", spec.file_format, card.file_formats, adjusted),
        background=_chosen("background", spec.background, card.backgrounds, adjusted),
        count=spec.count,
        settings=card.settings,
        left_to_vendor=card.left_to_vendor,
    )
    parameters = _with_alpha(parameters, card, adjusted)
    return Compiled(parameters, used, tuple(adjusted), _warnings(parameters, card))


def _chosen(
    name: str, asked: Choice | None, allowed: Sequence[Choice], adjusted: list[Adjustment]
) -> Choice | None:
    """Return what was asked for if the model has it, else its default."""
    default = allowed[0] if allowed else None
    if asked is None or asked in allowed:
        return asked or default
    reason = f"the model makes {' or '.join(allowed)}" if allowed else "the model chooses it"
    adjusted.append(Adjustment(parameter=name, asked=asked, used=default, reason=reason))
    return default


def _with_alpha(parameters: Parameters, card: ModelCard, adjusted: list[Adjustment]) -> Parameters:
    """A JPEG has no transparency: what asks for both gets a format that has."""
    if parameters.background != "transparent" or parameters.file_format != "jpeg":
        return parameters
    able = next((one for one in card.file_formats if one != "jpeg"), None)
    if able is None:
        return parameters
    reason = "a JPEG has no transparency"
    adjusted.append(Adjustment(parameter="file_format", asked="jpeg", used=able, reason=reason))
    return parameters.model_copy(update={"file_format": able})


def for_image(parameters: Parameters, seed: int) -> Parameters:
    """Return what is sent for one image of a run: its own seed, and a count of one."""
    own = seed if parameters.seed is not None else None
    return parameters.model_copy(update={"seed": own, "count": 1})


def compiled_prompt(spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]) -> str:
    """Write the four positive segments the way the model reads them."""
    if not card.takes_prompt:
        if spec.operation == "make" and spec.segments.brief:
            adjusted.append(_dropped("prompt", spec.segments.brief, card))
        return ""
    parts = [spec.segments[name] for name in SEGMENTS[:4]]
    if card.prompt_style == "segments":
        while parts and not parts[-1]:
            parts.pop()
        prompt = " :: ".join(part.text for part in parts)
    else:
        prompt = ", ".join(part.text for part in parts if part)
        adjusted.extend(_weights_not_taken(spec))
    by_hand = card.answers == "handed"  # one line holds both
    length = len(prompt) + (len(spec.segments.negative.text) if by_hand else 0)
    if length > card.max_prompt_chars:
        allowed = f"at most {card.max_prompt_chars} characters for {card.title}"
        fault = Fault("prompt", f"{length} characters", allowed)
        raise CommandError(str(fault), faults=(fault,))
    return prompt


def _weights_not_taken(spec: PromptSpec) -> list[Adjustment]:
    weighed = [name for name in SEGMENTS if spec.segments[name].weight != 1.0]
    return [
        Adjustment(
            parameter=f"segments.{name}.weight",
            asked=f"{spec.segments[name].weight:g}",
            used=None,
            reason="this model reads prose without weights",
        )
        for name in weighed
    ]


def _negative(spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]) -> str | None:
    text = spec.segments.negative.text
    if card.negative_prompt:
        return text
    if text:
        adjusted.append(_dropped("negative_prompt", text, card))
    return None


def _seeds(
    spec: PromptSpec, card: ModelCard, asked: Sequence[int], adjusted: list[Adjustment]
) -> tuple[int, ...]:
    """Return the seed of each image; one that the model does not take becomes the nearest."""
    if card.seed is None:
        if spec.seed.kind == "fixed":
            adjusted.append(_dropped("seed", str(spec.seed.seed), card))
        return tuple(asked)
    if card.same_seed:
        asked = [asked[0]] * len(asked)
    used: list[int] = []
    for seed in asked:
        taken = () if card.same_seed else used
        used.append(_nearest_free(seed, taken, card.seed))
    low, high = card.seed.minimum, card.seed.maximum
    adjusted.extend(
        Adjustment(
            parameter="seed",
            asked=str(one),
            used=str(two),
            reason=f"the model takes {low:.0f} to {high:.0f}",
        )
        for one, two in zip(asked, used, strict=True)
        if one != two
    )
    return tuple(used)


def _nearest_free(seed: int, taken: Sequence[int], allowed: Range) -> int:
    near, high = round(allowed.nearest(seed)), round(allowed.maximum)
    upwards, downwards = range(near, high + 1), range(near, round(allowed.minimum) - 1, -1)
    return next((free for free in chain(upwards, downwards) if free not in taken), near)


def _number(
    name: str, asked: float | None, allowed: Range | None, adjusted: list[Adjustment]
) -> float | None:
    if allowed is None:
        if asked is not None:
            reason = "this model has no such parameter"
            adjusted.append(
                Adjustment(parameter=name, asked=f"{asked:g}", used=None, reason=reason)
            )
        return None
    if asked is None:
        return allowed.default
    used = allowed.nearest(asked)
    if used != asked:
        reason = f"the model takes {allowed.minimum:g} to {allowed.maximum:g}"
        adjusted.append(
            Adjustment(parameter=name, asked=f"{asked:g}", used=f"{used:g}", reason=reason)
        )
    return used


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _strength(spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]) -> float | None:
    asked = spec.denoising_strength
    if not spec.init_image or spec.operation != "make":
        return None
    if card.denoising_strength is None:
        if asked is not None:
            reason = "this model edits the picture instead of denoising it"
            adjusted.append(
                Adjustment(
                    parameter="denoising_strength", asked=f"{asked:g}", used=None, reason=reason
                )
            )
        return None
    default = card.denoising_strength.default or DEFAULT_DENOISING_STRENGTH
    wanted = default if asked is None else asked
    return _number("denoising_strength", wanted, card.denoising_strength, adjusted)


def _size(
    spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]
) -> tuple[int | None, int | None, str | None]:
    if card.sizes.kind == "given" or spec.operation != "make":
        if spec.aspect_ratio and spec.operation == "make":
            adjusted.append(_ratio_not_sent(spec.aspect_ratio, spec, card))
        return None, None, None
    asked = spec.aspect_ratio or "1:1"
    if card.sizes.kind == "ratios":
        used = min(card.sizes.ratios, key=lambda ratio: abs(_log(ratio) - _log(asked)))
        if used != asked:
            reason = f"the model makes {', '.join(card.sizes.ratios)}"
            adjusted.append(
                Adjustment(parameter="aspect_ratio", asked=asked, used=used, reason=reason)
            )
        return None, None, used
    width, height = _pixels(asked, card)
    if abs(math.log(width / height) - _log(asked)) > math.log(1.02):
        reason = f"the model makes at most {card.sizes.max_ratio:g}:1"
        adjusted.append(
            Adjustment(
                parameter="aspect_ratio", asked=asked, used=f"{width}:{height}", reason=reason
            )
        )
    return width, height, None


def _ratio_not_sent(asked: str, spec: PromptSpec, card: ModelCard) -> Adjustment:
    if not spec.init_image:
        return _dropped("aspect_ratio", asked, card)
    reason = "the model keeps the shape of its picture"
    return Adjustment(parameter="aspect_ratio", asked=asked, used=None, reason=reason)


def _pixels(ratio: str, card: ModelCard) -> tuple[int, int]:
    sizes = card.sizes
    limit = math.log(sizes.max_ratio)
    shape = math.exp(min(max(_log(ratio), -limit), limit))
    height = math.sqrt(sizes.area_px / shape)
    return _allowed(height * shape, card), _allowed(height, card)


def _allowed(length_px: float, card: ModelCard) -> int:
    step = card.sizes.multiple_px
    nearest = round(length_px / step) * step
    return min(max(nearest, card.sizes.minimum_px), card.sizes.maximum_px)


def _log(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return math.log(int(width) / int(height))


def _dropped(parameter: str, asked: str, card: ModelCard) -> Adjustment:
    reason = f"{card.title} takes no {parameter.replace('_', ' ')}"
    return Adjustment(parameter=parameter, asked=asked, used=None, reason=reason)


def _warnings(parameters: Parameters, card: ModelCard) -> tuple[Notice, ...]:
    said = _strength_warning(parameters)
    if card.english_only and any(
        sign.isalpha() and not sign.isascii() for sign in parameters.prompt
    ):
        text = f"{card.title} reads English only, and refuses other languages"
        said = (*said, Notice(code="language", text=text))
    return said


def _strength_warning(parameters: Parameters) -> tuple[Notice, ...]:
    strength = parameters.denoising_strength
    low, high = WORKING_BAND
    if strength is None or low <= strength <= high:
        return ()
    if strength < low:
        text = f"strength {strength:g} is under {low:g}: a filter on the picture, little changes"
    elif strength > LOST:
        text = f"strength {strength:g} is over {LOST:g}: the picture it begins with is lost"
    else:
        text = f"strength {strength:g} is over {high:g}: little of the picture will be left"
    return (Notice(code="denoising_strength", text=text),)
