"""Our adapters beside the bare SDKs, and beside LiteLLM, on the same loopback vendors in one run.

What is measured is CPU time of the calling process per image, so that the vendor's own work, done in a
process of its own, does not count. Overhead is what a caller costs beyond the bare SDK.
"""

import asyncio
import base64
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import replicate

from domain.ports import ImageRequest, PolledProvider
from providers.bfl.provider import BFLProvider
from providers.openai.provider import OpenAIProvider
from providers.replicate.provider import ReplicateProvider
from tests.providers.given import FLARE, FLUX, Here, card, request

ROUNDS = 8
CALLS = 10
IN_FLIGHT = 500
TARGET = 0.5
LITELLM = "litellm==1.106.2"
PRO = "bfl:flux-2-pro"
Call = Callable[[], Awaitable[object]]
_OPEN: list[Callable[[], Awaitable[None]]] = []
"""What is to be closed at the end, so that no connection outlives its loop."""


def main() -> None:
    asyncio.run(_beside_the_sdks())
    asyncio.run(_in_flight())


async def _beside_the_sdks() -> None:
    with _vendor("openai", "working_s") as (url, key):
        overhead = await _compared("openai", _ours_openai(url, key), _bare_openai(url, key))
        _beside_litellm(url, key, overhead)
    with _vendor("replicate", "starting_s", "processing_s") as (url, key):
        await _compared("replicate", _ours_replicate(url, key), _bare_replicate(url, key))
    with _vendor("bfl", "working_s") as (url, key):
        await _compared("bfl", _ours_bfl(url, key), _bare_bfl(url, key))
    for close in _OPEN:
        await close()


async def _compared(name: str, ours: Call, bare: Call) -> float:
    """Print the CPU of both per image, and return what ours takes beyond the bare one, in ms."""
    await ours()
    await bare()
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(ROUNDS):
        taken["ours"].append(await _cpu_ms(ours))
        taken["bare"].append(await _cpu_ms(bare))
    mine, theirs = (statistics.median(taken[one]) for one in ("ours", "bare"))
    print(f"{name:<10} ours {mine:6.2f} ms · bare {theirs:6.2f} ms CPU · {mine / theirs:.2f}×")
    return mine - theirs


async def _cpu_ms(call: Call) -> float:
    began = time.process_time()
    for _ in range(CALLS):
        await call()
    return (time.process_time() - began) * 1000 / CALLS


# --- OpenAI --------------------------------------------------------------------------------------


def _ours_openai(url: str, key: str) -> Call:
    model = card(FLARE)
    provider = OpenAIProvider(key, [model], Here(), base_url=f"{url}/v1")
    _OPEN.append(provider.close)
    return lambda: provider.make(request(model))


def _bare_openai(url: str, key: str) -> Call:
    client = openai.AsyncOpenAI(api_key=key, base_url=f"{url}/v1", max_retries=0)
    _OPEN.append(client.close)
    asked = request(card(FLARE))

    async def call() -> bytes:
        answer = await client.images.generate(
            model=asked.card.name, prompt=asked.parameters.prompt, size="1024x640", quality="low"
        )
        assert answer.data is not None
        return base64.b64decode(answer.data[0].b64_json or "")

    return call


