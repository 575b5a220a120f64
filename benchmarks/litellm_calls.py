"""Run by ``benchmarks.providers`` in an environment of its own: LiteLLM and the SDK that it brings."""

import asyncio
import base64
import json
import statistics
import sys
import time

import litellm
import openai

ROUNDS, CALLS = 8, 10
MODEL = "gpt-image-2.5-flare"
PROMPT = "a red fox in the snow at dusk"


async def main(url: str, key: str) -> None:
    client = openai.AsyncOpenAI(api_key=key, base_url=url, max_retries=0)

    async def bare() -> bytes:
        answer = await client.images.generate(
            model=MODEL, prompt=PROMPT, size="1024x640", quality="low"
        )
        return base64.b64decode((answer.data or [])[0].b64_json or "")

    async def through() -> bytes:
        answer = await litellm.aimage_generation(
            model=f"openai/{MODEL}",
            prompt=PROMPT,
            size="1024x640",
            quality="low",
            api_base=url,
            api_key=key,
            max_retries=0,
        )
        return base64.b64decode((answer.data or [])[0].b64_json or "")

    taken: dict[str, list[float]] = {"litellm_ms": [], "bare_ms": []}
    await bare()
    await through()
    for _ in range(ROUNDS):
        for name, call in (("litellm_ms", through), ("bare_ms", bare)):
            began = time.process_time()
            for _ in range(CALLS):
                await call()
            taken[name].append((time.process_time() - began) * 1000 / CALLS)
    print(json.dumps({name: statistics.median(values) for name, values in taken.items()}))


asyncio.run(main(*sys.argv[1:]))
