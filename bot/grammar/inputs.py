"""Control images, references and LoRA in a line: each item is read, and written to read back.

``canny:photo.jpg@0.8@0-0.6`` · ``pose-map:map.png`` · ``mood.jpg:style@0.6`` · ``owner/film@0.7``
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from bot.grammar.figures import number_text
from domain.asked import ControlAsked, ReferenceAsked
from domain.spec import CONTROL_KINDS, DIMENSIONS, LoRA

Item = ControlAsked | ReferenceAsked | LoRA
_Item = TypeVar("_Item", ControlAsked, ReferenceAsked, LoRA)
_NUMBER: Final = r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_WEIGHT: Final = rf"(?:@(?P<weight>{_NUMBER}))?"
_CONTROL: Final = re.compile(
    rf"(?P<kind>{'|'.join(CONTROL_KINDS)})(?P<map>-map)?:(?P<image>[^@]+)"
    rf"{_WEIGHT}(?:@(?P<start>{_NUMBER})-(?P<end>{_NUMBER}))?",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    rf"(?P<image>[^@]+?)(?::(?P<dimension>{'|'.join(DIMENSIONS)}))?{_WEIGHT}", re.IGNORECASE
)
_LORA: Final = re.compile(rf"(?P<name>[^@]+){_WEIGHT}")


def as_control(text: str) -> ControlAsked | None:
    """Read one ``--control``; None if it is none, or out of range."""
    found = _CONTROL.fullmatch(text)
    if not found:
        return None
    given = {"kind": found["kind"].lower(), "is_map": bool(found["map"]), "image": found["image"]}
    return _made(ControlAsked, given, found.groupdict(), ("weight", "start", "end"))


def as_reference(text: str) -> ReferenceAsked | None:
    """Read one ``--ref``; None if it is none, or out of range."""
    found = _REFERENCE.fullmatch(text)
    if not found:
        return None
    given: dict[str, Any] = {"image": found["image"]}
    if found["dimension"]:
        given["dimension"] = found["dimension"].lower()
    return _made(ReferenceAsked, given, found.groupdict(), ("weight",))


def as_lora(text: str) -> LoRA | None:
    """Read one ``--lora``; None if it is none, or out of range."""
    found = _LORA.fullmatch(text)
    return _made(LoRA, {"name": found["name"]}, found.groupdict(), ("weight",)) if found else None


def item_text(item: Item) -> str:
    """Write one item in full."""
    match item:
        case ControlAsked():
            share = f"@{number_text(item.start)}-{number_text(item.end)}"
            whole = (item.start, item.end) == (0.0, 1.0)
            kind = f"{item.kind}-map" if item.is_map else item.kind
            return f"{kind}:{item.image}{_weight_text(item.weight)}{'' if whole else share}"
        case ReferenceAsked():
            return f"{item.image}:{item.dimension}{_weight_text(item.weight)}"
        case LoRA():
            return f"{item.name}{_weight_text(item.weight)}"


def _weight_text(weight: float | None) -> str:
    return "" if weight is None else f"@{number_text(weight)}"


def _made(
    kind: type[_Item],
    given: Mapping[str, Any],
    said: Mapping[str, str | None],
    numbers: tuple[str, ...],
) -> _Item | None:
    values = {name: float(text) for name in numbers if (text := said[name])}
    try:
        return kind(**given, **values)
    except ValidationError:
        return None
