"""What the vendors take, as small schemas of our own, and a check that is as strict as they are.

``flux-schnell``: the model's input schema, version 53d5d158… of 2024-12-19, as published by
Replicate in 2025-01. OpenAI: parameters of ``images.generate`` and ``images.edit`` in openai
3.54.0, with types and defaults of OpenAI's OpenAPI of 2026-08-21.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Property:
    """One parameter of a vendor: its type, its bounds, and what decides when it is not sent."""

    type: type
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    default: Any = None
    required: bool = False

    def fault(self, value: Any) -> str:
        """Say what is wrong with a value; empty if nothing is."""
        if not self._is_of_type(value):
            return f"must be {self.type.__name__}, not {type(value).__name__}"
        if self.enum and value not in self.enum:
            return f"must be one of {', '.join(self.enum)}"
        if self.minimum is not None and value < self.minimum:
            return f"must be greater than or equal to {self.minimum}"
        if self.maximum is not None and value > self.maximum:
            return f"must be less than or equal to {self.maximum}"
        return ""

    def _is_of_type(self, value: Any) -> bool:
        return type(value) is self.type  # so that True is no integer


Schema = Mapping[str, Property]

FLUX_RATIOS: Final = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "3:4": (896, 1152),
    "4:3": (1152, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}
FLUX_SCHNELL: Final[Schema] = {
    "prompt": Property(str, required=True),
    "aspect_ratio": Property(str, enum=tuple(FLUX_RATIOS), default="1:1"),
    "num_outputs": Property(int, minimum=1, maximum=4, default=1),
    "num_inference_steps": Property(int, minimum=1, maximum=4, default=4),
    "seed": Property(int),
    "output_format": Property(str, enum=("webp", "jpg", "png"), default="webp"),
    "output_quality": Property(int, minimum=0, maximum=100, default=80),
    "disable_safety_checker": Property(bool, default=False),
    "go_fast": Property(bool, default=True),
    "megapixels": Property(str, enum=("1", "0.25"), default="1"),
}

_OPENAI_BOTH: Final[Schema] = {
    "prompt": Property(str, required=True),
    "model": Property(str, required=True),
    "n": Property(int, minimum=1, maximum=10, default=1),
    "size": Property(str, default="auto"),
    "quality": Property(
        str, enum=("low", "medium", "high", "xhigh", "max", "auto"), default="auto"
    ),
    "background": Property(str, enum=("transparent", "opaque", "auto"), default="auto"),
    "output_format": Property(str, enum=("png", "jpeg", "webp"), default="png"),
    "output_compression": Property(int, minimum=0, maximum=100, default=100),
    "partial_images": Property(int, minimum=0, maximum=3, default=0),
    "stream": Property(bool, default=False),
    "complexity": Property(str, enum=("low", "medium", "high"), default="the model's"),
    "frame_count": Property(int, minimum=2, maximum=16, default=9),
    "frame_duration_ms": Property(int, minimum=1, maximum=655350, default=200),
    "svg": Property(dict, default="none"),
    "user": Property(str),
    "safety_identifier": Property(str),
}
OPENAI_GENERATE: Final[Schema] = {
    **_OPENAI_BOTH,
    "moderation": Property(str, enum=("low", "auto"), default="auto"),
    "response_format": Property(str, enum=("url", "b64_json"), default="url"),
    "style": Property(str, enum=("vivid", "natural"), default="vivid"),
}
OPENAI_EDIT: Final[Schema] = {
    **_OPENAI_BOTH,
    "input_fidelity": Property(str, enum=("high", "low"), default="low"),
}
NOT_FOR_GPT_IMAGE: Final = frozenset({"response_format", "style"})
"""In the list of parameters, and refused for every GPT image model."""


@dataclass(frozen=True, slots=True)
class OpenAIModel:
    """What sets one GPT image model apart."""

    tokens: Mapping[str, int]
    """Output tokens for 1024 × 1024 by quality: OpenAI's prices divided by its rate."""
    any_size: bool = True
    fidelity: bool = False


_TWO: Final = {"low": 200, "medium": 1767, "high": 7033, "auto": 1767}
_TWO_FIVE: Final = {
    "low": 200,
    "medium": 433,
    "high": 1767,
    "xhigh": 3133,
    "max": 7033,
    "auto": 433,
}
_ONE_FIVE: Final = {"low": 281, "medium": 1063, "high": 4156, "auto": 1063}
_MINI: Final = {"low": 625, "medium": 1375, "high": 4500, "auto": 1375}
OPENAI_MODELS: Final[Mapping[str, OpenAIModel]] = {
    "gpt-image-2.5-flare": OpenAIModel(_TWO_FIVE),
    "gpt-image-2.5-sunburst": OpenAIModel(_TWO_FIVE),
    "gpt-image-2": OpenAIModel(_TWO),
    "gpt-image-1.5": OpenAIModel(_ONE_FIVE, any_size=False, fidelity=True),
    "gpt-image-1-mini": OpenAIModel(_MINI, any_size=False),
}


def faults(schema: Schema, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with *values*, by name; unknown names are not looked at."""
    missing = {
        name: "is required" for name, one in schema.items() if one.required and name not in values
    }
    wrong = {
        name: one.fault(values[name])
        for name, one in schema.items()
        if name in values and one.fault(values[name])
    }
    return missing | wrong


def unknown(schema: Schema, values: Mapping[str, Any]) -> list[str]:
    """Return the names that the schema lacks."""
    return sorted(set(values) - set(schema))
