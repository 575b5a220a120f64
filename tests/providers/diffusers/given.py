"""A team's own model, and requests for small pictures of it."""

import io
from typing import Any

from PIL import Image

from domain.model import ModelCard
from domain.ports import ImageRequest
from providers.diffusers.process import Setup
from providers.diffusers.provider import DiffusersProvider
from tests.providers.given import request

SIZE = 64
STEPS = 4


def own_card(folder: str = "", **changes: Any) -> ModelCard:
    """Return the card that a team would write for the tiny model under *folder*."""
    told: dict[str, Any] = {
        "id": "diffusers:tiny",
        "title": "Tiny",
        "answers": "blocking",
        "source": f"{folder}/model",
        "seed": {"minimum": 0, "maximum": 4294967295},
        "steps": {"minimum": 1, "maximum": 50, "default": STEPS},
        "cfg_scale": {"minimum": 1, "maximum": 20, "default": 5},
        "negative_prompt": True,
        "denoising_strength": {"minimum": 0, "maximum": 1, "default": 0.55},
        "mask": True,
        "controls": {
            "canny": {
                "preprocessed": True,
                "weight": {"minimum": 0, "maximum": 2, "default": 1},
                "share": True,
                "wire": f"{folder}/controlnet",
            }
        },
        "max_controls": 2,
        "loras": {"maximum": 2},
        "references": {"maximum": 1, "weight": {"minimum": 0, "maximum": 1, "default": 0.6}},
        "wire": {"references": f"{folder}/adapter/tiny.safetensors"},
        "settings": {"guidance_rescale": 0.0, "dtype": "float32"},
        "sizes": {"kind": "pixels", "multiple_px": 8, "minimum_px": SIZE, "maximum_px": SIZE},
        "repeatable": True,
        "cancels": True,
        "price": {"usd_per_image": 0.0, "source": "our own machine", "as_of": "2026-11-23"},
    }
    return ModelCard.model_validate(told | changes)


def asked(card: ModelCard, **changes: Any) -> ImageRequest:
    """Return a request for one small picture."""
    return request(card, **({"width": SIZE, "height": SIZE, "steps": STEPS} | changes))


def opened(folder: str = "", **more: Any) -> DiffusersProvider:
    """Return a provider on the CPU."""
    return DiffusersProvider(Setup(folder=folder, device="cpu"), **more)


def gradient(size: int = SIZE, *, turned: bool = False) -> bytes:
    """Return a picture that is not of one colour."""
    image = Image.linear_gradient("L").resize((size, size)).convert("RGB")
    out = io.BytesIO()
    (image.rotate(90) if turned else image).save(out, "PNG")
    return out.getvalue()


def lines(every: int) -> bytes:
    """Return a map of edges: a white line on every so many black ones."""
    image = Image.new("RGB", (SIZE, SIZE))
    for top in range(0, SIZE, every):
        image.paste("white", (0, top, SIZE, top + 1))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
