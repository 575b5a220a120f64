"""The worker over its real process: progress, cancel, one at a time, failures, memory back."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from domain.errors import BadReplyError, NotConfiguredError, ProviderError, RejectedError
from domain.model import LoRAUsed, ModelCard
from providers.diffusers.provider import DiffusersProvider
from tests.providers.diffusers.given import asked, gradient, opened

pytestmark = [pytest.mark.torch, pytest.mark.asyncio(loop_scope="module")]
MANY = 40
"""Steps of a job that is to be stopped."""


@pytest_asyncio.fixture(loop_scope="module")
async def own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiffusersProvider]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    one = opened(str(folder), idle_s=3600.0)
    yield one
    await one.close()


async def test_each_step_is_told_and_the_last_one_is_all(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    told: list[float] = []
    await provider.make(replace(asked(model), progressed=told.append))
    assert told == [0.25, 0.5, 0.75, 1.0]
    told.clear()
    strong = asked(model, init_image=gradient(), denoising_strength=0.5)
    await provider.make(replace(strong, progressed=told.append))
    assert told[-1] == 1.0


async def test_who_stops_waiting_stops_the_job_between_two_steps(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    told: list[float] = []
    under_way = asyncio.Event()

    def progressed(share: float) -> None:
        told.append(share)
        under_way.set()

    task = asyncio.ensure_future(
        provider.make(replace(asked(model, steps=MANY), progressed=progressed))
    )
    await under_way.wait()
    pid = provider.worker_pid
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await provider.make(asked(model))).data
    assert len(told) < MANY
    assert provider.worker_pid == pid, "the model stays loaded"


async def test_one_is_made_after_the_other_and_one_that_waits_can_be_stopped(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    order: list[str] = []

    def job(name: str) -> "asyncio.Task[Any]":
        def progressed(_share: float) -> None:
            order.append(name)

        return asyncio.ensure_future(provider.make(replace(asked(model), progressed=progressed)))

    first, second, third = job("first"), job("second"), job("third")
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, third)
    with contextlib.suppress(asyncio.CancelledError):
        await second
    assert order == ["first"] * 4 + ["third"] * 4


async def test_a_worker_that_is_killed_is_an_error_and_the_next_picture_has_a_new_one(
    own: DiffusersProvider, model: ModelCard
) -> None:
    def kill(_share: float) -> None:
        if own.worker_pid:
            os.kill(own.worker_pid, signal.SIGKILL)

    with pytest.raises(BadReplyError, match="signal 9") as caught:
        await own.make(replace(asked(model, steps=MANY), progressed=kill))
    assert "Memory" in caught.value.hint
    assert (await own.make(asked(model))).data


async def test_the_memory_is_given_back_after_an_idle_time(folder: Path, model: ModelCard) -> None:
    one = opened(str(folder), idle_s=0.01)
    assert (await one.make(asked(model))).data
    await ended(one)
    assert (await one.make(asked(model))).data, "and it starts again"
    await one.close()
    assert one.worker_pid is None


async def ended(provider: DiffusersProvider) -> None:
    async with asyncio.timeout(30):
        while provider.worker_pid is not None:  # noqa: ASYNC110  it tells nobody
            await asyncio.sleep(0.01)


def _nan(folder: Path, at: Path) -> str:
    """Return a copy of the model whose picture decoder overflows."""
    import torch  # noqa: PLC0415  it needs the extra
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    shutil.copytree(folder / "model", at)
    file = next((at / "vae").glob("*.safetensors"))
    weights = load_file(file)
    weights["post_quant_conv.bias"] = torch.full_like(weights["post_quant_conv.bias"], torch.nan)
    save_file(weights, file)
    return str(at)


def _without(folder: Path, at: Path) -> str:
    """Return a copy of the model whose weights are a format that runs code."""
    shutil.copytree(folder / "model", at)
    file = next((at / "unet").glob("*.safetensors"))
    file.rename(at / "unet" / "diffusion_pytorch_model.bin")
    return str(at)


def _broken(folder: Path, at: Path) -> str:
    shutil.copytree(folder / "model", at)
    (at / "model_index.json").write_text(json.dumps({"_class_name": "NoSuchPipeline"}))
    return str(at)


@pytest.mark.parametrize(
    ("changes", "given", "kind", "says"),
    [
        ({"source": "nobody/nothing"}, {}, NotConfiguredError, "hf download"),
        ({"source": "/no/such/folder"}, {}, NotConfiguredError, "diffusers.folder"),
        ({}, {"loras": (LoRAUsed(name="bear"),)}, NotConfiguredError, "diffusers.folder"),
        ({}, {"loras": (LoRAUsed(name="nobody/bear"),)}, NotConfiguredError, "hf download"),
        ({"settings": {"frames": 9}}, {}, RejectedError, "[[model]]"),
        ({"settings": {"dtype": "float8"}}, {}, RejectedError, "[[model]]"),
        ({}, {"width": 65, "height": 65}, RejectedError, "[[model]]"),
        ({}, {"init_image": b"no picture"}, RejectedError, "[[model]]"),
    ],
)
async def test_what_cannot_be_made_says_what_to_do(  # noqa: PLR0917  a table's columns
    provider: DiffusersProvider,
    model: ModelCard,
    changes: dict[str, Any],
    given: dict[str, Any],
    kind: type[ProviderError],
    says: str,
) -> None:
    card = model.model_copy(update=changes)
    with pytest.raises(kind) as caught:
        await provider.make(asked(card, **given))
    assert says in caught.value.hint
    assert caught.value.model == card.id
    assert caught.value.__cause__ is not None
    assert (await provider.make(asked(model))).data, "the next one is made"


@pytest.mark.parametrize(
    ("spoil", "kind", "says"),
    [
        (_nan, BadReplyError, "float32"),
        (_without, NotConfiguredError, "safetensors"),
        (_broken, ProviderError, "."),
    ],
)
async def test_a_model_that_is_spoilt_says_what_is_wrong(  # noqa: PLR0917  a table's columns
    provider: DiffusersProvider,
    model: ModelCard,
    folder: Path,
    tmp_path: Path,
    spoil: Any,
    kind: type[ProviderError],
    says: str,
) -> None:
    source = await asyncio.to_thread(spoil, folder, tmp_path / "spoilt")
    with pytest.raises(kind) as caught:
        await provider.make(asked(model.model_copy(update={"source": source})))
    assert says in caught.value.hint


async def test_a_device_that_is_not_there_is_named(
    folder: Path, model: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    one = opened(str(folder))
    one._setup = replace(one._setup, device="cuda")
    with pytest.raises(NotConfiguredError, match="cuda") as caught:
        await one.make(asked(model))
    await one.close()
    assert "diffusers.device" in caught.value.hint