def _beside_litellm(url: str, key: str, ours_ms: float) -> None:
    python = _litellm()
    if python is None:
        print("litellm    left out: it cannot be installed here")
        return
    told = subprocess.run(  # the same calls, and the bare SDK beside them, in its own environment
        [python, str(Path(__file__).with_name("litellm_calls.py")), f"{url}/v1", key],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if told.returncode:
        print(f"litellm    left out: {told.stderr.strip().splitlines()[-1:]}")
        return
    figures = json.loads(told.stdout.splitlines()[-1])
    theirs_ms = figures["litellm_ms"] - figures["bare_ms"]
    ratio = max(ours_ms, 0.0) / theirs_ms
    said = "ok" if ratio <= TARGET else "over"
    print(
        f"litellm    {figures['litellm_ms']:.2f} ms · bare {figures['bare_ms']:.2f} ms CPU: "
        f"{theirs_ms:.2f} ms over it, ours {ours_ms:.2f} ms: "
        f"{ratio:.2f}× (target {TARGET}: {said})"
    )


def _litellm() -> str | None:
    """Return the interpreter of an environment with LiteLLM in it; made once, kept in the cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ai-handler-bench"
    folder = home / LITELLM.replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", LITELLM]
        if subprocess.run(install, capture_output=True, check=False).returncode:
            return None
        (folder / "whole").touch()
    return str(python)


# --- Replicate and BFL: create, ask once, fetch --------------------------------------------------


def _ours_replicate(url: str, key: str) -> Call:
    model = card(FLUX)
    provider = ReplicateProvider(key, [model], Here(), base_url=url)
    _OPEN.append(provider.close)
    return lambda: _by_job(provider, request(model))


def _ours_bfl(url: str, key: str) -> Call:
    model = card(PRO)
    provider = BFLProvider(key, [model], base_url=url)
    _OPEN.append(provider.close)
    return lambda: _by_job(provider, request(model))


async def _by_job(provider: PolledProvider, asked: ImageRequest) -> object:
    job = await provider.submit(asked)
    while True:
        state = await provider.poll(job)
        if state.output is not None:
            return await provider.fetch(state.output)


def _bare_replicate(url: str, key: str) -> Call:
    client = replicate.AsyncReplicate(bearer_token=key, base_url=f"{url}/v1", max_retries=0)
    plain = httpx.AsyncClient(trust_env=False)
    _OPEN.extend((client.close, plain.aclose))
    given = ReplicateProvider(key, [card(FLUX)], Here(), base_url=url).payload(request(card(FLUX)))

    async def call() -> bytes:
        job = await client.predictions.create(**given)
        while job.status != "succeeded":
            job = await client.predictions.get(prediction_id=job.id)
        made: Any = job.output
        return (await plain.get(made[0] if isinstance(made, list) else made)).content

    return call


def _bare_bfl(url: str, key: str) -> Call:
    plain = httpx.AsyncClient(trust_env=False, headers={"x-key": key})
    _OPEN.append(plain.aclose)
    given = BFLProvider(key, [card(PRO)], base_url=url).payload(request(card(PRO)))

    async def call() -> bytes:
        task = (await plain.post(f"{url}/v1/flux-2-pro", json=given)).json()
        while (state := (await plain.get(task["polling_url"])).json())["status"] != "Ready":
            pass
        return (await plain.get(state["result"]["sample"])).content

    return call


# --- many at once --------------------------------------------------------------------------------


async def _in_flight() -> None:
    model = card(FLARE)
    with _vendor("openai", "working_s") as (url, key):
        provider = OpenAIProvider(key, [model], Here(), base_url=f"{url}/v1")
        await provider.make(request(model))
        idle_mb = _memory_mb()
        _admin(url, "hold", {"point": "create"})
        sizes: list[int] = []

        async def one() -> None:
            sizes.append(len((await provider.make(request(model))).data))

        calls = [asyncio.create_task(one()) for _ in range(IN_FLIGHT)]
        await asyncio.to_thread(_until_held, url)
        held_mb = _memory_mb()
        began = time.monotonic()
        await asyncio.to_thread(_admin, url, "release", {"point": None})
        await asyncio.gather(*calls)
        took_s = time.monotonic() - began
        await provider.close()
    print(
        f"in flight  {IN_FLIGHT} calls at once: {len(sizes)} answered in {took_s:.1f} s, "
        f"{held_mb - idle_mb:.0f} MB above idle while they wait "
        f"({(held_mb - idle_mb) * 1024 / IN_FLIGHT:.0f} kB each), {_memory_mb():.0f} MB after"
    )


def _until_held(url: str) -> None:
    while _state(url)["held"].get("create", 0) < IN_FLIGHT:
        time.sleep(0.1)


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# --- the vendors ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _vendor(name: str, *brisk: str) -> Iterator[tuple[str, str]]:
    """Run a loopback vendor in a process of its own, with nothing that takes time."""
    command = [sys.executable, "-m", f"tests.vendors.{name}", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        _admin(told["url"], "set", dict.fromkeys(brisk, 0.0))
        try:
            yield told["url"], told["key"]
        finally:
            process.terminate()


def _admin(url: str, path: str, body: dict[str, Any]) -> None:
    httpx.post(f"{url}/__admin/{path}", json=body, trust_env=False).raise_for_status()


def _state(url: str) -> dict[str, Any]:
    state: dict[str, Any] = httpx.get(f"{url}/__admin/state", trust_env=False, timeout=30).json()
    return state
