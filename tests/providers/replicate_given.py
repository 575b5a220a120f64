"""What tests of Replicate start from: its cards, a provider of all of them, all at once."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from domain.model import LoRAUsed, ModelCard
from domain.ports import ImageRequest
from providers.replicate.api import Limits
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import Here, cards, control_used, picture, request
from tests.vendors.replicate import KEY

CARDS = {one.name: one for one in cards().values() if one.provider == "replicate"}
DEV = CARDS["black-forest-labs/flux-dev"]
FILL = CARDS["black-forest-labs/flux-fill-dev"]
FLUX_2 = CARDS["black-forest-labs/flux-2-pro"]
IDEOGRAM = CARDS["ideogram-ai/ideogram-v3-turbo"]
LORA = CARDS["black-forest-labs/flux-dev-lora"]
MULTI = CARDS["fofr/sdxl-multi-controlnet-lora"]
SDXL = CARDS["stability-ai/sdxl"]
UPSCALER = CARDS["nightmareai/real-esrgan"]


def open_all(url: str, limits: Limits | None = None) -> ReplicateProvider:
    """Return a provider of every model on Replicate."""
    return ReplicateProvider(KEY, list(CARDS.values()), Here(), base_url=url, limits=limits)


def photo(width: int = 256, height: int = 192, seed: int = 1) -> bytes:
    """Return a PNG that does not pack: large pictures go in by way of files."""
    grain = np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(grain).save(out, "PNG")
    return out.getvalue()


def full(card: ModelCard) -> ImageRequest:
    """Return a request for all that the model can take at once."""
    data, many = picture(), card.references.maximum if card.references else 0
    shares_a_list = card.wire.get("init_image", "-") == card.wire.get("references")
    asked = request(
        card,
        init_image=data if card.takes_pictures else None,
        mask=picture(mode="L") if card.mask else None,
        references=(data,) * (many - shares_a_list),
        loras=(LoRAUsed(name="owner/fox", weight=0.5),) if card.loras else (),
    )
    kinds = tuple(card.controls)[: card.max_controls]
    used = tuple(control_used(card, data, kind=kind) for kind in kinds)
    given = asked.parameters.model_copy(update={"controls": used})
    return replace(asked, parameters=given, controls=(data,) * len(used))
