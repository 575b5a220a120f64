"""What BFL's calls take, as small schemas of our own.

Names, bounds and defaults: BFL's OpenAPI as docs.bfl.ai shows it, read 2026-11-23.
"""

from collections.abc import Mapping
from typing import Final

from tests.vendors.schemas import Property, Schema

MULTIPLE_PX: Final = {"flux-pro-1.1": 32, "flux-dev": 32}
"""Of which number sides are multiples; 16 elsewhere."""
_FORMAT: Final = Property(str, enum=("jpeg", "png"), default="jpeg")
_HOOKS: Final[Schema] = {"webhook_url": Property(str), "webhook_secret": Property(str)}
_BOTH: Final[Schema] = {
    "prompt": Property(str, required=True),
    "seed": Property(int),
    "output_format": _FORMAT,
    **_HOOKS,
}


def _pictures(maximum: int) -> Schema:
    names = ("input_image", *(f"input_image_{number}" for number in range(2, maximum + 1)))
    return {name: Property(str) for name in names}


_FLUX_2: Final[Schema] = {
    **_BOTH,
    "width": Property(int, minimum=64, default=0),
    "height": Property(int, minimum=64, default=0),
    "safety_tolerance": Property(int, minimum=0, maximum=5, default=2),
    "transparent_bg": Property(bool, default=False),
}
_KONTEXT: Final[Schema] = {
    **_BOTH,
    **_pictures(4),
    "aspect_ratio": Property(str),
    "prompt_upsampling": Property(bool, default=False),
    "safety_tolerance": Property(int, minimum=0, maximum=6, default=2),
}
_FLUX_1: Final[Schema] = {
    **_BOTH,
    "image_prompt": Property(str),
    "prompt_upsampling": Property(bool, default=False),
    "safety_tolerance": Property(int, minimum=0, maximum=6, default=2),
}
_SIDES: Final[Schema] = {
    "width": Property(int, minimum=256, maximum=1440, default=1024),
    "height": Property(int, minimum=256, maximum=1440, default=768),
}
BFL_MODELS: Final[Mapping[str, Schema]] = {
    "flux-2-pro": {**_FLUX_2, **_pictures(8)},
    "flux-2-max": {**_FLUX_2, **_pictures(8)},
    "flux-2-flex": {
        **_FLUX_2,
        **_pictures(8),
        "input_image_blob_path": Property(str),
        "prompt_upsampling": Property(bool, default=True),
        "guidance": Property(float, minimum=1.5, maximum=10, default=5.0),
        "steps": Property(int, minimum=1, maximum=50, default=50),
    },
    "flux-2-klein-4b": {**_FLUX_2, **_pictures(4)},
    "flux-2-klein-9b": {**_FLUX_2, **_pictures(4)},
    "flux-kontext-pro": _KONTEXT,
    "flux-kontext-max": _KONTEXT,
    "flux-pro-1.1": {**_FLUX_1, **_SIDES},
    "flux-pro-1.1-ultra": {
        **_FLUX_1,
        "aspect_ratio": Property(str, default="16:9"),
        "raw": Property(bool, default=False),
        "image_prompt_strength": Property(float, minimum=0, maximum=1, default=0.1),
    },
    "flux-dev": {
        **_FLUX_1,
        **_SIDES,
        "steps": Property(int, minimum=1, maximum=50, default=28),
        "guidance": Property(float, minimum=1.5, maximum=5, default=3.0),
    },
}
CREDITS: Final[Mapping[str, tuple[float, float]]] = {
    "flux-2-pro": (3.0, 1.5),
    "flux-2-max": (7.0, 3.0),
    "flux-2-flex": (5.0, 5.0),
    "flux-2-klein-4b": (1.4, 0.1),
    "flux-2-klein-9b": (1.5, 0.2),
    "flux-kontext-pro": (4.0, 0.0),
    "flux-kontext-max": (8.0, 0.0),
    "flux-pro-1.1": (4.0, 0.0),
    "flux-pro-1.1-ultra": (6.0, 0.0),
    "flux-dev": (2.5, 0.0),
}
"""For the first megapixel, and for each further one, pictures that go in among them."""
