"""What tests of providers start from: the shipped cards, a request for one image, a pixel pool."""

import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from PIL import Image

from domain.model import (
    ControlCan,
    ControlUsed,
    ModelCard,
    Parameters,
    ReferenceCan,
    ReferenceUsed,
)
from domain.picture import digest_of
from domain.ports import ImageRequest
from domain.spec import ControlKind, Margins, Segment, Segments

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


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


def request(
    model: ModelCard,
    *,
    init_image: bytes | None = None,
    mask: bytes | None = None,
    controls: tuple[bytes, ...] = (),
    references: tuple[bytes, ...] = (),
    **changes: Any,
) -> ImageRequest:
    """Return a request for one small image, resolved for *model* as routing does it.

    What the model needs and nobody gave is given.
    """
    ratios = model.sizes.kind == "ratios"
    settings = model.settings | ({"megapixels": "0.25"} if "megapixels" in model.settings else {})
    if "init_image" in model.needs:
        init_image = init_image or picture()
    if "mask" in model.needs:
        mask = mask or picture(mode="L")
    if "control" in model.needs:
        controls = controls or (picture(),)
    if "reference" in model.needs:
        references = references or (picture(),)
    strength = model.denoising_strength if init_image else None
    resolved: dict[str, Any] = {
        "model": model.id,
        "prompt": "a red fox in the snow at dusk" if model.takes_prompt else "",
        "negative_prompt": "" if model.negative_prompt else None,
        "seed": 7 if model.seed else None,
        "cfg_scale": model.cfg_scale.default if model.cfg_scale else None,
        "steps": round(model.steps.default or 4) if model.steps else None,
        "width": None if ratios else 1024,
        "height": None if ratios else 640,
        "aspect_ratio": _ratio(model) if ratios else None,
        "denoising_strength": (strength.default or 0.55) if strength else None,
        "init_image": f"sha256:{digest_of(init_image)}" if init_image else None,
        "mask": f"sha256:{digest_of(mask)}" if mask else None,
        "controls": tuple(control_used(model, data) for data in controls),
        "references": tuple(reference_used(model, data) for data in references),
        "operation": model.operations[0],
        "margins": Margins(left=256) if model.operations[0] == "extend" else None,
        "file_format": model.file_formats[0] if model.file_formats else None,
        "background": model.backgrounds[0] if model.backgrounds else None,
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
        controls=controls,
        references=references,
    )


def _ratio(model: ModelCard) -> str:
    return "16:9" if "16:9" in model.sizes.ratios else model.sizes.ratios[-1]


def control_used(model: ModelCard, data: bytes, **changes: Any) -> ControlUsed:
    """Return a control of a kind that *model* takes (canny if it takes none), resolved."""
    kind: ControlKind = next(iter(model.controls), "canny")
    can = model.controls.get(kind, ControlCan(preprocessed=True))
    resolved: dict[str, Any] = {
        "kind": kind,
        "image": f"sha256:{digest_of(data)}",
        "weight": can.weight and can.weight.default,
        "start": 0.0 if can.share else None,
        "end": 1.0 if can.share else None,
    }
    return ControlUsed.model_validate(resolved | changes)


def reference_used(model: ModelCard, data: bytes, **changes: Any) -> ReferenceUsed:
    """Return a reference that *model* takes, resolved."""
    can = model.references or ReferenceCan()
    resolved: dict[str, Any] = {
        "image": f"sha256:{digest_of(data)}",
        "dimension": (*can.dimensions, "subject")[0],
        "weight": can.weight and can.weight.default,
    }
    return ReferenceUsed.model_validate(resolved | changes)
