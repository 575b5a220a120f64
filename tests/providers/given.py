"""What tests of providers start from: the shipped cards, a request for one image, a pixel pool."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from domain.model import ModelCard, Parameters
from domain.picture import digest_of
from domain.ports import ImageRequest
from domain.spec import Segment, Segments

P = ParamSpec("P")
T = TypeVar("T")

FLUX = "replicate:black-forest-labs/flux-schnell"
FLARE = "openai:gpt-image-2.5-flare"
MODELS_TOML = Path(__file__).parents[2] / "config" / "models.toml"


class Here:
    """A pixel pool that works at once, in this process."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


def cards() -> dict[str, ModelCard]:
    tables = tomllib.loads(MODELS_TOML.read_text(encoding="utf-8"))["model"]
    return {table["id"]: ModelCard.model_validate(table) for table in tables}


def card(name: str, **changes: Any) -> ModelCard:
    return ModelCard.model_validate(cards()[name].model_dump() | changes)


def request(
    model: ModelCard,
    *,
    init_image: bytes | None = None,
    mask: bytes | None = None,
    **changes: Any,
) -> ImageRequest:
    """Return a request for one small image, resolved for *model* as routing does it."""
    ratios = model.sizes.kind == "ratios"
    settings = model.settings | ({"megapixels": "0.25"} if "megapixels" in model.settings else {})
    resolved: dict[str, Any] = {
        "model": model.id,
        "prompt": "a red fox in the snow at dusk",
        "negative_prompt": None,
        "seed": 7 if model.seed else None,
        "cfg_scale": None,
        "steps": 4 if model.steps else None,
        "width": None if ratios else 1024,
        "height": None if ratios else 640,
        "aspect_ratio": "16:9" if ratios else None,
        "denoising_strength": None,
        "init_image": f"sha256:{digest_of(init_image)}" if init_image else None,
        "mask": f"sha256:{digest_of(mask)}" if mask else None,
        "count": 1,
        "settings": settings,
        "left_to_vendor": model.left_to_vendor,
    }
    return ImageRequest(
        key="run-1/1",
        card=model,
        parameters=Parameters.model_validate(resolved | changes),
        segments=Segments(subject=Segment(text="a red fox")),
        init_image=init_image,
        mask=mask,
    )
