"""One job in the worker: the arguments of the pipeline, its steps, its picture."""

import gc
import io
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageOps

from domain.picture import MAX_VENDOR_BYTES, Picture
from providers.diffusers.failing import MishapError
from providers.diffusers.pipes import Pipes, arguments_of, key_of

KEEPS: Final = "strength 0 keeps the picture: nothing was denoised"
BARELY: Final = 1.000001
"""Of a step: the least that is denoised, and a little more, since diffusers rounds down."""

Told = Callable[[float], None]


class Studio:
    """Holds one model at a time, and makes one picture at a time with it."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._pipes: Pipes | None = None

    def load(self, order: dict[str, Any]) -> None:
        """Load the order's model, unless it is the one that is loaded; the other goes first."""
        if self._pipes is not None and self._pipes.key == key_of(order):
            return
        self.forget()
        self._pipes = Pipes(order, self._setup)

    def forget(self) -> None:
        """Give back the memory of the model that is loaded."""
        self._pipes = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def make(
        self,
        order: dict[str, Any],
        blobs: dict[str, bytes],
        told: Told,
        stopped: Callable[[], bool],
    ) -> tuple[bytes, tuple[str, ...]]:
        """Make one picture.

        Returns:
            It as PNG, and what there is to say about it.

        Raises:
            MishapError: A failure that we know, or a stop between two steps; any other failure
                comes as diffusers or torch raise it.
        """
        if self._pipes is None:
            raise MishapError("broken", "no model is loaded")
        pictures = {name: _opened(data, order) for name, data in blobs.items()}
        strength = order["arguments"].get("strength")
        if strength == 0 and "init_image" in pictures:
            return _png(pictures["init_image"]), (KEEPS,)
        task = _task(pictures, strength)
        pipe = self._pipes.pipe(task, order)
        taken = arguments_of(pipe)
        arguments = _arguments(order, task, taken, self._pipes)
        arguments |= _pictures(order, pictures, task, taken)
        if "callback_on_step_end" in taken:
            arguments["callback_on_step_end"] = _watched(told, stopped)
        return _made(pipe, arguments, order.get("seed")), ()


def _task(pictures: dict[str, Image.Image], strength: float | None) -> str:
    """Say what is done; at strength 1 an init image is ignored, which is to make from words."""
    if "mask" in pictures:
        return "inpaint"
    return "image" if "init_image" in pictures and strength != 1 else "text"


def _arguments(
    order: dict[str, Any], task: str, taken: frozenset[str], pipes: Pipes
) -> dict[str, Any]:
    asked = dict(order["arguments"])
    known = {name for name in asked if name in taken}
    sized = {"width", "height", "strength"}  # by the pictures, where the pipeline does not take it
    strange = [name for name in asked if not (name in known | sized or pipes.takes(name))]
    if strange:
        raise MishapError("invalid", f"the pipeline has no argument {strange[0]!r}")
    used = {name: asked[name] for name in known}
    if "strength" in used and task != "text":
        steps = max(1, used.get("num_inference_steps", 1))
        used["strength"] = min(1.0, max(used["strength"], BARELY / steps))
    return used


def _pictures(
    order: dict[str, Any], pictures: dict[str, Image.Image], task: str, taken: frozenset[str]
) -> dict[str, Any]:
    used: dict[str, Any] = {}
    if task != "text":
        used["image"] = pictures["init_image"]
    if task == "inpaint":
        used["mask_image"] = pictures["mask"].convert("L")
    if controls := order["controls"]:
        maps = [pictures[f"control{one['at']}"] for one in controls]
        used["control_image" if "control_image" in taken else "image"] = _one_or_all(maps)
        used |= _shares(controls)
    if references := order["references"]:
        together = [pictures[f"reference{one['at']}"] for one in references]
        used["ip_adapter_image"] = [together] if len(together) > 1 else together[0]
    return used


def _shares(controls: list[dict[str, Any]]) -> dict[str, Any]:
    names = {
        "controlnet_conditioning_scale": "weight",
        "control_guidance_start": "start",
        "control_guidance_end": "end",
    }
    return {
        argument: _one_or_all([one[name] for one in controls])
        for argument, name in names.items()
        if all(name in one for one in controls)
    }


def _one_or_all(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]


def _watched(told: Told, stopped: Callable[[], bool]) -> Callable[..., dict[str, Any]]:
    def stepped(pipe: Any, step: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
        if stopped():
            raise MishapError("stopped", "somebody asked to stop")
        latents = state.get("latents")
        if latents is not None and not bool(torch.isfinite(latents).all()):
            raise MishapError("number", f"step {step + 1} gave no numbers")
        told(min(1.0, (step + 1) / max(1, pipe.num_timesteps)))
        return state

    return stepped


def _made(pipe: Any, arguments: dict[str, Any], seed: int | None) -> bytes:
    # On the CPU whatever the device: the same noise for the same seed on every machine.
    generator = torch.Generator("cpu")
    if seed is not None:
        generator.manual_seed(seed)
    else:
        generator.seed()
    try:
        with torch.inference_mode():
            out = pipe(**arguments, generator=generator, output_type="np")
    finally:
        pipe.maybe_free_model_hooks()
    if any(getattr(out, "nsfw_content_detected", None) or ()):
        raise MishapError("safety", "the model's safety checker refused the picture")
    pixels = np.asarray(out.images[0], dtype=np.float32)
    if not np.isfinite(pixels).all():
        raise MishapError("number", "the picture holds no numbers")
    image = Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))
    if image.getbbox() is None:
        raise MishapError("black", "the picture is black all over")
    return _png(image)


def _opened(data: bytes, order: dict[str, Any]) -> Image.Image:
    """Open a picture, cut to the shape of what is made: no pipeline of diffusers does it alike."""
    image = Picture.open(data, max_bytes=MAX_VENDOR_BYTES).image.convert("RGB")
    width, height = (order["arguments"].get(name) for name in ("width", "height"))
    if width and height and image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return image


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
