"""The embedder beside the event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from domain.errors import LimitError
from scoring.clip.batching import MOST_WAITING, Batched
from scoring.clip.embedder import Vectors


class Counting:
    """An embedder that holds still until it may go on, and counts what it is given."""

    backbone_id = "counting-1"
    dim = 2
    side_px = 1

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.threads: set[str] = set()
        self.may_go = threading.Event()
        self.fault: Exception | None = None

    def images(self, squares: npt.NDArray[np.uint8]) -> Vectors:
        self.may_go.wait(10)
        self.batches.append(len(squares))
        self.threads.add(threading.current_thread().name)
        if self.fault:
            raise self.fault
        return np.tile(squares[:, 0, 0, :2].astype(np.float32), 1)

    def texts(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), 2), np.float32)

    def unknown(self, text: str) -> list[str]:
        return [text]


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
async def batched(embedder: Counting) -> AsyncIterator[Batched]:
    made = Batched(lambda: embedder)
    yield made
    embedder.may_go.set()
    await asyncio.to_thread(made.close)


def square(level: int) -> npt.NDArray[np.uint8]:
    return np.full((1, 1, 3), level, np.uint8)


async def test_pictures_of_many_runs_go_in_batches_on_one_thread(
    batched: Batched, embedder: Counting
) -> None:
    asked = [asyncio.create_task(batched.vector(f"d{n}", square(n))) for n in range(20)]
    await asyncio.sleep(0)
    embedder.may_go.set()
    vectors = await asyncio.gather(*asked)
    assert [vector[0] for vector in vectors] == list(range(20))
    assert sum(embedder.batches) == 20
    assert len(embedder.batches) <= 3
    assert len(embedder.threads) == 1


async def test_a_picture_that_is_known_is_not_embedded_again(
    batched: Batched, embedder: Counting
) -> None:
    embedder.may_go.set()
    same = await asyncio.gather(*(batched.vector("d", square(7)) for _ in range(3)))
    again = await batched.vector("d", square(9))
    assert [float(one[0]) for one in (*same, again)] == [7.0] * 4
    assert embedder.batches == [1]


async def test_all_who_wait_hear_of_a_fault_and_the_next_is_served(
    batched: Batched, embedder: Counting
) -> None:
    embedder.fault = ValueError("broken")
    embedder.may_go.set()
    heard = await asyncio.gather(
        *(batched.vector(f"d{n}", square(n)) for n in range(3)), return_exceptions=True
    )
    assert [str(one) for one in heard] == ["broken"] * 3
    embedder.fault = None
    assert (await batched.vector("d1", square(1)))[0] == 1


async def test_too_many_that_wait_are_refused(batched: Batched, embedder: Counting) -> None:
    waiting = [asyncio.create_task(batched.vector(f"d{n}", square(1))) for n in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(LimitError):
        await batched.vector("one more", square(1))
    embedder.may_go.set()
    assert len(await asyncio.gather(*waiting)) == MOST_WAITING


async def test_who_stops_waiting_takes_nothing_from_the_others(
    batched: Batched, embedder: Counting
) -> None:
    one = asyncio.create_task(batched.vector("d", square(3)))
    other = asyncio.create_task(batched.vector("d", square(3)))
    await asyncio.sleep(0)
    one.cancel()
    embedder.may_go.set()
    assert (await other)[0] == 3
