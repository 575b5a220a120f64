"""Approved work that looks like what was just made, from a real database."""

import pytest

from domain.look import Lookalike
from domain.ports import Ending, Judged
from domain.run import Run
from storage.lookalikes import Lookalikes, signed
from tests.storage.conftest import Memory
from tests.storage.test_opinions import decide

HASHES = ("ffffffffffffffff", "8000000000000001", "0000000000000000", "00ff00ff00ff00ff")


async def looking(memory: Memory) -> Run:
    """A run of four pictures whose hashes are known."""
    run = await memory.made()
    judged = tuple(
        Judged(number=at, verdict="pass", reasons=(), scores={}, version="1", phash=phash)
        for at, phash in enumerate(HASHES, start=1)
    )
    await memory.log.end(run.id, Ending(state="done", judged=judged))
    return run


async def test_the_nearest_approved_one_is_found_by_its_bits(memory: Memory) -> None:
    run = await looking(memory)
    asked = Lookalikes(memory.database)
    assert await asked.nearest("other", {1: HASHES[0]}) == {}
    await decide(memory, run, 1, "approve")
    await decide(memory, run, 2, "approve")
    found = await asked.nearest("other", {1: "fffffffffffffff0", 4: "8000000000000000"})
    assert found == {
        1: Lookalike(run_id=run.id, number=1, bits=4),
        4: Lookalike(run_id=run.id, number=2, bits=1),
    }


async def test_what_goes_on_from_an_approved_picture_may_look_like_it(memory: Memory) -> None:
    run = await looking(memory)
    await decide(memory, run, 1, "approve")
    assert await Lookalikes(memory.database).nearest(run.id, {1: HASHES[0]}) == {}


async def test_what_is_measured_again_takes_the_place_of_the_first(memory: Memory) -> None:
    run = await looking(memory)
    await decide(memory, run, 1, "approve")
    again = Judged(number=1, verdict="pass", reasons=(), scores={}, version="2", phash=HASHES[2])
    await memory.log.end(run.id, Ending(state="done", judged=(again,)))
    found = await Lookalikes(memory.database).nearest("other", {1: HASHES[2]})
    assert found[1].bits == 0


@pytest.mark.parametrize("phash", HASHES)
def test_every_hash_fits_into_what_sqlite_holds(phash: str) -> None:
    assert -(2**63) <= signed(phash) < 2**63
    assert signed(phash) % 2**64 == int(phash, 16)
