"""Pictures and weights that a run goes by, resolved for one model: what it takes, and how."""

from typing import Final

from domain.model import (
    Adjustment,
    ControlCan,
    ControlUsed,
    LoRAUsed,
    ModelCard,
    Range,
    ReferenceUsed,
)
from domain.spec import Control, ControlKind, LoRA, PromptSpec

PREPARED: Final[frozenset[ControlKind]] = frozenset({"canny"})
"""Of which kinds we make the map from a photo ourselves."""
ITS_OWN_MAP: Final[frozenset[ControlKind]] = frozenset({"sketch", "structure"})
"""Kinds of which a photo and a map are the same: a drawing is its own."""


def unfit_inputs(card: ModelCard, spec: PromptSpec) -> str:
    """Return the input that rules the model out, in words; empty if it takes all of them."""
    return (
        _unfit_operation(card, spec)
        or _unfit_pictures(card, spec)
        or _unfit_controls(card, spec)
        or _unfit_loras(card, spec)
        or _unfit_references(card, spec)
        or _missing(card, spec)
    )


def _unfit_operation(card: ModelCard, spec: PromptSpec) -> str:
    if card.makes_map:
        return "makes maps from photos, no images"
    said = {
        "make": "makes no image from words",
        "upscale": "cannot upscale",
        "extend": "cannot extend a picture",
        "cutout": "cannot cut out",
    }
    return "" if spec.operation in card.operations else said[spec.operation]


def _unfit_pictures(card: ModelCard, spec: PromptSpec) -> str:
    if spec.init_image and spec.operation == "make" and not card.takes_pictures:
        return "takes no init image"
    if spec.mask and not card.mask:
        return "takes no mask"
    if spec.background == "transparent" and "transparent" not in card.backgrounds:
        return "makes no transparent background"
    return ""


def _unfit_controls(card: ModelCard, spec: PromptSpec) -> str:
    if len(spec.controls) > card.max_controls and card.controls:
        return f"takes at most {card.max_controls} control images"
    return next(filter(None, (_unfit_control(card, one) for one in spec.controls)), "")


def _unfit_control(card: ModelCard, control: Control) -> str:
    can = card.controls.get(control.kind)
    if can is None:
        return f"takes no {control.kind} control"
    if control.kind in ITS_OWN_MAP:
        return ""
    if can.preprocessed and not control.is_map and not _prepared(control.kind, can):
        return f"takes a {control.kind} map, and we cannot make one from a photo"
    if not can.preprocessed and control.is_map:
        return f"makes its own {control.kind} map from a photo"
    return ""


def _prepared(kind: ControlKind, can: ControlCan) -> bool:
    return kind in PREPARED or bool(can.prepared_by)


def _unfit_loras(card: ModelCard, spec: PromptSpec) -> str:
    if spec.loras and card.loras is None:
        return "takes no LoRA"
    if card.loras and len(spec.loras) > card.loras.maximum:
        return f"takes at most {card.loras.maximum} LoRA"
    return next(filter(None, (_unfit_lora(card, one) for one in spec.loras)), "")


def _unfit_references(card: ModelCard, spec: PromptSpec) -> str:
    if spec.references and card.references is None:
        return "takes no references"
    if card.references is None:
        return ""
    if len(spec.references) > card.references.maximum:
        return f"takes at most {card.references.maximum} references"
    known = card.references.dimensions
    strange = [one.dimension for one in spec.references if known and one.dimension not in known]
    return f"goes by {', '.join(known)}, not by {strange[0]}" if strange else ""


def _unfit_lora(card: ModelCard, lora: LoRA) -> str:
    """Say why one of the library does not go with a model; its base is known, or its place not."""
    if not lora.family:
        return ""
    base = card.loras.base if card.loras else ""
    if base and base != lora.family:
        return f"is of the family {base}, and the LoRA {lora.name} is for {lora.family}"
    if card.provider not in lora.places:
        known = " and ".join(sorted(lora.places))
        return f"cannot find the LoRA {lora.name}: the library has a place for {known} alone"
    return ""


def _missing(card: ModelCard, spec: PromptSpec) -> str:
    given = {
        "init_image": spec.init_image,
        "mask": spec.mask,
        "control": spec.controls,
        "reference": spec.references,
    }
    said = {"init_image": "an init image", "control": "a control image"}
    missing = [said.get(name, f"a {name}") for name in card.needs if not given[name]]
    return f"needs {' and '.join(missing)}" if missing else ""


def controls_used(
    spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]
) -> tuple[ControlUsed, ...]:
    """Resolve every control image; routing has seen to it that the model takes them."""
    return tuple(_control(one, card.controls[one.kind], adjusted) for one in spec.controls)


def _control(asked: Control, can: ControlCan, adjusted: list[Adjustment]) -> ControlUsed:
    share = (asked.start, asked.end)
    if not can.share and share != (0.0, 1.0):
        adjusted.append(_dropped(f"{asked.kind} from-to", f"{share[0]:g}-{share[1]:g}"))
    by_us = can.preprocessed and not asked.is_map and _prepared(asked.kind, can)
    return ControlUsed(
        kind=asked.kind,
        image=asked.image,
        prepare=by_us,
        prepared_by=can.prepared_by if by_us else "",
        weight=_weight(f"{asked.kind} weight", asked.weight, can.weight, adjusted),
        start=asked.start if can.share else None,
        end=asked.end if can.share else None,
    )


def references_used(
    spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]
) -> tuple[ReferenceUsed, ...]:
    """Resolve every reference image."""
    allowed = card.references.weight if card.references else None
    return tuple(
        ReferenceUsed(
            image=one.image,
            dimension=one.dimension,
            weight=_weight("reference weight", one.weight, allowed, adjusted),
        )
        for one in spec.references
    )


def loras_used(
    spec: PromptSpec, card: ModelCard, adjusted: list[Adjustment]
) -> tuple[LoRAUsed, ...]:
    """Resolve the weight of every LoRA, and where the model's provider finds it."""
    if card.loras is None:
        return ()
    allowed = card.loras.weight
    return tuple(
        LoRAUsed(
            name=one.places.get(card.provider, one.name),
            weight=1.0 if weight is None else weight,
            library=one.name if one.family else "",
        )
        for one in spec.loras
        for weight in (_weight(f"{one.name} weight", one.weight, allowed, adjusted),)
    )


def _weight(
    name: str, asked: float | None, allowed: Range | None, adjusted: list[Adjustment]
) -> float | None:
    if allowed is None:
        if asked is not None:
            adjusted.append(_dropped(name, f"{asked:g}"))
        return None
    if asked is None:
        return 1.0 if allowed.default is None else allowed.default
    used = allowed.nearest(asked)
    if used != asked:
        reason = f"the model takes {allowed.minimum:g} to {allowed.maximum:g}"
        adjusted.append(
            Adjustment(parameter=name, asked=f"{asked:g}", used=f"{used:g}", reason=reason)
        )
    return used


def _dropped(name: str, asked: str) -> Adjustment:
    reason = "this model has no such parameter"
    return Adjustment(parameter=name, asked=asked, used=None, reason=reason)
