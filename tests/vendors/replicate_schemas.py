"""What the models on Replicate take: types, choices, bounds, defaults, and the shape of outputs.

Small fixtures of our own, with facts of: the models' input schemas as published by Replicate in
2025-01 (version ids there); pages of replicate.com on kontext, FLUX.2, ideogram v3, recraft v4 and
Real-ESRGAN, read 2026-09 to 2026-11. Where a page gives no list of choices, none is checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.vendors.schemas import FLUX_RATIOS, FLUX_SCHNELL, Property, Schema


@dataclass(frozen=True, slots=True)
class Number(Property):
    """A number: a whole one will do."""

    def _is_of_type(self, value: Any) -> bool:
        return type(value) in (int, float)


@dataclass(frozen=True, slots=True)
class File(Property):
    """A picture: by address, or inside the request."""

    type: type = str


@dataclass(frozen=True, slots=True)
class Files(Property):
    """A list of pictures."""

    type: type = list
    most: int = 0
    """How many it holds; 0 is not said."""

    def fault(self, value: Any) -> str:
        """Say what is wrong with a value; empty if nothing is."""
        wrong = Property.fault(self, value)
        if not wrong and self.most and len(value) > self.most:
            return f"must have at most {self.most} items"
        return wrong


@dataclass(frozen=True, slots=True)
class Model:
    """One model: what it takes, and what it gives back."""

    schema: Schema
    version: str = ""
    """Of a community model, which is asked for by it; empty for an official one."""
    several: bool = False
    """Whether its output is a list."""
    maps_first: bool = False
    """Whether the maps of its controls stand in the list before the picture."""
    zero_is_random: bool = True
    """Whether seed 0 means any."""
    native: str = "png"
    """The format of its output where none can be asked for."""


def _number(default: float | None, low: float | None = None, high: float | None = None) -> Number:
    return Number(float, minimum=low, maximum=high, default=default)


def _whole(default: int | None = None, low: int | None = None, high: int | None = None) -> Property:
    return Property(int, minimum=low, maximum=high, default=default)


def _choice(default: str | None, *choices: str) -> Property:
    return Property(str, enum=choices, default=default)


ON: Final = Property(bool, default=True)
OFF: Final = Property(bool, default=False)


PROMPT: Final = Property(str, required=True)
SEED: Final = Property(int)
ANY_FORMAT: Final = _choice("webp", "webp", "jpg", "png")
TWO_FORMATS: Final = _choice("jpg", "jpg", "png")
RATIOS: Final = _choice("1:1", *FLUX_RATIOS)
PRO_RATIOS: Final = ("1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")
_SAVED: Final[Schema] = {"output_format": ANY_FORMAT, "output_quality": _whole(80, 0, 100)}
_CHECKED: Final[Schema] = {"disable_safety_checker": OFF}
_TO_IMAGE: Final[Schema] = {"image": File(), "prompt_strength": _number(0.8, 0, 1)}

FLUX_DEV: Final[Schema] = {
    **FLUX_SCHNELL,
    **_TO_IMAGE,
    "num_inference_steps": _whole(28, 1, 50),
    "guidance": _number(3, 0, 10),
}
FLUX_DEV_LORA: Final[Schema] = {
    **FLUX_DEV,
    "lora_weights": Property(str),
    "lora_scale": _number(1, -1, 3),
}
FLUX_REDUX_DEV: Final[Schema] = {
    "redux_image": File(required=True),
    "aspect_ratio": RATIOS,
    "num_outputs": _whole(1, 1, 4),
    "num_inference_steps": _whole(28, 1, 50),
    "guidance": _number(3, 0, 10),
    "seed": SEED,
    "megapixels": _choice("1", "1", "0.25"),
    **_SAVED,
    **_CHECKED,
}


def _control_dev(guidance: float) -> Schema:
    return {
        "prompt": PROMPT,
        "control_image": File(required=True),
        "num_outputs": _whole(1, 1, 4),
        "num_inference_steps": _whole(28, 1, 50),
        "guidance": _number(guidance, 0, 100),
        "seed": SEED,
        "megapixels": _choice("1", "1", "0.25", "match_input"),
        **_SAVED,
        **_CHECKED,
    }


def _control_pro(guidance: float) -> Schema:
    return {
        "prompt": PROMPT,
        "control_image": File(required=True),
        "seed": SEED,
        "steps": _whole(50, 15, 50),
        "prompt_upsampling": OFF,
        "guidance": _number(guidance, 1, 50),
        "safety_tolerance": _whole(2, 1, 6),
        "output_format": TWO_FORMATS,
    }


FLUX_FILL_DEV: Final[Schema] = {
    **{name: one for name, one in _control_dev(30).items() if name != "control_image"},
    "image": File(required=True),
    "mask": File(),
}
FLUX_FILL_PRO: Final[Schema] = {
    "prompt": PROMPT,
    "image": File(required=True),
    "mask": File(),
    "outpaint": _choice(
        "None",
        "None",
        "Zoom out 1.5x",
        "Zoom out 2x",
        "Make square",
        "Left outpaint",
        "Right outpaint",
        "Top outpaint",
        "Bottom outpaint",
    ),
    "seed": SEED,
    "steps": _whole(50, 1, 50),
    "prompt_upsampling": OFF,
    "guidance": _number(3, 2, 5),
    "safety_tolerance": _whole(2, 1, 6),
    "output_format": TWO_FORMATS,
}
FLUX_11_PRO: Final[Schema] = {
    "prompt": PROMPT,
    "image_prompt": File(),
    "aspect_ratio": _choice("1:1", "custom", *PRO_RATIOS),
    "width": _whole(None, 256, 1440),
    "height": _whole(None, 256, 1440),
    "safety_tolerance": _whole(2, 1, 6),
    "seed": SEED,
    "prompt_upsampling": OFF,
    **_SAVED,
}
FLUX_11_PRO_ULTRA: Final[Schema] = {
    "prompt": PROMPT,
    "image_prompt": File(),
    "image_prompt_strength": _number(0.1, 0, 1),
    "aspect_ratio": RATIOS,
    "safety_tolerance": _whole(2, 1, 6),
    "seed": SEED,
    "raw": OFF,
    "output_format": TWO_FORMATS,
}
KONTEXT: Final[Schema] = {
    "prompt": PROMPT,
    "input_image": File(),
    "aspect_ratio": _choice("match_input_image", "match_input_image", *FLUX_RATIOS, "2:1", "1:2"),
    "prompt_upsampling": OFF,
    "seed": SEED,
    "output_format": _choice("png", "jpg", "png"),
    "safety_tolerance": _whole(2, 0, 6),
}


def _flux_2(most: int) -> Schema:
    return {
        "prompt": PROMPT,
        "input_images": Files(most=most, default=()),
        "aspect_ratio": _choice("1:1", "match_input_image", "custom", *PRO_RATIOS),
        "resolution": _choice("1 MP", "match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"),
        "width": _whole(None, 256, 2048),
        "height": _whole(None, 256, 2048),
        "safety_tolerance": _whole(2, 1, 5),
        "seed": SEED,
        **_SAVED,
    }


FLUX_2_FLEX: Final[Schema] = {
    **_flux_2(10),
    "prompt_upsampling": ON,
    "steps": _whole(30, 1, 50),
    "guidance": _number(4.5, 1.5, 10),
}
SCHEDULERS: Final = (
    "DDIM",
    "DPMSolverMultistep",
    "HeunDiscrete",
    "KarrasDPM",
    "K_EULER_ANCESTRAL",
    "K_EULER",
    "PNDM",
)
_SDXL: Final[Schema] = {
    "prompt": Property(str, default="An astronaut riding a rainbow unicorn"),
    "negative_prompt": Property(str, default=""),
    "mask": File(),
    **_TO_IMAGE,
    "num_outputs": _whole(1, 1, 4),
    "scheduler": _choice("K_EULER", *SCHEDULERS),
    "guidance_scale": _number(7.5, 1, 50),
    "seed": SEED,
    "refine_steps": _whole(),
    "apply_watermark": ON,
    "lora_scale": _number(0.6, 0, 1),
    **_CHECKED,
}
SDXL: Final[Schema] = {
    **_SDXL,
    "width": _whole(1024),
    "height": _whole(1024),
    "num_inference_steps": _whole(50, 1, 500),
    "refine": _choice("no_refiner", "no_refiner", "expert_ensemble_refiner", "base_image_refiner"),
    "high_noise_frac": _number(0.8, 0, 1),
    "replicate_weights": Property(str),
}
CONTROLNETS: Final = (
    "none",
    "edge_canny",
    "illusion",
    "depth_leres",
    "depth_midas",
    "soft_edge_pidi",
    "soft_edge_hed",
    "lineart",
    "lineart_anime",
    "openpose",
)


def _controlnet(number: int) -> Schema:
    name = f"controlnet_{number}"
    return {
        name: _choice("none", *CONTROLNETS),
        f"{name}_image": File(),
        f"{name}_conditioning_scale": _number(0.75, 0, 4),
        f"{name}_start": _number(0, 0, 1),
        f"{name}_end": _number(1, 0, 1),
    }


SDXL_MULTI: Final[Schema] = {
    **_SDXL,
    "width": _whole(768),
    "height": _whole(768),
    "sizing_strategy": _choice(
        "width_height",
        "width_height",
        "input_image",
        "controlnet_1_image",
        "controlnet_2_image",
        "controlnet_3_image",
        "mask_image",
    ),
    "num_inference_steps": _whole(30, 1, 500),
    "refine": _choice("no_refiner", "no_refiner", "base_image_refiner"),
    "lora_weights": Property(str),
    **_controlnet(1),
    **_controlnet(2),
    **_controlnet(3),
}
SDXL_CONTROLNET: Final[Schema] = {
    "image": File(),
    "prompt": Property(str, default="aerial view, a futuristic research complex"),
    "negative_prompt": Property(str, default="low quality, bad quality, sketches"),
    "num_inference_steps": _whole(50, 1, 500),
    "condition_scale": _number(0.5, 0, 1),
    "seed": _whole(0),
}
SDXL_CONTROLNET_DEPTH: Final[Schema] = {
    "image": File(),
    "prompt": Property(str, default="spiderman lecture, photorealistic"),
    "num_inference_steps": _whole(30, 1, 100),
    "condition_scale": _number(0.5, 0, 1),
    "seed": _whole(0),
}
XLABS: Final[Schema] = {
    "prompt": Property(str, default=""),
    "negative_prompt": Property(str, default=""),
    "guidance_scale": _number(3.5, 0, 5),
    "steps": _whole(28, 1, 50),
    "control_type": _choice("depth", "canny", "soft_edge", "depth"),
    "control_strength": _number(0.5, 0, 3),
    "control_image": File(required=True),
    "image_to_image_strength": _number(0, 0, 1),
    "depth_preprocessor": _choice(
        "DepthAnything", "Midas", "Zoe", "DepthAnything", "Zoe-DepthAnything"
    ),
    "soft_edge_preprocessor": _choice("HED", "HED", "TEED", "PiDiNet"),
    "lora_url": Property(str, default=""),
    "lora_strength": _number(1, -1, 3),
    "return_preprocessed_image": OFF,
    **_SAVED,
    "seed": SEED,
}


def _sd35(cfg: float, steps: int, most_steps: int) -> Schema:
    return {
        "prompt": Property(str, default=""),
        "aspect_ratio": RATIOS,
        "cfg": _number(cfg, 0, 20),
        "image": File(),
        "prompt_strength": _number(0.85),
        "steps": _whole(steps, 1, most_steps),
        "seed": SEED,
        "output_format": ANY_FORMAT,
        "output_quality": _whole(90, 0, 100),
    }


IDEOGRAM_V2_RATIOS: Final = (
    "1:1",
    "16:9",
    "9:16",
    "4:3",
    "3:4",
    "3:2",
    "2:3",
    "16:10",
    "10:16",
    "3:1",
    "1:3",
)
_IDEOGRAM: Final[Schema] = {
    "prompt": PROMPT,
    "resolution": Property(str, default="None"),
    "magic_prompt_option": _choice("Auto", "Auto", "On", "Off"),
    "image": File(),
    "mask": File(),
    "seed": _whole(None, None, 2147483647),
}
IDEOGRAM_V2: Final[Schema] = {
    **_IDEOGRAM,
    "aspect_ratio": _choice("1:1", *IDEOGRAM_V2_RATIOS),
    "negative_prompt": Property(str),
    "style_type": _choice(
        "None", "None", "Auto", "General", "Realistic", "Design", "Render 3D", "Anime"
    ),
}
IDEOGRAM_V3: Final[Schema] = {
    **_IDEOGRAM,
    "aspect_ratio": _choice("1:1", *IDEOGRAM_V2_RATIOS, "1:2", "2:1", "4:5", "5:4"),
    "style_type": Property(str, default="None"),
    "style_reference_images": Files(),
}
RECRAFT_V3: Final[Schema] = {
    "prompt": PROMPT,
    "size": _choice(
        "1024x1024",
        "1024x1024",
        "1365x1024",
        "1024x1365",
        "1536x1024",
        "1024x1536",
        "1820x1024",
        "1024x1820",
        "1024x2048",
        "2048x1024",
        "1434x1024",
        "1024x1434",
        "1024x1280",
        "1280x1024",
        "1024x1707",
        "1707x1024",
    ),
    "style": Property(str, default="any"),
}
RECRAFT_V4: Final[Schema] = {
    "prompt": PROMPT,
    "aspect_ratio": Property(str, default="Not set"),
    "size": _choice(
        "1024x1024",
        "1024x1024",
        "1536x768",
        "768x1536",
        "1280x832",
        "832x1280",
        "1216x896",
        "896x1216",
        "1152x896",
        "896x1152",
        "832x1344",
        "1280x896",
        "896x1280",
        "1344x768",
        "768x1344",
    ),
}
REAL_ESRGAN: Final[Schema] = {
    "image": File(required=True),
    "scale": _number(4, 0, 10),
    "face_enhance": ON,
}

_BFL: Final = "black-forest-labs"
_SD: Final = "stability-ai"
MODELS: Final[Mapping[str, Model]] = {
    f"{_BFL}/flux-schnell": Model(FLUX_SCHNELL, several=True),
    f"{_BFL}/flux-dev": Model(FLUX_DEV, several=True),
    f"{_BFL}/flux-dev-lora": Model(FLUX_DEV_LORA, several=True),
    f"{_BFL}/flux-redux-dev": Model(FLUX_REDUX_DEV, several=True),
    f"{_BFL}/flux-canny-dev": Model(_control_dev(30), several=True),
    f"{_BFL}/flux-depth-dev": Model(_control_dev(10), several=True),
    f"{_BFL}/flux-canny-pro": Model(_control_pro(30)),
    f"{_BFL}/flux-depth-pro": Model(_control_pro(10)),
    f"{_BFL}/flux-fill-dev": Model(FLUX_FILL_DEV, several=True),
    f"{_BFL}/flux-fill-pro": Model(FLUX_FILL_PRO),
    f"{_BFL}/flux-1.1-pro": Model(FLUX_11_PRO),
    f"{_BFL}/flux-1.1-pro-ultra": Model(FLUX_11_PRO_ULTRA),
    f"{_BFL}/flux-kontext-pro": Model(KONTEXT),
    f"{_BFL}/flux-kontext-max": Model(KONTEXT),
    f"{_BFL}/flux-2-pro": Model(_flux_2(8)),
    f"{_BFL}/flux-2-max": Model(_flux_2(8)),
    f"{_BFL}/flux-2-flex": Model(FLUX_2_FLEX),
    f"{_SD}/sdxl": Model(
        SDXL,
        "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
        several=True,
        zero_is_random=False,
    ),
    f"{_SD}/stable-diffusion-3.5-large": Model(_sd35(3.5, 35, 50), several=True),
    f"{_SD}/stable-diffusion-3.5-medium": Model(_sd35(5, 40, 50), several=True),
    f"{_SD}/stable-diffusion-3.5-large-turbo": Model(_sd35(1, 4, 10), several=True),
    "lucataco/sdxl-controlnet": Model(
        SDXL_CONTROLNET, "06d6fae3b75ab68a28cd2900afa6033166910dd09fd9751047043a5bbb4c184b"
    ),
    "lucataco/sdxl-controlnet-depth": Model(
        SDXL_CONTROLNET_DEPTH, "465fb41789dc2203a9d7158be11d1d2570606a039c65e0e236fd329b5eecb10c"
    ),
    "fofr/sdxl-multi-controlnet-lora": Model(
        SDXL_MULTI,
        "89eb212b3d1366a83e949c12a4b45dfe6b6b313b594cb8268e864931ac9ffb16",
        several=True,
        maps_first=True,
        zero_is_random=False,
    ),
    "xlabs-ai/flux-dev-controlnet": Model(
        XLABS, "9a8db105db745f8b11ad3afe5c8bd892428b2a43ade0b67edc4e0ccd52ff2fda", several=True
    ),
    "ideogram-ai/ideogram-v2": Model(IDEOGRAM_V2),
    "ideogram-ai/ideogram-v3-turbo": Model(IDEOGRAM_V3),
    "ideogram-ai/ideogram-v3-quality": Model(IDEOGRAM_V3),
    "recraft-ai/recraft-v3": Model(RECRAFT_V3, native="webp"),
    "recraft-ai/recraft-v4": Model(RECRAFT_V4, native="webp"),
    "nightmareai/real-esrgan": Model(
        REAL_ESRGAN, "350d32041630ffbe63c8352783a26d94126809164e54085352f8326e53999085"
    ),
}
BY_VERSION: Final = {model.version: name for name, model in MODELS.items() if model.version}
