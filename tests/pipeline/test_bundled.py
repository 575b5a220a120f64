"""LoRA of the library and bundles: which model takes them, what is sent, what is said."""

from typing import Any

import pytest

from domain.errors import RouteError
from domain.flags import Flags
from domain.run import Run
from domain.spec import BundleUse, LoRA, PromptSpec, ReferenceUse, Segment, Segments
from pipeline.bundled import bundled, triggered
from pipeline.checklist import Known, checklist
from pipeline.compile import compile_spec
from pipeline.produce import plan
from tests.pipeline.given import ANA, CARDS, HERE, NOON, Counted, office

SDXL, COMFY = "replicate:stability-ai/sdxl", "comfyui:sdxl"
FLUX = "replicate:black-forest-labs/flux-dev-lora"
FILE = f"sha256:{'a' * 64}"
MARA = LoRA(
    name="mara",
    family="sdxl",
    weight=0.8,
    trigger="mara woman",
    places={"replicate": "https://r.example/mara.tar", "comfyui": "mara.safetensors"},
)


def spec(subject: str = "a portrait", **more: Any) -> PromptSpec:
    return PromptSpec(segments=Segments(subject=Segment(text=subject)), **more)
