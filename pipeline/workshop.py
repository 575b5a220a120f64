"""What making images needs, and what a vendor is handed for one of them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from domain.model import ControlUsed, ModelCard
from domain.picture import PictureFacts
from domain.ports import (
    ArtifactStore,
    Attempts,
    Clock,
    ImageRequest,
    Job,
    Provider,
    RunLog,
    Writer,
)
from domain.run import Run
from domain.spec import ControlKind
from pipeline.circuit import Circuit
from pipeline.compile import for_image
from pipeline.maps import Maps, made_map, warmed
from pipeline.pace import Pace


@dataclass(frozen=True, slots=True)
class Workshop:
    """What is needed to make images."""

    log: RunLog
    attempts: Attempts
    artifacts: ArtifactStore
    look: Callable[[bytes], Coroutine[Any, Any, PictureFacts]]
    """Decode a vendor's bytes whole; raises ``PictureError`` when they are no picture."""
    prepare: Callable[[ControlKind, bytes], Coroutine[Any, Any, bytes]]
    """Make the map of a control from a photo."""
    clock: Clock
    card_of: Callable[[str], ModelCard]
    provider_of: Callable[[ModelCard], Provider]
    circuit: Circuit
    pace: Pace
    gate_of: Callable[[ModelCard], asyncio.Semaphore]
    """How many images of one provider are under way at once."""
    cancelled: Callable[[str], bool]
    """Whether someone asked the run to stop."""
    webhook_url: Callable[[Provider], str]
    """Where a vendor may tell of its jobs; empty: it is asked."""
    wait: Callable[[ImageRequest, Job, float], Coroutine[Any, Any, None]]
    """Let so many seconds pass, or fewer if the vendor tells of the job."""
    progressed: Callable[[str, int, float], None]
    """``(run id, number, fraction)``: how far an image is, for whoever looks."""
    previewed: Callable[[str, int, bytes], None]
    """``(run id, number, picture file)``: how an unfinished image looks."""
    warming: Callable[[str], AbstractContextManager[None]]
    """Held while the machine that makes a run's images starts."""
    maps: Maps = field(default_factory=Maps)
    """Maps that models have made from photos."""


async def request_for(
    run: Run, number: int, key: str, card: ModelCard, shop: Workshop, *, planned: bool = False
) -> ImageRequest:
    """Return what a vendor is handed for one image, its pictures read and its maps made.

    Where it is only *planned*, no model is asked for a map: the photo stands in its place.
    """
    parameters = for_image(run.parameters, run.seeds[number - 1])
    init, mask = parameters.init_image, parameters.mask
    get = shop.artifacts.get
    return ImageRequest(
        key=key,
        card=card,
        parameters=parameters,
        segments=run.spec.segments,
        init_image=await get(init) if init else None,
        mask=await get(mask) if mask else None,
        controls=tuple([await _control(one, run, shop, planned) for one in parameters.controls]),
        references=tuple([await get(one.image) for one in parameters.references]),
        progressed=lambda share: shop.progressed(run.id, number, share),
        previewed=lambda picture: shop.previewed(run.id, number, picture),
    )


async def would_send(
    run: Run, shop: Workshop, writer: Writer | None = None
) -> list[dict[str, Any]]:
    """Return what each image of a planned run would send, pictures as digests; nothing by hand."""
    if run.kind == "text":
        return [writer.payload(run.parameters.prompt)] if writer else []
    card = shop.card_of(run.route.model)
    if card.answers == "handed":
        return []
    provider = shop.provider_of(card)
    numbers = range(1, run.spec.count + 1)
    asked = [
        await request_for(run, one, f"{run.id}:{one}:1", card, shop, planned=True)
        for one in numbers
    ]
    return [provider.payload(one) for one in asked]


async def _control(used: ControlUsed, run: Run, shop: Workshop, planned: bool) -> bytes:  # noqa: FBT001  passed on
    data = await shop.artifacts.get(used.image)
    if used.prepared_by:
        return data if planned else await _map_of(used, run, data, shop)
    return await shop.prepare(used.kind, data) if used.prepare else data


async def _map_of(used: ControlUsed, run: Run, data: bytes, shop: Workshop) -> bytes:
    """Have a photo made into a map by the model that the settings name, once for all images."""
    card = shop.card_of(used.prepared_by)
    provider = shop.provider_of(card)
    name = f"{card.id}:{used.image}"

    async def make() -> bytes:
        await warmed(provider, lambda: shop.warming(run.id))
        return await made_map(card, provider, f"map:{run.id}:{name}", data, shop.clock)

    return await shop.maps.get(name, make)
