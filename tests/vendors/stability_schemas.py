"""What Stability's endpoints take, as small schemas of our own.

Names, bounds and defaults: the REST v2beta reference at platform.stability.ai, read 2026-11-22.
"""

from collections.abc import Mapping
from typing import Any, Final

from tests.vendors.schemas import FLUX_RATIOS, Property, Schema

RATIOS: Final = ("1:1", "16:9", "9:16", "3:2", "2:3", "5:4", "4:5", "21:9", "9:21")
STYLES: Final = (
    *("3d-model", "analog-film", "anime", "cinematic", "comic-book", "digital-art", "enhance"),
    *("fantasy-art", "isometric", "line-art", "low-poly", "modeling-compound", "neon-punk"),
    *("origami", "photographic", "pixel-art", "tile-texture"),
)
_PROMPT: Final = Property(str, required=True)
_SEED: Final = Property(int, minimum=0, maximum=4_294_967_294, default=0)
_RATIO: Final = Property(str, enum=RATIOS, default="1:1")
_PICTURE: Final = Property(str, required=True)
_SHARE: Final = Property(float, minimum=0, maximum=1)
_FORMAT: Final = Property(str, enum=("png", "jpeg", "webp"), default="png")
_WORDS: Final[Schema] = {
    "prompt": _PROMPT,
    "negative_prompt": Property(str),
    "seed": _SEED,
    "style_preset": Property(str, enum=STYLES),
    "output_format": _FORMAT,
}
_CONTROL: Final[Schema] = {
    **_WORDS,
    "image": _PICTURE,
    "control_strength": Property(float, minimum=0, maximum=1, default=0.7),
}
ENDPOINTS: Final[dict[str, Schema]] = {
    "generate/core": {**_WORDS, "aspect_ratio": _RATIO},
    "generate/ultra": {
        **_WORDS,
        "aspect_ratio": _RATIO,
        "image": Property(str),
        "strength": _SHARE,
    },
    "generate/sd3": {
        **_WORDS,
        "aspect_ratio": _RATIO,
        "image": Property(str),
        "strength": _SHARE,
        "mode": Property(str, enum=("text-to-image", "image-to-image"), default="text-to-image"),
        "model": Property(
            str,
            enum=("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium"),
            default="sd3.5-large",
        ),
        "cfg_scale": Property(float, minimum=1, maximum=10, default=4.0),
        "output_format": Property(str, enum=("png", "jpeg"), default="png"),
    },
    "control/sketch": _CONTROL,
    "control/structure": _CONTROL,
    "control/style": {
        **_WORDS,
        "image": _PICTURE,
        "aspect_ratio": _RATIO,
        "fidelity": Property(float, minimum=0, maximum=1, default=0.5),
    },
    "edit/inpaint": {
        **_WORDS,
        "image": _PICTURE,
        "mask": Property(str),
        "grow_mask": Property(int, minimum=0, maximum=100, default=5),
    },
    "edit/outpaint": {
        "image": _PICTURE,
        **{side: Property(int, minimum=0, maximum=2000, default=0) for side in ("left", "right")},
        **{side: Property(int, minimum=0, maximum=2000, default=0) for side in ("up", "down")},
        "creativity": Property(float, minimum=0, maximum=1, default=0.5),
        "prompt": Property(str),
        "seed": _SEED,
        "style_preset": Property(str, enum=STYLES),
        "output_format": _FORMAT,
    },
    "edit/remove-background": {
        "image": _PICTURE,
        "output_format": Property(str, enum=("png", "webp"), default="png"),
    },
    "upscale/fast": {"image": _PICTURE, "output_format": _FORMAT},
    "upscale/conservative": {
        "image": _PICTURE,
        "prompt": _PROMPT,
        "negative_prompt": Property(str),
        "seed": _SEED,
        "creativity": Property(float, minimum=0.2, maximum=0.5, default=0.35),
        "output_format": _FORMAT,
    },
    "upscale/creative": {
        **_WORDS,
        "image": _PICTURE,
        "creativity": Property(float, minimum=0.1, maximum=0.5, default=0.3),
    },
}
JOBS: Final = ("upscale/creative",)
"""Those that answer with a job."""
UPSCALES: Final = {"upscale/fast": 4, "upscale/conservative": 2, "upscale/creative": 2}
"""How many times as long a side becomes; the vendor's go by pixels, the fast one apart."""


def made_size(
    endpoint: str, body: Mapping[str, Any], given: tuple[int, int] | None
) -> tuple[int, int]:
    """Return how large a picture is that an endpoint makes, of another of that size or of none."""
    if given is None or ("aspect_ratio" in ENDPOINTS[endpoint] and "mode" not in body):
        return FLUX_RATIOS[str(body.get("aspect_ratio", "1:1"))]
    width, height = (side * UPSCALES.get(endpoint, 1) for side in given)
    margins = {side: int(body.get(side, 0)) for side in ("left", "right", "up", "down")}
    return width + margins["left"] + margins["right"], height + margins["up"] + margins["down"]
