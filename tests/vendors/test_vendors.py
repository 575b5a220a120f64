"""The loopback vendors are as strict as the real ones, count truly, and can be held and killed."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.vendors.loopback import Admin
from tests.vendors.openai import KEY as OPENAI_KEY
from tests.vendors.openai import OpenAIVendor
from tests.vendors.pictures import draw
from tests.vendors.replicate import KEY as REPLICATE_KEY
from tests.vendors.replicate import ReplicateVendor, running, running_thread

ROOT = Path(__file__).parents[2]
INPUT = {"prompt": "a fox", "seed": 7, "aspect_ratio": "1:1", "megapixels": "0.25"}
FLUX = "black-forest-labs/flux-schnell"
IMAGE = {"model": "gpt-image-2.5-flare", "prompt": "a fox", "n": 1, "size": "1024x640"}


@pytest.fixture(scope="module")
def replicate() -> Iterator[ReplicateVendor]:
    with running_thread(ReplicateVendor()) as vendor:
        yield vendor


@pytest.fixture(scope="module")
def openai() -> Iterator[OpenAIVendor]:
    with running_thread(OpenAIVendor()) as vendor:
        yield vendor


def ask(url: str, key: str, body: Any, **headers: str) -> httpx.Response:
    sent = {"authorization": f"Bearer {key}", **headers}
    return httpx.post(url, json=body, headers=sent, trust_env=False)


def create(vendor: ReplicateVendor, body: Any, key: str = REPLICATE_KEY, **headers: str) -> Any:
    return ask(f"{vendor.url}/v1/predictions", key, body, **headers)


def generate(vendor: OpenAIVendor, body: Any, key: str = OPENAI_KEY) -> httpx.Response:
    return ask(f"{vendor.url}/v1/images/generations", key, body)


# --- strict ---


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"version": FLUX, "input": INPUT}, {}, 201),
        ({"version": f"{FLUX}:{'a' * 64}", "input": INPUT}, {"Cancel-After": "1m30s"}, 201),
        ({"version": FLUX, "input": {}}, {}, 422),
        ({"version": FLUX}, {}, 422),
        ({"input": INPUT}, {}, 422),
        ([], {}, 422),
        ({"version": FLUX, "input": INPUT, "seed": 1}, {}, 422),
        ({"version": FLUX, "input": INPUT | {"seed": "7"}}, {}, 422),
        ({"version": FLUX, "input": INPUT | {"go_fast": 1}}, {}, 422),
        ({"version": FLUX, "input": INPUT | {"num_outputs": 5}}, {}, 422),
        ({"version": FLUX, "input": INPUT | {"aspect_ratio": "7:5"}}, {}, 422),
        ({"version": FLUX, "input": INPUT}, {"Cancel-After": "3s"}, 422),
        ({"version": FLUX, "input": INPUT}, {"Cancel-After": "soon"}, 422),
        ({"version": "somebody/else", "input": INPUT}, {}, 404),
    ],
)
def test_replicate_refuses_what_the_real_one_refuses(
    replicate: ReplicateVendor, body: Any, headers: dict[str, str], status: int
) -> None:
    replicate.admin.reset()
    answer = create(replicate, body, **headers)
    assert answer.status_code == status
    assert replicate.admin.state()["creates"] == (1 if status == 201 else 0)
    if status != 201:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_replicate_ignores_an_unknown_input_and_writes_it_down(replicate: ReplicateVendor) -> None:
    replicate.admin.reset()
    assert create(replicate, {"version": FLUX, "input": INPUT | {"cfg": 3}}).status_code == 201
    assert replicate.admin.state()["unknown_keys"] == ["cfg"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"seed": 7}, 400),
        ({"response_format": "b64_json"}, 400),
        ({"n": "1"}, 400),
        ({"quality": "best"}, 400),
        ({"size": "1000x1000"}, 400),
        ({"size": "3072x512"}, 400),
        ({"size": "256x256"}, 400),
        ({"model": "dall-e-3"}, 404),
        ({"prompt": "x" * 32_001}, 400),
    ],
)
def test_openai_refuses_what_the_real_one_refuses(
    openai: OpenAIVendor, change: dict[str, Any], status: int
) -> None:
    openai.admin.reset()
    answer = generate(openai, IMAGE | change)
    assert answer.status_code == status
    assert openai.admin.state()["creates"] == (1 if status == 200 else 0)
    if status != 200:
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_both_refuse_a_wrong_key(replicate: ReplicateVendor, openai: OpenAIVendor) -> None:
    assert create(replicate, {"version": FLUX, "input": INPUT}, key="no").status_code == 401
    assert generate(openai, IMAGE, key="no").status_code == 401


@pytest.mark.parametrize("wrong", ["no alpha", "other size", "jpeg", "moderation", "no image"])
def test_openai_refuses_an_edit_that_the_real_one_refuses(openai: OpenAIVendor, wrong: str) -> None:
    files = {
        "image": ("image.png", encoded("RGB", (64, 64)), "image/png"),
        "mask": ("mask.png", encoded("RGBA", (64, 64)), "image/png"),
    }
    fields = {"model": IMAGE["model"], "prompt": "a fox", "size": "1024x640"}
    match wrong:
        case "no alpha":
            files["mask"] = ("mask.png", encoded("RGB", (64, 64)), "image/png")
        case "other size":
            files["mask"] = ("mask.png", encoded("RGBA", (32, 64)), "image/png")
        case "jpeg":
            files["image"] = ("image.png", encoded("RGB", (64, 64), "JPEG"), "image/png")
        case "moderation":
            fields["moderation"] = "auto"
        case _:
            files.pop("image")
    headers = {"authorization": f"Bearer {OPENAI_KEY}"}
    url = f"{openai.url}/v1/images/edits"
    answer = httpx.post(url, data=fields, files=files, headers=headers, trust_env=False)
    assert answer.status_code == 400, answer.text


def encoded(mode: str, size: tuple[int, int], kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind)
    return out.getvalue()


# --- pictures ---


def test_a_picture_is_the_same_for_the_same_words_and_another_for_others() -> None:
    def pixels(words: str) -> Any:
        return np.asarray(Image.open(io.BytesIO(draw(words, 256, 128))))

    assert np.array_equal(pixels("a fox 7"), pixels("a fox 7"))
    assert np.abs(pixels("a fox 7").astype(int) - pixels("a fox 8")).mean() > 10


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_picture_is_neither_blank_nor_clipped_nor_blurred(kind: str) -> None:
    for number in range(5):
        image = Image.open(io.BytesIO(draw(f"a fox {number}", 512, 384, kind)))
        grey = np.asarray(image.convert("L"), dtype=float)
        assert image.size == (512, 384)
        assert grey.std() > 12
        assert ((grey < 3) | (grey > 252)).mean() < 0.01
        edges = grey[1:-1, 1:-1] * 4 - grey[:-2, 1:-1] - grey[2:, 1:-1]
        assert (edges - grey[1:-1, :-2] - grey[1:-1, 2:]).var() > 60


# --- admin ---


def test_a_failure_that_does_not_exist_is_refused(replicate: ReplicateVendor) -> None:
    with pytest.raises(ValueError, match="no such failure"):
        replicate.admin.fail("create", "explode")
    with pytest.raises(ValueError, match="no such point"):
        replicate.admin.hold("lunch")
    with pytest.raises(ValueError, match="nothing to set"):
        replicate.admin.set(colour="red")


async def test_a_create_call_can_be_held_after_it_was_registered() -> None:
    async with running(OpenAIVendor()) as vendor:
        vendor.admin.hold("create")
        task = asyncio.create_task(asyncio.to_thread(generate, vendor, IMAGE))
        await vendor.admin.until_held("create")
        assert vendor.admin.state()["creates"] == 1
        assert not task.done()
        vendor.admin.release("create")
        assert (await task).status_code == 200
        assert vendor.admin.state()["held"] == {}


async def test_a_create_call_can_be_held_before_it_was_registered() -> None:
    async with running(ReplicateVendor()) as vendor:
        vendor.admin.hold("create_received")
        body = {"version": FLUX, "input": INPUT}
        task = asyncio.create_task(asyncio.to_thread(create, vendor, body))
        await vendor.admin.until_held("create_received")
        assert vendor.admin.state()["creates"] == 0
        vendor.admin.release()
        assert (await task).status_code == 201


async def test_a_server_ends_also_while_calls_are_held() -> None:
    async with running(ReplicateVendor()) as vendor:
        vendor.admin.hold("create")
        task = asyncio.create_task(
            asyncio.to_thread(create, vendor, {"version": FLUX, "input": INPUT})
        )
        await vendor.admin.until_held("create")
    assert (await task).status_code == 201


def test_the_same_request_twice_is_counted_by_request(replicate: ReplicateVendor) -> None:
    replicate.admin.reset()
    for seed in (7, 7, 8):
        create(replicate, {"version": FLUX, "input": INPUT | {"seed": seed}})
    state = replicate.admin.state()
    assert state["creates"] == 3
    assert sorted(state["by_request"].values()) == [1, 2]
    assert state["seeds"] == [7, 7, 8]


# --- as a program ---


@pytest.mark.parametrize(
    ("module", "variable"),
    [
        ("tests.vendors.replicate", "REPLICATE_BASE_URL"),
        ("tests.vendors.openai", "OPENAI_BASE_URL"),
    ],
)
def test_a_vendor_runs_as_a_program_and_says_where(module: str, variable: str) -> None:
    command = [sys.executable, "-W", "error", "-m", module, "--port", "0"]
    with subprocess.Popen(  # noqa: S603 -- our own program
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert told["environment"][variable].startswith(told["url"])
        assert Admin(told["url"]).state()["creates"] == 0
        process.terminate()
        assert process.wait(10) in (0, -15)
