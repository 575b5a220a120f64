"""What comes out of a real pipeline: seeds, strength, LoRA, ControlNet and IP-Adapter act."""

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from domain.model import LoRAUsed, ModelCard
from providers.diffusers.provider import DiffusersProvider
from tests.providers.diffusers.given import SIZE, asked, gradient, lines

pytestmark = [pytest.mark.torch, pytest.mark.asyncio(loop_scope="module")]


async def made(provider: DiffusersProvider, model: ModelCard, **changes: Any) -> bytes:
    return (await provider.make(asked(model, **changes))).data


def apart(one: bytes, other: bytes) -> float:
    """Return how far two pictures are apart, 0 to 255 per channel."""
    first, second = (np.asarray(Image.open(io.BytesIO(data)), dtype=float) for data in (one, other))
    return float(np.abs(first - second).mean())


async def test_the_same_seed_makes_the_same_bytes_and_another_seed_another_picture(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    first = await provider.make(asked(model, seed=11))
    again = await provider.make(asked(model, seed=11))
    other = await provider.make(asked(model, seed=12))
    assert first.data == again.data
    assert apart(first.data, other.data) > 1
    assert (first.seed, other.seed, first.cost_usd) == (11, 12, 0.0)
    assert Image.open(io.BytesIO(first.data)).size == (SIZE, SIZE)


async def test_words_negative_words_steps_and_guidance_act(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    plain = await made(provider, model)
    for other in (
        {"prompt": "zzz"},
        {"negative_prompt": "blurred"},
        {"steps": 2},
        {"cfg_scale": 12.0},
    ):
        assert await made(provider, model, **other) != plain, other


async def test_strength_0_keeps_the_picture_and_1_ignores_it(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    init = gradient()
    kept = await provider.make(asked(model, init_image=init, denoising_strength=0.0))
    assert apart(kept.data, init) == 0
    assert kept.notes
    free = await made(provider, model, init_image=init, denoising_strength=1.0)
    assert free == await made(provider, model)


async def test_more_strength_is_further_from_the_picture_and_the_least_is_one_step(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    init = gradient()
    steps = {
        strength: await made(provider, model, init_image=init, denoising_strength=strength)
        for strength in (0.01, 0.25, 0.75)
    }
    assert steps[0.01] == steps[0.25], "a quarter of four steps is one, and less is not to be had"
    assert steps[0.75] != steps[0.25]


async def test_a_picture_of_another_shape_is_cut_to_what_is_made(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    data = await made(provider, model, init_image=gradient(200), denoising_strength=0.5)
    assert Image.open(io.BytesIO(data)).size == (SIZE, SIZE)


async def test_white_of_a_mask_is_repainted_and_black_stays_nearer_to_the_picture(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    mask = Image.new("L", (SIZE, SIZE))
    mask.paste(255, (0, 0, SIZE, SIZE // 2))
    out = io.BytesIO()
    mask.save(out, "PNG")
    one, two = [
        await made(
            provider,
            model,
            init_image=gradient(),
            mask=out.getvalue(),
            denoising_strength=1.0,
            seed=seed,
        )
        for seed in (1, 2)
    ]
    first, second = (np.asarray(Image.open(io.BytesIO(data)), dtype=float) for data in (one, two))
    change = np.abs(first - second).mean(axis=(1, 2))
    assert change[: SIZE // 2 - 8].mean() > 4 * change[SIZE // 2 + 8 :].mean()


async def test_a_lora_acts_by_its_weight_and_leaves_nothing_behind(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    plain = await made(provider, model)
    by_weight = [
        apart(plain, await made(provider, model, loras=(LoRAUsed(name="fox", weight=weight),)))
        for weight in (0.0, 0.3, 1.0)
    ]
    assert by_weight[0] == 0
    assert 0 < by_weight[1] < by_weight[2]
    assert await made(provider, model) == plain


async def test_a_control_acts_by_its_map_its_weight_and_its_share(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    def with_it(data: bytes, **changes: Any) -> dict[str, Any]:
        used = asked(model, controls=(data,)).parameters.controls[0].model_copy(update=changes)
        return {"controls": (data,), "parameters_controls": (used,)}

    plain = await made(provider, model)
    wide = await _controlled(provider, model, **with_it(lines(16)))
    assert wide != plain
    assert await _controlled(provider, model, **with_it(lines(4))) != wide
    assert await _controlled(provider, model, **with_it(lines(16), weight=0.4)) != wide
    assert await _controlled(provider, model, **with_it(lines(16), end=0.3)) != wide
    none = await _controlled(provider, model, **with_it(lines(16), weight=0.0))
    assert apart(none, plain) < 1


async def _controlled(
    provider: DiffusersProvider, model: ModelCard, *, parameters_controls: Any, **changes: Any
) -> bytes:
    request = asked(model, **changes)
    given = request.parameters.model_copy(update={"controls": parameters_controls})
    return (await provider.make(replace(request, parameters=given))).data


async def test_a_control_goes_with_an_init_image_and_with_a_second_control(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    both = await made(
        provider, model, controls=(lines(16),), init_image=gradient(), denoising_strength=0.75
    )
    assert both != await made(provider, model, init_image=gradient(), denoising_strength=0.75)
    two = await made(provider, model, controls=(lines(16), lines(4)))
    assert two != await made(provider, model, controls=(lines(16),))


async def test_a_reference_acts_by_its_picture_and_its_weight_and_leaves_nothing_behind(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    plain = await made(provider, model)
    one = await made(provider, model, references=(gradient(),))
    assert one != plain
    assert await made(provider, model, references=(gradient(turned=True),)) != one
    weak = asked(model, references=(gradient(),)).parameters.references[0]
    weak = weak.model_copy(update={"weight": 0.1})
    assert await _weighed(provider, model, weak) != one
    assert await made(provider, model) == plain


async def _weighed(provider: DiffusersProvider, model: ModelCard, reference: Any) -> bytes:
    request = asked(model, references=(gradient(),))
    given = request.parameters.model_copy(update={"references": (reference,)})
    return (await provider.make(replace(request, parameters=given))).data


async def test_reference_control_lora_and_a_locked_seed_are_one_request(
    provider: DiffusersProvider, model: ModelCard
) -> None:
    everything: dict[str, Any] = {
        "references": (gradient(),),
        "controls": (lines(16),),
        "loras": (LoRAUsed(name="fox", weight=0.5),),
        "seed": 5,
    }
    first = await made(provider, model, **everything)
    assert first == await made(provider, model, **everything)
    for without in ("references", "controls", "loras"):
        fewer = {name: value for name, value in everything.items() if name != without}
        assert await made(provider, model, **fewer) != first, without
