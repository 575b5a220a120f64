"""Pipelines of diffusers: loaded once, and turned into what a job needs without loading again.

Runs in the worker alone: this is where torch is imported.
"""

from typing import Any, Final

import torch
from diffusers import (
    AutoModel,
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    AutoPipelineForText2Image,
)

from providers.diffusers.failing import MishapError
from providers.diffusers.places import Place, adapter_at, lora_at, model_at

TASKS: Final = {
    "text": AutoPipelineForText2Image,
    "image": AutoPipelineForImage2Image,
    "inpaint": AutoPipelineForInpainting,
}
USUAL_DTYPE: Final = {"cuda": "float16", "mps": "float16", "cpu": "float32"}
"""What weights are worked with where the card does not say."""


class Pipes:
    """One model with what is attached to it: ControlNets, LoRA, an IP-Adapter."""

    def __init__(self, order: dict[str, Any], setup: dict[str, Any]) -> None:
        self.key = key_of(order)
        self._folder: str = setup["folder"]
        self._only_local = not setup["downloads"]
        self.device = device_of(setup["device"])
        self._offload = order["loading"].get("offload", "none")
        self._dtype = dtype_of(order["loading"].get("dtype", "auto"), self.device)
        place = model_at(order["model"], self._folder)
        loading = order["loading"]
        more = {name: loading[name] for name in ("variant", "revision") if loading.get(name)}
        self._base = self._placed(
            AutoPipelineForText2Image.from_pretrained(place.root, **self._reading(place), **more)
        )
        self._nets: dict[str, Any] = {}
        self._loras: tuple[str, ...] = ()
        self._adapter = ""

    def pipe(self, task: str, order: dict[str, Any]) -> Any:
        """Return the pipeline of a task, with everything attached that *order* names."""
        self._attach_loras(order["loras"])
        self._attach_adapter(order["references"])
        nets = [self._net(one["model"]) for one in order["controls"]]
        controlled = {"controlnet": nets if len(nets) > 1 else nets[0]} if nets else {}
        try:
            made = TASKS[task].from_pipe(self._base, **controlled)
        except (KeyError, ValueError) as error:
            what = f"{task} to image" if task != "inpaint" else "inpainting"
            with_it = " with ControlNet" if nets else ""
            kind = type(self._base).__name__
            raise MishapError("invalid", f"{kind} does no {what}{with_it}") from error
        made.set_progress_bar_config(disable=True)
        return self._placed(made)

    def takes(self, argument: str) -> bool:
        """Whether making from words alone takes an argument: then a card may name it."""
        return argument in arguments_of(self._base)

    def _placed(self, pipe: Any) -> Any:
        if self._offload == "none":
            return pipe.to(self.device)
        getattr(pipe, f"enable_{self._offload}_cpu_offload")(device=self.device)
        return pipe

    def _reading(self, place: Place) -> dict[str, Any]:
        return {
            "torch_dtype": self._dtype,
            "use_safetensors": True,
            "local_files_only": place.is_local or self._only_local,
        }

    def _net(self, source: str) -> Any:
        if source not in self._nets:
            place = model_at(source, self._folder)
            net = AutoModel.from_pretrained(place.root, **self._reading(place))
            self._nets[source] = net.to(self.device)
        return self._nets[source]

    def _attach_loras(self, loras: list[dict[str, Any]]) -> None:
        wanted = tuple(one["name"] for one in loras)
        if wanted != self._loras:
            if self._loras:
                self._base.unload_lora_weights()
            self._loras = ()
            for number, name in enumerate(wanted):
                self._load_lora(name, f"lora_{number}")
            self._loras = wanted
        if loras:
            names = [f"lora_{number}" for number in range(len(loras))]
            self._base.set_adapters(names, adapter_weights=[one["weight"] for one in loras])

    def _load_lora(self, name: str, adapter: str) -> None:
        place = lora_at(name, self._folder)
        more = {"weight_name": place.file} if place.file else {}
        more |= {"subfolder": place.folder} if place.folder else {}
        try:
            self._base.load_lora_weights(
                place.root,
                adapter_name=adapter,
                use_safetensors=True,
                local_files_only=place.is_local or self._only_local,
                **more,
            )
        except (KeyError, RuntimeError, AttributeError) as error:
            self._base.unload_lora_weights()
            message = f"LoRA {name!r} does not fit this model"
            raise MishapError("invalid", message) from error

    def _attach_adapter(self, references: list[dict[str, Any]]) -> None:
        wanted = references[0]["adapter"] if references else ""
        if wanted != self._adapter:
            if self._adapter:
                self._base.unload_ip_adapter()
            self._adapter = ""
            if wanted:
                self._load_adapter(wanted)
            self._adapter = wanted
        if references:
            self._base.set_ip_adapter_scale(references[0].get("weight", 1.0))

    def _load_adapter(self, source: str) -> None:
        if not hasattr(self._base, "load_ip_adapter"):
            kind = type(self._base).__name__
            raise MishapError("invalid", f"{kind} takes no reference images")
        place = adapter_at(source, self._folder)
        self._base.load_ip_adapter(
            place.root,
            subfolder=place.folder,
            weight_name=place.file,
            local_files_only=place.is_local or self._only_local,
        )


def key_of(order: dict[str, Any]) -> str:
    """Return what tells loaded weights apart."""
    return repr((order["model"], sorted(order["loading"].items())))


def arguments_of(pipe: Any) -> frozenset[str]:
    """Return the names of what a pipeline takes."""
    code = type(pipe).__call__
    plain = getattr(code, "__wrapped__", code).__code__
    return frozenset(plain.co_varnames[: plain.co_argcount])


def device_of(asked: str) -> str:
    """Return the device that is worked on.

    Raises:
        MishapError: This machine does not have what was asked for.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return next((name for name, is_there in there.items() if is_there), "cpu")
    if not there.get(asked.partition(":")[0], asked == "cpu"):
        raise MishapError("device", f"this machine has no {asked} that torch can use")
    return asked


def dtype_of(asked: str, device: str) -> Any:
    """Return the kind of number that weights are worked with."""
    name = USUAL_DTYPE.get(device.partition(":")[0], "float32") if asked == "auto" else asked
    if name not in {"float16", "bfloat16", "float32"}:
        raise MishapError("invalid", f"dtype is float16, bfloat16, float32 or auto, not {name!r}")
    return getattr(torch, name)
