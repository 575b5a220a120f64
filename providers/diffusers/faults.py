"""What the worker could not do, as our errors."""

from typing import Final

from domain.errors import (
    BadReplyError,
    NotConfiguredError,
    ProviderError,
    RejectedError,
)
from domain.model import ModelCard

HINTS: Final = {
    "safety": "Change the words and run it again; the model's own safety checker said no.",
    "memory": "Take a smaller --model, fewer pictures that go in, or a smaller size; or set "
    'offload = "model" among the settings of the card, which keeps what does not run in RAM.',
    "invalid": "The message names what the pipeline did not take: change it, or the [[model]] "
    "table.",
    "nowhere": "Set diffusers.folder, or write a path or a hub id (owner/name).",
    "offline": "Download it once with `hf download`, or set diffusers.downloads = true.",
    "gated": "Accept the model's licence on huggingface.co, then set HF_TOKEN.",
    "hub": "Is this machine connected? Retry, or download it once with `hf download`.",
    "unsafe": "Take weights as .safetensors: other formats run code when they are opened.",
    "package": "pip install 'ai-handler[diffusers]', then `ai-handler doctor`.",
    "device": 'Set diffusers.device to "auto", "cpu" or what this machine has.',
    "number": 'Half precision overflowed: set dtype = "float32" (or "bfloat16") in the [[model]] '
    "table, or a VAE made for half precision.",
    "black": 'Half precision may have overflowed: set dtype = "float32" in the [[model]] table, or '
    "take another seed.",
    "died": "Memory may have run out: take a smaller --model, or close other programs; it starts "
    "again with the next image.",
    "broken": "Is its folder a whole model? AI_HANDLER_LOG=DEBUG shows all that diffusers says.",
}
"""What to do, by the kind of failure."""
_REFUSED: Final = frozenset({"safety", "memory", "invalid"})
"""The same again ends the same."""
_ABSENT: Final = frozenset({"nowhere", "offline", "gated", "hub", "unsafe", "package", "device"})
"""Something has to be set up first."""


def fault(kind: str, message: str, card: ModelCard) -> ProviderError:
    """Return the error for a kind of failure, with what to do."""
    said = f"{card.title}: {message}"
    hint = HINTS.get(kind, HINTS["broken"])
    if kind in _REFUSED:
        return RejectedError(said, model=card.id, hint=hint)
    if kind in _ABSENT:
        return NotConfiguredError(said, model=card.id, hint=hint)
    return BadReplyError(said, model=card.id, hint=hint)
