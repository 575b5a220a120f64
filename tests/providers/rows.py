"""One row per provider: what the contract suite and the wire test need to know of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from domain.model import ModelCard
from domain.ports import ImageRequest, Provider
from providers.bfl.provider import BFLProvider
from providers.bfl.provider import Limits as BFLLimits
from providers.bfl.wire import payload as bfl_payload
from providers.comfyui.api import Limits as ComfyUILimits
from providers.comfyui.provider import ComfyUIProvider
from providers.comfyui.wire import Filling
from providers.comfyui.workflow import read
from providers.diffusers.wire import payload as diffusers_payload
from providers.openai.provider import OpenAIProvider
from providers.openai.wire import payload as openai_payload
from providers.replicate.api import Limits
from providers.replicate.inputs import body as replicate_body
from providers.replicate.provider import ReplicateProvider
from providers.stability.api import Limits as StabilityLimits
from providers.stability.provider import StabilityProvider
from providers.stability.wire import payload as stability_payload
from tests.providers.given import FLARE, FLUX, Here
from tests.vendors.bfl import BFLVendor
from tests.vendors.comfyui import ComfyUIVendor
from tests.vendors.loopback import Vendor
from tests.vendors.openai import OpenAIVendor
from tests.vendors.replicate import ReplicateVendor
from tests.vendors.stability import StabilityVendor

QUICK_S: Final = 0.8
"""The time limit where one is to be met; elsewhere a busy machine must fail no test."""


@dataclass(frozen=True, slots=True)
class Row:
    """A provider over its loopback vendor."""

    name: str
    model: str
    """The card that the contract is asked of."""
    variable: str
    """What holds the key."""
    vendor: Callable[..., Vendor]
    open: Callable[[str, str, ModelCard, float | None], Provider]
    """``(the vendor's address, key, card, limit_s)``; None: the adapter's own time limits."""
    payload: Callable[[ImageRequest], dict[str, Any]]
    create_path: str
    size: tuple[int, int]
    """Of the picture that `given.request` asks for."""
    cost: Any
    """USD for it, as the vendor reports it, or something that compares with it."""
    retry_s: float
    """What a 429 without a header says."""
    brisk: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the vendor with which nothing takes time."""
    billed_unseen: bool = True
    """Whether a create call without an answer may have been billed (not where it is our id)."""


def _open_replicate(url: str, key: str, card: ModelCard, limit_s: float | None) -> Provider:
    limits = limit_s and Limits(create_s=limit_s, ask_s=limit_s, fetch_s=limit_s)
    return ReplicateProvider(key, [card], Here(), base_url=url, limits=limits or None)


def _open_openai(url: str, key: str, card: ModelCard, _limit_s: float | None) -> Provider:
    return OpenAIProvider(key, [card], Here(), base_url=f"{url}/v1")


def _open_stability(url: str, key: str, card: ModelCard, limit_s: float | None) -> Provider:
    limits = limit_s and StabilityLimits(make_s=limit_s)
    return StabilityProvider(key, [card], base_url=url, limits=limits or None)


def _open_bfl(url: str, key: str, card: ModelCard, limit_s: float | None) -> Provider:
    limits = limit_s and BFLLimits(create_s=limit_s, ask_s=limit_s, fetch_s=limit_s)
    return BFLProvider(key, [card], base_url=url, limits=limits or None)


def _open_comfyui(url: str, key: str, card: ModelCard, limit_s: float | None) -> Provider:
    limits = limit_s and ComfyUILimits(create_s=limit_s, ask_s=limit_s, fetch_s=limit_s)
    headers = f"Modal-Key: wk-loopback; Modal-Secret: {key}"
    return ComfyUIProvider(url, [card], headers=headers, limits=limits or None)


def _comfyui_values(request: ImageRequest) -> dict[str, Any]:
    """Return what is written into the workflow: the rest of it is the workflow's own."""
    return Filling(read(request.card.source, ""), request).values


ROWS: Final = (
    Row(
        name="replicate",
        model=FLUX,
        variable="REPLICATE_API_TOKEN",
        vendor=ReplicateVendor,
        open=_open_replicate,
        payload=replicate_body,
        create_path="/v1/predictions",
        size=(672, 384),
        cost=0.003,
        retry_s=7.0,
        brisk={"starting_s": 0.0, "processing_s": 0.0},
    ),
    Row(
        name="openai",
        model=FLARE,
        variable="OPENAI_API_KEY",
        vendor=OpenAIVendor,
        open=_open_openai,
        payload=openai_payload,
        create_path="/v1/images/generations",
        size=(1024, 640),
        cost=pytest.approx(0.0082, abs=2e-4),
        retry_s=6.0,
        brisk={"working_s": 0.0},
    ),
    Row(
        name="stability",
        model="stability:core",
        variable="STABILITY_API_KEY",
        vendor=StabilityVendor,
        open=_open_stability,
        payload=stability_payload,
        create_path="/v2beta/stable-image/generate/core",
        size=(1344, 768),
        cost=0.03,
        retry_s=60.0,
        brisk={"working_s": 0.0},
    ),
    Row(
        name="bfl",
        model="bfl:flux-2-pro",
        variable="BFL_API_KEY",
        vendor=BFLVendor,
        open=_open_bfl,
        payload=bfl_payload,
        create_path="/v1/flux-2-pro",
        size=(1024, 640),
        cost=0.03,
        retry_s=10.0,
        brisk={"working_s": 0.0},
    ),
    Row(
        name="comfyui",
        model="comfyui:sdxl",
        variable="COMFYUI_HEADERS",
        vendor=ComfyUIVendor,
        open=_open_comfyui,
        payload=_comfyui_values,
        create_path="/prompt",
        size=(1024, 640),
        cost=None,
        retry_s=5.0,
        brisk={"step_s": 0.0},
        billed_unseen=False,
    ),
)
ROW_OF: Final = {row.name: row for row in ROWS}
PAYLOADS: Final = {row.name: row.payload for row in ROWS} | {"diffusers": diffusers_payload}
"""What is sent, by provider: those on this machine have no vendor, and a payload all the same."""
