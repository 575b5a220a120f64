"""The embedder: bytes to vector, beside a bare ONNX Runtime loop; with torch, beside open_clip.

``EMBEDDER_WEIGHTS`` names a weights folder (with ONNX files; for the figures beside open_clip with
its tensors too); without it the weights that ship are measured.
"""

import asyncio
import io
import os
import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from benchmarks.pixels import scene
from bot.fitting import square_of
from scoring.clip.batching import Batched
from scoring.clip.ort import IMAGE, OrtEmbedder
from scoring.clip.pixels import normalised, squared
from scoring.clip.reading import preparation_of
from scoring.clip.weights import TENSORS, Weights, opened, shipped

PICTURES = 24
ROUNDS = 3
BEAT_S = 0.002


def main() -> None:
    weights = opened(Path(os.environ.get("EMBEDDER_WEIGHTS") or shipped()))
    pictures = [scene(seed) for seed in range(PICTURES)]
    print(f"{weights.manifest.name}, {PICTURES} PNG of 1024², median of {ROUNDS} rounds")
    session = bare_session(weights)
    bare(weights, session, pictures[:2])
    alone = _rate(lambda: bare(weights, session, pictures))
    rates, lags = asyncio.run(ours(weights, pictures))
    rate = statistics.median(rates)
    print(
        f"bytes to vector      {rate:6.1f} images/s; bare loop {alone:.1f}: {rate / alone:.2f} x (0.9 x wanted)"
    )
    print(
        f"event loop           p99 {np.percentile(lags, 99) * 1000:.1f} ms late (10 ms wanted), max {max(lags) * 1000:.1f} ms"
    )
    print(
        f"memory               {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most, decoding processes aside"
    )
    network(weights, pictures)


def bare_session(weights: Weights) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(
        str(weights.path(IMAGE)), options, providers=["CPUExecutionProvider"]
    )


def bare(weights: Weights, session: ort.InferenceSession, pictures: list[bytes]) -> None:
    side, mode = weights.manifest.side_px, preparation_of(weights).resize_mode
    for data in pictures:
        with Image.open(io.BytesIO(data)) as image:
            session.run(None, {"x": normalised(squared(image, side, mode)[None])})


async def ours(weights: Weights, pictures: list[bytes]) -> tuple[list[float], list[float]]:
    """The product's road: decoding in the pool, what waits in one batch, one model thread."""
    loop = asyncio.get_running_loop()
    workers = min(2, os.cpu_count() or 1)
    side, mode = weights.manifest.side_px, preparation_of(weights).resize_mode
    lags: list[float] = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        # Both workers are up before the clock runs.
        await asyncio.gather(
            *(loop.run_in_executor(pool, square_of, one, side, mode) for one in pictures[:4])
        )
        rates = []
        for _ in range(ROUNDS):
            batched = Batched(lambda: OrtEmbedder(weights))
            await batched.run(
                lambda embedder: embedder.images(np.zeros((1, side, side, 3), np.uint8))
            )
            beating = asyncio.create_task(_beat(lags))

            async def one(number: int, data: bytes, batched: Batched = batched) -> None:
                square = await loop.run_in_executor(pool, square_of, data, side, mode)
                await batched.vector(str(number), square)

            began = time.perf_counter()
            await asyncio.gather(*(one(number, data) for number, data in enumerate(pictures)))
            rates.append(len(pictures) / (time.perf_counter() - began))
            beating.cancel()
            batched.close()
    return rates, lags


async def _beat(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT_S)
        lags.append(time.perf_counter() - began - BEAT_S)


def network(weights: Weights, pictures: list[bytes]) -> None:
    """The network alone, one thread each."""
    squares = np.stack([square_of(data, weights.manifest.side_px) for data in pictures[:8]])
    embedder = OrtEmbedder(weights)
    embedder.images(squares[:1])
    rate = _rate(lambda: embedder.images(squares), len(squares))
    if TENSORS not in weights.manifest.files:
        print(
            f"network alone        {rate:6.1f} images/s; these weights have no tensors for open_clip"
        )
        return
    try:
        from scoring.clip.torchdoor import open_clip  # noqa: PLC0415

        clip = open_clip()
    except ImportError:
        print(f"network alone        {rate:6.1f} images/s; open_clip is not installed")
        return
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    model = clip.create_model(f"local-dir:{weights.folder}", require_pretrained=True).eval()
    rows = torch.from_numpy(normalised(squares))
    with torch.inference_mode():
        model.encode_image(rows[:1])
        alone = _rate(lambda: model.encode_image(rows), len(squares))
    print(
        f"network alone        {rate:6.1f} images/s; bare open_clip fp32 {alone:.1f}: {rate / alone:.2f} x (2.5 x wanted)"
    )


def _rate(work: Callable[[], object], count: int = PICTURES) -> float:
    """Images a second."""
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return count / statistics.median(spent)


if __name__ == "__main__":
    main()
