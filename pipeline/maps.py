"""Maps of controls that a model makes from photos: depth, a pose; a job like an image's."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, Final

from domain.errors import UnavailableError
from domain.model import ModelCard, Parameters
from domain.picture import digest_of
from domain.ports import Clock, ImageRequest, Job, Output, PolledProvider, Provider, Warming
from domain.spec import Segments
from pipeline.patience import patiently

KEPT: Final = 16
ASK_AGAIN_S: Final = 1.0


class Maps:
    """What was made, so that four images of one run have one map, made once."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, asyncio.Task[bytes]] = OrderedDict()

    async def get(self, name: str, make: Callable[[], Coroutine[Any, Any, bytes]]) -> bytes:
        """Return the map of that name, made now if it is not known; a failure is not kept."""
        task = self._made.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._made[name] = asyncio.create_task(make(), name="map")
        self._made.move_to_end(name)
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        return await asyncio.shield(task)


async def warmed(provider: Provider, warming: Callable[[], AbstractContextManager[None]]) -> None:
    """Let a machine that sleeps start first; *warming* is held meanwhile."""
    if isinstance(provider, Warming):
        with warming():
            await provider.warm()


async def made_map(
    card: ModelCard, provider: Provider, key: str, photo: bytes, clock: Clock
) -> bytes:
    """Have a model make a map from a photo.

    Raises:
        ProviderError: It does not, or not in time; nothing was billed that matters to the run.
    """
    request = ImageRequest(
        key=key,
        card=card,
        parameters=_parameters(card, photo),
        segments=Segments(),
        init_image=photo,
    )
    try:
        async with asyncio.timeout(card.timeout_s):
            if provider.answers == "blocking":
                return (await provider.make(request)).data
            return await _by_job(provider, request, clock)
    except TimeoutError as error:
        message = f"{card.title} took longer than {card.timeout_s:g} s for a map"
        raise UnavailableError(message, maybe_billed=False, model=card.id) from error


async def _by_job(provider: PolledProvider, request: ImageRequest, clock: Clock) -> bytes:
    job = await patiently(lambda: provider.submit(request), clock)
    output = await _awaited(provider, job, clock)
    return (await patiently(lambda: provider.fetch(output), clock)).data


async def _awaited(provider: PolledProvider, job: Job, clock: Clock) -> Output:
    while True:
        state = await patiently(lambda: provider.poll(job), clock)
        if state.output is not None:
            return state.output
        if state.phase == "cancelled":
            raise UnavailableError("somebody stopped the making of a map", maybe_billed=False)
        await clock.sleep(ASK_AGAIN_S)


def _parameters(card: ModelCard, photo: bytes) -> Parameters:
    return Parameters(
        model=card.id,
        prompt="",
        negative_prompt=None,
        seed=None,
        cfg_scale=None,
        steps=None,
        width=None,
        height=None,
        aspect_ratio=None,
        denoising_strength=None,
        init_image=f"sha256:{digest_of(photo)}",
        mask=None,
        count=1,
        settings=card.settings,
        left_to_vendor=card.left_to_vendor,
    )
